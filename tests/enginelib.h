/* enginelib.h - a pack and an engine in one struct, for tests of everything behind inkling.h. Blocks are
 * allocated exactly as large as was promised, and filled with rubbish first. */
#ifndef INK_ENGINELIB_H
#define INK_ENGINELIB_H

#include "inkling.h"
#include "packlib.h"
#include "testlib.h"

typedef struct lab {
  packlib pack_tensors, blocks;
  ink_pack *pack;
  ink_engine *engine;
  ink_fault fault;
  size_t engine_bytes;
} lab;

static inline void *lab_block(lab *l, size_t bytes) {
  void *block = packlib_block(&l->blocks, bytes);
  memset(block, 0xa5, bytes);
  return block;
}

static inline void lab_say(const ink_fault *fault) {
  char words[400];
  ink_fault_text(fault, words, sizeof words);
  printf("%s\n", words);
}

/* Writes l->pack_tensors as a pack and opens it. */
static inline ink_status lab_open_pack(lab *l, const char *models) {
  size_t file_bytes, mem_bytes;
  const void *file = packlib_write(&l->pack_tensors, models, &file_bytes);
  ink_status status = ink_pack_measure(file, file_bytes, &mem_bytes, &l->fault);
  if (status == INK_OK) status = ink_pack_open(file, file_bytes, lab_block(l, mem_bytes), mem_bytes, &l->pack, &l->fault);
  if (status != INK_OK) lab_say(&l->fault);
  return status;
}

static inline ink_status lab_open_engine(lab *l, const ink_limits *limits, const ink_kernels *kernels) {
  ink_status status = ink_engine_measure(l->pack, limits, &l->engine_bytes, &l->fault);
  if (status != INK_OK) return status;
  return ink_engine_open(l->pack, limits, kernels, lab_block(l, l->engine_bytes), l->engine_bytes, &l->engine, &l->fault);
}

/* Pack and engine with standard limits on the best kernels. */
static inline void lab_open(lab *l, const char *models) {
  CHECK_EQ(lab_open_pack(l, models), INK_OK);
  CHECK_EQ(lab_open_engine(l, NULL, NULL), INK_OK);
}

static inline void lab_close(lab *l) {
  packlib_free(&l->pack_tensors);
  packlib_free(&l->blocks);
  memset(l, 0, sizeof *l);
}

/* ------------------------------------------------------------------ events */

static inline ink_event lab_event(const char *item, const char *kind, float value, int64_t time) {
  return (ink_event){ ink_text_of(item), ink_text_of(kind), { NULL, 0 }, value, time, 0 };
}

static inline void lab_track(ink_engine *engine, const char *item, const char *kind, float value, int64_t time) {
  const ink_event event = lab_event(item, kind, value, time);
  ink_fault fault;
  const ink_status status = ink_track(engine, &event, NULL, NULL, &fault);
  CHECK_EQ(status, INK_OK);
  if (status != INK_OK) lab_say(&fault);
}

/* Item number `i` of packlib_items(p, "i", NULL, n). */
static inline void lab_track_item(ink_engine *engine, uint32_t i, const char *kind, float value, int64_t time) {
  char id[24];
  snprintf(id, sizeof id, "i%u", (unsigned)i);
  lab_track(engine, id, kind, value, time);
}

/* ---------------------------------------------------------------- requests */

static inline ink_request lab_request(uint32_t count, uint32_t flags) {
  return (ink_request){ .struct_bytes = sizeof(ink_request), .count = count, .flags = flags, .family = INK_NONE };
}

static inline ink_slate lab_recommend(ink_engine *engine, const ink_request *request) {
  ink_slate slate = { .struct_bytes = sizeof slate };
  CHECK_EQ(ink_recommend(engine, request, &slate), INK_OK);
  return slate;
}

/* Adds an item's reasons as inkling.h says, and compares with its score. */
static inline void lab_check_reasons(const ink_slate *slate, uint32_t i) {
  const ink_slate_item *item = &slate->items[i];
  double sum = 0;
  for (uint32_t r = 0; r < item->n_reasons; r++) sum += slate->reasons[item->reasons_first + r].weight;
  CHECK_EQ_BITS((float)sum, item->score);
}

#endif
