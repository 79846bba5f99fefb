/* tune_state.c - see tune_state.h. */
#include "tune_state.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

#include "files.h"
#include "json_in.h"

#define MOST_BYTES (64u << 20)

static const ink_json_limits limits = { 2, 8 };

/* ------------------------------------------------------------------ reading */

static int bad_line(const tune_state *s, uint32_t line, const char *allowed) {
  return cli_bad_input("TUNE_STATE", s->path, "line %u: %s", line, allowed);
}

static bool read_trial(const cJSON *object, tune_trial *t) {
  int64_t config, rung;
  const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, "value");
  if (!ink_json_whole_of(cJSON_GetObjectItemCaseSensitive(object, "config"), 0, TUNE_MOST_TRIALS, &config)) return false;
  if (!ink_json_whole_of(cJSON_GetObjectItemCaseSensitive(object, "rung"), 0, 64, &rung)) return false;
  if (!ink_json_number_of(cJSON_GetObjectItemCaseSensitive(object, "seconds"), 0, 1e12, &t->seconds)) return false;
  t->config = (uint32_t)config;
  t->rung = (uint32_t)rung;
  t->value = NAN;
  return cJSON_IsNull(value) || ink_json_number_of(value, -1e300, 1e300, &t->value);
}

static int read_line(tune_state *s, const char *text, size_t n, uint32_t line) {
  ink_json_problem problem;
  cJSON *object;
  tune_trial t;
  char search[24];
  if (!ink_json_parse(text, n, &limits, &object, &problem)) return bad_line(s, line, "a JSON object");
  int code = CLI_DONE;
  if (line == 1) {
    const ink_text got = ink_json_text_of(cJSON_GetObjectItemCaseSensitive(object, "search"));
    (void)snprintf(search, sizeof search, "%016llx", (unsigned long long)s->search);
    if (got.n != 16 || memcmp(got.bytes, search, 16) != 0) code = bad_line(s, line, "the state of another search (family, space, data, split, seed ...)");
  } else if (!read_trial(object, &t) || s->n == TUNE_MOST_TRIALS) {
    code = bad_line(s, line, "a trial: config, rung, value, seconds");
  } else {
    s->trials[s->n++] = t;
  }
  cJSON_Delete(object);
  return code;
}

static int read_lines(tune_state *s, const cli_file *file) {
  const char *text = (const char *)file->bytes, *end = text + file->n;
  for (uint32_t line = 1; text < end; line++) {
    const char *close = memchr(text, '\n', (size_t)(end - text));
    if (close == NULL) close = end;
    const int code = read_line(s, text, (size_t)(close - text), line);
    if (code != CLI_DONE) return code;
    text = close + 1;
  }
  s->n_kept = s->n;
  return CLI_DONE;
}

int tune_state_open(cli *c, const char *path, uint64_t search, tune_state *state) {
  *state = (tune_state){ .path = path, .search = search, .trials = cli_take(c->memory, TUNE_MOST_TRIALS, sizeof(tune_trial)) };
  if (state->trials == NULL) return cli_no_memory();
  if (path == NULL || access(path, F_OK) != 0) return CLI_DONE;
  cli_file file = { 0 };
  int code = cli_file_load(c->memory, path, MOST_BYTES, &file);
  if (code == CLI_DONE) code = read_lines(state, &file);
  cli_file_close(&file);
  return code;
}

const tune_trial *tune_state_find(const tune_state *state, uint32_t config, uint32_t rung) {
  for (uint32_t i = 0; i < state->n; i++) {
    if (state->trials[i].config == config && state->trials[i].rung == rung) return &state->trials[i];
  }
  return NULL;
}

/* ------------------------------------------------------------------ writing */

static ink_status write_line(ink_json_out *line, cli_output *output) {
  const ink_status status = cli_output_write(output, line->bytes, line->n);
  ink_json_out_clear(line);
  return status == INK_OK ? cli_output_write(output, "\n", 1) : status;
}

static void write_lines(const tune_state *s, ink_json_out *line, cli_output *output) {
  char search[24];
  (void)snprintf(search, sizeof search, "%016llx", (unsigned long long)s->search);
  ink_json_object(line, NULL);
  ink_json_string(line, "search", search);
  ink_json_object_end(line);
  ink_status status = write_line(line, output);
  for (uint32_t i = 0; i < s->n && status == INK_OK; i++) {
    const tune_trial *t = &s->trials[i];
    ink_json_object(line, NULL);
    ink_json_count(line, "config", t->config);
    ink_json_count(line, "rung", t->rung);
    ink_json_double(line, "value", t->value);
    ink_json_double(line, "seconds", t->seconds);
    ink_json_object_end(line);
    status = write_line(line, output);
  }
}

int tune_state_add(cli *c, tune_state *s, const tune_trial *trial) {
  cli_output *output;
  if (s->n == TUNE_MOST_TRIALS) return cli_bad_input("TUNE_STATE", s->path == NULL ? "-" : s->path, "at most %u trials", TUNE_MOST_TRIALS);
  s->trials[s->n++] = *trial;
  if (s->path == NULL) return CLI_DONE;
  int code = cli_output_open(c->memory, s->path, &output);
  if (code != CLI_DONE) return code;
  ink_json_out line;
  ink_json_out_init(&line);
  write_lines(s, &line, output);                 /* a failure is told by the commit */
  code = line.failed ? cli_no_memory() : cli_output_commit(&output, 1);
  cli_output_drop(output);
  ink_json_out_free(&line);
  return code;
}
