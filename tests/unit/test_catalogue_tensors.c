/* test_catalogue_tensors.c - what the catalogue of a data set says once it went through the writer and the gate. */
#define _POSIX_C_SOURCE 200809L
#include "catalogue_tensors.h"
#include "columns.h"
#include "packed.h"
#include "testlib.h"

static ink_text text_of(const char *s) { return (ink_text){ s, (uint32_t)strlen(s) }; }
static bool same(ink_text got, const char *want) { return got.n == strlen(want) && memcmp(got.bytes, want, got.n) == 0; }

static void read_both(hosted *h, ink_dataset *d, const char *events, const char *items, const ink_read_options *options) {
  static const ink_read_options plain;
  hosted_text t = { events, strlen(events), 0, 4096 }, i = { items, items != NULL ? strlen(items) : 0, 0, 4096 };
  hosted_init(h);
  ink_dataset_init(d, &h->env.allocator);
  CHECK_EQ(ink_dataset_read(d, &(ink_source){ &t, hosted_text_read, "events", 0 }, options != NULL ? options : &plain, NULL, &h->env), INK_OK);
  if (items != NULL)
    CHECK_EQ(ink_dataset_read_items(d, &(ink_source){ &i, hosted_text_read, "items", 0 }, &(ink_items_options){ .all_items = true }, &h->env), INK_OK);
}

/* A family must be in the pack, or the gate may refuse it: popularity of zero. */
static ink_status finish(hosted *h, const ink_dataset *d, ink_trained *t, packed *p) {
  void *scores;
  ink_trained_init(t, &h->env.allocator);
  CHECK_EQ(ink_catalogue_tensors(d, &h->env, t), INK_OK);
  CHECK_EQ(ink_trained_tensor(t, "popular.scores", INK_DTYPE_F32, 1, &d->items.n, &scores), INK_OK);
  CHECK_EQ(ink_trained_meta(t, "models", "popular"), INK_OK);
  return packed_open(p, t);
}

static void end(hosted *h, ink_dataset *d, ink_trained *t, packed *p) {
  packed_close(p);
  ink_trained_free(t);
  ink_dataset_free(d);
  CHECK_EQ(h->memory.live, 0);
}

TEST(ids_and_columns_come_back) {
  hosted h;
  ink_dataset d;
  ink_trained t;
  packed p;
  read_both(&h, &d, "user,item\n1,b\n1,a\n2,\xc3\xa9\n2,B\n1,ab\n",
            "id,title,tags,year,big,price,half,neg\nb,Bee,x|y,1999,5000000000,4.99,0.5,-7\nab,,y,,1,1,1.5,40000\nnew,New,z|x,7,2,,,\n", NULL);
  CHECK_EQ(finish(&h, &d, &t, &p), INK_OK);
  CHECK_EQ(ink_pack_n_items(p.pack), 6);
  CHECK(same(ink_pack_item_id(p.pack, 0), "b") && same(ink_pack_item_id(p.pack, 5), "new"));
  static const char *const IDS[] = { "b", "a", "\xc3\xa9", "B", "ab", "new" };
  for (uint32_t i = 0; i < 6; i++) CHECK_EQ(ink_pack_find(p.pack, text_of(IDS[i])), i);
  CHECK_EQ(ink_pack_find(p.pack, text_of("c")), INK_NONE);
  CHECK_EQ(ink_pack_n_columns(p.pack), 7);
  double x;
  ink_text s;
  uint32_t n;
  const uint32_t title = ink_pack_column(p.pack, text_of("title")), tags = ink_pack_column(p.pack, text_of("tags"));
  CHECK(ink_pack_text(p.pack, title, 0, &s) == INK_OK && same(s, "Bee"));
  CHECK_EQ(ink_pack_text(p.pack, title, 4, &s), INK_E_NOT_FOUND);
  CHECK(ink_pack_n_tags(p.pack, tags, 5, &n) == INK_OK && n == 2);
  CHECK(ink_pack_tag(p.pack, tags, 5, 0, &s) == INK_OK && same(s, "z"));
  CHECK(ink_pack_tag(p.pack, tags, 5, 1, &s) == INK_OK && same(s, "x"));
  CHECK_EQ(ink_pack_n_tags(p.pack, tags, 1, &n), INK_E_NOT_FOUND);
  static const struct { const char *name; uint32_t item, dtype; double want; } NUMBERS[] = {
    { "year", 0, INK_DTYPE_U16, 1999 }, { "year", 5, INK_DTYPE_U16, 7 }, { "big", 0, INK_DTYPE_I64, 5e9 },
    { "price", 0, INK_DTYPE_F64, 4.99 }, { "half", 4, INK_DTYPE_F32, 1.5 }, { "neg", 0, INK_DTYPE_I32, -7 },
  };
  for (size_t i = 0; i < sizeof NUMBERS / sizeof *NUMBERS; i++) {
    char name[32];
    ink_tensor_info tensor;
    snprintf(name, sizeof name, "items.%s", NUMBERS[i].name);
    CHECK(ink_pack_number(p.pack, ink_pack_column(p.pack, text_of(NUMBERS[i].name)), NUMBERS[i].item, &x) == INK_OK && x == NUMBERS[i].want);
    CHECK(ink_pack_tensor(p.pack, text_of(name), &tensor) == INK_OK && tensor.dtype == NUMBERS[i].dtype);
  }
  CHECK_EQ(ink_pack_number(p.pack, ink_pack_column(p.pack, text_of("year")), 4, &x), INK_E_NOT_FOUND);
  end(&h, &d, &t, &p);
}

TEST(kinds_and_scale) {
  hosted h;
  ink_dataset d;
  ink_trained t;
  packed p;
  ink_tensor_info tensor;
  read_both(&h, &d, "user,item\n1,b\n", NULL, NULL);
  CHECK_EQ(finish(&h, &d, &t, &p), INK_OK);
  CHECK_EQ(ink_pack_tensor(p.pack, text_of("events.kinds.bytes"), &tensor), INK_E_NOT_FOUND);
  CHECK_EQ(ink_pack_tensor(p.pack, text_of("events.rating"), &tensor), INK_E_NOT_FOUND);
  end(&h, &d, &t, &p);

  const float liked = 3.5f;
  const ink_read_options options = { .kind_weights = "share=3,like=4", .liked_from = &liked };
  read_both(&h, &d, "user,item,rating\n1,b,4\n1,c,0.5\n", NULL, &options);
  CHECK_EQ(finish(&h, &d, &t, &p), INK_OK);
  CHECK_EQ(ink_pack_tensor(p.pack, text_of("events.rating"), &tensor), INK_OK);
  const float *scale = tensor.data;
  CHECK(scale[0] == 0.5f && scale[1] == 4.0f && scale[2] == 3.5f);
  ink_tensor_info bytes, ends, weights;
  CHECK_EQ(ink_pack_tensor(p.pack, text_of("events.kinds.bytes"), &bytes), INK_OK);
  CHECK_EQ(ink_pack_tensor(p.pack, text_of("events.kinds.ends"), &ends), INK_OK);
  CHECK_EQ(ink_pack_tensor(p.pack, text_of("events.kinds.weights"), &weights), INK_OK);
  static const struct { const char *kind; float weight; } WANT[] = { { "share", 3 }, { "like", 4 }, { "rating", 1 }, { "view", 1 },
    { "click", 1 }, { "purchase", 10 }, { "dislike", -5 }, { "hide", 0 } };
  CHECK_EQ(weights.shape[0], 8);
  for (uint32_t i = 0; i < 8; i++) {
    const uint32_t *e = ends.data, start = i == 0 ? 0 : e[i - 1];
    CHECK(same((ink_text){ (const char *)bytes.data + start, e[i] - start }, WANT[i].kind));
    CHECK_EQ_BITS(((const float *)weights.data)[i], WANT[i].weight);
  }
  end(&h, &d, &t, &p);
}

TEST(no_memory_is_clean) {
  for (long fail = 1; fail < 100; fail++) {
    hosted h;
    ink_dataset d;
    ink_trained t;
    read_both(&h, &d, "user,item\n1,b\n2,a\n", "id,t,g,n\na,x,p|q,1\nb,,,2.5\n", &(ink_read_options){ .kind_weights = "view=3" });
    ink_trained_init(&t, &h.env.allocator);
    h.memory.fail_at = fail;
    const ink_status s = ink_catalogue_tensors(&d, &h.env, &t);
    CHECK(s == INK_OK || s == INK_E_NO_MEMORY);
    ink_trained_free(&t);
    ink_dataset_free(&d);
    CHECK_EQ(h.memory.live, 0);
    if (s == INK_OK) {
      CHECK(fail > 20);
      return;
    }
  }
  CHECK(false);
}

TEST_MAIN(T(ids_and_columns_come_back), T(kinds_and_scale), T(no_memory_is_clean))
