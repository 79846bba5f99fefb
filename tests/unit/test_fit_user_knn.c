/* test_fit_user_knn.c - prototypes: means over camps of people, nobody's row among them, nothing that only one person chose;
 * all people as rows agree with cosines by hand; ratings; what is refused; memory that runs out. */
#include "hosted.h"

#include "fit_user_knn.h"
#include "testlib.h"
#include "utf8.h"

static hosted h;
static ink_dataset data;
static ink_trained trained;
static double values[32];

static void read_text(const char *text, uint32_t format) {
  CHECK_EQ(hosted_read_events(&h, &data, text, format), INK_OK);
}

static void standard(void) {
  for (uint32_t i = 0; i < ink_trainer_user_knn.n_settings; i++) values[i] = ink_trainer_user_knn.settings[i].standard;
}

static void set(const char *name, double value) {
  uint32_t found = 0;
  for (uint32_t i = 0; i < ink_trainer_user_knn.n_settings; i++)
    if (strcmp(ink_trainer_user_knn.settings[i].name, name) == 0) values[i] = value, found++;
  CHECK_EQ(found, 1);
}

static ink_status fit(void) {
  ink_trained_init(&trained, &h.env.allocator);
  const ink_status status = ink_trainer_user_knn.fit(&data, values, 1, &h.env, &trained);
  if (status != INK_OK) ink_trained_free(&trained);
  return status;
}

static const ink_tensor *tensor(const char *name) {
  for (uint32_t i = 0; i < trained.n_tensors; i++)
    if (ink_text_equal(trained.tensors[i].name, ink_text_of(name))) return &trained.tensors[i];
  return NULL;
}

static const float *floats(const char *name) { return tensor(name)->data; }
static uint32_t first_pair(uint32_t item) { return item == 0 ? 0 : ((const uint32_t *)tensor("user_knn.ends")->data)[item - 1]; }
static uint32_t pairs_of(const char *id) {
  const uint32_t item = ink_names_find(&data.items, ink_text_of(id));
  return ((const uint32_t *)tensor("user_knn.ends")->data)[item] - first_pair(item);
}
static float value_of(const char *id) { return floats("user_knn.values")[first_pair(ink_names_find(&data.items, ink_text_of(id)))]; }

static void close_all(void) {
  ink_trained_free(&trained);
  ink_dataset_free(&data);
  CHECK_EQ(h.memory.live, 0);
}

/* Twelve people like tea and cups, twelve like rum and songs; one of each knows a secret; three of the first like songs too. */
static void read_camps(void) {
  static char text[4096];
  size_t at = 0;
  for (int u = 0; u < 24; u++)
    at += (size_t)sprintf(text + at, "u%d %s%s%s\n", u, u < 12 ? "tea cup" : "rum song", u == 0 ? " diary" : u == 12 ? " chest" : "", u > 8 && u < 12 ? " song" : "");
  read_text(text, INK_FORMAT_ADJACENCY);
}

TEST(two_camps_are_two_prototypes) {
  hosted_init(&h);
  read_camps();
  standard();
  set("prototypes", 4);
  set("weights", 1);
  set("weighting", 0);
  CHECK_EQ(fit(), INK_OK);
  CHECK_EQ(tensor("user_knn.norms")->shape[0], 2);
  CHECK(pairs_of("tea") == 1 && pairs_of("cup") == 1 && pairs_of("rum") == 1 && pairs_of("song") == 2);
  CHECK(pairs_of("diary") == 0 && pairs_of("chest") == 0);             /* one person is no support */
  CHECK_EQ_BITS(value_of("tea"), 1.0f);
  const float *song = floats("user_knn.values") + first_pair(ink_names_find(&data.items, ink_text_of("song")));
  CHECK((song[0] == 0.25f && song[1] == 1.0f) || (song[1] == 0.25f && song[0] == 1.0f));
  const float *norms = floats("user_knn.norms");
  const double tea = sqrt(1 + 1 + 0.25 * 0.25), rum = sqrt(2);
  CHECK(fabs((double)norms[0] - tea) + fabs((double)norms[1] - rum) < 1e-6 || fabs((double)norms[1] - tea) + fabs((double)norms[0] - rum) < 1e-6);
  close_all();
}

/* log(1 + 4 / (1 + n)): b was chosen by two of four, a by three, c by one. What is stored is the choice; its weight stands apart. */
TEST(everybodys_row_and_tf_idf) {
  hosted_init(&h);
  read_text("u a b\nv a\nw a b\nx c\n", INK_FORMAT_ADJACENCY);
  standard();
  set("rows", 1);
  set("weights", 1);
  set("weighting", 1);
  CHECK_EQ(fit(), INK_OK);
  CHECK_EQ(tensor("user_knn.norms")->shape[0], 4);
  CHECK(pairs_of("a") == 3 && pairs_of("b") == 2 && pairs_of("c") == 1);
  CHECK_NEAR((double)value_of("b"), 1, 1e-6);
  CHECK_NEAR((double)floats("user_knn.item_weights")[ink_names_find(&data.items, ink_text_of("c"))], log(3.0) * log(3.0), 1e-6);
  CHECK_NEAR((double)floats("user_knn.votes")[ink_names_find(&data.items, ink_text_of("c"))], sqrt(log(3.0)), 1e-6);
  CHECK_NEAR((double)floats("user_knn.norms")[0], sqrt(log(2.0) * log(2.0) + log(7.0 / 3) * log(7.0 / 3)), 1e-6);
  CHECK_NEAR((double)floats("user_knn.norms")[1], log(2.0), 1e-6);
  close_all();
}

/* Of u = (a b), v = (a), w = (a b), x = (c): the nearest of u is w, of v both at 1/sqrt(2), of x nobody. The second nearest of u is v. */
TEST(rows_reach_as_far_as_their_nearest) {
  static const double nearest[2][4] = { { 1, 0.70710678, 1, 0 }, { 0.70710678, 0.70710678, 0.70710678, 0 } };
  for (int second = 0; second < 2; second++) {
    hosted_init(&h);
    read_text("u a b\nv a\nw a b\nx c\n", INK_FORMAT_ADJACENCY);
    standard();
    set("rows", 1);
    set("weighting", 0);
    set("reverse", 1 + second);
    CHECK_EQ(fit(), INK_OK);
    for (uint32_t p = 0; p < 4; p++) CHECK_NEAR((double)floats("user_knn.reach")[p], nearest[second][p], 2e-5);
    close_all();
  }
}

/* Residuals of the baseline sum to nothing a person; a group's mean is pulled by item_shrink people. */
TEST(ratings_are_residuals) {
  hosted_init(&h);
  read_text("a p 5\na q 1\nb p 5\nb q 1\nc p 1\nc q 5\nd p 1\nd q 5\n", INK_FORMAT_RATINGS);
  standard();
  set("people_each", 2);
  set("prototypes", 2);
  set("weights", 1);
  set("item_shrink", 2);
  CHECK_EQ(fit(), INK_OK);
  CHECK_EQ(tensor("user_knn.norms")->shape[0], 2);
  CHECK_EQ_BITS(floats("user_knn.settings")[0], 1.0f);
  for (uint32_t z = 0; z < 4; z++) CHECK_NEAR(fabs((double)floats("user_knn.values")[z]), 2 * 2.0 / (2 + 2), 1e-5);
  close_all();
}

TEST(fewer_people_than_a_group_needs) {
  hosted_init(&h);
  read_text("u a b\nv a\n", INK_FORMAT_ADJACENCY);
  standard();
  CHECK_EQ(fit(), INK_E_SETTING);
  ink_dataset_free(&data);
  CHECK_EQ(h.memory.live, 0);
}

TEST(no_memory_leaves_nothing_behind) {
  for (int mode = 0; mode < 3; mode++) {
    ink_status status = INK_E_NO_MEMORY;
    long requests = 0;
    hosted_init(&h);
    if (mode == 2) read_text("a p 5\na q 1\nb p 5\nb q 2\nc p 1\nc q 5\n", INK_FORMAT_RATINGS);
    else read_camps();
    standard();
    set("people_each", 2);
    set("rows", mode == 1);
    const long before = h.memory.live;
    while (status != INK_OK && requests < 1000) {
      h.memory.fail_at = ++requests;
      status = fit();
      h.memory.fail_at = 0;
      if (status != INK_OK) CHECK(status == INK_E_NO_MEMORY && h.memory.live == before);
    }
    CHECK(requests > 10);
    close_all();
  }
}

TEST_MAIN(T(two_camps_are_two_prototypes), T(everybodys_row_and_tf_idf), T(rows_reach_as_far_as_their_nearest), T(ratings_are_residuals),
          T(fewer_people_than_a_group_needs), T(no_memory_leaves_nothing_behind))
