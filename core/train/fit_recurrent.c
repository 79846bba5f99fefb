/* fit_recurrent.c - training of the lstm and gru families.
 *
 * Two recipes, chosen by `loss`:
 *  - cross-entropy over all items at every step: the plain language-model recipe;
 *  - sampled | bpr-max | top1-max | bpr: scores against the targets of the other people at the same step and
 *    `negatives` further items drawn by popularity^alpha (Hidasi et al. 2016; Hidasi & Karatzoglou 2018).
 * The last event of some sequences is kept back; after each epoch the model ranks it among all items. The best epoch's
 * parameters are what is packed; training ends after `patience` epochs without a better one.
 * Divergence (a norm of gradients that is not finite) ends training with INK_E_DIVERGED and the step. */
#include "fit_recurrent.h"

#include "blocks.h"
#include "fault.h"
#include "fit_popular.h"
#include "fmath.h"
#include "optimise.h"
#include "recurrent_net.h"
#include "utf8.h"
#include "base.h"

enum { LOSS_CROSS_ENTROPY, LOSS_SAMPLED, LOSS_BPR_MAX, LOSS_TOP1_MAX, LOSS_BPR };
static const char *const loss_words[] = { "cross-entropy", "sampled", "bpr-max", "top1-max", "bpr", NULL };
static const char *const optimiser_words[] = { "sgd", "adagrad", "adam", "adamw", NULL };
static const char *const schedule_words[] = { "constant", "linear", "cosine", NULL };
static const char *const yes_words[] = { "no", "yes", NULL };

enum { S_FACTORS, S_HIDDEN, S_LAYERS, S_TIED, S_BIAS, S_LENGTH, S_BATCH, S_EPOCHS, S_PATIENCE, S_HELD, S_LOSS, S_NEGATIVES, S_ALPHA,
       S_PENALTY, S_OPTIMISER, S_RATE, S_SCHEDULE, S_WARMUP, S_DECAY, S_CLIP, S_DROP_IN, S_DROP_OUT, N_SETTINGS };

static const ink_setting settings[N_SETTINGS] = {
  [S_FACTORS] = { "factors", "width of an item's vector", 64, 1, 1024, true, NULL },
  [S_HIDDEN] = { "hidden", "width of the state; 0 = factors", 0, 0, 1024, true, NULL },
  [S_LAYERS] = { "layers", "stacked cells", 1, 1, INK_RECURRENT_LAYERS, true, NULL },
  [S_TIED] = { "tied", "one table for what goes in and what is scored (needs hidden = factors)", 1, 0, 1, true, yes_words },
  [S_BIAS] = { "item_bias", "a score of its own for each item", 1, 0, 1, true, yes_words },
  [S_LENGTH] = { "length", "events of a window, in training and on the device", 50, 1, 1000, true, NULL },
  [S_BATCH] = { "batch", "windows of a step", 128, 1, 4096, true, NULL },
  [S_EPOCHS] = { "epochs", "passes over the data at most", 60, 1, 10000, true, NULL },
  [S_PATIENCE] = { "patience", "epochs without a better held-back figure before it stops", 6, 1, 10000, true, NULL },
  [S_HELD] = { "held_back", "people whose last event is kept back for choosing the epoch", 4000, 0, 1000000, true, NULL },
  [S_LOSS] = { "loss", "what is minimised", LOSS_CROSS_ENTROPY, 0, 4, true, loss_words },
  [S_NEGATIVES] = { "negatives", "further items of a step, beside those of the batch (not for cross-entropy)", 512, 0, 65536, true, NULL },
  [S_ALPHA] = { "alpha", "negatives are drawn by popularity to this power", 0.75, 0, 1, false, NULL },
  [S_PENALTY] = { "score_penalty", "weight of squared scores in bpr-max", 1, 0, 100, false, NULL },
  [S_OPTIMISER] = { "optimiser", "rule of the steps", INK_ADAM, 0, 3, true, optimiser_words },
  [S_RATE] = { "learning_rate", "size of a step", 0.003, 1e-7, 10, false, NULL },
  [S_SCHEDULE] = { "schedule", "how the rate falls over all epochs", INK_CONSTANT, 0, 2, true, schedule_words },
  [S_WARMUP] = { "warmup", "steps over which the rate rises", 100, 0, 1000000, true, NULL },
  [S_DECAY] = { "weight_decay", "pull of weights to zero", 0, 0, 10, false, NULL },
  [S_CLIP] = { "clip", "largest norm of all gradients together; 0 = none", 5, 0, 1e6, false, NULL },
  [S_DROP_IN] = { "dropout_input", "share of an item's vector that is hidden in training", 0.4, 0, 0.95, false, NULL },
  [S_DROP_OUT] = { "dropout_hidden", "share of the state that is hidden in training", 0.4, 0, 0.95, false, NULL },
};

/* ---------------------------------------------------------------- a fit */

typedef struct fit {
  const ink_train_env *env;
  const double *values;
  const char *name;
  ink_allocator allocator;
  ink_sequences sequences;
  ink_windows windows;
  ink_recurrent_net net;
  ink_param *params[INK_NET_MAX_PARAMS];
  float *best[INK_NET_MAX_PARAMS];
  ink_optimiser optimiser;
  ink_batch batch;
  uint32_t *columns;              /* [batch + negatives] items of a step's columns */
  uint32_t *column_target;        /* [batch] */
  double *cumulative;             /* [n_items] of popularity^alpha */
  uint8_t *memory;                /* the tape's arena */
  size_t memory_bytes;
  ink_arena arena;
  ink_tape tape;
  ink_rng rng;
  uint64_t seed, steps_done;
  double best_metric, last_loss;
} fit;

static double value(const fit *f, int setting) { return f->values[setting]; }
static uint32_t whole(const fit *f, int setting) { return (uint32_t)f->values[setting]; }

/* The arena grows when a batch asks for more: longer windows come in any order. */
static ink_status open_tape(fit *f, size_t bytes) {
  uint8_t *grown = ink_block_resize(&f->allocator, f->memory, bytes, 1);
  if (!grown) return INK_E_NO_MEMORY;
  f->memory = grown;
  f->memory_bytes = bytes;
  ink_arena_init(&f->arena, grown, bytes);
  const uint32_t nodes = ink_recurrent_nodes(&f->net.shape, whole(f, S_LENGTH)) + 12 * whole(f, S_LENGTH) + 64;
  const ink_rng dropout = f->tape.rng;
  const bool again = f->tape.nodes != NULL;
  INK_TRY(ink_tape_init(&f->tape, &f->arena, nodes, &f->env->threads, f->seed));
  if (again) f->tape.rng = dropout;
  return INK_OK;
}

static ink_status draw_table(fit *f, uint32_t n_items) {
  const double alpha = value(f, S_ALPHA);
  double sum = 0.0;
  INK_NEW(&f->allocator, n_items, &f->cumulative);
  for (uint32_t i = 0; i < n_items; i++) f->cumulative[i] = 0.0;
  for (uint64_t e = 0; e < f->sequences.starts[f->sequences.n]; e++) f->cumulative[f->sequences.items[e]] += 1.0;
  for (uint32_t i = 0; i < n_items; i++) f->cumulative[i] = sum += f->cumulative[i] > 0.0 ? ink_pow_f64(f->cumulative[i], alpha) : 0.0;
  return INK_OK;
}

static uint32_t draw(fit *f) {
  const uint32_t n = f->net.shape.n_items;
  const double at = ink_rng_f64(&f->rng) * f->cumulative[n - 1];
  uint32_t low = 0, high = n - 1;
  while (low < high) {
    const uint32_t middle = low + (high - low) / 2;
    if (f->cumulative[middle] > at) high = middle;
    else low = middle + 1;
  }
  return low;
}

static ink_status prepare(fit *f, const ink_dataset *data) {
  const uint32_t batch = whole(f, S_BATCH), length = whole(f, S_LENGTH), hidden = whole(f, S_HIDDEN) ? whole(f, S_HIDDEN) : whole(f, S_FACTORS);
  const ink_recurrent_shape shape = { .lstm = f->name[0] == 'l', .n_items = data->items.n, .d = whole(f, S_FACTORS), .h = hidden,
                                      .layers = whole(f, S_LAYERS), .tied = whole(f, S_TIED) && hidden == whole(f, S_FACTORS),
                                      .bias = whole(f, S_BIAS) };
  INK_TRY(ink_sequences_make(data, whole(f, S_HELD), f->seed, &f->allocator, &f->sequences));
  INK_TRY(ink_windows_make(&f->sequences, length, batch, &f->allocator, &f->windows));
  if (f->windows.n == 0) return ink_refuse(f->env->fault, INK_E_DATA_EMPTY, ink_text_of("events"), "people with at least two events");
  INK_TRY(ink_recurrent_init(&f->net, &shape, whole(f, S_OPTIMISER) >= INK_ADAGRAD, f->seed, &f->allocator));
  for (uint32_t i = 0; i < f->net.n_params; i++) {
    f->params[i] = &f->net.all[i];
    INK_NEW(&f->allocator, (size_t)f->net.all[i].rows * f->net.all[i].cols, &f->best[i]);
  }
  INK_NEW(&f->allocator, (size_t)length * batch, &f->batch.input);
  INK_NEW(&f->allocator, (size_t)length * batch, &f->batch.target);
  INK_NEW(&f->allocator, (size_t)batch + whole(f, S_NEGATIVES), &f->columns);
  INK_NEW(&f->allocator, batch, &f->column_target);
  INK_TRY(draw_table(f, data->items.n));
  f->optimiser = (ink_optimiser){ .kind = whole(f, S_OPTIMISER), .beta1 = whole(f, S_OPTIMISER) == INK_SGD ? 0.5 : 0.9, .beta2 = 0.999,
                                  .epsilon = 1e-8, .weight_decay = value(f, S_DECAY), .clip = value(f, S_CLIP) };
  ink_rng_seed(&f->rng, f->seed, 0xba7c4);
  return open_tape(f, sizeof(float) * ink_recurrent_arena_floats(&shape, ink_min_u32(length, 16), batch) + ((size_t)8 << 20));
}

static void release(fit *f) {
  ink_sequences_free(&f->sequences);
  ink_windows_free(&f->windows);
  ink_recurrent_free(&f->net);
  for (uint32_t i = 0; i < INK_NET_MAX_PARAMS; i++) ink_block_free(&f->allocator, f->best[i]);
  ink_block_free(&f->allocator, f->batch.input);
  ink_block_free(&f->allocator, f->batch.target);
  ink_block_free(&f->allocator, f->columns);
  ink_block_free(&f->allocator, f->column_target);
  ink_block_free(&f->allocator, f->cumulative);
  ink_block_free(&f->allocator, f->memory);
}

/* -------------------------------------------------------------------- loss */

/* Columns of one step: the targets of all rows (a drawn item where a row has ended), then the drawn negatives. */
static uint32_t make_columns(fit *f, const uint32_t *target, uint32_t rows, uint32_t *n_columns) {
  uint32_t n_targets = 0;
  for (uint32_t b = 0; b < rows; b++) {
    const bool ends = target[b] == INK_NONE;
    f->columns[b] = ends ? draw(f) : target[b];
    f->column_target[b] = ends ? INK_NONE : b;
    n_targets += !ends;
  }
  for (uint32_t s = 0; s < whole(f, S_NEGATIVES); s++) f->columns[rows + s] = draw(f);
  *n_columns = rows + whole(f, S_NEGATIVES);
  return n_targets;
}

static const uint32_t *kept(fit *f, const uint32_t *from, uint32_t n) {
  void *block = NULL;
  if (f->tape.status == INK_OK) f->tape.status = ink_arena_take(&f->arena, n, sizeof(uint32_t), &block);
  if (f->tape.status != INK_OK) return NULL;
  uint32_t *copy = block;
  for (uint32_t i = 0; i < n; i++) copy[i] = from[i];
  return copy;
}

static ink_var step_loss(fit *f, ink_var h, const uint32_t *target, uint32_t rows, uint32_t *n_targets) {
  ink_tape *t = &f->tape;
  uint32_t n_columns;
  *n_targets = make_columns(f, target, rows, &n_columns);
  const uint32_t *columns = kept(f, f->columns, n_columns), *own = kept(f, f->column_target, rows);
  if (!columns || !own) return 0;
  ink_var scores = ink_op_matmul(t, h, ink_op_gather(t, f->net.items, columns, n_columns), INK_TRANSPOSE_B);
  if (f->net.item_bias)
    scores = ink_op_bias(t, scores, ink_op_reshape(t, ink_op_gather(t, f->net.item_bias, columns, n_columns), 1, n_columns));
  switch (whole(f, S_LOSS)) {
    case LOSS_BPR_MAX: return ink_op_bpr_max(t, scores, own, columns, (float)value(f, S_PENALTY));
    case LOSS_TOP1_MAX: return ink_op_top1_max(t, scores, own, columns);
    case LOSS_BPR: return ink_op_bpr(t, scores, own, columns);
    default: return ink_op_cross_entropy(t, scores, own);
  }
}

static ink_var batch_loss(fit *f) {
  const ink_batch *b = &f->batch;
  ink_tape *t = &f->tape;
  const ink_var h = ink_recurrent_forward(&f->net, t, b->input, b->steps, b->rows, (float)value(f, S_DROP_IN), (float)value(f, S_DROP_OUT));
  if (whole(f, S_LOSS) == LOSS_CROSS_ENTROPY) return ink_op_cross_entropy_full(t, h, f->net.items, f->net.item_bias, b->target);
  ink_var sum = 0;
  for (uint32_t s = 0; s < b->steps && t->status == INK_OK; s++) {
    uint32_t n;
    const ink_var loss = step_loss(f, ink_op_rows(t, h, s * b->rows, b->rows), b->target + (size_t)s * b->rows, b->rows, &n);
    const ink_var share = ink_op_scale(t, loss, (float)n / (float)b->n_targets);
    sum = s == 0 ? share : ink_op_add(t, sum, share);
  }
  return sum;
}

static ink_status forward_and_back(fit *f, double *loss) {
  for (;;) {
    ink_tape_reset(&f->tape, true);
    const ink_rng drawn = f->rng, dropout = f->tape.rng;
    const ink_var v = batch_loss(f);
    *loss = (double)ink_tape_scalar(&f->tape, v);
    if (f->tape.status != INK_E_SCRATCH) return ink_tape_backward(&f->tape, v);
    f->rng = drawn;
    f->tape.rng = dropout;
    INK_TRY(open_tape(f, f->memory_bytes + f->memory_bytes / 2));
  }
}

/* -------------------------------------------------------------- validation */

/* Rank of the held-back item among those that the person has not seen; ties count half. */
static double rank_of(const fit *f, const float *scores, uint32_t sequence) {
  const uint32_t target = f->sequences.held[sequence];
  const uint64_t first = f->sequences.starts[sequence], last = f->sequences.starts[sequence + 1] - 1;
  double above = 0.0;
  for (uint32_t i = 0; i < f->net.shape.n_items; i++)
    above += scores[i] > scores[target] ? 1.0 : scores[i] == scores[target] && i != target ? 0.5 : 0.0;
  for (uint64_t e = first; e < last; e++) {
    const uint32_t seen = f->sequences.items[e];
    bool counted = seen == target;
    for (uint64_t d = first; d < e && !counted; d++) counted = f->sequences.items[d] == seen;
    if (!counted) above -= scores[seen] > scores[target] ? 1.0 : scores[seen] == scores[target] ? 0.5 : 0.0;
  }
  return above + 1.0;
}

/* NDCG@10 over a group of held-back people: their windows as one batch, the state after each one's last event. */
static ink_status validate_group(fit *f, const uint32_t *group, uint32_t rows, double *sum) {
  const uint32_t length = whole(f, S_LENGTH), n = f->net.shape.n_items, h = f->net.shape.h;
  ink_tape *t = &f->tape;
  uint32_t steps = 0;
  for (uint32_t b = 0; b < rows; b++) {
    const uint64_t seen = f->sequences.starts[group[b] + 1] - 1 - f->sequences.starts[group[b]];
    steps = ink_max_u32(steps, (uint32_t)(seen < length ? seen : length));
  }
  for (uint32_t b = 0; b < rows; b++) {
    const uint64_t last = f->sequences.starts[group[b] + 1] - 1, seen = last - f->sequences.starts[group[b]];
    const uint32_t m = (uint32_t)(seen < length ? seen : length);
    for (uint32_t s = 0; s < steps; s++) f->batch.input[s * rows + b] = s < m ? f->sequences.items[last - m + s] : INK_NONE;
    f->column_target[b] = m - 1;
  }
  ink_tape_reset(t, false);
  const ink_var out = ink_recurrent_forward(&f->net, t, f->batch.input, steps, rows, 0, 0);
  float *states = NULL, *scores = NULL;
  if (t->status != INK_OK || ink_arena_take(&f->arena, (size_t)rows * h, sizeof(float), (void **)&states) != INK_OK ||
      ink_arena_take(&f->arena, (size_t)rows * n, sizeof(float), (void **)&scores) != INK_OK) return INK_E_SCRATCH;
  for (uint32_t b = 0; b < rows; b++)
    for (uint32_t j = 0; j < h; j++) states[(size_t)b * h + j] = ink_tape_at(t, out)->value[((size_t)f->column_target[b] * rows + b) * h + j];
  ink_gemm_run(t->gemm, rows, n, h, ink_gemm_plain(states, h), ink_gemm_transposed(f->net.items->value, h), scores, n, false, t->gemm_scratch[0]);
  for (uint32_t b = 0; b < rows; b++) {
    for (uint32_t i = 0; f->net.item_bias && i < n; i++) scores[(size_t)b * n + i] += f->net.item_bias->value[i];
    const double rank = rank_of(f, scores + (size_t)b * n, group[b]);
    if (rank <= 10.0) *sum += 1.0 / ink_log2_f64(rank + 1.0);
  }
  return INK_OK;
}

static ink_status validate(fit *f, double *metric) {
  const uint32_t rows = ink_min_u32(whole(f, S_BATCH), 128);
  uint32_t group[128], n = 0;
  double sum = 0.0;
  for (uint32_t i = 0; i < f->sequences.n; i++) {
    if (f->sequences.held[i] != INK_NONE) group[n++] = i;
    if (n == 0 || (n < rows && i + 1 < f->sequences.n)) continue;
    ink_status status;
    double here = 0.0;
    while ((status = validate_group(f, group, n, &here)) == INK_E_SCRATCH) INK_TRY(open_tape(f, f->memory_bytes + f->memory_bytes / 2));
    INK_TRY(status);
    sum += here;
    n = 0;
  }
  *metric = f->sequences.n_held ? sum / f->sequences.n_held : 0.0;
  return INK_OK;
}

/* -------------------------------------------------------------------- loop */

static void keep_best(fit *f) {
  for (uint32_t p = 0; p < f->net.n_params; p++)
    for (size_t i = 0; i < (size_t)f->params[p]->rows * f->params[p]->cols; i++) f->best[p][i] = f->params[p]->value[i];
}

static ink_status diverged(const fit *f) {
  ink_fault *fault = f->env->fault;
  const ink_status status = ink_refuse(fault, INK_E_DIVERGED, ink_text_of(f->name), "a smaller learning_rate, or clip");
  static const char unit[] = "step";
  for (size_t i = 0; i < sizeof unit; i++) fault->unit[i] = unit[i];
  fault->at = f->steps_done;
  return status;
}

static bool tell(const fit *f, double metric, uint64_t total) {
  const ink_progress p = { .stage = f->name, .done = f->steps_done, .total = total, .loss = f->last_loss, .metric = metric };
  return !f->env->progress || f->env->progress(f->env->progress_ctx, &p);
}

static ink_status run_epoch(fit *f, uint64_t total, double metric) {
  double smooth = 0.0;
  ink_windows_shuffle(&f->windows, &f->rng);
  for (uint32_t i = 0; i < f->windows.n_batches; i++) {
    double loss;
    bool is_diverged;
    ink_windows_batch(&f->windows, &f->sequences, i, &f->batch);
    INK_TRY(forward_and_back(f, &loss));
    f->optimiser.rate = ink_schedule(whole(f, S_SCHEDULE), value(f, S_RATE), f->steps_done, whole(f, S_WARMUP), total);
    ink_optimise(&f->optimiser, f->params, f->net.n_params, &f->env->threads, &is_diverged);
    f->steps_done++;
    if (is_diverged) return diverged(f);
    smooth += (loss - smooth) / (i + 1);
    f->last_loss = smooth;
    if (!tell(f, metric, total)) return INK_E_STOPPED;
  }
  return INK_OK;
}

static ink_status run(fit *f) {
  const uint64_t total = (uint64_t)whole(f, S_EPOCHS) * f->windows.n_batches;
  double metric = 0.0;
  uint32_t since = 0;
  f->best_metric = -1.0;
  for (uint32_t epoch = 0; epoch < whole(f, S_EPOCHS) && since < whole(f, S_PATIENCE); epoch++) {
    INK_TRY(run_epoch(f, total, metric));
    INK_TRY(validate(f, &metric));
    since = metric > f->best_metric ? 0 : since + 1;
    if (since == 0 || f->sequences.n_held == 0) {
      f->best_metric = metric;
      keep_best(f);
    }
  }
  return INK_OK;
}

/* ------------------------------------------------------------------ result */

static ink_status put_param(const fit *f, uint32_t p, ink_trained *out) {
  const ink_param *param = f->params[p];
  const uint32_t shape[2] = { param->rows == 1 ? param->cols : param->rows, param->cols };
  const uint32_t rank = param->rows == 1 || param->cols == 1 ? 1 : 2;
  void *data;
  INK_TRY(ink_trained_tensor(out, param->name, INK_DTYPE_F32, rank, shape, &data));
  for (size_t i = 0; i < (size_t)param->rows * param->cols; i++) ((float *)data)[i] = f->best[p][i];
  return INK_OK;
}

static ink_status put_all(const fit *f, ink_trained *out) {
  char name[] = "lstm.settings";
  const char *settings_name = f->name[0] == 'l' ? name : "gru.settings";
  const uint32_t four = 4;
  void *data;
  for (uint32_t p = 0; p < f->net.n_params; p++) INK_TRY(put_param(f, p, out));
  INK_TRY(ink_trained_tensor(out, settings_name, INK_DTYPE_F32, 1, &four, &data));
  ((float *)data)[0] = (float)whole(f, S_LENGTH);
  return INK_OK;
}

static ink_status fit_recurrent(const char *name, const ink_dataset *data, const double *values, uint64_t seed,
                                const ink_train_env *env, ink_trained *out) {
  fit f = { .env = env, .values = values, .name = name, .allocator = env->allocator, .seed = seed };
  ink_status status = prepare(&f, data);
  if (status == INK_OK) status = run(&f);
  if (status == INK_OK) status = put_all(&f, out);
  if (status == INK_OK) status = ink_popular_tensor(data, env, out);
  release(&f);
  return status;
}

static ink_status fit_lstm(const ink_dataset *data, const double *values, uint64_t seed, const ink_train_env *env, ink_trained *out) {
  return fit_recurrent("lstm", data, values, seed, env, out);
}
static ink_status fit_gru(const ink_dataset *data, const double *values, uint64_t seed, const ink_train_env *env, ink_trained *out) {
  return fit_recurrent("gru", data, values, seed, env, out);
}

const ink_trainer ink_trainer_lstm = { .name = "lstm", .about = "the next item from a long short-term memory over the last events",
                                       .settings = settings, .n_settings = N_SETTINGS, .fit = fit_lstm };
const ink_trainer ink_trainer_gru = { .name = "gru", .about = "the next item from a gated recurrent unit over the last events (GRU4Rec)",
                                      .settings = settings, .n_settings = N_SETTINGS, .fit = fit_gru };
