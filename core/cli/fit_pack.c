/* fit_pack.c - see fit_pack.h. */
#include "fit_pack.h"

#include <string.h>

#include "catalogue_tensors.h"
#include "hybrid_train.h"
#include "save_pack.h"
#include "settings.h"

ink_status cli_fit_models(cli *c, const ink_trainer *trainer, const double *values, uint64_t seed, const ink_dataset *kept,
                          const ink_train_env *env, ink_trained *out) {
  const ink_status status = trainer->fit(kept, values, seed, env, out);
  const ink_trainer *popular = cli_find_trainer("popular");
  if (status != INK_OK || popular == NULL || popular == trainer) return status;
  double *standard = cli_take(c->memory, popular->n_settings + 1u, sizeof *standard);
  if (standard == NULL) return INK_E_NO_MEMORY;
  for (uint32_t i = 0; i < popular->n_settings; i++) standard[i] = popular->settings[i].standard;
  return popular->fit(kept, standard, seed, env, out);
}

/* ---------------------------------------------------------------- in memory */

#define MODELS_CAP 300u           /* names of a blend's members, commas between */

/* A blend's members come from the words of the call (--members), their settings stand in `values` behind its own. */
static int fit_hybrid(cli *c, double *values, uint64_t seed, const ink_dataset *data, const ink_dataset *kept, cli_fit *out, char *models) {
  const ink_train_env env = cli_env(c);
  cli_hybrid *h = cli_take(c->memory, 1, sizeof *h);
  if (h == NULL) return cli_no_memory();
  memset(h, 0, sizeof *h);
  const int code = cli_hybrid_read(c, values, seed, kept, h);
  if (code != CLI_DONE) return code;
  const ink_status status = cli_hybrid_fit(h, data, kept, &env, &out->trained);
  cli_hybrid_models(h, models, MODELS_CAP);
  return status == INK_OK ? CLI_DONE : cli_refuse(c, status, NULL);
}

static int fit_one(cli *c, const ink_trainer *trainer, const double *values, uint64_t seed, const ink_dataset *kept, cli_fit *out) {
  const ink_train_env env = cli_env(c);
  const ink_status status = cli_fit_models(c, trainer, values, seed, kept, &env, &out->trained);
  return status == INK_OK ? CLI_DONE : cli_refuse(c, status, NULL);
}

int cli_fit_pack(cli *c, const ink_trainer *trainer, double *values, uint64_t seed, const ink_dataset *data,
                 const ink_dataset *kept, cli_fit *out) {
  const ink_train_env env = cli_env(c);
  const double start = cli_seconds();
  memset(out, 0, sizeof *out);
  ink_trained_init(&out->trained, &env.allocator);
  char models[MODELS_CAP];
  (void)snprintf(models, sizeof models, "%s", trainer->name);
  int code = cli_is_hybrid(trainer) ? fit_hybrid(c, values, seed, data, kept, out, models) : fit_one(c, trainer, values, seed, kept, out);
  if (code != CLI_DONE) return code;
  ink_status status = ink_catalogue_tensors(data, &env, &out->trained);
  out->seconds = cli_seconds() - start;
  cli_progress_end(&c->progress);
  if (status != INK_OK) return cli_refuse(c, status, NULL);
  code = cli_describe_pack(c, &out->trained, "measured", NULL, models, "measured");
  if (code != CLI_DONE) return code;
  status = ink_memory_pack_open(&out->memory, &out->trained, &env);
  out->pack = out->memory.pack;
  return status == INK_OK ? CLI_DONE : cli_refuse(c, status, NULL);
}

void cli_fit_close(cli_fit *fit) {
  if (fit->trained.allocator.resize != NULL) ink_trained_free(&fit->trained);
  if (fit->memory.allocator.resize != NULL) ink_memory_pack_close(&fit->memory);
  memset(fit, 0, sizeof *fit);
}

/* ------------------------------------------------------------------- people */

/* "<stem><end>" as F32, or NULL. */
static const float *numbers_of(const ink_pack *pack, ink_text stem, const char *end, uint32_t at_least) {
  char name[80];
  ink_tensor_info t;
  const int n = snprintf(name, sizeof name, "%.*s%s", (int)stem.n, stem.bytes, end);
  if (n < 0 || n >= (int)sizeof name || ink_pack_tensor(pack, cli_text(name), &t) != INK_OK) return NULL;
  return t.dtype == INK_DTYPE_F32 && t.bytes >= at_least * sizeof(float) ? t.data : NULL;
}

#define OFFSET_AT 9u              /* the mean among the numbers of <stem>.settings: FORMAT.md */

bool cli_fit_people(const cli_fit *fit, ink_eval_vectors *out) {
  const ink_trained *t = &fit->trained;
  const uint32_t n_items = ink_pack_n_items(fit->pack);
  static const char end[] = ".items";
  if (t->people_vectors == NULL) return false;
  for (uint32_t i = 0; i < ink_pack_n_tensors(fit->pack); i++) {
    ink_tensor_info items;
    if (ink_pack_tensor_at(fit->pack, i, &items) != INK_OK || items.name.n < sizeof end) continue;
    const ink_text stem = { items.name.bytes, items.name.n - (uint32_t)(sizeof end - 1) };
    if (memcmp(stem.bytes + stem.n, end, sizeof end - 1) != 0 || items.dtype != INK_DTYPE_F32 || items.rank != 2) continue;
    if (items.shape[0] != n_items || items.shape[1] != t->people_d) continue;
    const float *settings = numbers_of(fit->pack, stem, ".settings", OFFSET_AT + 1);
    *out = (ink_eval_vectors){ .users = t->people_vectors, .items = items.data, .user_bias = t->people_bias,
                               .item_bias = numbers_of(fit->pack, stem, ".bias", n_items), .n_users = t->n_people, .d = t->people_d,
                               .offset = t->people_bias != NULL && settings != NULL ? settings[OFFSET_AT] : 0.0f };
    return true;
  }
  return false;
}
