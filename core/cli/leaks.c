/* leaks.c - see leaks.h. */
#include "leaks.h"

#include <string.h>
#include <unistd.h>

#include "save_pack.h"

static int hex_value(char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; }

/* The digest by which a sidecar names its pack: of the data as it was trained, also where items were added since. */
static bool pack_digest(const ink_pack *pack, uint8_t digest[INK_SHA256_BYTES]) {
  ink_text hex = cli_metadata(pack, "trained.sha256");
  if (hex.n == 0) hex = cli_metadata(pack, "data.sha256");
  if (hex.n != INK_SHA256_HEX) return false;
  for (uint32_t i = 0; i < INK_SHA256_BYTES; i++) {
    const int high = hex_value(hex.bytes[2 * i]), low = hex_value(hex.bytes[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    digest[i] = (uint8_t)(high * 16 + low);
  }
  return true;
}

static int refuse_overlap(const ink_dataset *test, const ink_overlap *o, const char *path) {
  char first[160] = "";
  if (o->user != INK_NONE) {
    const ink_text user = ink_names_at(&test->users, o->user);
    (void)snprintf(first, sizeof first, "; first: person \"%.*s\"", (int)(user.n < 40 ? user.n : 40), user.bytes);
  }
  if (o->item != INK_NONE) {
    const ink_text item = ink_names_at(&test->items, o->item);
    const size_t n = strlen(first);
    (void)snprintf(first + n, sizeof first - n, ", item \"%.*s\"", (int)(item.n < 40 ? item.n : 40), item.bytes);
  }
  return cli_bad_input("DATA_OVERLAP", path,
                       "the pack was trained on %llu of %llu test pairs and %u of %u test people%s; --allow-overlap measures all the same",
                       (unsigned long long)o->n_pairs_known, (unsigned long long)o->n_pairs, o->n_users_known, o->n_users, first);
}

int cli_leaks_open(cli *c, const cli_pack *pack, cli_leaks *leaks) {
  uint8_t digest[INK_SHA256_BYTES];
  const char *path = cli_sidecar_path(c, pack->file.path);
  if (path == NULL) return cli_no_memory();
  if (access(path, F_OK) != 0) {
    fprintf(stderr, "inkling: there is no %s: whether the pack was trained on the test data cannot be checked\n", path);
    return CLI_DONE;
  }
  if (!pack_digest(pack->pack, digest)) return cli_bad_input("PACK_METADATA", pack->file.path, "data.sha256 is missing or no digest");
  const int code = cli_file_load(c->memory, path, SIZE_MAX / 2, &leaks->file);
  if (code != CLI_DONE) return code;
  const ink_status status = ink_sidecar_open(leaks->file.bytes, leaks->file.n, digest, &leaks->sidecar, &c->fault);
  leaks->checked = status == INK_OK;
  return status == INK_OK ? CLI_DONE : cli_refuse(c, status, path);
}

void cli_leaks_close(cli_leaks *leaks) { cli_file_close(&leaks->file); }

int cli_leaks_check(cli *c, const cli_pack *pack, const ink_dataset *test, bool people_too, bool allowed, cli_leaks *leaks) {
  if (!leaks->checked) return CLI_DONE;
  const ink_train_env env = cli_env(c);
  const ink_status status = ink_sidecar_overlap(&leaks->sidecar, test, &env, &leaks->overlap);
  if (status != INK_OK) return cli_refuse(c, status, NULL);
  const bool leak = leaks->overlap.n_pairs_known > 0 || (people_too && leaks->overlap.n_users_known > 0);
  return leak && !allowed ? refuse_overlap(test, &leaks->overlap, pack->file.path) : CLI_DONE;
}
