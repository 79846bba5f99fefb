/* reasons.c - see reasons.h. The events that weigh most are found with a heap of max_reasons parts, whose root
 * weighs least: a long history costs one comparison an event. */
#include "reasons.h"

#include "base.h"

static double magnitude(double x) { return x < 0.0 ? -x : x; }

/* What a listed part is called: an event's sequence number, or a term's. */
static uint64_t name_of(const ink_part *part, const ink_past *events) { return events ? events[part->past].seq : part->past; }

/* Does part a stand behind part b? A total order: no two share a name. */
static bool is_behind(const ink_part *a, const ink_part *b, const ink_past *events) {
  const double size_a = magnitude(a->weight), size_b = magnitude(b->weight);
  return size_a != size_b ? size_a < size_b : name_of(a, events) > name_of(b, events);
}

static void sift_down(ink_part *heap, uint32_t n, uint32_t i, ink_part part, const ink_past *events) {
  for (uint32_t child = 2 * i + 1; child < n; child = 2 * i + 1) {
    if (child + 1 < n && is_behind(&heap[child + 1], &heap[child], events)) child++;
    if (!is_behind(&heap[child], &part, events)) break;
    heap[i] = heap[child];
    i = child;
  }
  heap[i] = part;
}

/* Brings the k foremost parts to the front, in order. The others stay behind them in some fixed order. */
static void foremost(ink_part *parts, uint32_t n, uint32_t k, const ink_past *events) {
  for (uint32_t i = k / 2; i > 0; i--) sift_down(parts, k, i - 1, parts[i - 1], events);
  for (uint32_t i = k; i < n; i++) {
    const ink_part next = parts[i];
    if (!is_behind(&parts[0], &next, events)) continue;
    parts[i] = parts[0];
    sift_down(parts, k, 0, next, events);
  }
  for (uint32_t end = k; end > 1; end--) {
    const ink_part last = parts[end - 1];
    parts[end - 1] = parts[0];
    sift_down(parts, end - 1, 0, last, events);
  }
}

/* Brings event and term parts to the front, keeping their order. Returns how many there are. */
static uint32_t events_first(ink_part *parts, uint32_t n) {
  uint32_t n_events = 0;
  for (uint32_t i = 0; i < n; i++) {
    if (parts[i].kind != INK_REASON_EVENT && parts[i].kind != INK_REASON_TERM) continue;
    const ink_part part = parts[i];
    parts[i] = parts[n_events];
    parts[n_events++] = part;
  }
  return n_events;
}

/* The sum of all parts of one kind as one reason, if there are any. */
static uint32_t sum_kind(const ink_part *parts, uint32_t n, uint32_t kind, ink_reason *out) {
  double weight = 0.0;
  bool any = false;
  for (uint32_t i = 0; i < n; i++) {
    if (parts[i].kind != kind) continue;
    weight += parts[i].weight;
    any = true;
  }
  if (any) *out = (ink_reason){ .kind = kind, .item = INK_NONE, .weight = weight };
  return any;
}

static uint32_t list_events(const ink_part *parts, uint32_t n, uint32_t k, const ink_past *events, ink_reason *out) {
  uint32_t n_out = 0;
  for (uint32_t i = 0; i < k; i++) {
    const uint32_t item = events ? events[parts[i].past].item : INK_NONE;
    out[n_out++] = (ink_reason){ parts[i].kind, item, name_of(&parts[i], events), parts[i].weight };
  }
  if (n == k) return n_out;
  sum_kind(parts + k, n - k, parts[0].kind, &out[n_out]);
  out[n_out].kind = INK_REASON_OTHERS;
  out[n_out++].event = n - k;
  return n_out;
}

uint32_t ink_reasons_close(double sum, float score, ink_reason *out) {
  const ink_reason rest = { .kind = INK_REASON_REST, .item = INK_NONE, .weight = (double)score - sum };
  if (sum == (double)score) return 0;
  out[0] = rest;
  if (ink_f32_bits((float)(sum + rest.weight)) == ink_f32_bits(score)) return 1;
  out[0].weight = -sum;
  out[1] = rest;
  out[1].weight = (double)score;
  return 2;
}

/* A family's own REST parts are not listed: closing finds what is left, whatever they said. */
uint32_t ink_reasons_compose(ink_part *parts, uint32_t n_parts, const ink_past *events, float score,
                             uint32_t max_reasons, ink_reason *out) {
  const uint32_t n_events = events_first(parts, n_parts), k = ink_min_u32(n_events, max_reasons);
  double sum = 0.0;
  foremost(parts, n_events, k, events);
  uint32_t n = list_events(parts, n_events, k, events, out);
  n += sum_kind(parts + n_events, n_parts - n_events, INK_REASON_BASE, &out[n]);
  n += sum_kind(parts + n_events, n_parts - n_events, INK_REASON_PERSON, &out[n]);
  for (uint32_t i = 0; i < n; i++) sum += out[i].weight;
  return n + ink_reasons_close(sum, score, &out[n]);
}
