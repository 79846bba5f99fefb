/* recurrent_wasm.c - what bench_recurrent.mjs times beside scan_wasm.c's limits, in the same module: an lstm or gru of the
 * shape that pages use (one layer, D = H, items scored with the vectors that events feed in), through the doors of
 * model.h and the scan, as the engine takes them. Weights are seeded, in PyTorch's order: the peer gets them from here.
 *
 * All state lies in the caller's memory and one struct: a module has one network. */
#include "arena.h"
#include "base.h"
#include "mem.h"
#include "model.h"
#include "recurrent.h"
#include "rng.h"
#include "scan.h"

#define EXPORTED(name) __attribute__((export_name(#name)))
#define EVENTS 1000u
#define BEST 10u

enum { EMBEDDING, FROM_X, FROM_H, BIAS_X, BIAS_H, SETTINGS, TENSORS };

typedef struct network {
  const ink_family *family;
  uint32_t n_items, width, gates;
  float *data[TENSORS];
  ink_past *events;               /* [EVENTS], all of them positive */
  ink_bound bound;
  void *state, *kept, *scratch;
  ink_topk top;
} network;

static network net;

/* ---------------------------------------------------------------- tensors */

static const char *const endings[TENSORS] = { "embedding.weight", "weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0", "settings" };

static void shape_of(uint32_t which, uint32_t shape[2]) {
  const uint32_t outputs = net.gates * net.width;
  shape[0] = which == EMBEDDING ? net.n_items : which == SETTINGS ? 4 : outputs;
  shape[1] = which <= FROM_H ? net.width : 1;
}

static bool ends_in(ink_text name, const char *ending) {
  size_t n = 0;
  while (ending[n] != '\0') n++;
  return name.n > n && ink_mem_equal(name.bytes + (name.n - n), ending, n);
}

static bool find(const void *ctx, ink_text name, ink_tensor *out) {
  (void)ctx;
  for (uint32_t i = 0; i < TENSORS; i++) {
    if (!ends_in(name, endings[i])) continue;
    *out = (ink_tensor){ .name = name, .dtype = INK_DTYPE_F32, .rank = i <= FROM_H ? 2 : 1, .data = net.data[i] };
    shape_of(i, out->shape);
    out->bytes = (size_t)out->shape[0] * out->shape[1] * sizeof(float);
    return true;
  }
  return false;
}

static void fill(void) {
  ink_rng rng;
  ink_rng_seed(&rng, 66, 0);
  for (uint32_t i = 0; i < TENSORS; i++) {
    uint32_t shape[2];
    shape_of(i, shape);
    for (size_t j = 0; j < (size_t)shape[0] * shape[1]; j++) net.data[i][j] = 0.15f * (float)ink_rng_normal(&rng);
  }
  ink_mem_fill(net.data[SETTINGS], 0, 4 * sizeof(float));
  net.data[SETTINGS][0] = (float)EVENTS;
  for (uint32_t i = 0; i < EVENTS; i++)
    net.events[i] = (ink_past){ .item = ink_rng_below(&rng, net.n_items), .kind = INK_NONE, .value = 1.0f, .weight = 1.0f, .time = i, .seq = i + 1 };
}

/* ----------------------------------------------------------------- memory */

static ink_status take_tensors(ink_arena *arena) {
  for (uint32_t i = 0; i < TENSORS; i++) {
    uint32_t shape[2];
    shape_of(i, shape);
    INK_TAKE(arena, (size_t)shape[0] * shape[1], &net.data[i]);
  }
  INK_TAKE(arena, EVENTS, &net.events);
  return INK_OK;
}

static ink_status take_all(ink_arena *arena) {
  ink_fault fault;
  const ink_tensor_source tensors = { NULL, find };
  const bool measuring = ink_arena_measuring(arena);
  float *scores;
  uint32_t *items;
  INK_TRY(take_tensors(arena));
  if (!measuring) fill();
  const ink_bind bind = { .family = net.family->name, .tensors = &tensors, .n_items = net.n_items, .max_events = EVENTS,
                          .kernels = measuring ? NULL : ink_kernels_best(), .arena = arena, .fault = &fault };
  INK_TRY(net.family->bind(&bind, &net.bound));
  INK_TRY(ink_arena_take(arena, net.bound.state_bytes, 1, &net.state));
  INK_TRY(ink_arena_take(arena, net.bound.state_bytes, 1, &net.kept));
  INK_TRY(ink_arena_take(arena, net.bound.scratch_bytes + ink_scan_scratch_bytes(net.width, BEST), 1, &net.scratch));
  INK_TAKE(arena, BEST, &scores);
  INK_TAKE(arena, BEST, &items);
  ink_topk_init(&net.top, scores, items, BEST);
  return INK_OK;
}

/* Bind looks at tensors while it measures, so the tensors' own memory comes first: `at` must hold network_bytes(). */
EXPORTED(network_bytes) uint32_t network_bytes(uint32_t is_lstm, uint32_t n_items, uint32_t width) {
  net = (network){ .family = is_lstm ? &ink_family_lstm : &ink_family_gru, .gates = is_lstm ? 4 : 3, .n_items = n_items, .width = width };
  const size_t floats = (size_t)n_items * width + 4 * (size_t)net.gates * width * (width + 32);
  return (uint32_t)(floats * sizeof(float)) + (1u << 20);
}

EXPORTED(network_init) uint32_t network_init(uint32_t at, uint32_t bytes) {
  ink_arena arena;
  ink_arena_init(&arena, (void *)(uintptr_t)at, bytes);
  return (uint32_t)take_all(&arena);
}

EXPORTED(network_tensor) uint32_t network_tensor(uint32_t which) { return (uint32_t)(uintptr_t)net.data[which]; }
EXPORTED(network_item) uint32_t network_item(uint32_t event) { return net.events[event].item; }

/* ---------------------------------------------------------------- running */

static ink_arena scratch(void) {
  ink_arena arena;
  ink_arena_init(&arena, net.scratch, net.bound.scratch_bytes + ink_scan_scratch_bytes(net.width, BEST));
  return arena;
}

EXPORTED(network_fold) uint32_t network_fold(uint32_t n) {
  const ink_history history = { net.events, n, 0 };
  ink_arena arena = scratch();
  return (uint32_t)net.family->fold(net.bound.model, &history, net.state, &arena);
}

/* The state that network_step() starts from: of n events. */
EXPORTED(network_keep) uint32_t network_keep(uint32_t n) {
  const uint32_t status = network_fold(n);
  ink_mem_copy(net.kept, net.state, net.bound.state_bytes);
  return status;
}

/* Event n after those of network_keep(n), from a copy of that state. */
EXPORTED(network_step) uint32_t network_step(uint32_t n) {
  const ink_history history = { net.events, n + 1, 0 };
  ink_arena arena = scratch();
  ink_mem_copy(net.state, net.kept, net.bound.state_bytes);
  return (uint32_t)net.family->step(net.bound.model, &history, net.state, &arena);
}

/* Where the query of the state lies: [width]. */
EXPORTED(network_query) uint32_t network_query(void) {
  ink_query query;
  net.family->query(net.bound.model, net.state, &query);
  return (uint32_t)(uintptr_t)query.vector;
}

/* Ten best of all items for the state. */
EXPORTED(network_top) uint32_t network_top(void) {
  const ink_filter all = { .n_items = net.n_items, .n_left = net.n_items };
  const ink_scan_options options = { 0 };
  ink_arena arena = scratch();
  ink_scan_report report;
  ink_query query;
  net.family->query(net.bound.model, net.state, &query);
  ink_topk_init(&net.top, net.top.scores, net.top.items, BEST);
  return (uint32_t)ink_scan_top(ink_kernels_best(), &query, &all, &options, &arena, &net.top, &report);
}

EXPORTED(network_best) uint32_t network_best(uint32_t place) { return net.top.items[place]; }

/* ---------------------------------------------------------- the parts alone */

EXPORTED(network_curves) void network_curves(uint32_t sigmoids, uint32_t tanhs) {
  const ink_kernels *const kernels = ink_kernels_best();
  kernels->sigmoid_f32(net.scratch, sigmoids);
  kernels->tanh_f32(net.scratch, tanhs);
}
