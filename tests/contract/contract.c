/* contract.c - what every recommender must do, run against every family alike. A new family adds one row to
 * `kinds` and inherits all of it: an obvious answer, more than exist, filters, batch equals single, save and load,
 * forget equals never, reasons, ties, every kernel table.
 *
 * The checkerboard: items are black or white, people like one colour; a person who likes black ones wants
 * the black ones that are left. Models are made by hand, as training would leave them. */
#include "enginelib.h"

enum { N = 240, D = 8 };

typedef struct family_case {
  const char *title, *name;                 /* of the test; of the family */
  bool personal;                            /* its answer depends on the person */
  uint32_t dtype;
  bool is_explicit, with_copy;
} family_case;

static const family_case kinds[] = {
  { "popular", "popular", false, 0, false, false },
  { "als f32", "als", true, INK_DTYPE_F32, false, false },
  { "als f32 with an int8 copy", "als", true, INK_DTYPE_F32, false, true },
  { "als f16", "als", true, INK_DTYPE_F16, false, false },
  { "als bf16", "als", true, INK_DTYPE_BF16, false, false },
  { "als int8", "als", true, INK_DTYPE_I8, false, false },
  { "als explicit", "als", true, INK_DTYPE_F32, true, false },
  { "als explicit with an int8 copy", "als", true, INK_DTYPE_F32, true, true },
  { "als explicit int8", "als", true, INK_DTYPE_I8, true, false },
  { "item-knn int8", "item-knn", true, INK_DTYPE_I8, false, false },
  { "item-knn of ratings", "item-knn", true, INK_DTYPE_F32, true, false },
  { "rp3", "rp3", true, INK_DTYPE_F32, false, false },
  { "slope-one", "slope-one", true, INK_DTYPE_I8, true, false },
  { "ease", "ease", true, INK_DTYPE_F32, false, false },
  { "slim", "slim", true, INK_DTYPE_F32, false, false },
  { "spectral", "spectral", true, INK_DTYPE_I8, false, false },
  { "user-knn int8", "user-knn", true, INK_DTYPE_I8, false, false },
  { "user-knn of ratings", "user-knn", true, INK_DTYPE_F32, true, false },
  { "content-vectors with an int8 copy", "content-vectors", true, INK_DTYPE_F32, false, true },
  { "content int8", "content", true, INK_DTYPE_I8, false, false },
  { "content by ridge", "content", true, INK_DTYPE_F32, false, true },
  { "content of ratings", "content", true, INK_DTYPE_I8, true, true },
  { "svd", "svd", true, INK_DTYPE_F32, true, false },
  { "svdpp", "svdpp", true, INK_DTYPE_F32, true, false },
  { "nmf", "nmf", true, INK_DTYPE_F32, true, false },
  { "pure-svd with an int8 copy", "pure-svd", true, INK_DTYPE_F32, false, true },
  { "bpr", "bpr", true, INK_DTYPE_F32, false, false },
  { "warp with an int8 copy", "warp", true, INK_DTYPE_F32, false, true },
  { "simplex", "simplex", true, INK_DTYPE_F32, false, false },
  { "item2vec with an int8 copy", "item2vec", true, INK_DTYPE_F32, false, true },
  { "lstm", "lstm", true, INK_DTYPE_F32, false, false },
  { "gru with an int8 copy", "gru", true, INK_DTYPE_F32, false, true },
  { "hybrid", "hybrid", true, INK_DTYPE_F32, false, false },
  { "hybrid of ratings", "hybrid", true, INK_DTYPE_I8, true, false },
};
enum { N_KINDS = sizeof kinds / sizeof *kinds };

/* The checkerboard's vectors: black items (even) along one axis, white along another, each with a little of its own. */
static void paint_board(packlib *p, float *rows, bool is_explicit) {
  for (uint32_t i = 0; i < N; i++)
    for (uint32_t j = 0; j < D; j++) rows[i * D + j] = rows[i * D + j] / 64 + (j == i % 2 ? 1.0f : 0.0f);
  memcpy(packlib_add(p, "als.items", INK_DTYPE_F32, N, D), rows, N * D * sizeof *rows);
  if (is_explicit) packlib_add(p, "als.bias", INK_DTYPE_F32, N, 0);
}

static void add_halves(packlib *p, float *rows, uint32_t dtype) {
  uint16_t *halves = packlib_add(p, "als.items", dtype, N, D);
  for (uint32_t i = 0; i < N * D; i++) {
    uint32_t u;
    rows[i] = packlib_coarse(rows[i]);
    memcpy(&u, &rows[i], 4);
    halves[i] = dtype == INK_DTYPE_F16 ? packlib_f16(rows[i]) : (uint16_t)(u >> 16);
  }
}

static void add_als(packlib *p, const family_case *k, bool board) {
  float *rows = packlib_als(p, N, D, INK_DTYPE_F32, k->is_explicit, 3);
  if (board) paint_board(p, rows, k->is_explicit);
  if (k->dtype == INK_DTYPE_I8) packlib_i8(p, "als.items", rows, N, D, rows);
  else if (k->dtype != INK_DTYPE_F32) add_halves(p, rows, k->dtype);
  if (!k->is_explicit) packlib_gram(p, rows, N, D);
  if (k->with_copy) packlib_i8(p, "als.items8", rows, N, D, NULL);
}

/* The public name with the underscore of tensor names. */
static void add_by_prefix(packlib *p, const family_case *k, bool board) {
  char prefix[24];
  snprintf(prefix, sizeof prefix, "%s", k->name);
  for (char *c = prefix; *c; c++) if (*c == '-') *c = '_';
  if (packlib_is_factor(prefix)) packlib_factor(p, prefix, N, D, k->with_copy, board, 3);
  else packlib_linear(p, prefix, N, k->is_explicit, k->dtype == INK_DTYPE_I8, board, 3);
}

static void add_hybrid(packlib *p, const family_case *k, bool board) {
  add_als(p, k, board);
  packlib_linear(p, "item_knn", N, k->is_explicit, k->dtype == INK_DTYPE_I8, board, 4);
  packlib_hybrid(p, "als,item-knn", !k->is_explicit, board, 3);
}

static void open_case(lab *l, const family_case *k, bool board) {
  packlib *p = &l->pack_tensors;
  packlib_items(p, "i", NULL, N);
  packlib_popular(p, N, 3);
  float *scores = (float *)(uintptr_t)packlib_find(p, "popular.scores")->data;
  for (uint32_t i = 0; board && i < N; i++) scores[i] = i % 2 == 0 ? 20 : 5;
  if (strcmp(k->name, "als") == 0) add_als(p, k, board);
  else if (strcmp(k->name, "content") == 0) packlib_content(p, N, k->is_explicit, k->with_copy, k->dtype == INK_DTYPE_I8, board, 3);
  else if (strcmp(k->name, "lstm") == 0) packlib_recurrent(p, "lstm", 4, N, D, k->with_copy, board, 3);
  else if (strcmp(k->name, "gru") == 0) packlib_recurrent(p, "gru", 3, N, D, k->with_copy, board, 3);
  else if (strcmp(k->name, "hybrid") == 0) add_hybrid(p, k, board);
  else if (k->personal) add_by_prefix(p, k, board);
  CHECK_EQ(lab_open_pack(l, k->name), INK_OK);
  CHECK_EQ(lab_open_engine(l, &(ink_limits){ sizeof(ink_limits), 300, N + 10, 5, 0 }, NULL), INK_OK);
}

static ink_request request_of(const lab *l, const family_case *k, uint32_t count, uint32_t flags) {
  ink_request r = lab_request(count, flags);
  r.family = ink_engine_family(l->engine, k->name);
  CHECK(r.family != INK_NONE);
  return r;
}

static void random_event(ink_engine *engine, ink_rng *rng, uint32_t i) {
  static const char *const what[] = { "view", "like", "rating", "dislike", "purchase", "hide" };
  const uint32_t w = ink_rng_below(rng, 30) == 0 ? 5 : ink_rng_below(rng, 5);
  lab_track_item(engine, ink_rng_below(rng, N), what[w], w == 2 ? (float)(1 + ink_rng_below(rng, 5)) : 1.0f, (int64_t)i);
}

/* Everything an answer says: items, scores, reasons. */
typedef struct answer {
  uint32_t n_items, n_reasons;
  ink_slate_item items[N];
  ink_reason reasons[N * 10];
} answer;

static void ask(ink_engine *engine, const ink_request *r, answer *out) {
  const ink_slate slate = lab_recommend(engine, r);
  memset(out, 0, sizeof *out);
  out->n_items = slate.n_items;
  out->n_reasons = slate.n_reasons;
  memcpy(out->items, slate.items, slate.n_items * sizeof *slate.items);
  memcpy(out->reasons, slate.reasons, slate.n_reasons * sizeof *slate.reasons);
}

/* `by_seq` false: sequence numbers may differ, everything else may not. */
static void check_same(const answer *a, const answer *b, bool by_seq) {
  CHECK_EQ(a->n_items, b->n_items);
  CHECK_EQ(a->n_reasons, b->n_reasons);
  for (uint32_t i = 0; i < a->n_items && i < b->n_items; i++) {
    CHECK_EQ(a->items[i].item, b->items[i].item);
    CHECK_EQ_BITS(a->items[i].score, b->items[i].score);
    CHECK_EQ(a->items[i].family, b->items[i].family);
  }
  for (uint32_t i = 0; i < a->n_reasons && i < b->n_reasons; i++) {
    CHECK(a->reasons[i].kind == b->reasons[i].kind && a->reasons[i].item == b->reasons[i].item);
    CHECK(memcmp(&a->reasons[i].weight, &b->reasons[i].weight, 8) == 0);
    if (by_seq) CHECK_EQ(a->reasons[i].event, b->reasons[i].event);
  }
}

/* ---------------------------------------------------------------- obligations */

static void the_obvious_answer(const family_case *k) {
  lab l = { 0 };
  open_case(&l, k, true);
  for (uint32_t i = 0; i < N / 2; i += 2) lab_track_item(l.engine, i, "like", 1, i);
  const ink_request r = request_of(&l, k, N / 4, 0);
  const ink_slate s = lab_recommend(l.engine, &r);
  CHECK_EQ(s.n_items, N / 4);
  for (uint32_t i = 0; i < s.n_items; i++) CHECK(s.items[i].item % 2 == 0 && s.items[i].item >= N / 2);
  if (k->personal) {                                  /* and a person of the other colour gets the other answer */
    CHECK_EQ(ink_profile_erase(l.engine), INK_OK);
    for (uint32_t i = 1; i < N / 2; i += 2) lab_track_item(l.engine, i, "like", 1, i);
    const ink_slate t = lab_recommend(l.engine, &r);
    for (uint32_t i = 0; i < t.n_items; i++) CHECK(t.items[i].item % 2 == 1);
  }
  lab_close(&l);
}

static void more_than_exist(const family_case *k) {
  lab l = { 0 };
  bool given[N] = { false };
  open_case(&l, k, false);
  for (uint32_t i = 0; i < 7; i++) lab_track_item(l.engine, i * 9, "like", 1, i);
  ink_request r = request_of(&l, k, N + 10, 0);
  const ink_slate s = lab_recommend(l.engine, &r);
  CHECK_EQ(s.n_items, N - 7);
  for (uint32_t i = 0; i < s.n_items; i++) {
    const ink_slate_item *x = &s.items[i];
    CHECK(!given[x->item] && !(x->item % 9 == 0 && x->item < 63));
    given[x->item] = true;
    if (i > 0) CHECK(x->score < x[-1].score || (x->score == x[-1].score && x->item > x[-1].item));     /* ties: lower item first */
  }
  r.count = 5;                                        /* a shorter slate is the beginning of the longer one */
  const uint32_t first = s.items[0].item, fifth = s.items[4].item;
  const ink_slate t = lab_recommend(l.engine, &r);
  CHECK(t.n_items == 5 && t.items[0].item == first && t.items[4].item == fifth);
  lab_close(&l);
}

static void filters_hold(const family_case *k) {
  lab l = { 0 };
  const uint32_t allow[] = { 10, 11, 12, 13, 10, 14 }, deny[] = { 11 };
  open_case(&l, k, false);
  lab_track_item(l.engine, 12, "like", 1, 1);
  lab_track_item(l.engine, 13, "hide", 1, 2);
  lab_track_item(l.engine, 100, "like", 1, 3);
  ink_request r = request_of(&l, k, 10, 0);
  r.allow = allow;
  r.n_allow = 6;
  r.deny = deny;
  r.n_deny = 1;
  CHECK_EQ(lab_recommend(l.engine, &r).n_items, 2);                 /* 10 and 14 */
  r.flags = INK_WITH_SEEN;
  CHECK_EQ(lab_recommend(l.engine, &r).n_items, 3);                 /* and 12; never 13 */
  r.n_allow = 0;
  CHECK_EQ(lab_recommend(l.engine, &r).n_items, 0);
  r.allow = NULL;
  r.n_deny = 0;
  const ink_request all = request_of(&l, k, N + 10, INK_WITH_SEEN);
  const ink_slate s = lab_recommend(l.engine, &all);
  CHECK_EQ(s.n_items, N - 1);
  for (uint32_t i = 0; i < s.n_items; i++) CHECK(s.items[i].item != 13);
  CHECK_EQ(ink_profile_forget_item(l.engine, ink_text_of("i13"), NULL), INK_OK);
  CHECK_EQ(lab_recommend(l.engine, &all).n_items, N);
  lab_close(&l);
}

static void batch_equals_single(const family_case *k) {
  lab l = { 0 };
  static float batch[N], chosen[N];
  static uint32_t backwards[N];
  ink_rng rng;
  ink_rng_seed(&rng, 4, 4);
  open_case(&l, k, false);
  for (uint32_t i = 0; i < 25; i++) random_event(l.engine, &rng, i);
  const ink_request r = request_of(&l, k, N + 10, INK_WITH_SEEN);
  for (uint32_t i = 0; i < N; i++) backwards[i] = N - 1 - i;
  CHECK_EQ(ink_score(l.engine, NULL, N, &r, batch), INK_OK);
  CHECK_EQ(ink_score(l.engine, backwards, N, &r, chosen), INK_OK);
  for (uint32_t i = 0; i < N; i++) {
    float one;
    ink_slate slate = { .struct_bytes = sizeof slate };
    CHECK_EQ(ink_score(l.engine, &i, 1, &r, &one), INK_OK);
    CHECK_EQ_BITS(one, batch[i]);
    CHECK_EQ_BITS(chosen[N - 1 - i], batch[i]);
    CHECK_EQ(ink_explain(l.engine, i, &r, &slate), INK_OK);
    CHECK(slate.n_items == 1 && slate.items[0].item == i && (slate.items[0].n_reasons > 0 || batch[i] == 0));
    CHECK_EQ_BITS(slate.items[0].score, batch[i]);
    lab_check_reasons(&slate, 0);
  }
  const ink_slate s = lab_recommend(l.engine, &r);
  for (uint32_t i = 0; i < s.n_items; i++) CHECK_EQ_BITS(s.items[i].score, batch[s.items[i].item]);
  lab_close(&l);
}

static void rank_is_the_order_of_recommend(const family_case *k) {
  lab l = { 0 };
  static answer whole;
  uint32_t some[60], at = 0;
  bool wanted[N] = { false };
  ink_rng rng;
  ink_slate ranked = { .struct_bytes = sizeof ranked };
  ink_rng_seed(&rng, 6, 4);
  open_case(&l, k, false);
  for (uint32_t i = 0; i < 12; i++) lab_track_item(l.engine, i * 5, "like", 1, i);
  for (uint32_t i = 0; i < 60; i++) wanted[some[i] = ink_rng_below(&rng, N)] = true;
  const ink_request r = request_of(&l, k, N + 10, INK_WITH_SEEN);
  ask(l.engine, &r, &whole);
  CHECK_EQ(ink_rank(l.engine, some, 60, &r, &ranked), INK_OK);
  for (uint32_t i = 0; i < whole.n_items; i++) {
    if (!wanted[whole.items[i].item]) continue;
    CHECK(at < ranked.n_items && ranked.items[at].item == whole.items[i].item);
    CHECK_EQ_BITS(ranked.items[at].score, whole.items[i].score);
    at++;
  }
  CHECK_EQ(ranked.n_items, at);
  lab_close(&l);
}

static void save_and_load(const family_case *k) {
  lab l = { 0 }, other = { 0 };
  static answer a, b;
  static uint8_t saved[1 << 16];
  const void *image;
  size_t n;
  ink_rng rng;
  ink_rng_seed(&rng, 8, 4);
  open_case(&l, k, false);
  open_case(&other, k, false);
  for (uint32_t i = 0; i < 40; i++) random_event(l.engine, &rng, i);
  const ink_request r = request_of(&l, k, 30, INK_EXPLAIN);
  ask(l.engine, &r, &a);
  CHECK_EQ(ink_profile_image(l.engine, &image, &n), INK_OK);
  CHECK(n <= sizeof saved);
  memcpy(saved, image, n);
  CHECK_EQ(ink_profile_load(other.engine, saved, n, NULL, &other.fault), INK_OK);
  ask(other.engine, &r, &b);
  check_same(&b, &a, true);
  lab_close(&l);
  lab_close(&other);
}

/* One person is asked all the time (states are cached and stepped) and forgets some items; another never had them. */
static void forget_equals_never(const family_case *k) {
  lab l = { 0 }, never = { 0 };
  static answer a, b;
  open_case(&l, k, false);
  open_case(&never, k, false);
  const ink_request r = request_of(&l, k, 25, INK_EXPLAIN);
  for (uint64_t seed = 0; seed < 12; seed++) {
    ink_rng one, two;
    ink_rng_seed(&one, seed, 5);
    two = one;
    CHECK_EQ(ink_profile_erase(l.engine), INK_OK);
    CHECK_EQ(ink_profile_erase(never.engine), INK_OK);
    for (uint32_t i = 0; i < 30; i++) {
      random_event(l.engine, &one, i);
      if (i % 3 == 2) lab_track_item(l.engine, 230 + i % 7, i % 2 ? "like" : "hide", 1, i);       /* to be forgotten */
      if (i % 2) lab_recommend(l.engine, &r);
    }
    for (uint32_t i = 0; i < 7; i++) {
      char id[8];
      snprintf(id, sizeof id, "i%u", 230 + (unsigned)i);
      CHECK_EQ(ink_profile_forget_item(l.engine, ink_text_of(id), NULL), INK_OK);
      if (i == 3) lab_recommend(l.engine, &r);
    }
    for (uint32_t i = 0; i < 30; i++) random_event(never.engine, &two, i);
    for (uint32_t i = 0; i < 7; i++) {
      char id[8];
      snprintf(id, sizeof id, "i%u", 230 + (unsigned)i);
      CHECK_EQ(ink_profile_forget_item(never.engine, ink_text_of(id), NULL), INK_OK);              /* of the common ones */
    }
    ask(l.engine, &r, &a);
    ask(never.engine, &r, &b);
    check_same(&a, &b, false);
    lab_track_item(l.engine, 11, "like", 1, 99);          /* and a step from there on, too */
    lab_track_item(never.engine, 11, "like", 1, 99);
    ask(l.engine, &r, &a);
    ask(never.engine, &r, &b);
    check_same(&a, &b, false);
  }
  lab_close(&l);
  lab_close(&never);
}

/* The same events in any order of arrival are the same history, when their times order them. */
static void arrival_does_not_matter(const family_case *k) {
  lab l = { 0 }, other = { 0 };
  static answer a, b;
  open_case(&l, k, false);
  open_case(&other, k, false);
  const ink_request r = request_of(&l, k, 25, INK_EXPLAIN);
  for (uint32_t i = 0; i < 20; i++) {
    const uint32_t j = i * 7 % 20;
    lab_track_item(l.engine, i * 3, i % 4 ? "view" : "like", 1, i);
    lab_track_item(other.engine, j * 3, j % 4 ? "view" : "like", 1, j);
    if (i % 3 == 0) lab_recommend(other.engine, &r);
  }
  ask(l.engine, &r, &a);
  ask(other.engine, &r, &b);
  check_same(&a, &b, false);
  lab_close(&l);
  lab_close(&other);
}

static void an_empty_history_falls_back(const family_case *k) {
  lab l = { 0 };
  open_case(&l, k, false);
  ink_request r = lab_request(10, INK_EXPLAIN);
  const ink_slate s = lab_recommend(l.engine, &r);
  CHECK_EQ(s.n_items, 10);
  CHECK(strcmp(ink_engine_family_name(l.engine, s.items[0].family), "popular") == 0);
  lab_track(l.engine, "not-in-this-pack", "like", 1, 1);
  CHECK(strcmp(ink_engine_family_name(l.engine, lab_recommend(l.engine, &r).items[0].family), "popular") == 0);
  r = request_of(&l, k, 10, INK_NO_FALLBACK);
  ink_slate none = { .struct_bytes = sizeof none };
  CHECK_EQ(ink_recommend(l.engine, &r, &none), k->personal ? INK_E_NOT_FOUND : INK_OK);
  lab_close(&l);
}

static void reasons_add_up(const family_case *k) {
  lab l = { 0 };
  ink_rng rng;
  open_case(&l, k, false);
  for (uint64_t seed = 0; seed < 12; seed++) {
    ink_rng_seed(&rng, seed, 6);
    CHECK_EQ(ink_profile_erase(l.engine), INK_OK);
    for (uint32_t i = 0; i < 3 + seed * 3; i++) random_event(l.engine, &rng, i);
    ink_request r = lab_request(N, INK_EXPLAIN | INK_WITH_SEEN);
    r.max_reasons = 1 + (uint32_t)seed % 5;
    const ink_slate s = lab_recommend(l.engine, &r);
    uint32_t next = 0;
    for (uint32_t i = 0; i < s.n_items; i++) {
      uint32_t n_events = 0;
      lab_check_reasons(&s, i);
      CHECK_EQ(s.items[i].reasons_first, next);
      next += s.items[i].n_reasons;
      for (uint32_t q = 0; q < s.items[i].n_reasons; q++) n_events += s.reasons[s.items[i].reasons_first + q].kind == INK_REASON_EVENT;
      CHECK(n_events <= r.max_reasons);
    }
    CHECK_EQ(s.n_reasons, next);
  }
  lab_close(&l);
}

static void every_table_has_the_same_bits(const family_case *k) {
  static const char *const tables[] = { "ref", "sse2", "avx2", "avx512", "neon", "wasm128" };
  static answer a, b;
  for (size_t t = 0; t < sizeof tables / sizeof *tables; t++) {
    const ink_kernels *kernels = ink_kernels_named(tables[t]);
    lab l = { 0 };
    ink_rng rng;
    if (kernels == NULL) continue;
    ink_rng_seed(&rng, 9, 4);
    open_case(&l, k, false);
    CHECK_EQ(lab_open_engine(&l, &(ink_limits){ sizeof(ink_limits), 300, N + 10, 5, 0 }, kernels), INK_OK);
    for (uint32_t i = 0; i < 50; i++) random_event(l.engine, &rng, i);
    const ink_request r = request_of(&l, k, N, INK_EXPLAIN | INK_WITH_SEEN);
    ask(l.engine, &r, t == 0 ? &a : &b);
    if (t > 0) check_same(&b, &a, true);
    lab_close(&l);
  }
}

/* The certified int8 short-cut must not show. */
static void short_cuts_do_not_show(const family_case *k) {
  lab l = { 0 };
  static answer a, b;
  ink_rng rng;
  ink_rng_seed(&rng, 10, 4);
  open_case(&l, k, false);
  for (uint32_t i = 0; i < 20; i++) {
    random_event(l.engine, &rng, i);
    ink_request r = lab_request(1 + i * 2, 0);
    ask(l.engine, &r, &a);
    r.flags = INK_EXACT_ONLY;
    ask(l.engine, &r, &b);
    check_same(&b, &a, true);
  }
  lab_close(&l);
}

static void run(void (*obligation)(const family_case *)) {
  for (size_t i = 0; i < N_KINDS; i++) {
    const int before = test_failed_checks;
    obligation(&kinds[i]);
    if (test_failed_checks != before) printf("  by %s\n", kinds[i].title);
  }
}

#define OBLIGATION(name) TEST(name) { run(name); }
OBLIGATION(the_obvious_answer)
OBLIGATION(more_than_exist)
OBLIGATION(filters_hold)
OBLIGATION(batch_equals_single)
OBLIGATION(rank_is_the_order_of_recommend)
OBLIGATION(save_and_load)
OBLIGATION(forget_equals_never)
OBLIGATION(arrival_does_not_matter)
OBLIGATION(an_empty_history_falls_back)
OBLIGATION(reasons_add_up)
OBLIGATION(every_table_has_the_same_bits)
OBLIGATION(short_cuts_do_not_show)

TEST_MAIN(T(the_obvious_answer), T(more_than_exist), T(filters_hold), T(batch_equals_single), T(rank_is_the_order_of_recommend),
          T(save_and_load), T(forget_equals_never), T(arrival_does_not_matter), T(an_empty_history_falls_back), T(reasons_add_up),
          T(every_table_has_the_same_bits), T(short_cuts_do_not_show))
