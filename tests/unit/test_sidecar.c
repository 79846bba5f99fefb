/* test_sidecar.c - the record of training pairs and people: its bytes, what it knows, what it refuses. */
#define _POSIX_C_SOURCE 200809L
#include "hosted.h"
#include "sidecar.h"
#include "testlib.h"

static void read_text(hosted *h, ink_dataset *d, const char *text, const ink_dataset *from) {
  hosted_text t = { text, strlen(text), 0, 4096 };
  ink_dataset_init(d, &h->env.allocator);
  CHECK_EQ(ink_dataset_read(d, &(ink_source){ &t, hosted_text_read, "events.csv", 0 }, &(ink_read_options){ 0 }, from, &h->env), INK_OK);
}

static const char TRAIN[] = "user,item\nann,x\nann,y\nbob,x\nann,x\ncyd,z\n";

static void make(hosted *h, uint8_t pack[32], uint8_t **bytes, size_t *n) {
  ink_dataset d;
  hosted_init(h);
  for (int i = 0; i < 32; i++) pack[i] = (uint8_t)(i * 7);
  read_text(h, &d, TRAIN, NULL);
  CHECK_EQ(ink_sidecar_make(&d, pack, &h->env, bytes, n), INK_OK);
  ink_dataset_free(&d);
}

static void drop(hosted *h, uint8_t *bytes) {
  h->env.allocator.resize(h->env.allocator.ctx, bytes, 0);
  CHECK_EQ(h->memory.live, 0);
}

TEST(overlap_is_found) {
  hosted h;
  uint8_t pack[32], *bytes;
  size_t n;
  ink_sidecar s;
  ink_overlap o;
  ink_dataset test;
  make(&h, pack, &bytes, &n);
  CHECK_EQ(n, 64 + (3 + 4) * 8 + 4);            /* ann x stands twice in the file */
  CHECK_EQ(ink_sidecar_open(bytes, n, pack, &s, &h.fault), INK_OK);
  read_text(&h, &test, "user,item\neve,x\nbob,y\nbob,y\nann,y\nann,z\neve,z\n", NULL);
  CHECK_EQ(ink_sidecar_overlap(&s, &test, &h.env, &o), INK_OK);
  CHECK(o.n_pairs == 5 && o.n_pairs_known == 1 && o.n_users == 3 && o.n_users_known == 2);
  CHECK_EQ(o.user, 2);                          /* ann */
  CHECK_EQ(o.item, 1);                          /* y */
  ink_dataset_free(&test);
  read_text(&h, &test, "user,item\neve,x\nbob,y\n", NULL);
  CHECK_EQ(ink_sidecar_overlap(&s, &test, &h.env, &o), INK_OK);
  CHECK(o.n_pairs_known == 0 && o.n_users_known == 1 && o.user == 1 && o.item == INK_NONE);
  ink_dataset_free(&test);
  read_text(&h, &test, "user,item\neve,x\n", NULL);
  CHECK_EQ(ink_sidecar_overlap(&s, &test, &h.env, &o), INK_OK);
  CHECK(o.n_users_known == 0 && o.user == INK_NONE);
  ink_dataset_free(&test);
  drop(&h, bytes);
}

/* The digests, computed elsewhere: Python's hashlib over pack + b"u" + b"ann" and pack + b"p" + that[:8] + b"y". */
TEST(digests_are_as_documented) {
  hosted h;
  uint8_t pack[32], *bytes;
  size_t n;
  make(&h, pack, &bytes, &n);
  static const uint64_t WANT_USER = 0x1c7bf72a085bf069u, WANT_PAIR = 0xc21d4af59109791cu;
  bool user = false, pair = false;
  for (size_t at = 64; at + 8 <= n - 4; at += 8) {
    uint64_t x = 0;
    for (int i = 0; i < 8; i++) x |= (uint64_t)bytes[at + (size_t)i] << (8 * i);
    if (at < 64 + 24) user = user || x == WANT_USER;
    else pair = pair || x == WANT_PAIR;
  }
  CHECK(user);
  CHECK(pair);
  drop(&h, bytes);
}

TEST(damage_is_refused) {
  hosted h;
  uint8_t pack[32], *bytes, copy[256], other[32] = { 1 };
  size_t n;
  ink_sidecar s;
  make(&h, pack, &bytes, &n);
  for (size_t cut = 0; cut < n; cut++) CHECK_EQ(ink_sidecar_open(bytes, cut, pack, &s, &h.fault), INK_E_DATA_FORMAT);
  for (size_t i = 0; i < n * 8; i++) {
    memcpy(copy, bytes, n);
    copy[i / 8] = (uint8_t)(copy[i / 8] ^ 1u << i % 8);
    CHECK_EQ(ink_sidecar_open(copy, n, pack, &s, &h.fault), INK_E_DATA_FORMAT);
  }
  CHECK_EQ(ink_sidecar_open(bytes, n, other, &s, &h.fault), INK_E_DATA_FORMAT);
  CHECK(strstr(h.fault.allowed, "this very pack") != NULL);
  memcpy(copy + 1, bytes, n);                   /* any address will do */
  CHECK_EQ(ink_sidecar_open(copy + 1, n, pack, &s, &h.fault), INK_OK);
  drop(&h, bytes);
}

/* Many keys, so that every byte of the radix sort is used: ascending is checked by open. */
TEST(many) {
  hosted h;
  ink_dataset d;
  uint8_t pack[32] = { 9 }, *bytes;
  size_t n;
  ink_sidecar s;
  ink_overlap o;
  static char text[200000];
  size_t at = (size_t)sprintf(text, "user,item\n");
  for (int i = 0; i < 5000; i++) at += (size_t)sprintf(text + at, "u%d,i%d\n", i % 700, i);
  hosted_init(&h);
  read_text(&h, &d, text, NULL);
  CHECK_EQ(ink_sidecar_make(&d, pack, &h.env, &bytes, &n), INK_OK);
  CHECK_EQ(ink_sidecar_open(bytes, n, pack, &s, &h.fault), INK_OK);
  CHECK(s.n_users == 700 && s.n_pairs == 5000);
  CHECK_EQ(ink_sidecar_overlap(&s, &d, &h.env, &o), INK_OK);
  CHECK(o.n_pairs_known == 5000 && o.n_users_known == 700);
  ink_dataset_free(&d);
  drop(&h, bytes);
}

TEST_MAIN(T(overlap_is_found), T(digests_are_as_documented), T(damage_is_refused), T(many))
