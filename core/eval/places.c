/* places.c - see places.h. One pass over the candidates: most score below every test item and are done after one
 * comparison; the others find their block by halving. */
#include "places.h"

#include "sort_order.h"
#include "base.h"

/* ----------------------------------------------------------------- blocks */

static bool higher(const void *ctx, uint32_t a, uint32_t b) {
  const float *scores = ctx;
  return scores[a] > scores[b];
}

/* Different scores of the test items, best first, with how many have each. Returns how many blocks. */
static uint32_t make_blocks(ink_places_work *w, uint32_t n_test) {
  uint32_t n = 0;
  ink_sort_order(w->order, n_test, higher, w->scores);
  for (uint32_t i = 0; i < n_test; i++) {
    const float score = w->scores[w->order[i]];
    if (n == 0 || w->block_score[n - 1] != score) {
      w->block_score[n] = score;
      w->block_tests[n] = w->above[n] = w->equal[n] = 0;
      n++;
    }
    w->block_tests[n - 1]++;
  }
  return n;
}

/* The first block with a score that is not above `score`; n_blocks when all are. */
static uint32_t block_of(const ink_places_work *w, uint32_t n_blocks, float score) {
  uint32_t low = 0, high = n_blocks;
  while (low < high) {
    const uint32_t middle = low + (high - low) / 2;
    if (w->block_score[middle] > score) low = middle + 1;
    else high = middle;
  }
  return low;
}

/* Appends the places of a block of m candidates with r test items behind g better candidates. */
static void place_block(uint64_t g, uint64_t m, uint32_t r, ink_places *out) {
  for (uint32_t j = 1; j <= r; j++)
    out->places[out->n++] = (double)g + (double)j * (double)(m + 1) / (double)(r + 1);
}

/* ------------------------------------------------------------------- doors */

void ink_places_all(const float *scores, const uint8_t *what, uint32_t n, ink_places_work *w, ink_places *out) {
  uint32_t n_test = 0;
  for (uint32_t i = 0; i < n; i++)
    if (what[i] == INK_CANDIDATE_TEST) w->scores[n_test++] = scores[i];
  const uint32_t n_blocks = make_blocks(w, n_test);
  const float lowest = n_blocks > 0 ? w->block_score[n_blocks - 1] : 0.0f;
  uint64_t n_others = 0;
  for (uint32_t i = 0; i < n; i++) {
    if (what[i] != INK_CANDIDATE) continue;
    n_others++;
    if (n_blocks == 0 || scores[i] < lowest) continue;
    const uint32_t b = block_of(w, n_blocks, scores[i]);
    if (w->block_score[b] == scores[i]) w->equal[b]++;
    else w->above[b]++;
  }
  uint64_t others_above = 0, tests_above = 0;
  double wins = 0;
  out->n = 0;
  for (uint32_t b = 0; b < n_blocks; b++) {
    others_above += w->above[b];
    place_block(others_above + tests_above, (uint64_t)w->equal[b] + w->block_tests[b], w->block_tests[b], out);
    const double below = (double)(n_others - others_above - w->equal[b]);
    wins += (double)w->block_tests[b] * (below + 0.5 * (double)w->equal[b]);
    others_above += w->equal[b];
    tests_above += w->block_tests[b];
  }
  out->auc = n_others > 0 && n_test > 0 ? wins / ((double)n_test * (double)n_others) : 0.5;
}

bool ink_places_front(const float *scores, const uint8_t *what, uint32_t n, uint32_t max_k, bool whole, ink_places *out) {
  uint32_t last = n;              /* where the last block begins */
  while (last > 0 && scores[last - 1] == scores[n - 1]) last--;
  if (!whole && last < max_k) return false;
  const uint32_t end = whole ? n : last;
  out->n = 0;
  for (uint32_t first = 0; first < end;) {
    uint32_t next = first, r = 0;
    for (; next < end && scores[next] == scores[first]; next++) r += what[next] == INK_CANDIDATE_TEST;
    place_block(first, next - first, r, out);
    first = next;
  }
  return true;
}

/* Hoare 1961, middle of three as pivot. */
float ink_places_kth(float *x, uint32_t n, uint32_t k) {
  uint32_t low = 0, high = n - 1;
  const uint32_t wanted = k - 1;
  while (low < high) {
    const float a = x[low], b = x[low + (high - low) / 2], c = x[high];
    const float pivot = a > b ? (b > c ? b : a > c ? c : a) : (a > c ? a : b > c ? c : b);
    uint32_t i = low, j = high;
    for (;;) {
      while (x[i] > pivot) i++;
      while (x[j] < pivot) j--;
      if (i >= j) break;
      const float t = x[i];
      x[i++] = x[j];
      x[j--] = t;
    }
    /* x[low..j] >= pivot >= x[j + 1..high], or i = j on the pivot itself */
    if (wanted <= j) high = j;
    else low = j + 1;
  }
  return x[low];
}

uint32_t ink_places_top(const float *scores, const uint8_t *what, uint32_t n, uint32_t k, float *spare, uint32_t *top) {
  uint32_t n_all = 0, n_above = 0, n_top = 0;
  for (uint32_t i = 0; i < n; i++)
    if (what[i] != INK_CANDIDATE_OUT) spare[n_all++] = scores[i];
  if (k > n_all) k = n_all;
  if (k == 0) return 0;
  const float border = ink_places_kth(spare, n_all, k);
  for (uint32_t i = 0; i < n; i++) n_above += what[i] != INK_CANDIDATE_OUT && scores[i] > border;
  uint32_t n_equal = k - n_above; /* of those on the border, the first so many */
  for (uint32_t i = 0; i < n; i++) {
    if (what[i] == INK_CANDIDATE_OUT || scores[i] < border) continue;
    if (scores[i] == border && n_equal == 0) continue;
    if (scores[i] == border) n_equal--;
    top[n_top++] = i;
  }
  return n_top;
}
