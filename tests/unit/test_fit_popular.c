/* test_fit_popular.c - people are counted, not events, and only where their weights come out above 0; by age, by trend, and
 * with similar items set apart. */
#define _POSIX_C_SOURCE 200809L
#include "columns.h"
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

static const double standard[] = { 0, 0, 0.3 };

TEST(counts_people) {
  read_lines(events);
  CHECK_EQ(ink_trainer_popular.fit(&data, standard, 1, &h.env, &out), INK_OK);
  CHECK_EQ(out.n_tensors, 1);
  const float *scores = out.tensors[0].data;
  CHECK(out.tensors[0].dtype == INK_DTYPE_F32 && out.tensors[0].rank == 1 && out.tensors[0].shape[0] == 3);
  CHECK_EQ_BITS(scores[0], 2.0f);       /* x: a, b */
  CHECK_EQ_BITS(scores[1], 1.0f);       /* y: b */
  CHECK_EQ_BITS(scores[2], 0.0f);       /* z */
  CHECK_EQ(ink_popular_tensor(&data, &h.env, &out), INK_OK);      /* there already */
  CHECK_EQ(ink_trainer_popular.fit(&data, standard, 1, &h.env, &out), INK_OK);
  CHECK_EQ(out.n_tensors, 1);
  done();
}

TEST(no_memory) {
  bool failed = true;
  for (long n = 1; failed && n < 100; n++) {
    read_lines(events);
    h.memory.fail_at = n;
    const ink_status status = ink_trainer_popular.fit(&data, standard, 1, &h.env, &out);
    failed = status != INK_OK;
    CHECK(!failed || status == INK_E_NO_MEMORY);
    h.memory.fail_at = 0;
    done();
  }
  CHECK(!failed);
}

static const char dated[] =
  "{\"user\":\"a\",\"item\":\"x\",\"kind\":\"view\",\"time\":\"2024-01-01\"}\n"
  "{\"user\":\"a\",\"item\":\"x\",\"kind\":\"view\",\"time\":\"2024-01-21\"}\n"    /* the newest counts */
  "{\"user\":\"b\",\"item\":\"x\",\"kind\":\"view\",\"time\":\"2024-01-31\"}\n"
  "{\"user\":\"a\",\"item\":\"y\",\"kind\":\"view\",\"time\":\"2024-01-11\"}\n"
  "{\"user\":\"b\",\"item\":\"z\",\"kind\":\"view\",\"time\":\"2024-01-31\"}\n";

static const float *fit_with(double rank, double half_life, double diversity) {
  const double values[] = { rank, half_life, diversity };
  CHECK_EQ(ink_trainer_popular.fit(&data, values, 1, &h.env, &out), INK_OK);
  return out.tensors[0].data;
}

TEST(people_age) {
  read_lines(dated);
  const float *scores = fit_with(0, 10, 0);
  CHECK_NEAR((double)scores[0], 0.5 + 1.0, 1e-6);       /* ten days ago, and today */
  CHECK_NEAR((double)scores[1], 0.25, 1e-6);
  CHECK_NEAR((double)scores[2], 1.0, 1e-6);
  done();
}

TEST(trends_rise_above_their_share) {
  read_lines(dated);
  const float *scores = fit_with(1, 10, 0);
  const double all = 4, recent = 2.75, share[] = { 2 * recent / all, recent / all };
  CHECK_NEAR((double)scores[0], (1.5 - share[0]) / sqrt(share[0] + 1), 1e-6);
  CHECK_NEAR((double)scores[1], (0.25 - share[1]) / sqrt(share[1] + 1), 1e-6);
  CHECK_NEAR((double)scores[2], (1.0 - share[1]) / sqrt(share[1] + 1), 1e-6);
  done();
}

TEST(ages_need_times) {
  const double values[] = { 1, 0, 0 };
  read_lines(events);
  CHECK_EQ(ink_trainer_popular.fit(&data, values, 1, &h.env, &out), INK_E_SETTING);
  done();
}

static void read_items(const char *text) {
  hosted_text t = { text, strlen(text), 0, 4096 };
  const ink_source source = { &t, hosted_text_read, "items.csv", strlen(text) };
  CHECK_EQ(ink_dataset_read_items(&data, &source, &(ink_items_options){ .types = "kind=tags" }, &h.env), INK_OK);
}

/* a, b and c chosen by 10, 9 and 8 people; a and b are alike, so c comes second; d has nobody. */
TEST(similar_items_stand_apart) {
  char text[8192] = "", line[128];
  for (int p = 0; p < 10; p++)
    for (int i = 0; i < 3 && p < 10 - i; i++) {
      snprintf(line, sizeof line, "{\"user\":\"p%d\",\"item\":\"%c\",\"kind\":\"view\"}\n", p, 'a' + i);
      strcat(text, line);
    }
  strcat(text, "{\"user\":\"p0\",\"item\":\"d\",\"kind\":\"dislike\"}\n");
  for (int round = 0; round < 2; round++) {
    read_lines(text);
    read_items("id,kind\na,red\nb,red\nc,blue\nd,blue\n");
    const float *scores = fit_with(0, 0, round == 0 ? 0.5 : 0.0);
    CHECK_EQ_BITS(scores[0], 10.0f);
    CHECK_EQ_BITS(scores[2], 8.0f);
    CHECK_NEAR((double)scores[1], round == 0 ? 4.5 : 9.0, 1e-5);
    CHECK_EQ_BITS(scores[3], 0.0f);
    done();
  }
  read_lines(text);
  CHECK_EQ_BITS(fit_with(0, 0, 1)[1], 9.0f);            /* nothing is known of the items */
  done();
}

TEST_MAIN(T(counts_people), T(no_memory), T(people_age), T(trends_rise_above_their_share), T(ages_need_times), T(similar_items_stand_apart))
