/* blend_samples.h - what the members of a blend say about candidates of which the right answers are known: the table
 * that its weights are fitted on. For core/eval only. */
#ifndef INK_BLEND_SAMPLES_H
#define INK_BLEND_SAMPLES_H

#include "blend.h"

#define INK_BLEND_TESTS 64u       /* held-back items of one person that are looked at */
#define INK_BLEND_DRAWN 50u       /* candidates drawn at random */

/* One person with one history. Rows of held-back items come first. */
typedef struct ink_blend_sample {
  uint32_t person;                /* place among those that are asked, the order of which is drawn by lot */
  uint32_t n_kept;                /* newest events of the history */
  bool is_whole;                  /* they are all of it */
  uint32_t bucket;
  uint32_t n_rows, n_tests;       /* n_rows 0: nobody could say anything */
} ink_blend_sample;

typedef struct ink_blend_samples {
  ink_allocator allocator;
  uint32_t n_members, n_samples, row_cap;
  ink_blend_sample *samples;      /* [n_samples] */
  float *scores;                  /* [n_samples, row_cap, n_members] */
  float *ratings;                 /* [n_samples, INK_BLEND_TESTS] of the first n_tests rows; ratings only */
} ink_blend_samples;

static inline const float *ink_blend_rows(const ink_blend_samples *s, uint32_t sample) {
  return s->scores + (size_t)sample * s->row_cap * s->n_members;
}

/* Whatever comes of it, free afterwards. */
ink_status ink_blend_samples_make(ink_blend_samples *s, const ink_pack *pack, const ink_dataset *history, const ink_dataset *held,
                                  const ink_blend_options *options, const ink_train_env *env);
void ink_blend_samples_free(ink_blend_samples *s);

#endif
