/* test_fit_recurrent.c - training of lstm and gru on people who go round a ring of items: what follows is learnt by every loss and both ways of
 * batching and served by the family that ships; kinds and gaps where only they tell; checkpoints; threads; int8; bad input. */
#include "hosted.h"

#include "checkpoint.h"
#include "fit_recurrent.h"
#include "recurrent.h"
#include "session_lanes.h"
#include "servelib.h"
#include "testlib.h"
#include "utf8.h"

#include "base.h"

enum { RING = 14, PEOPLE = 28, EVENTS = 10 };

static hosted h;
static ink_dataset data;
static ink_trained trained;
static double values[64];

static void read_text(const char *text, uint32_t format) {
  CHECK_EQ(hosted_read_events(&h, &data, text, format), INK_OK);
}

/* Person u begins at item u mod RING and goes on by one. */
static void read_ring(void) {
  char text[8192];
  size_t n = 0;
  for (int u = 0; u < PEOPLE; u++) {
    n += (size_t)snprintf(text + n, sizeof text - n, "u%d", u);
    for (int e = 0; e < EVENTS; e++) n += (size_t)snprintf(text + n, sizeof text - n, " i%d", (u + e) % RING);
    n += (size_t)snprintf(text + n, sizeof text - n, "\n");
  }
  read_text(text, INK_FORMAT_SEQUENCE);
}

static void set(const char *name, double value) {
  bool known = false;
  for (uint32_t i = 0; i < ink_trainer_gru.n_settings; i++)
    if (strcmp(ink_trainer_gru.settings[i].name, name) == 0) values[i] = value, known = true;
  CHECK(known);
}

static void standard(void) {
  for (uint32_t i = 0; i < ink_trainer_gru.n_settings; i++) values[i] = ink_trainer_gru.settings[i].standard;
  set("factors", 12), set("length", 6), set("batch", 8), set("epochs", 30), set("held_back", 6), set("patience", 40);
  set("learning_rate", 0.03), set("warmup", 0), set("negatives", 8), set("dropout_input", 0.1), set("dropout_hidden", 0.1);
  set("score_penalty", 0);
}

static ink_status fit(const ink_trainer *trainer) {
  ink_trained_init(&trained, &h.env.allocator);
  const ink_status status = trainer->fit(&data, values, 1, &h.env, &trained);
  if (status != INK_OK) ink_trained_free(&trained);
  return status;
}

static bool has(const char *name, uint32_t dtype, uint32_t rank, uint32_t rows, uint32_t cols) {
  ink_tensor t;
  return trained_find(&trained, ink_text_of(name), &t) && t.dtype == dtype && t.rank == rank && t.shape[0] == rows && (rank == 1 || t.shape[1] == cols);
}

static double figure(const char *key) {
  for (uint32_t i = 0; i < trained.n_metadata; i++)
    if (ink_text_equal(trained.metadata[i].key, ink_text_of(key))) return atof(trained.metadata[i].value.bytes);
  return -1;
}

static uint32_t item(int k) {
  char id[8];
  snprintf(id, sizeof id, "i%d", k);
  return ink_names_find(&data.items, ink_text_of(id));
}

/* The best item after a history, by the family that ships. */
static uint32_t next(const ink_family *family, const ink_past *events, uint32_t n) {
  static served now;
  float scores[64];
  ink_query q;
  CHECK_EQ(served_bind(&now, family, trained_source(&trained), data.items.n, 16, ink_kernels_best(), &h.fault), INK_OK);
  CHECK_EQ(served_fold(&now, events, n), INK_OK);
  family->query(now.bound.model, now.state, &q);
  uint32_t best = 0;
  for (uint32_t i = 0; i < data.items.n; i++) {
    float row[64];
    ink_rows_widen(ink_kernels_best(), q.rows, i, row);
    scores[i] = q.bias ? q.bias[i] : 0;
    for (uint32_t j = 0; j < q.rows->d; j++) scores[i] += row[j] * q.vector[j];
    if (scores[i] > scores[best]) best = i;
  }
  return best;
}

static void check_ring(const ink_family *family) {
  for (int k = 0; k < RING; k++) {
    const ink_past events[3] = { { .item = item(k), .weight = 1, .kind = INK_NONE }, { .item = item((k + 1) % RING), .weight = 1, .kind = INK_NONE, .time = 1 },
                                 { .item = item((k + 2) % RING), .weight = 1, .kind = INK_NONE, .time = 2 } };
    CHECK_EQ(next(family, events, 3), item((k + 3) % RING));
  }
}

static void close_all(void) {
  ink_trained_free(&trained);
  ink_dataset_free(&data);
  CHECK_EQ(h.memory.live, 0);
}

/* ---------------------------------------------------------------- learning */

TEST(the_ring_is_learnt_by_every_loss_and_served) {
  for (int loss = 0; loss < 5; loss++)
    for (int lstm = 0; lstm < 2; lstm++) {
      hosted_init(&h);
      read_ring();
      standard();
      set("held_back", 0), set("loss", loss), set("batches", loss % 2), set("session_steps", 3), set("tied", loss < 3), set("layers", loss == 4 ? 2 : 1);
      CHECK_EQ(fit(lstm ? &ink_trainer_lstm : &ink_trainer_gru), INK_OK);
      check_ring(lstm ? &ink_family_lstm : &ink_family_gru);
      close_all();
    }
}

/* After a purchase of a or b comes c, after a view comes d; a long pause before it turns this round: only both tell. */
TEST(kinds_and_gaps_go_in) {
  char text[32768];
  size_t n = (size_t)snprintf(text, sizeof text, "user,item,time,kind\n");
  hosted_init(&h);
  for (int u = 0; u < 72; u++) {
    const bool bought = u & 1, late = u & 2;
    const int gap = late ? 90000 : 60;
    n += (size_t)snprintf(text + n, sizeof text - n, "u%d,i%d,1000000,view\nu%d,i%d,%d,%s\nu%d,i%d,%d,view\n", u, u / 4 % 3, u, u / 12 % 3, 1000000 + gap,
                          bought ? "purchase" : "view", u, bought != late ? 5 : 6, 1000000 + gap + 60);
  }
  read_text(text, INK_FORMAT_CSV);
  standard();
  set("kinds", 1), set("gaps", 1), set("epochs", 60), set("tied", 0), set("held_back", 0), set("dropout_input", 0), set("dropout_hidden", 0);
  CHECK_EQ(fit(&ink_trainer_gru), INK_OK);
  CHECK(has("gru.kind.weight", INK_DTYPE_F32, 2, 7, 12));
  CHECK(has("gru.gap.weight", INK_DTYPE_F32, 2, INK_GAP_BUCKETS, 12));
  ink_tensor settings;
  CHECK(trained_find(&trained, ink_text_of("gru.settings"), &settings));
  CHECK_EQ_BITS(((const float *)settings.data)[1], 7.0f);
  CHECK_EQ_BITS(((const float *)settings.data)[2], (float)INK_GAP_BUCKETS);
  for (int k = 0; k < 4; k++) {
    const bool bought = k & 1, late = k & 2;
    const ink_past events[2] = { { .item = item(0), .weight = 1, .kind = 0, .time = 1000000000 },
                                 { .item = item(1), .weight = bought ? 10 : 1, .kind = bought ? 3 : 0, .time = 1000000000 + (late ? 90000000 : 60000) } };
    CHECK_EQ(next(&ink_family_gru, events, 2), item(bought != late ? 5 : 6));
  }
  close_all();
}

TEST(gaps_have_buckets_of_powers_of_two) {
  CHECK_EQ(ink_gap_bucket(INK_NO_TIME, 5, 24), 0);
  CHECK_EQ(ink_gap_bucket(5, INK_NO_TIME, 24), 0);
  CHECK_EQ(ink_gap_bucket(0, 59999, 24), 1);
  CHECK_EQ(ink_gap_bucket(0, 60000, 24), 2);
  CHECK_EQ(ink_gap_bucket(0, 2 * 60000, 24), 3);
  CHECK_EQ(ink_gap_bucket(0, 3 * 60000, 24), 3);
  CHECK_EQ(ink_gap_bucket(0, 4 * 60000, 24), 4);
  CHECK_EQ(ink_gap_bucket(-9000000000000000000, 9000000000000000000, 24), 23);
}

/* Every pair of neighbours is a target once; a row's state is cleared where a sequence begins. */
TEST(session_lanes_meet_every_pair_once) {
  hosted_init(&h);
  read_ring();
  ink_sequences s;
  ink_lanes lanes;
  ink_rng rng;
  uint32_t input[15], target[15], kind[15], gap[15], seen[RING] = { 0 }, targets = 0, begins = 0;
  uint8_t goes_on[15];
  ink_batch b = { .input = input, .target = target, .kind = kind, .gap = gap, .goes_on = goes_on };
  ink_rng_seed(&rng, 1, 1);
  CHECK_EQ(ink_sequences_make(&data, 5, 1, &h.env.allocator, &s), INK_OK);
  CHECK_EQ(ink_lanes_make(&s, 5, 3, &h.env.allocator, &lanes), INK_OK);
  CHECK_EQ(lanes.n_pairs, PEOPLE * (EVENTS - 1) - 5);
  ink_lanes_start(&lanes, &rng);
  while (ink_lanes_batch(&lanes, &s, &b))
    for (uint32_t i = 0; i < b.steps * b.rows; i++) {
      begins += !goes_on[i];
      if (target[i] == INK_NONE) continue;
      targets++;
      seen[input[i]]++;
      CHECK_EQ(target[i], (input[i] + 1) % RING);
      CHECK(gap[i] == (goes_on[i] ? 1u : 0u));
    }
  CHECK_EQ(targets, lanes.n_pairs);
  CHECK_EQ(begins, PEOPLE);
  for (int i = 0; i < RING; i++) CHECK(seen[i] > 10);
  ink_lanes_free(&lanes);
  ink_sequences_free(&s);
  ink_dataset_free(&data);
  CHECK_EQ(h.memory.live, 0);
}

TEST(int8_is_measured) {
  for (int lstm = 0; lstm < 2; lstm++) {
    hosted_init(&h);
    read_ring();
    standard();
    set("precision", 1);
    CHECK_EQ(fit(lstm ? &ink_trainer_lstm : &ink_trainer_gru), INK_OK);
    CHECK(has(lstm ? "lstm.weight_hh_l0" : "gru.weight_hh_l0", INK_DTYPE_I8, 2, lstm ? 48 : 36, 12));
    CHECK(has(lstm ? "lstm.weight_ih_l0.scale" : "gru.weight_ih_l0.scale", INK_DTYPE_F32, 1, lstm ? 48 : 36, 0));
    CHECK(has(lstm ? "lstm.embedding.weight" : "gru.embedding.weight", INK_DTYPE_I8, 2, RING, 12));
    CHECK(figure(lstm ? "lstm.held_back.ndcg@10.int8" : "gru.held_back.ndcg@10.int8") > 0.9);
    check_ring(lstm ? &ink_family_lstm : &ink_family_gru);
    close_all();
  }
}

/* --------------------------------------------------------------- same bytes */

/* Shards in the wrong order, on three workers in turn. */
static void backwards(void *ctx, uint32_t n, void (*body)(void *arg, uint32_t shard, uint32_t worker), void *arg) {
  (void)ctx;
  for (uint32_t i = n; i > 0; i--) body(arg, i - 1, i % 3);
}

/* What is kept: whole, or nothing. `stop_at`: training is asked to stop at this step (0: never). */
typedef struct keeper {
  uint8_t bytes[1 << 16], draft[1 << 16];
  size_t n, n_draft, room;
  uint32_t kept;
  uint64_t stop_at;
} keeper;

static ink_status keep_begin(void *ctx) { return ((keeper *)ctx)->n_draft = 0, INK_OK; }
static ink_status keep_write(void *ctx, const void *bytes, size_t n) {
  keeper *k = ctx;
  if (n > k->room - k->n_draft) return INK_E_STOPPED;      /* the disk is full */
  memcpy(k->draft + k->n_draft, bytes, n);
  k->n_draft += n;
  return INK_OK;
}
static ink_status keep_end(void *ctx, bool keep) {
  keeper *k = ctx;
  if (!keep) return INK_OK;
  memcpy(k->bytes, k->draft, k->n = k->n_draft);
  k->kept++;
  return INK_OK;
}
static bool goes_on_until(void *ctx, const ink_progress *p) {
  const keeper *k = ctx;
  return k->stop_at == 0 || p->done != k->stop_at;
}

static ink_checkpointing door_of(keeper *k, bool again) {
  h.env.progress = goes_on_until;
  h.env.progress_ctx = k;
  return (ink_checkpointing){ .ctx = k, .earlier = again ? k->bytes : NULL, .earlier_bytes = again ? k->n : 0,
                              .begin = keep_begin, .write = keep_write, .end = keep_end };
}

static ink_status fit_with(const ink_trainer *trainer, keeper *k, bool again) {
  const ink_checkpointing door = door_of(k, again);
  h.env.checkpointing = &door;
  const ink_status status = fit(trainer);
  h.env.checkpointing = NULL;
  h.env.progress = NULL;
  return status;
}

static uint64_t digest(void) {
  uint64_t sum = 14695981039346656037u;
  for (uint32_t i = 0; i < trained.n_tensors; i++)
    for (size_t k = 0; k < trained.tensors[i].bytes; k++) sum = (sum ^ ((const uint8_t *)trained.tensors[i].data)[k]) * 1099511628211u;
  return sum;
}

static keeper kept;

static uint64_t whole_run(const ink_trainer *trainer) {
  CHECK_EQ(fit(trainer), INK_OK);
  const uint64_t whole = digest();
  ink_trained_free(&trained);
  return whole;
}

static void small(void) { standard(); set("epochs", 7), set("factors", 6); }

TEST(a_run_that_was_killed_goes_on_to_the_same_bytes) {
  for (int k = 0; k < 4; k++) {
    const ink_trainer *trainer = k % 2 ? &ink_trainer_lstm : &ink_trainer_gru;
    hosted_init(&h);
    read_ring();
    small();
    set("batches", k / 2), set("loss", k / 2 * 2), set("schedule", 2), set("gaps", 1);
    const uint64_t whole = whole_run(trainer);
    memset(&kept, 0, sizeof kept);
    kept.room = sizeof kept.draft;
    kept.stop_at = 11;
    CHECK_EQ(fit_with(trainer, &kept, false), INK_E_STOPPED);
    CHECK(kept.kept >= 1 && kept.kept < 7);
    kept.stop_at = 0;
    kept.room = kept.n + 1;
    CHECK_EQ(fit_with(trainer, &kept, true), INK_OK);
    CHECK(digest() == whole);
    ink_trained_free(&trained);
    CHECK_EQ(fit_with(trainer, &kept, true), INK_OK);      /* a finished run is but packed again */
    CHECK(digest() == whole);
    close_all();
  }
}

TEST(a_full_disk_leaves_the_checkpoint_before) {
  hosted_init(&h);
  read_ring();
  small();
  const uint64_t whole = whole_run(&ink_trainer_gru);
  memset(&kept, 0, sizeof kept);
  kept.room = sizeof kept.draft;
  kept.stop_at = 11;
  CHECK_EQ(fit_with(&ink_trainer_gru, &kept, false), INK_E_STOPPED);
  const uint32_t before = kept.kept;
  kept.stop_at = 0;
  kept.room = kept.n - 1;
  CHECK_EQ(fit_with(&ink_trainer_gru, &kept, true), INK_E_STOPPED);
  CHECK_EQ(kept.kept, before);
  kept.room = sizeof kept.draft;
  CHECK_EQ(fit_with(&ink_trainer_gru, &kept, true), INK_OK);
  CHECK(digest() == whole);
  close_all();
}

static void refused(const char *words) {
  char text[600];
  CHECK_EQ(fit_with(&ink_trainer_gru, &kept, true), INK_E_DATA_FORMAT);
  ink_fault_text(&h.fault, text, sizeof text);
  CHECK(strstr(text, words) != NULL && strstr(text, "remove the file") != NULL);
}

TEST(checkpoints_that_do_not_fit_are_refused_in_words) {
  hosted_init(&h);
  read_ring();
  small();
  memset(&kept, 0, sizeof kept);
  kept.room = sizeof kept.draft;
  CHECK_EQ(fit_with(&ink_trainer_gru, &kept, false), INK_OK);
  ink_trained_free(&trained);
  const size_t n = kept.n;
  kept.bytes[n / 2] ^= 1;
  refused("a damaged checkpoint");
  kept.bytes[n / 2] ^= 1;
  kept.n = n - 7;
  refused("a damaged checkpoint");
  kept.n = 5;
  refused("a file that is no checkpoint");
  kept.n = n;
  kept.bytes[0] = 'J';
  refused("a file that is no checkpoint");
  kept.bytes[0] = 'I';
  kept.bytes[4] = 2;
  refused("a checkpoint of another version");
  kept.bytes[4] = 1;
  set("learning_rate", 0.02);
  refused("a checkpoint of another run");
  small();
  CHECK_EQ(fit_with(&ink_trainer_lstm, &kept, true), INK_E_DATA_FORMAT);
  close_all();
}

TEST(threads_do_not_show) {
  hosted_init(&h);
  read_ring();
  small();
  const uint64_t whole = whole_run(&ink_trainer_lstm);
  h.env.threads = (ink_threads){ NULL, 3, backwards };
  CHECK(whole_run(&ink_trainer_lstm) == whole);
  ink_dataset_free(&data);
}

/* ---------------------------------------------------------------- bad input */

TEST(divergence_says_at_which_step) {
  hosted_init(&h);
  read_ring();
  small();
  set("optimiser", 0), set("learning_rate", 10), set("clip", 0), set("loss", 2), set("score_penalty", 100), set("epochs", 500);
  CHECK_EQ(fit(&ink_trainer_gru), INK_E_DIVERGED);
  CHECK(strcmp(h.fault.unit, "step") == 0 && h.fault.at > 0);
  close_all();
}

TEST(small_worlds_and_empty_ones) {
  hosted_init(&h);
  read_text("a x x x x\nb x x x\n", INK_FORMAT_SEQUENCE);      /* a vocabulary of one item */
  standard();
  set("epochs", 2);
  for (int loss = 0; loss < 5; loss++) {
    set("loss", loss);
    CHECK_EQ(fit(&ink_trainer_lstm), INK_OK);
    CHECK(has("lstm.embedding.weight", INK_DTYPE_F32, 2, 1, 12));
    const ink_past events[1] = { { .item = 0, .weight = 1, .kind = INK_NONE } };
    CHECK_EQ(next(&ink_family_lstm, events, 1), 0);
    ink_trained_free(&trained);
  }
  close_all();
  read_text("a x\nb y\n", INK_FORMAT_SEQUENCE);                /* nobody did two things */
  standard();
  CHECK_EQ(fit(&ink_trainer_gru), INK_E_DATA_EMPTY);
  close_all();
  read_ring();                                                  /* the shortest window, the longest, states of width 1 */
  small();
  set("length", 1), set("hidden", 1);
  CHECK_EQ(fit(&ink_trainer_gru), INK_OK);
  CHECK(has("gru.weight_hh_l0", INK_DTYPE_F32, 2, 3, 1) && has("gru.items.weight", INK_DTYPE_F32, 2, RING, 1));
  ink_trained_free(&trained);
  set("length", 1000);
  CHECK_EQ(fit(&ink_trainer_gru), INK_OK);
  close_all();
}

TEST(memory_that_runs_out_leaves_nothing) {
  hosted_init(&h);
  read_ring();
  small();
  set("epochs", 1), set("batches", 1), set("precision", 1);
  const long live = h.memory.live;
  for (long at = 1;; at++) {
    h.memory.fail_at = at;
    const ink_status status = fit(&ink_trainer_lstm);
    h.memory.fail_at = 0;
    if (status == INK_OK) break;
    CHECK_EQ(status, INK_E_NO_MEMORY);
    CHECK_EQ(h.memory.live, live);
  }
  close_all();
}

TEST_MAIN(T(the_ring_is_learnt_by_every_loss_and_served), T(kinds_and_gaps_go_in), T(gaps_have_buckets_of_powers_of_two),
          T(session_lanes_meet_every_pair_once), T(int8_is_measured), T(a_run_that_was_killed_goes_on_to_the_same_bytes),
          T(a_full_disk_leaves_the_checkpoint_before), T(checkpoints_that_do_not_fit_are_refused_in_words), T(threads_do_not_show),
          T(divergence_says_at_which_step), T(small_worlds_and_empty_ones), T(memory_that_runs_out_leaves_nothing))
