/* cmd_answer.c - inkling answer PACK: one JSON request in, one JSON answer out: what an edge does, for tests,
 * scripts and runtimes without HTTP. The checks and answers are edge's. */
#include "cli.h"
#include "edge_request.h"
#include "files.h"

enum { PATH };
static const cli_option options[] = {
  [PATH] = { .name = "path", .kind = CLI_TEXT, .value = "/v1/...",
             .help = "path of the request (default: its member \"path\", else /v1/recommend)" }
};

static int answer(cli *c, ink_edge *edge) {
  cli_file body;
  int code = cli_file_load(c->memory, "-", 64 * (size_t)INK_REQUEST_BYTES, &body);   /* too long a body gets its JSON answer */
  if (code != CLI_DONE) return code;
  const uint32_t http = ink_edge_answer(edge, NULL, cli_args_text(&c->args, PATH), (const char *)body.bytes, body.n, &c->out);
  cli_file_close(&body);
  code = cli_print_json(c);
  if (code != CLI_DONE) return code;
  return http == 200 ? CLI_DONE : http < 500 ? CLI_REFUSED : CLI_FAILED;
}

static int run(cli *c) {
  cli_file file;
  ink_edge *edge;
  int code = cli_file_load(c->memory, c->args.words[0], SIZE_MAX / 2, &file);
  if (code != CLI_DONE) return code;
  const ink_status status = ink_edge_open(file.bytes, file.n, c->kernels, &edge, &c->fault);
  if (status == INK_OK) {
    code = answer(c, edge);
    ink_edge_close(edge);
  } else {
    code = cli_refuse(c, status, file.path);
  }
  cli_file_close(&file);
  return code;
}

const cli_command cli_cmd_answer = {
  .name = "answer", .words = "PACK", .min_words = 1, .max_words = 1,
  .about = "answer one JSON request from standard input, as an edge does",
  .details = "The request is the body of POST /v1/recommend, /v1/similar or /v1/rank (edge/openapi.yaml); its member\n"
             "\"path\" names another path. A refusal is {\"error\": {\"code\", \"message\"}} and exit code 3.",
  .examples = "  echo '{\"events\": [{\"item\": \"318\", \"kind\": \"like\"}], \"count\": 5}' | inkling answer movies.safetensors\n"
              "  echo '{\"path\": \"/v1/similar\", \"item\": \"318\"}' | inkling answer movies.safetensors\n",
  .options = options, .n_options = sizeof options / sizeof *options, .run = run
};
