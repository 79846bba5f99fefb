/* recurrent_run.c - the epochs of a run: steps, the held-back figure after each, the best parameters, a checkpoint.
 *
 * A checkpoint is written after each epoch; between epochs a run is its parameters with their moments, its generators and a few
 * counts, because every epoch makes its order anew. So a run that goes on from one computes what the unbroken run would have.
 * Divergence (a norm of gradients that is not finite) ends training with INK_E_DIVERGED and the step; the last checkpoint
 * stays. */
#include "recurrent_fit.h"

#include "checkpoint.h"
#include "fault.h"
#include "utf8.h"
#include "base.h"

/* -------------------------------------------------------------- checkpoints */

static size_t bytes_of(const ink_param *p) { return (size_t)p->rows * p->cols * sizeof(float); }

static void put_rng(ink_checkpoint_writer *w, const ink_rng *rng) {
  const uint64_t spare = rng->has_spare;
  ink_checkpoint_put(w, rng->s, sizeof rng->s);
  ink_checkpoint_put(w, &rng->spare, sizeof rng->spare);
  ink_checkpoint_put(w, &spare, sizeof spare);
}

static void get_rng(ink_checkpoint_reader *r, ink_rng *rng) {
  uint64_t spare = 0;
  ink_checkpoint_get(r, rng->s, sizeof rng->s);
  ink_checkpoint_get(r, &rng->spare, sizeof rng->spare);
  ink_checkpoint_get(r, &spare, sizeof spare);
  rng->has_spare = spare != 0;
}

static ink_status keep(const ink_recurrent_fit *f, const uint8_t key[INK_SHA256_BYTES]) {
  ink_checkpoint_writer w;
  if (!f->env->checkpointing) return INK_OK;
  ink_checkpoint_begin(&w, f->env->checkpointing, key);
  const uint64_t counts[4] = { f->at.steps_done, f->at.epoch, f->at.since, f->optimiser.step };
  const double figures[3] = { f->at.best_metric, f->at.metric, f->at.last_loss };
  ink_checkpoint_put(&w, counts, sizeof counts);
  ink_checkpoint_put(&w, figures, sizeof figures);
  put_rng(&w, &f->rng);
  put_rng(&w, &f->tape.rng);
  for (uint32_t p = 0; p < f->net.n_params; p++) {
    const ink_param *param = f->params[p];
    ink_checkpoint_put(&w, param->value, bytes_of(param));
    ink_checkpoint_put(&w, param->moment1, bytes_of(param));
    if (param->moment2) ink_checkpoint_put(&w, param->moment2, bytes_of(param));
    ink_checkpoint_put(&w, f->best[p], bytes_of(param));
  }
  return ink_checkpoint_end(&w);
}

static ink_status go_on(ink_recurrent_fit *f, const uint8_t key[INK_SHA256_BYTES]) {
  ink_checkpoint_reader r;
  uint64_t counts[4] = { 0 };
  double figures[3] = { 0 };
  if (!f->env->checkpointing || !f->env->checkpointing->earlier) return INK_OK;
  INK_TRY(ink_checkpoint_open(&r, f->env->checkpointing, key, f->env->fault));
  ink_checkpoint_get(&r, counts, sizeof counts);
  ink_checkpoint_get(&r, figures, sizeof figures);
  get_rng(&r, &f->rng);
  get_rng(&r, &f->tape.rng);
  for (uint32_t p = 0; p < f->net.n_params; p++) {
    ink_param *param = f->params[p];
    ink_checkpoint_get(&r, param->value, bytes_of(param));
    ink_checkpoint_get(&r, param->moment1, bytes_of(param));
    if (param->moment2) ink_checkpoint_get(&r, param->moment2, bytes_of(param));
    ink_checkpoint_get(&r, f->best[p], bytes_of(param));
  }
  INK_TRY(ink_checkpoint_close(&r, f->env->fault));
  f->at = (struct ink_run_state){ counts[0], (uint32_t)counts[1], (uint32_t)counts[2], figures[0], figures[1], figures[2] };
  f->optimiser.step = counts[3];
  return INK_OK;
}

/* ------------------------------------------------------------------- epochs */

static ink_status diverged(const ink_recurrent_fit *f) {
  const ink_status status = ink_refuse(f->env->fault, INK_E_DIVERGED, ink_text_of(f->name), "a smaller learning_rate, or clip");
  return ink_refuse_at(f->env->fault, status, "step", f->at.steps_done);
}

static bool tell(const ink_recurrent_fit *f, uint64_t total) {
  const ink_progress p = { .stage = f->name, .done = f->at.steps_done, .total = total, .loss = f->at.last_loss, .metric = f->at.metric };
  return !f->env->progress || f->env->progress(f->env->progress_ctx, &p);
}

static bool by_sessions(const ink_recurrent_fit *f) { return ink_fit_whole(f, INK_S_BATCHES) == INK_BATCH_SESSIONS; }

/* Batches of an epoch; of session lanes about so many, since rows end at different times. */
static uint64_t batches(const ink_recurrent_fit *f) {
  if (!by_sessions(f)) return f->windows.n_batches;
  const uint64_t a_batch = (uint64_t)f->lanes.n * f->lanes.steps;
  return (f->lanes.n_pairs + a_batch - 1) / a_batch;
}

static bool next_batch(ink_recurrent_fit *f, uint32_t i) {
  if (by_sessions(f)) return ink_lanes_batch(&f->lanes, &f->sequences, &f->batch);
  if (i == f->windows.n_batches) return false;
  ink_windows_batch(&f->windows, &f->sequences, i, &f->batch);
  return true;
}

static void start_epoch(ink_recurrent_fit *f) {
  const size_t n = f->state ? ink_recurrent_state_floats(&f->net.shape, f->lanes.n) : 0;
  if (by_sessions(f)) ink_lanes_start(&f->lanes, &f->rng);
  else ink_windows_shuffle(&f->windows, &f->rng);
  for (size_t i = 0; i < n; i++) f->state[i] = 0.0f;
}

static ink_status run_epoch(ink_recurrent_fit *f, uint64_t total) {
  double mean = 0.0;
  start_epoch(f);
  for (uint32_t i = 0; next_batch(f, i); i++) {
    double loss;
    bool is_diverged;
    INK_TRY(ink_recurrent_learn(f, &loss));
    f->optimiser.rate = ink_schedule(ink_fit_whole(f, INK_S_SCHEDULE), ink_fit_value(f, INK_S_RATE), f->at.steps_done, ink_fit_whole(f, INK_S_WARMUP), total);
    ink_optimise(&f->optimiser, f->params, f->net.n_params, &f->env->threads, &is_diverged);
    f->at.steps_done++;
    if (is_diverged) return diverged(f);
    mean += (loss - mean) / (i + 1);
    f->at.last_loss = mean;
    if (!tell(f, total)) return INK_E_STOPPED;
  }
  return INK_OK;
}

static void keep_best(ink_recurrent_fit *f) {
  for (uint32_t p = 0; p < f->net.n_params; p++)
    for (size_t i = 0; i < (size_t)f->params[p]->rows * f->params[p]->cols; i++) f->best[p][i] = f->params[p]->value[i];
}

ink_status ink_recurrent_run(ink_recurrent_fit *f, const uint8_t key[INK_SHA256_BYTES]) {
  const uint64_t total = ink_fit_whole(f, INK_S_EPOCHS) * batches(f);
  f->at = (struct ink_run_state){ .best_metric = -1.0 };
  INK_TRY(go_on(f, key));
  while (f->at.epoch < ink_fit_whole(f, INK_S_EPOCHS) && f->at.since < ink_fit_whole(f, INK_S_PATIENCE)) {
    INK_TRY(run_epoch(f, total));
    INK_TRY(ink_recurrent_validate(f, &f->at.metric));
    f->at.since = f->at.metric > f->at.best_metric ? 0 : f->at.since + 1;
    if (f->at.since == 0 || f->sequences.n_held == 0) {
      f->at.best_metric = f->at.metric;
      f->at.since = 0;
      keep_best(f);
    }
    f->at.epoch++;
    INK_TRY(keep(f, key));
  }
  return INK_OK;
}
