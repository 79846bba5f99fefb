/* test_beyond.c - measures of slates against numpy, scipy and scikit-learn (tests/golden/make_beyond.py), and through a whole
 * evaluation by hand: what each person was shown, sampled candidates, cut histories, the table of people. */
#include "beyond.h"
#include "catalogue_tensors.h"
#include "columns.h"
#include "packed.h"
#include "protocol.h"
#include "testlib.h"

#include "golden/beyond_truth.h"

static void read_text(hosted *h, ink_dataset *d, const char *text, const ink_dataset *from) {
  hosted_text t = { text, strlen(text), 0, 4096 };
  ink_dataset_init(d, &h->env.allocator);
  CHECK_EQ(ink_dataset_read(d, &(ink_source){ &t, hosted_text_read, "events.csv", 0 }, &(ink_read_options){ 0 }, from, &h->env), INK_OK);
}

static void read_items(hosted *h, ink_dataset *d, const char *text) {
  hosted_text t = { text, strlen(text), 0, 4096 };
  CHECK_EQ(ink_dataset_read_items(d, &(ink_source){ &t, hosted_text_read, "items.csv", 0 }, &(ink_items_options){ 0 }, &h->env), INK_OK);
}

static void start(hosted *h) {
  hosted_init(h);
  h->env.kernels = ink_kernels_best();
}

static uint32_t parse(const char *list, ink_metric *m) {
  uint32_t n = 0;
  CHECK_EQ(ink_metrics_parse((ink_text){ list, (uint32_t)strlen(list) }, m, &n, NULL), INK_OK);
  return n;
}

/* The catalogue of `d`, and popularity by item number: the later the better. */
static void add_catalogue(hosted *h, const ink_dataset *d, ink_trained *t) {
  void *data;
  ink_trained_init(t, &h->env.allocator);
  CHECK_EQ(ink_catalogue_tensors(d, &h->env, t), INK_OK);
  CHECK_EQ(ink_trained_tensor(t, "popular.scores", INK_DTYPE_F32, 1, &d->items.n, &data), INK_OK);
  for (uint32_t i = 0; i < d->items.n; i++) ((float *)data)[i] = (float)(i + 1);
  CHECK_EQ(ink_trained_meta(t, "models", "popular"), INK_OK);
}

/* ------------------------------------------------------------- against numpy */

static void check_slates(const ink_beyond *b, const ink_metric *metrics) {
  for (int m = 0; m < 4; m++)
    for (int s = 0; s < BEYOND_SLATES; s++) {
      const double got = ink_beyond_of_slate(b, &metrics[m], beyond_slate_items[s], beyond_slate_lengths[s]), want = beyond_values[m][s];
      if (isnan(want)) CHECK(isnan(got));
      else CHECK_NEAR(got, want, 1e-9);
    }
}

TEST(against_numpy) {
  hosted h;
  ink_dataset d;
  ink_trained t;
  packed p;
  ink_metric metrics[INK_MAX_METRICS];
  ink_beyond b;
  uint32_t map[BEYOND_ITEMS], counts[BEYOND_ITEMS] = { 0 };
  const uint32_t shape[] = { BEYOND_ITEMS, BEYOND_WIDTH };
  void *data;
  start(&h);
  read_text(&h, &d, beyond_events, NULL);
  read_items(&h, &d, beyond_catalogue);
  add_catalogue(&h, &d, &t);
  CHECK_EQ(ink_trained_tensor(&t, "any.items", INK_DTYPE_F32, 2, shape, &data), INK_OK);
  memcpy(data, beyond_vectors, sizeof beyond_vectors);
  CHECK_EQ(packed_open(&p, &t), INK_OK);
  for (uint32_t i = 0; i < BEYOND_ITEMS; i++) map[i] = ink_pack_find(p.pack, ink_names_at(&d.items, i));
  const uint32_t n = parse("diversity@10,spread@10,novelty@10,longtail@10", metrics);
  CHECK_EQ(ink_beyond_open(p.pack, metrics, n, &d, map, (ink_text){ "", 0 }, &h.env, &b), INK_OK);
  check_slates(&b, metrics);
  ink_beyond_close(&b, &h.env.allocator);
  for (int s = 0; s < BEYOND_SLATES; s++)
    for (uint32_t i = 0; i < beyond_slate_lengths[s]; i++) counts[beyond_slate_items[s][i]]++;
  ink_status status;
  CHECK_NEAR(ink_beyond_gini(counts, BEYOND_ITEMS, &h.env, &status), beyond_gini, 1e-9);
  CHECK_EQ(ink_beyond_open(p.pack, metrics, n, &d, map, (ink_text){ "no.items", 8 }, &h.env, &b), INK_E_PACK_MISSING);
  ink_beyond_close(&b, &h.env.allocator);
  packed_close(&p);
  ink_trained_free(&t);
  ink_dataset_free(&d);
  CHECK_EQ(h.memory.live, 0);
}

TEST(gini_by_hand) {
  hosted h;
  ink_status status;
  start(&h);
  uint32_t equal[] = { 3, 3, 3, 3 }, one[] = { 0, 0, 7, 0 }, none[] = { 0, 0 }, two[] = { 1, 3 };
  CHECK_NEAR(ink_beyond_gini(equal, 4, &h.env, &status), 0, 1e-15);
  CHECK_NEAR(ink_beyond_gini(one, 4, &h.env, &status), 0.75, 1e-15);
  CHECK_NEAR(ink_beyond_gini(none, 2, &h.env, &status), 0, 0);
  CHECK_NEAR(ink_beyond_gini(two, 2, &h.env, &status), 0.25, 1e-15);
}

/* ------------------------------------------------------ through an evaluation */

typedef struct world {
  hosted h;
  ink_dataset catalogue, history, test;
  ink_trained t;
  packed p;
  ink_metric metrics[INK_MAX_METRICS];
  ink_eval_options options;
  ink_eval_report report;
} world;

/* Served best first: f e d c b a. Six people, so that n_i of items differ. */
static void open_world(world *w, const char *metrics) {
  memset(w, 0, sizeof *w);
  start(&w->h);
  read_text(&w->h, &w->catalogue, "user,item\nx,a\nx,b\nx,c\nx,d\nx,e\nx,f\n", NULL);
  read_items(&w->h, &w->catalogue, "id,genres\na,p|q\nb,p\nc,q\nd,\ne,p|r\nf,p|q\n");
  add_catalogue(&w->h, &w->catalogue, &w->t);
  CHECK_EQ(packed_open(&w->p, &w->t), INK_OK);
  read_text(&w->h, &w->history, "user,item,time\n1,f,5\n1,a,6\n1,b,7\n2,f,5\n3,f,5\n4,e,5\n", NULL);
  read_text(&w->h, &w->test, "user,item\n1,c\n2,a\n", &w->history);
  w->options = (ink_eval_options){ .metrics = w->metrics, .family = INK_NONE, .now = INK_NO_TIME };
  w->options.n_metrics = parse(metrics, w->metrics);
}

static void close_world(world *w) {
  packed_close(&w->p);
  ink_trained_free(&w->t);
  ink_dataset_free(&w->catalogue);
  ink_dataset_free(&w->history);
  ink_dataset_free(&w->test);
  CHECK_EQ(w->h.memory.live, 0);
}

static ink_status rank(world *w) {
  return ink_eval_ranking(w->p.pack, &w->history, &w->test, NULL, &w->options, &w->h.env, &w->report);
}

TEST(slates_by_hand) {
  world w;
  open_world(&w, "novelty@3,longtail@3,diversity@3,coverage@3,gini@3,recall@3");
  CHECK_EQ(rank(&w), INK_OK);
  /* 1 is shown e d c, 2 is shown e d c: n_e = 1 of 4 people, d and c count as 1. The head is one item of six: f. */
  CHECK_NEAR(w.report.values[0].value, 2, 1e-15);
  CHECK_NEAR(w.report.values[1].value, 1, 1e-15);
  CHECK_NEAR(w.report.values[2].value, 1, 1e-15);        /* d has no tag; e {p r} and c {q} share none */
  CHECK_NEAR(w.report.values[3].value, 0.5, 1e-15);
  /* counts 0 0 0 2 2 2: sum of (2i - 7) c = 2 (1 + 3 + 5) = 18, over 6 * 6 */
  CHECK_NEAR(w.report.values[4].value, 0.5, 1e-15);
  CHECK_NEAR(w.report.values[5].value, 0.5, 1e-15);      /* 1's c is on the slate, 2's a is not */
  close_world(&w);
}

/* The whole catalogue scored (auc asks for it) and slates tell the same. */
TEST(slate_equals_catalogue) {
  world w;
  ink_eval_report first;
  open_world(&w, "novelty@3,longtail@3,diversity@2,coverage@3,gini@3,recall@3");
  CHECK_EQ(rank(&w), INK_OK);
  first = w.report;
  w.options.n_metrics = parse("novelty@3,longtail@3,diversity@2,coverage@3,gini@3,recall@3,auc", w.metrics);
  CHECK_EQ(rank(&w), INK_OK);
  for (int m = 0; m < 6; m++) CHECK(first.values[m].value == w.report.values[m].value || isnan(first.values[m].value));
  close_world(&w);
}

TEST(cut_histories) {
  world w;
  ink_eval_people people;
  open_world(&w, "recall@3,mrr");
  w.options.people = &people;
  CHECK_EQ(rank(&w), INK_OK);
  CHECK_EQ(people.n, 2);
  CHECK_EQ(people.n_history[0], 3);
  CHECK_EQ(people.n_history[1], 1);
  CHECK_NEAR(people.values[0], 1, 0);                      /* recall of 1, then of 2; mrr of 1: f out, e d c: 3 */
  CHECK_NEAR(people.values[1], 0, 0);
  CHECK_NEAR(people.values[2], 1.0 / 3, 1e-15);
  CHECK_NEAR(people.values[3], 1.0 / 5, 1e-15);
  ink_eval_people_free(&people, &w.h.env.allocator);
  /* Items of events that are not folded stay out: the same places. */
  w.options.n_events = 1;
  for (int oldest = 0; oldest < 2; oldest++) {
    w.options.oldest_events = oldest == 1;
    CHECK_EQ(rank(&w), INK_OK);
    CHECK_NEAR(people.values[2], 1.0 / 3, 1e-15);
    CHECK_EQ(people.n_history[0], 3);
    ink_eval_people_free(&people, &w.h.env.allocator);
  }
  close_world(&w);
}

TEST(sampled_candidates) {
  world w;
  ink_eval_report all;
  open_world(&w, "recall@1,mrr");
  w.options.n_sampled = 2;
  CHECK_EQ(rank(&w), INK_OK);
  CHECK_EQ(w.report.counts.n_candidates, 2 * 3);
  all = w.report;
  CHECK_EQ(rank(&w), INK_OK);
  CHECK(memcmp(&all, &w.report, sizeof all) == 0);
  /* more than there are: all. 1 has a b f; candidates c d e. 2 has f: a b c d e */
  w.options.n_sampled = 100;
  CHECK_EQ(rank(&w), INK_OK);
  CHECK_EQ(w.report.counts.n_candidates, 3 + 5);
  CHECK_NEAR(w.report.values[1].value, (1.0 / 3 + 1.0 / 5) / 2, 1e-15);
  w.options.n_metrics = parse("diversity@2", w.metrics);
  CHECK_EQ(rank(&w), INK_E_SETTING);
  close_world(&w);
}

/* Each other item is drawn about equally often, whichever way of drawing is taken. */
TEST(lots_are_fair) {
  for (uint32_t n = 1; n <= 3; n += 2) {
    world w;
    double hits = 0;
    open_world(&w, "hit@1");
    w.options.n_sampled = n;
    ink_dataset_free(&w.test);
    read_text(&w.h, &w.test, "user,item\n2,d\n", &w.history);   /* only e, one of four others, stands above d */
    for (uint64_t seed = 0; seed < 2000; seed++) {
      w.options.seed = seed;
      CHECK_EQ(rank(&w), INK_OK);
      hits += w.report.values[0].value;
    }
    CHECK_NEAR(hits / 2000, 1 - n / 4.0, 0.045);            /* four standard errors */
    close_world(&w);
  }
}

TEST(names) {
  ink_metric m[INK_MAX_METRICS];
  uint32_t n;
  static const char *const BAD[] = { "novelty", "gini", "diversity@1001", "spread@0", "longtail@" };
  for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++)
    CHECK_EQ(ink_metrics_parse((ink_text){ BAD[i], (uint32_t)strlen(BAD[i]) }, m, &n, NULL), INK_E_SETTING);
  CHECK_EQ(parse("gini@5000,diversity@1000", m), 2);
  CHECK(!ink_metric_rises(m[0].kind) && ink_metric_rises(m[1].kind));
}

TEST_MAIN(T(against_numpy), T(gini_by_hand), T(slates_by_hand), T(slate_equals_catalogue), T(cut_histories),
          T(sampled_candidates), T(lots_are_fair), T(names))
