/* fit_recurrent.c - training of the lstm and gru families: settings, memory, the door. recurrent_fit.h has the reading order.
 * The last event of some sequences is kept back; after each epoch the model ranks it among all items. The best epoch's
 * parameters are what is packed; training ends after `patience` epochs without a better one. */
#include "fit_recurrent.h"

#include "blocks.h"
#include "caps.h"
#include "fault.h"
#include "fit_popular.h"
#include "fmath.h"
#include "recurrent_fit.h"
#include "utf8.h"
#include "base.h"

static const char *const loss_words[] = { "cross-entropy", "sampled", "bpr-max", "top1-max", "bpr", NULL };
static const char *const optimiser_words[] = { "sgd", "adagrad", "adam", "adamw", NULL };
static const char *const schedule_words[] = { "constant", "linear", "cosine", NULL };
static const char *const batches_words[] = { "windows", "sessions", NULL };
static const char *const precision_words[] = { "f32", "int8", NULL };
static const char *const yes_words[] = { "no", "yes", NULL };

static const ink_setting settings[INK_N_RECURRENT_SETTINGS] = {
  [INK_S_FACTORS] = { "factors", "width of an item's vector", 64, 1, 1024, true, NULL },
  [INK_S_HIDDEN] = { "hidden", "width of the state; 0 = factors", 0, 0, 1024, true, NULL },
  [INK_S_LAYERS] = { "layers", "stacked cells", 1, 1, INK_RECURRENT_LAYERS, true, NULL },
  [INK_S_TIED] = { "tied", "one table for what goes in and what is scored (needs hidden = factors)", 1, 0, 1, true, yes_words },
  [INK_S_BIAS] = { "item_bias", "a score of its own for each item", 1, 0, 1, true, yes_words },
  [INK_S_KINDS] = { "kinds", "the kind of an event goes in too", 0, 0, 1, true, yes_words },
  [INK_S_GAPS] = { "gaps", "the time since the event before goes in too", 0, 0, 1, true, yes_words },
  [INK_S_LENGTH] = { "length", "events of a window, in training and on the device", 50, 1, 1000, true, NULL },
  [INK_S_BATCHES] = { "batches", "windows: each begins with an empty state; sessions: rows go along whole sequences, one after the other",
                      INK_BATCH_WINDOWS, 0, 1, true, batches_words },
  [INK_S_BATCH] = { "batch", "windows or rows of a step", 128, 1, 4096, true, NULL },
  [INK_S_STEPS] = { "session_steps", "events of a row in one step, with batches=sessions", 8, 1, 1000, true, NULL },
  [INK_S_EPOCHS] = { "epochs", "passes over the data at most", 60, 1, 10000, true, NULL },
  [INK_S_PATIENCE] = { "patience", "epochs without a better held-back figure before it stops", 6, 1, 10000, true, NULL },
  [INK_S_HELD] = { "held_back", "people whose last event is kept back for choosing the epoch", 4000, 0, 1000000, true, NULL },
  [INK_S_LOSS] = { "loss", "what is minimised", INK_LOSS_CROSS_ENTROPY, 0, 4, true, loss_words },
  [INK_S_NEGATIVES] = { "negatives", "further items of a step, beside those of the batch (not for cross-entropy)", 512, 0, 65536, true, NULL },
  [INK_S_ALPHA] = { "alpha", "negatives are drawn by popularity to this power", 0.75, 0, 1, false, NULL },
  [INK_S_PENALTY] = { "score_penalty", "weight of squared scores in bpr-max", 1, 0, 100, false, NULL },
  [INK_S_OPTIMISER] = { "optimiser", "rule of the steps", INK_ADAM, 0, 3, true, optimiser_words },
  [INK_S_RATE] = { "learning_rate", "size of a step", 0.003, 1e-7, 10, false, NULL },
  [INK_S_SCHEDULE] = { "schedule", "how the rate falls over all epochs", INK_CONSTANT, 0, 2, true, schedule_words },
  [INK_S_WARMUP] = { "warmup", "steps over which the rate rises", 100, 0, 1000000, true, NULL },
  [INK_S_DECAY] = { "weight_decay", "pull of weights to zero", 0, 0, 10, false, NULL },
  [INK_S_CLIP] = { "clip", "largest norm of all gradients together; 0 = none", 5, 0, 1e6, false, NULL },
  [INK_S_DROP_IN] = { "dropout_input", "share of an item's vector that is hidden in training", 0.4, 0, 0.95, false, NULL },
  [INK_S_DROP_OUT] = { "dropout_hidden", "share of the state that is hidden in training", 0.4, 0, 0.95, false, NULL },
  [INK_S_PRECISION] = { "precision", "of the pack's weights and vectors", 0, 0, 1, true, precision_words },
};

/* ------------------------------------------------------------------- memory */

/* The arena grows when a batch asks for more: longer windows come in any order. */
ink_status ink_recurrent_open_tape(ink_recurrent_fit *f, size_t bytes) {
  uint8_t *grown = ink_block_resize(&f->allocator, f->memory, bytes, 1);
  if (!grown) return INK_E_NO_MEMORY;
  f->memory = grown;
  f->memory_bytes = bytes;
  ink_arena_init(&f->arena, grown, bytes);
  const uint32_t nodes = ink_recurrent_nodes(&f->net.shape, ink_fit_whole(f, INK_S_LENGTH)) + 12 * ink_fit_whole(f, INK_S_LENGTH) + 64;
  const ink_rng dropout = f->tape.rng;
  const bool again = f->tape.nodes != NULL;
  INK_TRY(ink_tape_init(&f->tape, &f->arena, nodes, &f->env->threads, f->seed));
  if (again) f->tape.rng = dropout;
  return INK_OK;
}

static ink_status draw_table(ink_recurrent_fit *f, uint32_t n_items) {
  const double alpha = ink_fit_value(f, INK_S_ALPHA);
  double sum = 0.0;
  INK_NEW(&f->allocator, n_items, &f->cumulative);
  for (uint32_t i = 0; i < n_items; i++) f->cumulative[i] = 0.0;
  for (uint64_t e = 0; e < f->sequences.starts[f->sequences.n]; e++) f->cumulative[f->sequences.items[e]] += 1.0;
  for (uint32_t i = 0; i < n_items; i++) f->cumulative[i] = sum += f->cumulative[i] > 0.0 ? ink_pow_f64(f->cumulative[i], alpha) : 0.0;
  return INK_OK;
}

static ink_status take_batch(ink_recurrent_fit *f) {
  const bool sessions = ink_fit_whole(f, INK_S_BATCHES) == INK_BATCH_SESSIONS;
  const uint32_t rows = ink_fit_whole(f, INK_S_BATCH), steps = ink_max_u32(ink_fit_whole(f, INK_S_LENGTH), ink_fit_whole(f, INK_S_STEPS));
  const size_t cells = (size_t)steps * rows, state = sessions ? ink_recurrent_state_floats(&f->net.shape, rows) : 0;
  INK_NEW(&f->allocator, cells, &f->batch.input);
  INK_NEW(&f->allocator, cells, &f->batch.target);
  INK_NEW(&f->allocator, cells, &f->batch.kind);
  INK_NEW(&f->allocator, cells, &f->batch.gap);
  INK_NEW(&f->allocator, cells, &f->batch.goes_on);
  INK_NEW(&f->allocator, (size_t)rows + ink_fit_whole(f, INK_S_NEGATIVES), &f->columns);
  INK_NEW(&f->allocator, rows, &f->column_target);
  if (!sessions) return INK_OK;
  INK_NEW(&f->allocator, state, &f->state);
  INK_NEW(&f->allocator, state, &f->state_before);
  return INK_OK;
}

static ink_recurrent_shape shape_of(const ink_recurrent_fit *f, const ink_dataset *data) {
  const uint32_t d = ink_fit_whole(f, INK_S_FACTORS), h = ink_fit_whole(f, INK_S_HIDDEN) ? ink_fit_whole(f, INK_S_HIDDEN) : d;
  return (ink_recurrent_shape){ .lstm = f->name[0] == 'l', .n_items = data->items.n, .d = d, .h = h, .layers = ink_fit_whole(f, INK_S_LAYERS),
                                .tied = ink_fit_whole(f, INK_S_TIED) && h == d, .bias = ink_fit_whole(f, INK_S_BIAS),
                                .n_kinds = ink_fit_whole(f, INK_S_KINDS) ? ink_pack_kinds(data) : 0,
                                .n_gaps = ink_fit_whole(f, INK_S_GAPS) ? INK_GAP_BUCKETS : 0 };
}

static ink_status cut_sequences(ink_recurrent_fit *f, const ink_dataset *data) {
  const uint32_t batch = ink_fit_whole(f, INK_S_BATCH);
  INK_TRY(ink_sequences_make(data, ink_fit_whole(f, INK_S_HELD), f->seed, &f->allocator, &f->sequences));
  INK_TRY(ink_windows_make(&f->sequences, ink_fit_whole(f, INK_S_LENGTH), batch, &f->allocator, &f->windows));
  INK_TRY(ink_lanes_make(&f->sequences, batch, ink_fit_whole(f, INK_S_STEPS), &f->allocator, &f->lanes));
  if (f->windows.n == 0) return ink_refuse(f->env->fault, INK_E_DATA_EMPTY, ink_text_of("events"), "people with at least two events");
  return INK_OK;
}

static ink_status prepare(ink_recurrent_fit *f, const ink_dataset *data) {
  const ink_recurrent_shape shape = shape_of(f, data);
  const uint32_t kind = ink_fit_whole(f, INK_S_OPTIMISER);
  if (shape.n_kinds > INK_CAP_KINDS)
    return ink_refuse_range(f->env->fault, INK_E_LIMIT, ink_text_of("kinds of events"), shape.n_kinds, 1, INK_CAP_KINDS);
  INK_TRY(cut_sequences(f, data));
  INK_TRY(ink_recurrent_init(&f->net, &shape, kind >= INK_ADAGRAD, f->seed, &f->allocator));
  for (uint32_t i = 0; i < f->net.n_params; i++) {
    f->params[i] = &f->net.all[i];
    INK_NEW(&f->allocator, (size_t)f->net.all[i].rows * f->net.all[i].cols, &f->best[i]);
  }
  INK_TRY(take_batch(f));
  INK_TRY(draw_table(f, data->items.n));
  f->optimiser = (ink_optimiser){ .kind = kind, .beta1 = kind == INK_SGD ? 0.5 : 0.9, .beta2 = 0.999, .epsilon = 1e-8,
                                  .weight_decay = ink_fit_value(f, INK_S_DECAY), .clip = ink_fit_value(f, INK_S_CLIP) };
  ink_rng_seed(&f->rng, f->seed, 0xba7c4);
  const size_t floats = ink_recurrent_arena_floats(&shape, ink_min_u32(ink_fit_whole(f, INK_S_LENGTH), 16), ink_fit_whole(f, INK_S_BATCH));
  return ink_recurrent_open_tape(f, sizeof(float) * floats + ((size_t)8 << 20));
}

static void release(ink_recurrent_fit *f) {
  void *const blocks[] = { f->batch.input, f->batch.target, f->batch.kind, f->batch.gap, f->batch.goes_on, f->columns, f->column_target,
                           f->cumulative, f->memory, f->state, f->state_before };
  ink_sequences_free(&f->sequences);
  ink_windows_free(&f->windows);
  ink_lanes_free(&f->lanes);
  ink_recurrent_free(&f->net);
  for (uint32_t i = 0; i < INK_NET_MAX_PARAMS; i++) ink_block_free(&f->allocator, f->best[i]);
  for (uint32_t i = 0; i < INK_COUNT_OF(blocks); i++) ink_block_free(&f->allocator, blocks[i]);
}

/* --------------------------------------------------------------------- door */

/* What decides a run: a checkpoint of any other is not gone on from. */
static void make_key(const ink_recurrent_fit *f, const ink_dataset *data, uint8_t key[INK_SHA256_BYTES]) {
  const ink_sequences *s = &f->sequences;
  const uint64_t sizes[4] = { f->seed, data->items.n, s->n, s->starts[s->n] };
  ink_sha256 digest;
  ink_sha256_init(&digest);
  ink_sha256_update(&digest, f->name, f->name[0] == 'l' ? 4 : 3);
  ink_sha256_update(&digest, f->values, INK_N_RECURRENT_SETTINGS * sizeof *f->values);
  ink_sha256_update(&digest, sizes, sizeof sizes);
  ink_sha256_update(&digest, s->starts, (size_t)s->n * sizeof *s->starts);
  ink_sha256_update(&digest, s->held, (size_t)s->n * sizeof *s->held);
  ink_sha256_update(&digest, s->items, (size_t)sizes[3] * sizeof *s->items);
  ink_sha256_update(&digest, s->kinds, (size_t)sizes[3]);
  ink_sha256_update(&digest, s->gaps, (size_t)sizes[3]);
  for (uint32_t i = 0; i < data->items.n; i++) {
    const ink_text id = ink_names_at(&data->items, i);
    ink_sha256_update(&digest, id.bytes, id.n);
    ink_sha256_update(&digest, "", 1);
  }
  ink_sha256_final(&digest, key);
}

static ink_status fit_recurrent(const char *name, const ink_dataset *data, const double *values, uint64_t seed,
                                const ink_train_env *env, ink_trained *out) {
  ink_recurrent_fit f = { .env = env, .values = values, .name = name, .allocator = env->allocator, .seed = seed };
  uint8_t key[INK_SHA256_BYTES];
  ink_status status = prepare(&f, data);
  if (status == INK_OK) {
    make_key(&f, data, key);
    status = ink_recurrent_run(&f, key);
  }
  if (status == INK_OK) status = ink_recurrent_put(&f, out);
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
                                       .settings = settings, .n_settings = INK_N_RECURRENT_SETTINGS, .fit = fit_lstm };
const ink_trainer ink_trainer_gru = { .name = "gru", .about = "the next item from a gated recurrent unit over the last events (GRU4Rec)",
                                      .settings = settings, .n_settings = INK_N_RECURRENT_SETTINGS, .fit = fit_gru };
