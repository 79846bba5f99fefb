/* fitted.h - tests of trainers: settings by name, a fit, and scores of what it made by the family that ships. Include hosted.h
 * first. One of each at a time: everything is static. */
#ifndef INK_TEST_FITTED_H
#define INK_TEST_FITTED_H

#include "model.h"
#include "testlib.h"
#include "utf8.h"

static hosted h;
static ink_dataset data;
static ink_trained trained;
static double values[32];

static inline void fitted_read(const char *text, uint32_t format) {
  hosted_text t = { text, strlen(text), 0, 4096 };
  const ink_source source = { &t, hosted_text_read, "events", strlen(text) };
  const ink_read_options options = { .format = format };
  hosted_init(&h);
  ink_dataset_init(&data, &h.env.allocator);
  CHECK_EQ(ink_dataset_read(&data, &source, &options, NULL, &h.env), INK_OK);
}

static inline void fitted_standard(const ink_trainer *trainer) {
  for (uint32_t i = 0; i < trainer->n_settings; i++) values[i] = trainer->settings[i].standard;
}

static inline void fitted_set(const ink_trainer *trainer, const char *name, double value) {
  uint32_t found = 0;
  for (uint32_t i = 0; i < trainer->n_settings; i++)
    if (strcmp(trainer->settings[i].name, name) == 0) values[i] = value, found++;
  CHECK_EQ(found, 1);
}

/* The index of a word of a setting. */
static inline double fitted_word(const ink_trainer *trainer, const char *name, const char *word) {
  for (uint32_t i = 0; i < trainer->n_settings; i++)
    for (uint32_t w = 0; strcmp(trainer->settings[i].name, name) == 0 && trainer->settings[i].words[w] != NULL; w++)
      if (strcmp(trainer->settings[i].words[w], word) == 0) return w;
  CHECK(false);
  return 0;
}

static inline ink_status fitted_fit(const ink_trainer *trainer) {
  ink_trained_init(&trained, &h.env.allocator);
  const ink_status status = trainer->fit(&data, values, 1, &h.env, &trained);
  if (status != INK_OK) ink_trained_free(&trained);
  return status;
}

static inline void fitted_close(void) {
  ink_trained_free(&trained);
  ink_dataset_free(&data);
  CHECK_EQ(h.memory.live, 0);
}

static inline uint32_t fitted_item(const char *id) { return ink_names_find(&data.items, ink_text_of(id)); }

static inline bool fitted_find(const void *ctx, ink_text name, ink_tensor *out) {
  (void)ctx;
  for (uint32_t i = 0; i < trained.n_tensors; i++)
    if (ink_text_equal(trained.tensors[i].name, name)) return *out = trained.tensors[i], true;
  return false;
}

/* Scores of all items for a history of at most 16 events. */
static inline void fitted_score(const ink_family *family, const ink_past *events, uint32_t n, float *out) {
  static _Alignas(64) uint8_t model[4096], state[65536], scratch[65536];
  const ink_tensor_source source = { NULL, fitted_find };
  const ink_history history = { events, n, 0 };
  ink_arena arena, work;
  ink_bound bound;
  ink_arena_init_measure(&arena);
  ink_bind b = { .tensors = &source, .family = family->name, .n_items = data.items.n, .max_events = 16, .arena = &arena, .fault = &h.fault };
  CHECK_EQ(family->bind(&b, &bound), INK_OK);
  ink_arena_init(&arena, model, sizeof model);
  b.kernels = ink_kernels_best();
  CHECK_EQ(family->bind(&b, &bound), INK_OK);
  CHECK(bound.state_bytes <= sizeof state && bound.scratch_bytes <= sizeof scratch);
  ink_arena_init(&work, scratch, bound.scratch_bytes);
  CHECK_EQ(family->fold(bound.model, &history, state, &work), INK_OK);
  family->score(bound.model, state, 0, data.items.n, out);
}

#endif
