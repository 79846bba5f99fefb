/* test_split.c - what each rule holds back, that nothing is lost or leaks, and that order does not matter. */
#define _POSIX_C_SOURCE 200809L
#include "hosted.h"
#include "split.h"
#include "testlib.h"

static void read_text(hosted *h, ink_dataset *d, const char *text, uint32_t format) {
  hosted_text t = { text, strlen(text), 0, 4096 };
  const ink_read_options options = { .format = format };
  ink_dataset_init(d, &h->env.allocator);
  CHECK_EQ(ink_dataset_read(d, &(ink_source){ &t, hosted_text_read, "events.csv", 0 }, &options, NULL, &h->env), INK_OK);
}

/* 40 people, person u with u % 7 + 1 items of which every third is repeated; the lines in either order. */
static char *make_events(bool backwards) {
  static char text[2][40 * 7 * 2 * 24];
  char *out = text[backwards];
  size_t n = (size_t)sprintf(out, "user,item\n");
  for (int i = 0; i < 40; i++) {
    const int u = backwards ? 39 - i : i;
    for (int j = 0; j <= u % 7; j++) {
      const int item = backwards ? u % 7 - j : j;
      for (int k = 0; k <= (item % 3 == 0); k++) n += (size_t)sprintf(out + n, "u%d,i%d\n", u, (u * 5 + item) % 23);
    }
  }
  return out;
}

static uint32_t find_user(const ink_dataset *d, int u) {
  char name[16];
  const int n = sprintf(name, "u%d", u);
  return ink_names_find(&d->users, (ink_text){ name, (uint32_t)n });
}

/* Different items of a person by part. */
static void count_items(const ink_dataset *d, const uint8_t *parts, uint32_t user, int *n_train, int *n_test, bool *leak) {
  int in_train[64] = { 0 }, in_test[64] = { 0 };
  for (uint64_t e = d->user_starts[user]; e < d->user_starts[user + 1]; e++) (parts[e] == INK_PART_TEST ? in_test : in_train)[d->item[e]]++;
  *n_train = *n_test = 0;
  for (int i = 0; i < 64; i++) {
    *n_train += in_train[i] > 0;
    *n_test += in_test[i] > 0;
    if (in_train[i] > 0 && in_test[i] > 0) *leak = true;
  }
}

TEST(pairs) {
  hosted h;
  ink_dataset d, b;
  hosted_init(&h);
  read_text(&h, &d, make_events(false), INK_FORMAT_CSV);
  read_text(&h, &b, make_events(true), INK_FORMAT_CSV);
  uint8_t parts[1000], back[1000], other[1000];
  const ink_split_rule rule = { .how = INK_SPLIT_PAIRS, .fraction = 0.4, .seed = 7 }, seeded = { .how = INK_SPLIT_PAIRS, .fraction = 0.4, .seed = 8 };
  const ink_split_rule all = { .how = INK_SPLIT_PAIRS, .fraction = 1 }, one = { .how = INK_SPLIT_PAIRS, .count = 1 };
  CHECK_EQ(ink_split_parts(&d, &rule, &h.env, parts), INK_OK);
  CHECK_EQ(ink_split_parts(&b, &rule, &h.env, back), INK_OK);
  CHECK_EQ(ink_split_parts(&d, &seeded, &h.env, other), INK_OK);
  CHECK(memcmp(parts, other, d.n_events) != 0);
  bool leak = false;
  int n_train, n_test;
  for (int u = 0; u < 40; u++) {
    const int n = u % 7 + 1;
    const uint32_t user = find_user(&d, u), twin = find_user(&b, u);
    count_items(&d, parts, user, &n_train, &n_test, &leak);
    const int want = (int)(0.4 * n + 0.5) < n ? (int)(0.4 * n + 0.5) : n - 1;
    CHECK_EQ(n_test, want);
    CHECK_EQ(n_train, n - want);
    /* the same items are held out whatever the order of the file */
    for (uint64_t e = d.user_starts[user]; e < d.user_starts[user + 1]; e++)
      for (uint64_t f = b.user_starts[twin]; f < b.user_starts[twin + 1]; f++) {
        const ink_text x = ink_names_at(&d.items, d.item[e]), y = ink_names_at(&b.items, b.item[f]);
        if (x.n == y.n && memcmp(x.bytes, y.bytes, x.n) == 0) CHECK_EQ(parts[e], back[f]);
      }
  }
  CHECK(!leak);
  CHECK_EQ(ink_split_parts(&d, &all, &h.env, parts), INK_OK);
  for (uint32_t u = 0; u < 40; u++) {
    count_items(&d, parts, u, &n_train, &n_test, &leak);
    CHECK_EQ(n_train, 1);                    /* never all */
  }
  CHECK_EQ(ink_split_parts(&d, &one, &h.env, parts), INK_OK);
  for (uint32_t u = 0; u < 40; u++) {
    count_items(&d, parts, u, &n_train, &n_test, &leak);
    CHECK_EQ(n_test, n_train + n_test > 1);
  }
  CHECK_EQ(ink_split_parts(&d, &(ink_split_rule){ .how = INK_SPLIT_PAIRS, .fraction = 1.01 }, &h.env, parts), INK_E_SETTING);
  ink_dataset_free(&d);
  ink_dataset_free(&b);
  CHECK_EQ(h.memory.live, 0);
}

TEST(users) {
  hosted h;
  ink_dataset d, b;
  hosted_init(&h);
  read_text(&h, &d, make_events(false), INK_FORMAT_CSV);
  read_text(&h, &b, make_events(true), INK_FORMAT_CSV);
  uint8_t parts[1000], back[1000], more[1000];
  const ink_split_rule rule = { .how = INK_SPLIT_USERS, .fraction = 0.25, .seed = 3 }, half = { .how = INK_SPLIT_USERS, .fraction = 0.5, .seed = 3 };
  CHECK_EQ(ink_split_parts(&d, &rule, &h.env, parts), INK_OK);
  CHECK_EQ(ink_split_parts(&b, &rule, &h.env, back), INK_OK);
  CHECK_EQ(ink_split_parts(&d, &half, &h.env, more), INK_OK);
  int held = 0;
  for (int u = 0; u < 40; u++) {
    const uint32_t user = find_user(&d, u);
    const uint8_t part = parts[d.user_starts[user]];
    for (uint64_t e = d.user_starts[user]; e < d.user_starts[user + 1]; e++) CHECK_EQ(parts[e], part);
    CHECK_EQ(back[b.user_starts[find_user(&b, u)]], part);
    CHECK(more[d.user_starts[user]] >= part);        /* a larger share holds out the same people and more */
    held += part == INK_PART_TEST;
  }
  CHECK_EQ(held, 10);
  ink_dataset_free(&d);
  ink_dataset_free(&b);
  CHECK_EQ(h.memory.live, 0);
}

TEST(last_and_time) {
  hosted h;
  ink_dataset d;
  uint8_t parts[16];
  hosted_init(&h);
  read_text(&h, &d, "a 1 2 3 4\nb 1\nc 1 2\nd 2 2 2\n", INK_FORMAT_SEQUENCE);
  CHECK_EQ(ink_split_parts(&d, &(ink_split_rule){ .how = INK_SPLIT_LAST, .validation = true }, &h.env, parts), INK_OK);
  CHECK(memcmp(parts, (uint8_t[]){ 0, 0, 1, 2, 0, 0, 0, 0, 1, 2 }, 10) == 0);
  CHECK_EQ(ink_split_parts(&d, &(ink_split_rule){ .how = INK_SPLIT_LAST }, &h.env, parts), INK_OK);
  CHECK(memcmp(parts, (uint8_t[]){ 0, 0, 0, 2, 0, 0, 2, 0, 0, 2 }, 10) == 0);
  ink_dataset_free(&d);
  read_text(&h, &d, "user,item,time\na,1,100\na,2,300\na,3,200\nb,1,\n", INK_FORMAT_CSV);
  CHECK_EQ(ink_split_parts(&d, &(ink_split_rule){ .how = INK_SPLIT_TIME, .time = 200000 }, &h.env, parts), INK_OK);
  CHECK(memcmp(parts, (uint8_t[]){ 0, 2, 2, 0 }, 4) == 0);
  ink_dataset_free(&d);
  read_text(&h, &d, "user,item\na,1\na,2\n", INK_FORMAT_CSV);
  CHECK_EQ(ink_split_parts(&d, &(ink_split_rule){ .how = INK_SPLIT_LAST }, &h.env, parts), INK_E_DATA_COLUMN);
  CHECK_EQ(ink_split_parts(&d, &(ink_split_rule){ .how = INK_SPLIT_TIME }, &h.env, parts), INK_E_DATA_COLUMN);
  CHECK_EQ(ink_split_parts(&d, &(ink_split_rule){ .how = 99 }, &h.env, parts), INK_E_SETTING);
  ink_dataset_free(&d);
  CHECK_EQ(h.memory.live, 0);
}

TEST(folds_and_parts) {
  hosted h;
  ink_dataset d, train, test;
  uint8_t parts[16], *folds;
  uint64_t n;
  hosted_init(&h);
  read_text(&h, &d, "user,item,rating,time\nb,x,1,5\na,y,2,9\nb,z,3,1\na,x,4,2\n", INK_FORMAT_CSV);
  hosted_text t = { "0\n1\n\n1\n2\n", 9, 0, 3 };
  CHECK_EQ(ink_folds_read(&(ink_source){ &t, hosted_text_read, "folds", 0 }, &h.env, &folds, &n), INK_OK);
  CHECK_EQ(n, 4);
  const ink_split_rule rule = { .how = INK_SPLIT_FOLDS, .folds = folds, .n_folds = n, .fold = 1 };
  CHECK_EQ(ink_split_parts(&d, &rule, &h.env, parts), INK_OK);
  /* sorted: b: z(row 2) x(row 0); a: x(row 3) y(row 1) */
  CHECK(memcmp(parts, (uint8_t[]){ 2, 0, 0, 2 }, 4) == 0);
  CHECK_EQ(ink_split_parts(&d, &(ink_split_rule){ .how = INK_SPLIT_FOLDS, .folds = folds, .n_folds = 3 }, &h.env, parts), INK_E_DATA_FORMAT);
  parts[0] = 2; parts[1] = 0; parts[2] = 0; parts[3] = 2;
  CHECK_EQ(ink_dataset_part(&d, parts, 1u << INK_PART_TRAIN, &h.env, &train), INK_OK);
  CHECK_EQ(ink_dataset_part(&d, parts, 1u << INK_PART_TEST | 1u << INK_PART_VALIDATION, &h.env, &test), INK_OK);
  CHECK(train.n_events == 2 && test.n_events == 2 && train.users.n == 2 && test.items.n == 3);
  CHECK(train.item[0] == 0 && train.item[1] == 0 && train.row[1] == 3 && train.user_starts[1] == 1);
  CHECK(test.item[0] == 2 && test.item[1] == 1 && test.value[0] == 3 && test.time[1] == 9000);
  CHECK_EQ_BITS(test.value_max, 4.0f);
  CHECK_EQ_BITS(ink_event_weight(&test, 0), 1.0f);
  ink_dataset_free(&train);
  ink_dataset_free(&test);
  CHECK_EQ(ink_dataset_part(&d, parts, 1u << INK_PART_VALIDATION, &h.env, &test), INK_OK);
  CHECK(test.n_events == 0 && test.user_starts[2] == 0);
  ink_dataset_free(&test);
  h.env.allocator.resize(h.env.allocator.ctx, folds, 0);
  ink_dataset_free(&d);
  hosted_text bad = { "0\n256\n", 6, 0, 3 };
  CHECK_EQ(ink_folds_read(&(ink_source){ &bad, hosted_text_read, "folds", 0 }, &h.env, &folds, &n), INK_E_DATA_NUMBER);
  CHECK_EQ(h.fault.at, 2);
  CHECK_EQ(h.memory.live, 0);
}

/* The published folds of MovieLens 100K cut it in five blocks of 20,000. */
TEST(real_folds) {
  FILE *events = hosted_open_data("ml-100k/u.data"), *file = events != NULL ? hosted_open_data("ml-100k/surprise_folds.txt") : NULL;
  if (file == NULL) return;
  hosted h;
  ink_dataset d, test;
  uint8_t *folds, *parts = malloc(100000);
  uint64_t n;
  hosted_init(&h);
  ink_dataset_init(&d, &h.env.allocator);
  CHECK_EQ(ink_dataset_read(&d, &(ink_source){ events, hosted_file_read, "u.data", 0 }, &(ink_read_options){ 0 }, NULL, &h.env), INK_OK);
  CHECK_EQ(ink_folds_read(&(ink_source){ file, hosted_file_read, "folds", 0 }, &h.env, &folds, &n), INK_OK);
  for (uint8_t k = 0; k < 5; k++) {
    CHECK_EQ(ink_split_parts(&d, &(ink_split_rule){ .how = INK_SPLIT_FOLDS, .folds = folds, .n_folds = n, .fold = k }, &h.env, parts), INK_OK);
    CHECK_EQ(ink_dataset_part(&d, parts, 1u << INK_PART_TEST, &h.env, &test), INK_OK);
    CHECK_EQ(test.n_events, 20000);
    ink_dataset_free(&test);
  }
  h.env.allocator.resize(h.env.allocator.ctx, folds, 0);
  free(parts);
  ink_dataset_free(&d);
  fclose(events);
  fclose(file);
  CHECK_EQ(h.memory.live, 0);
}

TEST_MAIN(T(pairs), T(users), T(last_and_time), T(folds_and_parts), T(real_folds))
