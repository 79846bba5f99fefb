/* import_pack.c - see import_pack.h.
 *
 * Imported vectors become the tensors of the als family with its implicit fold: a person's vector is the ridge
 * solution over the vectors of what she did,
 *     (a0*G + sum a y y^T + lambda*(n + a0*N)^nu I) q = sum b y,       score = q.y.
 * Vectors that ALS made with known settings get exactly those (implicit's alpha and regularization). All others
 * get a0 = 0.3, nu = 1 and lambda = 1.0 times the vectors' mean square, chosen once for vectors of ALS, BPR, SVD and
 * word2vec (skip-gram on histories, length 1), 32 wide, on MovieLens 100K and a sample of Gowalla: 300 and 395 people
 * left out of training, recall@20. Over a0 = 0..1 and lambda = 0.01..10 it is 0.4 to 3 % below each one's best on the
 * former and 4 to 11 % on the latter, and above the mean of the vectors in all eight cases (which a smaller lambda is
 * not). Vectors with lengths that mean nothing (word2vec's grow with frequency) must be scaled to 1 first: unscaled,
 * recall halves. --unobserved and --regularization are for those who can measure. */
#include "import_pack.h"

#include <math.h>
#include <string.h>

#include "catalogue_tensors.h"
#include "data_options.h"

#define DEFAULT_UNOBSERVED 0.3
#define DEFAULT_REGULARIZATION 1.0
#define FOLD_PASSES 30.0f         /* pairwise models */
#define FOLD_RATE 0.1f
#define FOLD_LAMBDA 0.01f
#define GRAM_ROWS 1024u           /* rows added in float before they go into the double sum */

/* --------------------------------------------------------------------- gram */

/* G = sum y y^T: blocks of rows by the kernel in float, blocks added in double, so that a million rows lose no more
 * than a thousand do. */
static int fill_gram(cli *c, const cli_vectors *v, float *gram, double *mean_square) {
  const size_t d = v->d, lda = (d + 7) & ~(size_t)7;
  float *block = cli_take(c->memory, d * lda, sizeof *block);
  double *sum = cli_take(c->memory, d * d, sizeof *sum);
  float ones[GRAM_ROWS];
  if (block == NULL || sum == NULL) return cli_no_memory();
  memset(sum, 0, d * d * sizeof *sum);
  for (size_t i = 0; i < GRAM_ROWS; i++) ones[i] = 1;
  for (size_t first = 0; first < v->n; first += GRAM_ROWS) {
    const size_t n = v->n - first < GRAM_ROWS ? v->n - first : GRAM_ROWS;
    memset(block, 0, d * lda * sizeof *block);
    c->kernels->syrk_f32(v->rows + first * d, d, ones, n, d, block, lda);
    for (size_t r = 0; r < d; r++) {
      for (size_t k = 0; k <= r; k++) sum[r * d + k] += (double)block[r * lda + k];
    }
  }
  double trace = 0;
  for (size_t r = 0; r < d; r++) {
    trace += sum[r * d + r];
    for (size_t k = 0; k <= r; k++) gram[r * d + k] = gram[k * d + r] = (float)sum[r * d + k];
  }
  *mean_square = trace / ((double)v->n * (double)d);
  cli_resize(c->memory, block, 0);
  cli_resize(c->memory, sum, 0);
  return CLI_DONE;
}

/* ----------------------------------------------------------------- settings */

/* [0] mode, [1] a0, [2..5] a and b of a weight w, [6] lambda, [7] nu; the rest belongs to ratings. */
static void fill_settings(const cli_vectors *v, const cli_import_options *o, double mean_square, float settings[12],
                          cli_import_report *report) {
  const bool known = v->has_als && o->unobserved < 0 && o->regularization < 0;
  report->a0 = known ? 1 : o->unobserved < 0 ? DEFAULT_UNOBSERVED : o->unobserved;
  report->lambda = known ? v->regularization : (o->regularization < 0 ? DEFAULT_REGULARIZATION : o->regularization) * mean_square;
  report->nu = known ? 0 : 1;
  memset(settings, 0, 12 * sizeof *settings);
  settings[1] = (float)report->a0;
  settings[2] = settings[4] = known ? (float)v->alpha : 1;
  settings[3] = known ? -1 : 0;
  settings[6] = (float)report->lambda;
  settings[7] = (float)report->nu;
  settings[10] = 1;
  settings[11] = 5;
}

/* Ratings: what the library's own objective says (models of Surprise), folded by a ridge over what a person rated. */
static void fill_rated(const cli_vectors *v, float settings[12], cli_import_report *report) {
  const cli_rated *r = &v->rated;
  report->lambda = r->lambda;
  report->nu = 1;
  memset(settings, 0, 12 * sizeof *settings);
  settings[0] = strcmp(v->family, "nmf") == 0 ? 4 : 1;
  settings[6] = (float)r->lambda;
  settings[7] = 1;
  settings[8] = (float)r->bias_lambda;
  settings[9] = (float)r->mean;
  settings[10] = (float)r->lowest;
  settings[11] = (float)r->highest;
}

/* LightFM learns pair by pair, so people fold in by the same kind of steps; numbers as the bpr trainer has them. */
static void fill_pairwise(const cli_vectors *v, float settings[12], cli_import_report *report) {
  memset(settings, 0, 12 * sizeof *settings);
  settings[0] = 3;
  settings[1] = FOLD_PASSES;
  settings[2] = FOLD_RATE;
  settings[4] = strcmp(v->family, "warp") == 0 ? 4 : 1;     /* draws of which the highest counts, as warp looks for one too high */
  settings[6] = FOLD_LAMBDA;
  report->lambda = (double)FOLD_LAMBDA;
}

static ink_status add_tensor(const cli_vectors *v, const char *part, uint32_t rank, const uint32_t *shape, ink_trained *out, void **data) {
  char name[64];
  (void)snprintf(name, sizeof name, "%s.%s", v->family, part);
  return ink_trained_tensor(out, name, INK_DTYPE_F32, rank, shape, data);
}

/* A copy of [n, d] or [n] numbers; none when there are none. */
static ink_status add_copy(const cli_vectors *v, const char *part, uint32_t rank, const float *numbers, ink_trained *out) {
  const uint32_t shape[2] = { v->n, v->d };
  void *data;
  if (numbers == NULL) return INK_OK;
  const ink_status status = add_tensor(v, part, rank, shape, out, &data);
  if (status == INK_OK) memcpy(data, numbers, (size_t)v->n * (rank == 2 ? v->d : 1) * sizeof(float));
  return status;
}

static int add_gram(cli *c, const cli_vectors *v, const cli_import_options *o, ink_trained *out, float *settings, cli_import_report *report) {
  const uint32_t shape[2] = { v->d, v->d };
  void *gram;
  double mean_square = 0;
  const ink_status status = add_tensor(v, "gram", 2, shape, out, &gram);
  if (status != INK_OK) return cli_refuse(c, status, NULL);
  const int code = fill_gram(c, v, gram, &mean_square);
  if (code == CLI_DONE) fill_settings(v, o, mean_square, settings, report);
  return code;
}

static int add_factors(cli *c, const cli_vectors *v, const cli_import_options *o, ink_trained *out, cli_import_report *report) {
  const uint32_t shape[1] = { 12 };
  void *settings;
  ink_status status = add_tensor(v, "settings", 1, shape, out, &settings);
  if (status == INK_OK) status = add_copy(v, "items", 2, v->rows, out);
  if (status == INK_OK) status = add_copy(v, "bias", 1, v->bias, out);
  if (status == INK_OK) status = add_copy(v, "fold", 2, v->fold, out);
  if (status != INK_OK) return cli_refuse(c, status, NULL);
  if (strcmp(v->family, "bpr") == 0 || strcmp(v->family, "warp") == 0) fill_pairwise(v, settings, report);
  else if (!v->rated.is) return add_gram(c, v, o, out, settings, report);
  else fill_rated(v, settings, report);
  return CLI_DONE;
}

/* --------------------------------------------------------------- popularity */

/* Counts of events with a positive weight; without --events all zeros: then the order of the file decides. */
static int add_popularity(cli *c, const ink_dataset *items, const cli_import_options *o, ink_trained *out, cli_import_report *report) {
  const uint32_t shape[1] = { items->items.n };
  void *scores;
  const ink_status status = ink_trained_tensor(out, "popular.scores", INK_DTYPE_F32, 1, shape, &scores);
  if (status != INK_OK) return cli_refuse(c, status, NULL);
  if (o->events == NULL) return CLI_DONE;
  ink_dataset events;
  const int code = cli_dataset_read(c, o->events, &o->events_options, items, &events);
  if (code != CLI_DONE) return code;
  for (uint64_t e = 0; e < events.n_events; e++) {
    report->n_events++;
    if (events.item[e] >= items->items.n) report->n_unknown++;
    else if (ink_event_weight(&events, e) > 0) ((float *)scores)[events.item[e]] += 1;
  }
  ink_dataset_free(&events);
  return CLI_DONE;
}

/* ------------------------------------------------------------------------ all */

int cli_import_tensors(cli *c, const cli_vectors *v, const cli_import_options *options, ink_trained *out, cli_import_report *report) {
  const ink_train_env env = cli_env(c);
  *report = (cli_import_report){ 0 };
  ink_dataset items;
  ink_dataset_init(&items, &env.allocator);
  ink_status status = ink_names_copy(&items.items, &v->ids, &env.allocator);
  int code = status == INK_OK ? CLI_DONE : cli_refuse(c, status, NULL);
  if (code == CLI_DONE && options->items != NULL) code = cli_items_read(c, options->items, &options->items_options, &items);
  if (code == CLI_DONE && v->rows != NULL) code = add_factors(c, v, options, out, report);
  if (code == CLI_DONE) code = add_popularity(c, &items, options, out, report);
  if (code == CLI_DONE) {
    status = ink_catalogue_tensors(&items, &env, out);
    if (status != INK_OK) code = cli_refuse(c, status, NULL);
  }
  if (items.columns != NULL) report->n_columns = items.columns->n;
  ink_dataset_free(&items);
  return code;
}
