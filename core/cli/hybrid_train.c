/* hybrid_train.c - see hybrid_train.h. The weights are fitted on members that have not seen the held-back part, and serve
 * members that have seen all: a little more data moves their scores a little, not their order of merit. */
#include "hybrid_train.h"

#include <string.h>

#include "catalogue_tensors.h"
#include "memory_pack.h"
#include "settings.h"
#include "split.h"
#include "base.h"

enum { FEEDBACK_AUTO, FEEDBACK_IMPLICIT, FEEDBACK_EXPLICIT };
static const char *const feedback_words[] = { "auto", "implicit", "explicit", NULL };
static const char *const held_words[] = { "random", "last", NULL };
static const char *const candidates_words[] = { "best", "random", NULL };
static const char *const buckets_words[] = { "no", "yes", NULL };

enum { S_FEEDBACK, S_HELD, S_FRACTION, S_PEOPLE, S_BUCKETS, S_CANDIDATES, N_SETTINGS };
static const ink_setting settings[N_SETTINGS] = {
  [S_FEEDBACK] = { "feedback", "implicit: rank what people choose; explicit: predict ratings; auto: explicit where the values differ", FEEDBACK_AUTO, 0, 2,
                   true, feedback_words },
  [S_HELD] = { "held", "which of each person's items the weights are fitted on", 0, 0, 1, true, held_words },
  [S_FRACTION] = { "fraction", "how many of them; 0 = a fifth (implicit), a tenth (explicit)", 0, 0, 0.9, false, NULL },
  [S_PEOPLE] = { "people", "how many people are asked, at most", 10000, 1, 1e9, true, NULL },
  [S_BUCKETS] = { "by_history", "weights of their own for histories from 3, 10, 30 and 100 events on", 1, 0, 1, true, buckets_words },
  [S_CANDIDATES] = { "candidates", "what held-back items are ranked among: the best of each member, as on a slate; or random ones, as in evaluations with "
                                   "sampled candidates", 0, 0, 1, true, candidates_words },
};
const ink_trainer cli_trainer_hybrid = {
  .name = "hybrid", .about = "a blend of families (--members) with weights fitted on events that were held back", .settings = settings,
  .n_settings = N_SETTINGS
};

/* -------------------------------------------------------------------- words */

bool cli_is_hybrid(const ink_trainer *trainer) { return strcmp(trainer->name, cli_trainer_hybrid.name) == 0; }

int cli_any_trainer(cli *c, const char *word, const ink_trainer **out) {
  if (strcmp(word, cli_trainer_hybrid.name) == 0) return cli_members_join(c, &cli_trainer_hybrid, out);
  if (cli_args_text(&c->args, cli_args_index(&c->args, "members")) != NULL) return cli_bad_words(c, "--members is for a blend, the family hybrid");
  *out = cli_trainer(c, word);
  return *out == NULL ? CLI_WORDS : CLI_DONE;
}

static int read_metric(cli *c, ink_metric *metric) {
  const char *words = cli_args_text(&c->args, cli_args_index(&c->args, "metric"));
  ink_metric found[INK_MAX_METRICS];
  uint32_t n;
  if (words == NULL) words = "ndcg@20";
  const bool read = ink_metrics_parse(cli_text(words), found, &n, &c->fault) == INK_OK;
  if (!read || n != 1 || !ink_metric_of_ranking(found[0].kind) || ink_metric_of_slate(found[0].kind) ||
      (found[0].k > INK_BLEND_TOP && found[0].k != INK_METRIC_ALL))
    return cli_bad_words(c, "--metric %s: one metric of a ranking up to place %u, such as ndcg@20, recall@20 or hit@10", words, INK_BLEND_TOP);
  *metric = found[0];
  return CLI_DONE;
}

int cli_hybrid_read(cli *c, double *values, uint64_t seed, const ink_dataset *kept, cli_hybrid *h) {
  static const uint32_t buckets[] = { 0, 3, 10, 30, 100 };
  const char *list = cli_args_text(&c->args, cli_args_index(&c->args, "members"));
  const bool rated = kept->value_max > kept->value_min;
  int code = cli_members_read(c, list, &h->members);
  h->options.is_explicit = (int)values[S_FEEDBACK] == FEEDBACK_AUTO ? rated : (int)values[S_FEEDBACK] == FEEDBACK_EXPLICIT;
  if (code == CLI_DONE && !h->options.is_explicit) code = read_metric(c, &h->options.metric);
  if (code != CLI_DONE) return code;
  if (h->options.is_explicit && !rated) return cli_bad_words(c, "--set feedback=explicit: the data has no ratings that differ");
  cli_members_share(&h->members, values, N_SETTINGS);
  h->fraction = values[S_FRACTION] > 0 ? values[S_FRACTION] : h->options.is_explicit ? 0.1 : 0.2;
  h->by_time = values[S_HELD] > 0;
  h->options.drawn_only = values[S_CANDIDATES] > 0;
  h->options.n_people = (uint32_t)(values[S_PEOPLE] < 4e9 ? values[S_PEOPLE] : 4e9);
  h->options.seed = seed;
  h->options.n_buckets = values[S_BUCKETS] > 0 ? (uint32_t)(sizeof buckets / sizeof *buckets) : 1;
  memcpy(h->options.buckets, buckets, sizeof buckets);
  h->options.n_members = h->members.n;
  for (uint32_t m = 0; m < h->members.n; m++) {
    h->options.members[m] = cli_family_of(h->members.all[m].trainer);
    cli_member_word(&h->members.all[m], "feedback", h->options.is_explicit ? "explicit" : "implicit");
  }
  return CLI_DONE;
}

/* ---------------------------------------------------------------------- fit */

/* Each person's last items in time instead of items drawn by lot: as many of them. */
static void last_parts(const ink_dataset *d, double fraction, uint8_t *parts) {
  for (uint32_t u = 0; u < d->users.n; u++) {
    const uint64_t n = ink_dataset_user_events(d, u);
    uint64_t held = (uint64_t)(fraction * (double)n + 0.5);
    if (held >= n && n > 0) held = n - 1;
    for (uint64_t i = 0; i < n; i++) parts[d->user_starts[u] + i] = i >= n - held ? INK_PART_TEST : INK_PART_TRAIN;
  }
}

ink_status cli_hybrid_cut(const cli_hybrid *h, const ink_dataset *data, const ink_dataset *kept, const ink_train_env *env,
                          ink_dataset *part, ink_dataset *held) {
  const ink_split_rule rule = { .how = INK_SPLIT_PAIRS, .fraction = h->fraction, .seed = h->options.seed };
  uint8_t *parts = env->allocator.resize(env->allocator.ctx, NULL, (size_t)kept->n_events + 1);
  if (parts == NULL) return INK_E_NO_MEMORY;
  ink_status status = INK_OK;
  if (h->by_time) last_parts(kept, h->fraction, parts);
  else status = ink_split_parts(kept, &rule, env, parts);
  if (status == INK_OK) status = ink_dataset_part(kept, parts, 1u << INK_PART_TRAIN, env, part);
  if (status == INK_OK) status = ink_dataset_part(kept, parts, 1u << INK_PART_TEST, env, held);
  part->columns = data->columns;
  (void)env->allocator.resize(env->allocator.ctx, parts, 0);
  return status;
}

static ink_status fit_weights(cli_hybrid *h, const ink_dataset *data, const ink_dataset *kept, const ink_train_env *env) {
  ink_dataset part, held;
  ink_trained trained;
  ink_memory_pack pack = { .allocator = env->allocator };
  ink_trained_init(&trained, &env->allocator);
  ink_status status = cli_hybrid_cut(h, data, kept, env, &part, &held);
  if (status == INK_OK) status = cli_members_fit(&h->members, h->options.seed, &part, env, &trained);
  if (status == INK_OK) status = ink_catalogue_tensors(data, env, &trained);
  if (status == INK_OK) status = ink_memory_pack_open(&pack, &trained, env);
  ink_trained_free(&trained);
  if (status == INK_OK) status = ink_blend_fit(pack.pack, &part, &held, &h->options, env, &h->blend);
  ink_memory_pack_close(&pack);
  return status;
}

/* Members with weight to the front; the constant follows the last of them. Where none has any (ratings that no member
 * explains) all stay. */
static void leave_out_silent(cli_hybrid *h) {
  const cli_hybrid old = *h;
  const uint32_t n_all = old.members.n;
  uint32_t n = 0, n_left_out = 0;
  for (uint32_t m = 0; m < n_all; m++) n += ink_blend_speaks(&old.blend, &old.options, m);
  if (n == 0) return;
  h->members.n = h->options.n_members = 0;
  for (uint32_t m = 0; m < n_all; m++) {
    const bool speaks = ink_blend_speaks(&old.blend, &old.options, m);
    const uint32_t to = speaks ? h->members.n++ : n + n_left_out++;
    h->members.all[to] = old.members.all[m];
    h->options.members[to] = old.options.members[m];
    h->blend.alone[to] = old.blend.alone[m];
    for (uint32_t b = 0; b < old.options.n_buckets; b++) h->blend.weights[b][to] = old.blend.weights[b][m];
  }
  for (uint32_t b = 0; b < old.options.n_buckets; b++) h->blend.weights[b][n] = old.blend.weights[b][n_all];
  h->options.n_members = n;
  h->n_left_out = n_left_out;
}

static ink_status add_metadata(const cli_hybrid *h, const char *names, ink_trained *out) {
  char key[64];
  INK_TRY(ink_trained_meta(out, "hybrid.members", names));
  INK_TRY(ink_trained_meta(out, "hybrid.feedback", feedback_words[h->options.is_explicit ? FEEDBACK_EXPLICIT : FEEDBACK_IMPLICIT]));
  INK_TRY(ink_trained_meta(out, "hybrid.fitted_for", h->options.is_explicit ? "rmse" : h->options.metric.name));
  INK_TRY(ink_trained_meta_number(out, "hybrid.fit.blend", (float)h->blend.blended));
  for (uint32_t m = 0; m < h->members.n; m++) {
    (void)snprintf(key, sizeof key, "hybrid.fit.%s", h->options.members[m]);
    INK_TRY(ink_trained_meta_number(out, key, (float)h->blend.alone[m]));
  }
  return INK_OK;
}

static void join_names(const cli_hybrid *h, char *out, size_t cap) {
  size_t n = 0;
  out[0] = '\0';
  for (uint32_t m = 0; m < h->members.n && n < cap; m++) {
    const int wrote = snprintf(out + n, cap - n, "%s%s", m == 0 ? "" : ",", h->options.members[m]);
    n += wrote > 0 ? (size_t)wrote : 0;
  }
}

ink_status cli_hybrid_tensors(const cli_hybrid *h, ink_trained *out) {
  const uint32_t n = h->members.n, n_buckets = h->options.n_buckets, one = 1, shape[] = { n_buckets, n + 1 };
  char names[256];
  void *data;
  join_names(h, names, sizeof names);
  const uint32_t bytes = (uint32_t)strlen(names);
  INK_TRY(ink_trained_tensor(out, "hybrid.members", INK_DTYPE_U8, 1, &bytes, &data));
  memcpy(data, names, bytes);
  INK_TRY(ink_trained_tensor(out, "hybrid.buckets", INK_DTYPE_U32, 1, &n_buckets, &data));
  memcpy(data, h->options.buckets, n_buckets * sizeof(uint32_t));
  INK_TRY(ink_trained_tensor(out, "hybrid.settings", INK_DTYPE_F32, 1, &one, &data));
  *(float *)data = h->options.is_explicit ? 0.0f : 1.0f;
  INK_TRY(ink_trained_tensor(out, "hybrid.weights", INK_DTYPE_F32, 2, shape, &data));
  for (uint32_t b = 0; b < n_buckets; b++) {
    for (uint32_t i = 0; i <= n; i++) ((float *)data)[b * (n + 1) + i] = (float)h->blend.weights[b][i];
  }
  return add_metadata(h, names, out);
}

ink_status cli_hybrid_fit(cli_hybrid *h, const ink_dataset *data, const ink_dataset *kept, const ink_train_env *env, ink_trained *out) {
  ink_status status = fit_weights(h, data, kept, env);
  if (status == INK_OK) leave_out_silent(h);
  if (status == INK_OK) status = cli_members_fit(&h->members, h->options.seed, kept, env, out);
  return status == INK_OK ? cli_hybrid_tensors(h, out) : status;
}

/* ------------------------------------------------------------------- report */

/* The member at place m, one of those left out included. */
static const char *member_name(const cli_hybrid *h, uint32_t m) { return h->members.all[m].trainer->name; }

void cli_hybrid_models(const cli_hybrid *h, char *out, size_t cap) {
  char names[256];
  bool popular = false;
  join_names(h, names, sizeof names);
  for (uint32_t m = 0; m < h->members.n; m++) popular = popular || strcmp(h->options.members[m], "popular") == 0;
  (void)snprintf(out, cap, "hybrid,%s%s", names, popular ? "" : ",popular");
}

static const char *figure_name(const cli_hybrid *h) { return h->options.is_explicit ? "rmse" : h->options.metric.name; }

void cli_print_hybrid(const cli_hybrid *h, FILE *out) {
  fprintf(out, "\nWeights by length of history, fitted on held-back events (%s %s whom the weights were not fitted on)\n\n  events from    ",
          figure_name(h), h->options.is_explicit ? "of people" : "among the candidates of people");
  for (uint32_t b = 0; b < h->options.n_buckets; b++) fprintf(out, "%8u", h->options.buckets[b]);
  fprintf(out, "%10s\n  people         ", figure_name(h));
  for (uint32_t b = 0; b < h->options.n_buckets; b++) fprintf(out, "%8u", h->blend.n_samples[b]);
  fprintf(out, "\n");
  for (uint32_t m = 0; m <= h->members.n; m++) {
    const bool last = m == h->members.n;
    if (last && !h->options.is_explicit) break;
    fprintf(out, "  %-15s", last ? "constant" : member_name(h, m));
    for (uint32_t b = 0; b < h->options.n_buckets; b++) fprintf(out, "%8.3f", h->blend.weights[b][m]);
    if (!last) fprintf(out, "%10.4f", h->blend.alone[m]);
    fprintf(out, "\n");
  }
  for (uint32_t m = h->members.n; m < h->members.n + h->n_left_out; m++)
    fprintf(out, "  %-15s%*s%10.4f\n", member_name(h, m), (int)(8 * h->options.n_buckets), "left out", h->blend.alone[m]);
  fprintf(out, "  %-15s%*s%10.4f\n\n", "blend", (int)(8 * h->options.n_buckets), "", h->blend.blended);
  if (!h->blend.is_blend) fprintf(out, "No blend was better than %s alone: it has all the weight\n\n", member_name(h, 0));
}

void cli_put_hybrid(ink_json_out *out, const cli_hybrid *h) {
  ink_json_object(out, "blend");
  ink_json_string(out, "metric", figure_name(h));
  ink_json_double(out, "value", h->blend.blended);
  ink_json_bool(out, "is_blend", h->blend.is_blend);
  ink_json_array(out, "buckets");
  for (uint32_t b = 0; b < h->options.n_buckets; b++) {
    ink_json_object(out, NULL);
    ink_json_count(out, "events", h->options.buckets[b]);
    ink_json_count(out, "people", h->blend.n_samples[b]);
    if (h->options.is_explicit) ink_json_double(out, "constant", h->blend.weights[b][h->members.n]);
    ink_json_object_end(out);
  }
  ink_json_array_end(out);
  ink_json_array(out, "members");
  for (uint32_t m = 0; m < h->members.n; m++) {
    ink_json_object(out, NULL);
    ink_json_string(out, "family", member_name(h, m));
    ink_json_double(out, "value", h->blend.alone[m]);
    ink_json_array(out, "weights");
    for (uint32_t b = 0; b < h->options.n_buckets; b++) ink_json_double(out, NULL, h->blend.weights[b][m]);
    ink_json_array_end(out);
    ink_json_object(out, "settings");
    cli_put_settings(out, h->members.all[m].trainer, h->members.all[m].values);
    ink_json_object_end(out);
    ink_json_object_end(out);
  }
  ink_json_array_end(out);
  ink_json_array(out, "left_out");
  for (uint32_t m = h->members.n; m < h->members.n + h->n_left_out; m++) {
    ink_json_object(out, NULL);
    ink_json_string(out, "family", member_name(h, m));
    ink_json_double(out, "value", h->blend.alone[m]);
    ink_json_object_end(out);
  }
  ink_json_array_end(out);
  ink_json_object_end(out);
}
