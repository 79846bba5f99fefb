/* test_fit_popular.c - people are counted, not events, and only where their weights come out above 0. */
#define _POSIX_C_SOURCE 200809L
#include "fit_popular.h"
#include "hosted.h"
#include "testlib.h"

static hosted h;
static ink_dataset data;
static ink_trained out;

static void read_lines(const char *text) {
  hosted_text t = { text, strlen(text), 0, 4096 };
  const ink_source source = { &t, hosted_text_read, "events.jsonl", strlen(text) };
  const float liked_from = 3.0f;
  const ink_read_options options = { .format = INK_FORMAT_JSONL, .liked_from = &liked_from };
  hosted_init(&h);
  ink_dataset_init(&data, &h.env.allocator);
  ink_trained_init(&out, &h.env.allocator);
  CHECK_EQ(ink_dataset_read(&data, &source, &options, NULL, &h.env), INK_OK);
}

static void done(void) {
  ink_trained_free(&out);
  ink_dataset_free(&data);
  CHECK_EQ(h.memory.live, 0);
}

static const char events[] =
  "{\"user\":\"a\",\"item\":\"x\",\"kind\":\"view\"}\n"
  "{\"user\":\"a\",\"item\":\"x\",\"kind\":\"view\"}\n"
  "{\"user\":\"a\",\"item\":\"y\",\"kind\":\"view\"}\n"
  "{\"user\":\"a\",\"item\":\"y\",\"kind\":\"dislike\"}\n"          /* 1 - 5 */
  "{\"user\":\"b\",\"item\":\"x\",\"kind\":\"rating\",\"value\":4}\n"
  "{\"user\":\"b\",\"item\":\"z\",\"kind\":\"rating\",\"value\":2}\n"   /* not liked */
  "{\"user\":\"b\",\"item\":\"y\",\"kind\":\"purchase\"}\n"
  "{\"user\":\"c\",\"item\":\"y\",\"kind\":\"hide\"}\n";

TEST(counts_people) {
  read_lines(events);
  CHECK_EQ(ink_trainer_popular.fit(&data, NULL, 1, &h.env, &out), INK_OK);
  CHECK_EQ(out.n_tensors, 1);
  const float *scores = out.tensors[0].data;
  CHECK(out.tensors[0].dtype == INK_DTYPE_F32 && out.tensors[0].rank == 1 && out.tensors[0].shape[0] == 3);
  CHECK_EQ_BITS(scores[0], 2.0f);       /* x: a, b */
  CHECK_EQ_BITS(scores[1], 1.0f);       /* y: b */
  CHECK_EQ_BITS(scores[2], 0.0f);       /* z */
  CHECK_EQ(ink_popular_tensor(&data, &h.env, &out), INK_OK);      /* there already */
  CHECK_EQ(out.n_tensors, 1);
  done();
}

TEST(no_memory) {
  bool failed = true;
  for (long n = 1; failed && n < 100; n++) {
    read_lines(events);
    h.memory.fail_at = n;
    const ink_status status = ink_trainer_popular.fit(&data, NULL, 1, &h.env, &out);
    failed = status != INK_OK;
    CHECK(!failed || status == INK_E_NO_MEMORY);
    h.memory.fail_at = 0;
    done();
  }
  CHECK(!failed);
}

TEST_MAIN(T(counts_people), T(no_memory))
