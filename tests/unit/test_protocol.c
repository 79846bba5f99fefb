/* test_protocol.c - evaluation through the engine: hand-computed examples, brute force, threads, and the published
 * popularity baseline of MovieLens 1M with listed negatives. */
#define _POSIX_C_SOURCE 200809L
#include "catalogue_tensors.h"
#include "fit_popular.h"
#include "packed.h"
#include "protocol.h"
#include "split.h"
#include "testlib.h"

/* ------------------------------------------------------------------ support */

static void read_text(hosted *h, ink_dataset *d, const char *text, const ink_dataset *from) {
  hosted_text t = { text, strlen(text), 0, 4096 };
  ink_dataset_init(d, &h->env.allocator);
  CHECK_EQ(ink_dataset_read(d, &(ink_source){ &t, hosted_text_read, "events.csv", 0 }, &(ink_read_options){ 0 }, from, &h->env), INK_OK);
}

/* A pack of the items of `d` with these popularity scores. */
static void pack_popular(hosted *h, const ink_dataset *d, const float *scores, ink_trained *t, packed *p) {
  void *data;
  ink_trained_init(t, &h->env.allocator);
  CHECK_EQ(ink_catalogue_tensors(d, &h->env, t), INK_OK);
  CHECK_EQ(ink_trained_tensor(t, "popular.scores", INK_DTYPE_F32, 1, &d->items.n, &data), INK_OK);
  memcpy(data, scores, d->items.n * sizeof *scores);
  CHECK_EQ(ink_trained_meta(t, "models", "popular"), INK_OK);
  CHECK_EQ(packed_open(p, t), INK_OK);
}

typedef struct asked {
  ink_metric metrics[INK_MAX_METRICS];
  ink_eval_options options;
} asked;

static void ask(asked *a, const char *metrics) {
  memset(a, 0, sizeof *a);
  a->options.metrics = a->metrics;
  a->options.family = INK_NONE;
  a->options.now = INK_NO_TIME;
  CHECK_EQ(ink_metrics_parse((ink_text){ metrics, (uint32_t)strlen(metrics) }, a->metrics, &a->options.n_metrics, NULL), INK_OK);
}

static void start(hosted *h) {
  hosted_init(h);
  h->env.kernels = ink_kernels_best();
}

/* ------------------------------------------------------------- hand-computed */

static const char CATALOGUE[] = "user,item\nx,a\nx,b\nx,c\nx,d\nx,e\nx,f\n";
static const float SCORES[] = { 6, 5, 5, 3, 2, 1 };      /* a b c d e f */

TEST(ranking_by_hand) {
  hosted h;
  ink_dataset catalogue, history, test;
  ink_trained t;
  packed p;
  asked a;
  ink_eval_report r;
  start(&h);
  read_text(&h, &catalogue, CATALOGUE, NULL);
  pack_popular(&h, &catalogue, SCORES, &t, &p);
  /* The history names items in another order than the pack, and one that it does not know. */
  read_text(&h, &history, "user,item,kind\nu1,f,view\nu1,a,view\nu3,zz,view\nu5,b,view\nu6,a,hide\n", NULL);
  read_text(&h, &test, "user,item\nu1,b\nu1,e\nu1,b\nu2,a\nu3,f\nu4,yy\nu5,b\nu6,b\n", &history);
  ask(&a, "recall@2,precision@2,hit@1,mrr,ndcg@2,auc,coverage@2");
  CHECK_EQ(ink_eval_ranking(p.pack, &history, &test, NULL, &a.options, &h.env, &r), INK_OK);
  /* u1: candidates b=c > d > e (f and a seen); b stands at 1.5, e at 4.        u2: a at 1 of 6.
   * u3: nothing known, f at 6 of 6.      u4: no test item in the catalogue.    u5: the test item was seen.
   * u6: a hidden; b=c at 1.5 of 5. A place of 1.5 is within 1. */
  CHECK_EQ(r.counts.n_users, 6);
  CHECK_EQ(r.counts.n_without_test, 2);
  CHECK_EQ(r.counts.n_without_history, 4);                 /* u2, u3, u4, and u6 who only hid something */
  CHECK_EQ(r.counts.n_test, 7);
  CHECK_EQ(r.counts.n_test_outside, 1);
  CHECK_EQ(r.counts.n_test_seen, 1);
  CHECK_EQ(r.counts.n_without_slate, 0);
  CHECK_NEAR(r.values[0].value, (0.5 + 1 + 0 + 1) / 6, 1e-15);
  CHECK_NEAR(r.values[1].value, (0.5 + 0.5 + 0 + 0.5) / 6, 1e-15);
  CHECK_NEAR(r.values[2].value, (1 + 1 + 0 + 1) / 6.0, 1e-15);
  CHECK_NEAR(r.values[3].value, (1 / 1.5 + 1 + 1 / 6.0 + 1 / 1.5) / 6, 1e-15);
  CHECK_NEAR(r.values[4].value, (1 / log2(2.5) / (1 + 1 / log2(3)) + 1 + 0 + 1 / log2(2.5)) / 6, 1e-14);
  /* u1: b beats d and half of c, e beats nothing: 1.5 of 4.  u2: 1.  u3: 0.  u6: b beats d e f and half of c: 3.5 of 4 */
  CHECK_NEAR(r.values[5].value, (1.5 / 4 + 1 + 0 + 3.5 / 4) / 6, 1e-15);
  /* first two in serving order: u1 b c, u2 a b, u3 a b, u4 a b, u5 a c, u6 b c */
  CHECK_NEAR(r.values[6].value, 3 / 6.0, 1e-15);
  CHECK(isnan(r.values[6].low) && r.values[0].low < r.values[0].value);

  /* Seen items may come back: u5's b is a candidate, hidden a is none for u6. */
  a.options.with_seen = true;
  CHECK_EQ(ink_eval_ranking(p.pack, &history, &test, NULL, &a.options, &h.env, &r), INK_OK);
  CHECK_EQ(r.counts.n_users, 6);
  CHECK_EQ(r.counts.n_test_seen, 0);
  /* u1: b=c behind a: 2.5; e: 5.  u2 1, u3 6, u5 2.5, u6 1.5 */
  CHECK_NEAR(r.values[3].value, (1 / 2.5 + 1 + 1 / 6.0 + 1 / 2.5 + 1 / 1.5) / 6, 1e-15);
  packed_close(&p);
  ink_trained_free(&t);
  ink_dataset_free(&catalogue);
  ink_dataset_free(&history);
  ink_dataset_free(&test);
  CHECK_EQ(h.memory.live, 0);
}

TEST(candidates_by_hand) {
  hosted h;
  ink_dataset catalogue, history, test, lists;
  ink_trained t;
  packed p;
  asked a;
  ink_eval_report r;
  start(&h);
  read_text(&h, &catalogue, CATALOGUE, NULL);
  pack_popular(&h, &catalogue, SCORES, &t, &p);
  read_text(&h, &history, "u1 a f\nu2 d e\n", NULL);
  read_text(&h, &test, "u1 d\nu2 e\nu3 c\n", &history);
  /* u1: the test item again, a seen one, one twice, an unknown one; u2: no list; u3: b ties with c */
  read_text(&h, &lists, "(u1,d)\ta\te\te\tqq\nu3 b f\n", &test);
  ask(&a, "mrr,auc,hit@1");
  CHECK_EQ(ink_eval_ranking(p.pack, &history, &test, &lists, &a.options, &h.env, &r), INK_OK);
  CHECK_EQ(r.counts.n_users, 3);
  CHECK_EQ(r.counts.n_test_seen, 0);                       /* lists are ranked as given */
  CHECK_EQ(r.counts.n_candidates_outside, 1);
  /* u1: a > d > e: 2.  u2: e alone: 1.  u3: b=c > f: 1.5 */
  CHECK_NEAR(r.values[0].value, (0.5 + 1 + 1 / 1.5) / 3, 1e-15);
  CHECK_NEAR(r.values[1].value, (0.5 + 0.5 + 1.5 / 2) / 3, 1e-15);
  CHECK_NEAR(r.values[2].value, 2 / 3.0, 1e-15);
  ask(&a, "coverage@2");
  CHECK_EQ(ink_eval_ranking(p.pack, &history, &test, &lists, &a.options, &h.env, &r), INK_E_SETTING);
  ask(&a, "rmse");
  CHECK_EQ(ink_eval_ranking(p.pack, &history, &test, NULL, &a.options, &h.env, &r), INK_E_SETTING);
  packed_close(&p);
  ink_trained_free(&t);
  ink_dataset_free(&catalogue);
  ink_dataset_free(&history);
  ink_dataset_free(&test);
  ink_dataset_free(&lists);
  CHECK_EQ(h.memory.live, 0);
}

/* An explicit factor model of vectors of zeros: mean 3, biases of items, and the person's bias is the shrunken mean
 * of what is left: b_u = sum(r - 3 - b_i) / (n + 2). */
static void pack_biases(hosted *h, const ink_dataset *d, ink_trained *t, packed *p) {
  static const float BIAS[] = { 1, 0, -1, 0.5f };
  static const float SETTINGS[12] = { [0] = 1, [6] = 1, [8] = 2, [9] = 3, [10] = 1, [11] = 5 };
  const uint32_t shape[2] = { d->items.n, 1 }, twelve = 12;
  void *data;
  ink_trained_init(t, &h->env.allocator);
  CHECK_EQ(ink_catalogue_tensors(d, &h->env, t), INK_OK);
  CHECK_EQ(ink_trained_tensor(t, "als.items", INK_DTYPE_F32, 2, shape, &data), INK_OK);
  CHECK_EQ(ink_trained_tensor(t, "als.bias", INK_DTYPE_F32, 1, shape, &data), INK_OK);
  memcpy(data, BIAS, sizeof BIAS);
  CHECK_EQ(ink_trained_tensor(t, "als.settings", INK_DTYPE_F32, 1, &twelve, &data), INK_OK);
  memcpy(data, SETTINGS, sizeof SETTINGS);
  CHECK_EQ(ink_trained_tensor(t, "popular.scores", INK_DTYPE_F32, 1, shape, &data), INK_OK);
  CHECK_EQ(ink_trained_meta(t, "models", "als,popular"), INK_OK);
  CHECK_EQ(packed_open(p, t), INK_OK);
}

TEST(ratings_by_hand) {
  hosted h;
  ink_dataset history, test;
  ink_trained t;
  packed p;
  asked a;
  ink_eval_report r;
  start(&h);
  read_text(&h, &history, "user,item,rating\nu1,a,5\nu1,b,5\nu2,c,1\nu2,d,1\n", NULL);
  pack_biases(&h, &history, &t, &p);
  read_text(&h, &test, "user,item,rating\nu1,d,4\nu1,c,2\nu2,zz,3\nu2,a,5\nu3,a,2\nu1,a,1\n", &history);
  ask(&a, "rmse,mae");
  CHECK_EQ(ink_eval_ratings(p.pack, &history, &test, &a.options, &h.env, &r), INK_OK);
  /* u1: b_u = (1 + 2)/4 = .75: d 4.25, c 2.75, a 4.75.  u2: b_u = (-1 - 2.5)/4 = -.875: a 3.125; zz is unknown: his mean, 1.
   * u3: no history: popularity would be no rating, so the mean of all, 3. */
  const double e[] = { 0.25, 0.75, 3.75, 1.875, 2, 1 };
  double squares = 0, sizes = 0;
  for (int i = 0; i < 6; i++) {
    squares += e[i] * e[i];
    sizes += e[i];
  }
  CHECK_NEAR(r.values[0].value, sqrt(squares / 6), 1e-6);
  CHECK_NEAR(r.values[1].value, sizes / 6, 1e-6);
  CHECK_EQ(r.counts.n_users, 3);
  CHECK_EQ(r.counts.n_test, 6);
  CHECK_EQ(r.counts.n_test_outside, 1);
  CHECK_EQ(r.counts.n_without_slate, 1);
  CHECK_EQ(r.counts.n_without_history, 1);

  /* People as training left them: vectors of 2 numbers, cut to the scale 1..5. */
  static const float USERS[] = { 1, 2, 0, 1 }, ITEMS[] = { 1, 1, 2, 0, 0, 9, -9, 0 }, USER_BIAS[] = { 0.5f, -0.5f }, ITEM_BIAS[] = { 0, 0, 0, 1 };
  const ink_eval_vectors people = { USERS, ITEMS, USER_BIAS, ITEM_BIAS, 1, 2, 2 };
  a.options.vectors = &people;
  CHECK_EQ(ink_eval_ratings(p.pack, &history, &test, &a.options, &h.env, &r), INK_OK);
  /* u1: d -9 + .5 + 1 + 1 -> 1; c 18 -> 5; a 3 + .5 + 1 = 4.5.  u2: a 1 - .5 + 1 = 1.5; zz 1.  u3: no vector: a 0 + 1 = 1 */
  CHECK_NEAR(r.values[1].value, (3 + 3 + 3.5 + 3.5 + 2 + 1) / 6, 1e-6);
  ask(&a, "recall@5");
  CHECK_EQ(ink_eval_ratings(p.pack, &history, &test, &a.options, &h.env, &r), INK_E_SETTING);
  packed_close(&p);
  ink_trained_free(&t);
  ink_dataset_free(&history);
  ink_dataset_free(&test);
  CHECK_EQ(h.memory.live, 0);
}

/* ------------------------------------------------ a larger catalogue, many ties */

enum { BIG_ITEMS = 400, BIG_PEOPLE = 150 };
static float big_scores[BIG_ITEMS];

static char *big_text(bool test, uint64_t seed) {
  static char text[2][BIG_PEOPLE * 16 * 16 + BIG_ITEMS * 16 + 64];
  char *out = text[test];
  size_t n = 0;
  uint64_t state = seed;
  if (!test) {                                             /* every item once, so that all are in the catalogue */
    n += (size_t)sprintf(out + n, "all");
    for (int i = 0; i < BIG_ITEMS; i++) n += (size_t)sprintf(out + n, " i%d", i);
    n += (size_t)sprintf(out + n, "\n");
  }
  for (int u = 0; u < BIG_PEOPLE; u++) {
    n += (size_t)sprintf(out + n, "u%d", u);
    for (int j = 0; j < 1 + u % 9; j++) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      n += (size_t)sprintf(out + n, " i%d", (int)((state >> 40) % BIG_ITEMS));
    }
    n += (size_t)sprintf(out + n, "\n");
  }
  return out;
}

typedef struct big {
  hosted h;
  ink_dataset history, test;
  ink_trained t;
  packed p;
} big;

static void open_big(big *b, uint32_t levels) {
  start(&b->h);
  read_text(&b->h, &b->history, big_text(false, 1), NULL);
  read_text(&b->h, &b->test, big_text(true, 2), &b->history);
  for (uint32_t i = 0; i < BIG_ITEMS; i++) big_scores[i] = (float)(i * 2654435761u % levels);
  pack_popular(&b->h, &b->history, big_scores, &b->t, &b->p);
}

static void close_big(big *b) {
  packed_close(&b->p);
  ink_trained_free(&b->t);
  ink_dataset_free(&b->history);
  ink_dataset_free(&b->test);
  CHECK_EQ(b->h.memory.live, 0);
}

/* A slate of 5 + 32 and the whole catalogue (which auc asks for) must tell the same; with 3 levels every slate ends in a
 * tie, with 100 many do, with 1000000 none. */
TEST(slate_equals_catalogue) {
  static const uint32_t LEVELS[] = { 3, 100, 1000000 };
  for (int l = 0; l < 3; l++) {
    big b;
    asked slate, whole;
    ink_eval_report r, s;
    open_big(&b, LEVELS[l]);
    ask(&slate, "recall@5,ndcg@5,map@5,mrr@5,hit@3,f1@5,precision@2,coverage@5,coverage@1");
    ask(&whole, "recall@5,ndcg@5,map@5,mrr@5,hit@3,f1@5,precision@2,coverage@5,coverage@1,auc");
    CHECK_EQ(ink_eval_ranking(b.p.pack, &b.history, &b.test, NULL, &slate.options, &b.h.env, &r), INK_OK);
    CHECK_EQ(ink_eval_ranking(b.p.pack, &b.history, &b.test, NULL, &whole.options, &b.h.env, &s), INK_OK);
    for (int m = 0; m < 9; m++) CHECK(r.values[m].value == s.values[m].value && (l == 0 || m > 1 || r.values[m].value > 0));
    CHECK(memcmp(&r.counts, &s.counts, sizeof r.counts) == 0);
    CHECK_EQ(r.counts.n_users, BIG_PEOPLE);
    close_big(&b);
  }
}

/* Whatever lay in memory before - here what a stamp for each person would look like - does not show. */
TEST(stale_memory_does_not_show) {
  big b;
  asked a;
  ink_eval_report r, s;
  open_big(&b, 100);
  ask(&a, "recall@5,coverage@5,auc");
  CHECK_EQ(ink_eval_ranking(b.p.pack, &b.history, &b.test, NULL, &a.options, &b.h.env, &r), INK_OK);
  for (uint32_t stale = 1; stale < 20; stale++) {
    b.h.memory.stale = stale;
    CHECK_EQ(ink_eval_ranking(b.p.pack, &b.history, &b.test, NULL, &a.options, &b.h.env, &s), INK_OK);
    CHECK(r.values[0].value == s.values[0].value && r.values[1].value == s.values[1].value && r.values[2].value == s.values[2].value);
    CHECK(memcmp(&r.counts, &s.counts, sizeof r.counts) == 0);
  }
  close_big(&b);
}

/* Vectors [1] of one person for all, with the popularity as item vectors: the same ranking as the engine's. */
TEST(vectors_equal_engine) {
  big b;
  asked folded, trained;
  ink_eval_report r, s;
  float users[BIG_PEOPLE + 1];
  for (int i = 0; i <= BIG_PEOPLE; i++) users[i] = 1;
  open_big(&b, 100);
  const ink_eval_vectors people = { users, big_scores, NULL, NULL, 0, BIG_PEOPLE + 1, 1 };
  ask(&folded, "recall@5,ndcg@10,auc,map,coverage@5");
  ask(&trained, "recall@5,ndcg@10,auc,map,coverage@5");
  trained.options.vectors = &people;
  CHECK_EQ(ink_eval_ranking(b.p.pack, &b.history, &b.test, NULL, &folded.options, &b.h.env, &r), INK_OK);
  CHECK_EQ(ink_eval_ranking(b.p.pack, &b.history, &b.test, NULL, &trained.options, &b.h.env, &s), INK_OK);
  for (int m = 0; m < 5; m++) CHECK(r.values[m].value == s.values[m].value);
  close_big(&b);
}

/* Three workers that take shards from the end, round about. */
static void backwards(void *ctx, uint32_t n_shards, void (*body)(void *arg, uint32_t shard, uint32_t worker), void *arg) {
  (void)ctx;
  for (uint32_t i = n_shards; i > 0; i--) body(arg, i - 1, i % 3);
}

TEST(threads_do_not_matter) {
  big b;
  asked a;
  ink_eval_report r, s;
  open_big(&b, 1000);
  ask(&a, "recall@5,ndcg@5,auc,coverage@5");
  CHECK_EQ(ink_eval_ranking(b.p.pack, &b.history, &b.test, NULL, &a.options, &b.h.env, &r), INK_OK);
  b.h.env.threads = (ink_threads){ NULL, 3, backwards };
  CHECK_EQ(ink_eval_ranking(b.p.pack, &b.history, &b.test, NULL, &a.options, &b.h.env, &s), INK_OK);
  CHECK(memcmp(r.values, s.values, 3 * sizeof *r.values) == 0 && r.values[3].value == s.values[3].value);
  CHECK(memcmp(&r.counts, &s.counts, sizeof r.counts) == 0);
  /* Only the first 32 people see the catalogue upside down: one worker alone covers its end. */
  float users[BIG_PEOPLE + 1];
  for (int i = 0; i <= BIG_PEOPLE; i++) users[i] = i <= 32 ? -1 : 1;
  const ink_eval_vectors people = { users, big_scores, NULL, NULL, 0, BIG_PEOPLE + 1, 1 };
  a.options.vectors = &people;
  CHECK_EQ(ink_eval_ranking(b.p.pack, &b.history, &b.test, NULL, &a.options, &b.h.env, &s), INK_OK);
  b.h.env.threads = ink_threads_serial;
  CHECK_EQ(ink_eval_ranking(b.p.pack, &b.history, &b.test, NULL, &a.options, &b.h.env, &r), INK_OK);
  CHECK(r.values[3].value == s.values[3].value);
  close_big(&b);
}

static uint64_t told, told_total;
static bool listen(void *ctx, const ink_progress *p) {
  const uint64_t *stop_at = ctx;
  CHECK(strcmp(p->stage, "evaluating") == 0 && p->done >= told);
  told = p->done;
  told_total = p->total;
  return p->done < *stop_at;
}

TEST(progress_and_memory) {
  big b;
  asked a;
  ink_eval_report r;
  uint64_t never = 1000000, soon = 100;
  open_big(&b, 1000);
  ask(&a, "recall@5,coverage@5");
  b.h.env.progress = listen;
  b.h.env.progress_ctx = &never;
  CHECK_EQ(ink_eval_ranking(b.p.pack, &b.history, &b.test, NULL, &a.options, &b.h.env, &r), INK_OK);
  CHECK(told == BIG_PEOPLE && told_total == BIG_PEOPLE);
  told = 0;
  b.h.env.progress_ctx = &soon;
  CHECK_EQ(ink_eval_ranking(b.p.pack, &b.history, &b.test, NULL, &a.options, &b.h.env, &r), INK_E_STOPPED);
  b.h.env.progress = NULL;
  const long live = b.h.memory.live;
  for (long fail = 1; fail < 100; fail++) {
    b.h.memory.fail_at = fail;
    const ink_status s = ink_eval_ranking(b.p.pack, &b.history, &b.test, NULL, &a.options, &b.h.env, &r);
    b.h.memory.fail_at = 0;
    CHECK_EQ(b.h.memory.live, live);
    if (s == INK_OK) {
      CHECK(fail > 10);
      break;
    }
    CHECK_EQ(s, INK_E_NO_MEMORY);
  }
  close_big(&b);
}

TEST(nobody_to_count) {
  big b;
  asked a;
  ink_eval_report r;
  ink_dataset other, empty;
  uint8_t parts[8] = { 0 };
  open_big(&b, 10);
  ask(&a, "recall@5");
  read_text(&b.h, &other, "u1 zz\n", &b.history);
  CHECK_EQ(ink_eval_ranking(b.p.pack, &b.history, &other, NULL, &a.options, &b.h.env, &r), INK_E_DATA_EMPTY);
  CHECK_EQ(ink_dataset_part(&other, parts, 1u << INK_PART_TEST, &b.h.env, &empty), INK_OK);
  CHECK_EQ(ink_eval_ranking(b.p.pack, &b.history, &empty, NULL, &a.options, &b.h.env, &r), INK_E_DATA_EMPTY);
  /* numbers that are not shared are a mistake of the caller */
  CHECK_EQ(ink_eval_ranking(b.p.pack, &other, &b.test, NULL, &a.options, &b.h.env, &r), INK_E_ARG);
  ink_dataset_free(&other);
  ink_dataset_free(&empty);
  close_big(&b);
}

/* ----------------------------------------------------------------- real data */

static bool read_file(hosted *h, ink_dataset *d, const char *name, uint32_t format, const ink_dataset *from) {
  FILE *file = hosted_open_data(name);
  if (file == NULL) return false;
  ink_dataset_init(d, &h->env.allocator);
  const ink_read_options options = { .format = format };
  CHECK_EQ(ink_dataset_read(d, &(ink_source){ file, hosted_file_read, name, 0 }, &options, from, &h->env), INK_OK);
  hosted_close_data(file, name);
  return true;
}

/* MovieLens 1M, one held-back film and 99 listed ones a person. Published for popularity: HR@10 .4531, NDCG@10 .2542
 * (Ferrari Dacrema et al. 2019, ties in their library's order); with ties counted half .4538 and .2543. */
TEST(popularity_of_movielens) {
  hosted h;
  ink_dataset train, test, lists;
  ink_trained t;
  packed p;
  asked a;
  ink_eval_report r;
  start(&h);
  if (!read_file(&h, &train, "ncf-ml-1m/train.tsv.gz", INK_FORMAT_AUTO, NULL)) return;
  CHECK(read_file(&h, &test, "ncf-ml-1m/test.rating.gz", INK_FORMAT_AUTO, &train));
  CHECK(read_file(&h, &lists, "ncf-ml-1m/test.negative.gz", INK_FORMAT_ADJACENCY, &test));
  ink_trained_init(&t, &h.env.allocator);
  CHECK_EQ(ink_catalogue_tensors(&train, &h.env, &t), INK_OK);
  CHECK_EQ(ink_popular_tensor(&train, &h.env, &t), INK_OK);
  CHECK_EQ(ink_trained_meta(&t, "models", "popular"), INK_OK);
  CHECK_EQ(packed_open(&p, &t), INK_OK);
  ask(&a, "hit@10,ndcg@10");
  CHECK_EQ(ink_eval_ranking(p.pack, &train, &test, &lists, &a.options, &h.env, &r), INK_OK);
  printf("popularity: HR@10 %.5f NDCG@10 %.5f, %u people, %llu test items and %llu candidates not in the catalogue\n", r.values[0].value,
         r.values[1].value, r.counts.n_users, (unsigned long long)r.counts.n_test_outside, (unsigned long long)r.counts.n_candidates_outside);
  CHECK_NEAR(r.values[0].value, 0.4538, 0.00005);
  CHECK_NEAR(r.values[1].value, 0.2543, 0.00005);
  packed_close(&p);
  ink_trained_free(&t);
  ink_dataset_free(&train);
  ink_dataset_free(&test);
  ink_dataset_free(&lists);
  CHECK_EQ(h.memory.live, 0);
}

TEST_MAIN(T(ranking_by_hand), T(candidates_by_hand), T(ratings_by_hand), T(slate_equals_catalogue), T(stale_memory_does_not_show), T(vectors_equal_engine),
          T(threads_do_not_matter), T(progress_and_memory), T(nobody_to_count), T(popularity_of_movielens))
