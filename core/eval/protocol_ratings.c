/* protocol_ratings.c - predicted against given ratings. See ink_eval_ratings() in protocol.h. */
#include "caps.h"
#include "eval_run.h"
#include "fault.h"
#include "utf8.h"
#include "base.h"

#define NAME(words) ((ink_text){ words, sizeof(words) - 1 })

typedef struct ratings_run {
  ink_eval_run run;               /* first: a pointer to it is a pointer to this */
  double low, high;               /* the scale */
  double mean;                    /* of all ratings in the history */
} ratings_run;

static double clip(double x, double low, double high) { return x < low ? low : x > high ? high : x; }

/* The scale of the pack, else of the history. */
static void find_scale(ratings_run *r) {
  ink_tensor_info scale;
  const ink_dataset *h = r->run.history;
  r->low = (double)h->value_min;
  r->high = (double)h->value_max;
  if (ink_pack_tensor(r->run.pack, NAME("events.rating"), &scale) == INK_OK && scale.dtype == INK_DTYPE_F32 &&
      scale.bytes == 12) {
    r->low = (double)((const float *)scale.data)[0];
    r->high = (double)((const float *)scale.data)[1];
  }
}

/* Mean of events first..end-1, or `otherwise` when there are none. */
static double mean_value(const ink_dataset *d, uint64_t first, uint64_t end, double otherwise) {
  double sum = 0;
  for (uint64_t e = first; e < end; e++) sum += (double)d->value[e];
  return end > first ? sum / (double)(end - first) : otherwise;
}

/* Scores of the person's test items that are in the catalogue, in order. */
static ink_status score_test(const ink_eval_run *run, ink_eval_worker *w, uint32_t user) {
  uint32_t n = 0;
  for (uint64_t e = run->test->user_starts[user]; e < run->test->user_starts[user + 1]; e++) {
    const uint32_t item = run->item_map[run->test->item[e]];
    if (item != INK_NONE) w->rated[n++] = item;
  }
  INK_TRY(ink_eval_fold(run, w, user));
  return ink_eval_score(run, w, user, w->rated, n, w->work.scores);
}

/* Adds up the errors of one person: squares[0] of squares, squares[1] of magnitudes. */
static void sum_errors(const ratings_run *r, const ink_eval_worker *w, uint32_t user, bool scored, double stand_in,
                       ink_eval_counts *counts, double errors[2]) {
  const ink_eval_run *run = &r->run;
  uint32_t n = 0;
  for (uint64_t e = run->test->user_starts[user]; e < run->test->user_starts[user + 1]; e++) {
    const bool known = run->item_map[run->test->item[e]] != INK_NONE;
    const double guess = known && scored ? (double)w->work.scores[n] : stand_in;
    const double error = clip(guess, r->low, r->high) - (double)run->test->value[e];
    n += known;
    counts->n_test_outside += !known;
    errors[0] += error * error;
    errors[1] += error < 0 ? -error : error;
  }
}

static ink_status rate_person(const ink_eval_run *run, ink_eval_worker *w, uint32_t user, ink_eval_shard *shard) {
  const ratings_run *r = (const ratings_run *)run;
  const uint64_t n_pairs = ink_dataset_user_events(run->test, user);
  uint64_t first, end;
  double errors[2] = { 0, 0 };
  const ink_status status = score_test(run, w, user);
  const bool scored = status == INK_OK;
  if (!scored && status != INK_E_NOT_FOUND && status != INK_E_SINGULAR) return status;
  ink_eval_window(run, user, &first, &end);
  sum_errors(r, w, user, scored, mean_value(run->history, first, end, r->mean), &shard->counts, errors);
  shard->counts.n_users++;
  shard->counts.n_test += n_pairs;
  shard->counts.n_without_history += first == end;
  shard->counts.n_without_slate += !scored;
  for (uint32_t m = 0; m < run->options->n_metrics; m++)
    ink_eval_add(run, w, m, errors[run->options->metrics[m].kind == INK_METRIC_MAE], (double)n_pairs, shard);
  return INK_OK;
}

static ink_status check_ratings(const ink_dataset *test, const ink_eval_options *o, ink_fault *fault) {
  if (o->n_metrics == 0 || o->n_metrics > INK_MAX_METRICS)
    return ink_refuse_range(fault, INK_E_SETTING, NAME("number of metrics"), o->n_metrics, 1, INK_MAX_METRICS);
  for (uint32_t m = 0; m < o->n_metrics; m++)
    if (ink_metric_of_ranking(o->metrics[m].kind))
      return ink_refuse_text(fault, INK_E_SETTING, NAME("metric"), ink_text_of(o->metrics[m].name), "rmse and mae");
  return test->has_value ? INK_OK : ink_refuse(fault, INK_E_DATA_COLUMN, NAME("value"), "test data with ratings");
}

ink_status ink_eval_ratings(const ink_pack *pack, const ink_dataset *history, const ink_dataset *test,
                            const ink_eval_options *options, const ink_train_env *env, ink_eval_report *report) {
  ink_eval_options alone = *options;
  if (alone.family == INK_NONE) alone.family = 0;
  ratings_run r = { .run = { .pack = pack, .history = history, .test = test, .options = &alone, .env = env,
                             .person = rate_person } };
  INK_TRY(check_ratings(test, options, env->fault));
  find_scale(&r);
  r.mean = mean_value(history, 0, history->n_events, 0.5 * (r.low + r.high));
  ink_status status = ink_eval_run_open(&r.run);
  if (status == INK_OK) status = ink_eval_run_all(&r.run, report);
  ink_eval_run_close(&r.run);
  return status;
}
