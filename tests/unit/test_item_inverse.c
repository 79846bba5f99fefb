/* test_item_inverse.c - rows of the inverse of products of items against elimination in double, where items are inverted and
 * where people are; numbers of workers, little memory, a singular system. */
#include "hosted.h"

#include "item_inverse.h"
#include "rng.h"
#include "testlib.h"

static hosted h;
static ink_choices choices;

/* X [people, items], a seventh of it chosen with weights 1 and 2; both ways. */
static ink_matrix matrix_of(const double *x, uint32_t n_rows, uint32_t n_cols, size_t row, size_t col) {
  ink_matrix m = { .n_rows = n_rows, .n_cols = n_cols };
  m.starts = calloc(n_rows + 1, sizeof *m.starts);
  m.cols = malloc((size_t)n_rows * n_cols * sizeof *m.cols);
  m.values = malloc((size_t)n_rows * n_cols * sizeof *m.values);
  for (uint32_t r = 0; r < n_rows; r++) {
    for (uint32_t c = 0; c < n_cols; c++) {
      if (x[r * row + c * col] == 0.0) continue;
      m.cols[m.n_values] = c;
      m.values[m.n_values++] = (float)x[r * row + c * col];
    }
    m.starts[r + 1] = m.n_values;
  }
  return m;
}

static double *open_choices(uint32_t people, uint32_t items) {
  ink_rng rng;
  double *x = calloc((size_t)people * items, sizeof *x);
  ink_rng_seed(&rng, people, items);
  for (size_t i = 0; i < (size_t)people * items; i++) x[i] = ink_rng_below(&rng, 7) == 0 ? 1.0 + ink_rng_below(&rng, 2) : 0.0;
  choices = (ink_choices){ matrix_of(x, people, items, items, 1), matrix_of(x, items, people, 1, items) };
  hosted_init(&h);
  return x;
}

static void close_choices(double *x) {
  ink_matrix *const both[] = { &choices.people, &choices.items };
  for (size_t i = 0; i < 2; i++) {
    free(both[i]->starts);
    free(both[i]->cols);
    free(both[i]->values);
  }
  free(x);
}

/* (X^T X + lambda I)^-1 by Gauss and Jordan: it is definite, so pivots need no search. */
static double *truth_of(const double *x, uint32_t people, uint32_t items, double lambda) {
  const size_t n = items;
  double *a = calloc(n * n, sizeof *a);
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++)
      for (uint32_t u = 0; u < people; u++) a[i * n + j] += x[u * n + i] * x[u * n + j];
  for (size_t i = 0; i < n; i++) a[i * n + i] += lambda;
  for (size_t k = 0; k < n; k++) {
    const double by = 1.0 / a[k * n + k];
    for (size_t j = 0; j < n; j++) a[k * n + j] *= j == k ? 0.0 : by;
    a[k * n + k] = by;
    for (size_t i = 0; i < n; i++) {
      const double times = a[i * n + k];
      if (i == k || times == 0.0) continue;
      a[i * n + k] = 0.0;
      for (size_t j = 0; j < n; j++) a[i * n + j] -= times * a[k * n + j];
    }
  }
  return a;
}

/* Rows divided by their diagonal are what ease uses. Condition numbers up to 100, so f32 is off by some 1e-5. */
static void compare(const double *x, uint32_t people, uint32_t items, bool by_people) {
  double *truth = truth_of(x, people, items, 5.0), most = 0.0;
  ink_item_inverse v;
  CHECK_EQ(ink_item_inverse_open(&v, &choices, 5.0f, &h.env), INK_OK);
  CHECK_EQ(v.by_people, by_people);
  for (uint32_t i = 0; i < items; i++) {
    const float *row = ink_item_inverse_row(&v, i, 0);
    for (uint32_t j = 0; j < items; j++) most = fmax(most, fabs((double)row[j] / (double)row[i] - truth[(size_t)i * items + j] / truth[(size_t)i * items + i]));
  }
  CHECK(most < 1e-5);
  ink_item_inverse_close(&v, &h.env.allocator);
  CHECK_EQ(h.memory.live, 0);
  free(truth);
}

TEST(rows_are_those_of_the_inverse) {
  static const struct { uint32_t people, items; bool by_people; } shapes[] = {
    { 1, 2, false }, { 3, 4, true }, { 40, 90, true }, { 90, 40, false }, { 90, 200, true }, { 200, 250, false }, { 200, 300, true },
  };
  for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++) {
    double *x = open_choices(shapes[k].people, shapes[k].items);
    compare(x, shapes[k].people, shapes[k].items, shapes[k].by_people);
    close_choices(x);
  }
}

TEST(workers_see_the_same_rows) {
  double *x = open_choices(50, 150);
  ink_item_inverse v;
  h.env.threads.n_workers = 2;
  CHECK_EQ(ink_item_inverse_open(&v, &choices, 5.0f, &h.env), INK_OK);
  for (uint32_t i = 0; i < 150; i++) {
    const float ahead = ink_item_inverse_row(&v, i, 0)[149 - i], back = ink_item_inverse_row(&v, 149 - i, 1)[i];
    CHECK_EQ_BITS(ink_item_inverse_row(&v, i, 1)[149 - i], ahead);
    CHECK_EQ_BITS(ink_item_inverse_row(&v, 149 - i, 0)[i], back);
  }
  ink_item_inverse_close(&v, &h.env.allocator);
  close_choices(x);
}

TEST(without_lambda_fewer_people_than_items_are_singular) {
  double *x = open_choices(30, 90);
  ink_item_inverse v;
  CHECK_EQ(ink_item_inverse_open(&v, &choices, 0.0f, &h.env), INK_E_SINGULAR);
  ink_item_inverse_close(&v, &h.env.allocator);
  CHECK_EQ(h.memory.live, 0);
  close_choices(x);
}

TEST(no_memory_leaves_nothing_behind) {
  for (int by_people = 0; by_people < 2; by_people++) {
    double *x = open_choices(by_people ? 10 : 40, 20);
    ink_status status = INK_E_NO_MEMORY;
    long requests = 0;
    while (status != INK_OK && requests < 100) {
      ink_item_inverse v;
      h.memory.fail_at = ++requests;
      status = ink_item_inverse_open(&v, &choices, 1.0f, &h.env);
      h.memory.fail_at = 0;
      ink_item_inverse_close(&v, &h.env.allocator);
      CHECK(status == INK_OK || status == INK_E_NO_MEMORY);
      CHECK_EQ(h.memory.live, 0);
    }
    CHECK(requests > (by_people ? 10 : 7));
    close_choices(x);
  }
}

TEST(bytes_are_those_of_the_shorter_side) {
  double *x = open_choices(30, 90);
  CHECK_NEAR(ink_item_inverse_bytes(&choices), 3.0 * 192 * 192 * 4, 0.5);
  close_choices(x);
}

TEST_MAIN(T(rows_are_those_of_the_inverse), T(workers_see_the_same_rows), T(without_lambda_fewer_people_than_items_are_singular),
          T(no_memory_leaves_nothing_behind), T(bytes_are_those_of_the_shorter_side))
