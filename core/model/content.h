/* content.h - items described by terms (words, tags): the profile is a vector over terms, and an item scores by the
 * terms that it shares with it. N items, T terms, Z stored pairs.
 *   content.ends, .cols, .values, .scale, .settings, .bias     as of linear_items.h, with columns below T
 *   content.terms.bytes U8, content.terms.ends U32 [T]         a string list: the words that reasons name
 *
 * x_i: row of item i, of length 1 or zero. w_i: weight of the person's merged events of item i.
 * settings[SHRINK] 0, Rocchio:    p = sum w_i x_i                score_j = x_j . p / |p|
 * settings[SHRINK] l > 0, ridge:  (X X^T + l I) alpha = y        score_j = x_j . sum alpha_i x_i
 *     over the person's last CONTENT_WINDOW items; y = w. With MODE 1 y = r - mean - bias_i - u, l is divided by the
 *     observation's confidence, and score_j = mean + bias_j + u + x_j . p: a rating.
 * Rocchio 1971; Pazzani & Billsus 2007; the ridge is solved in its dual form (Saunders et al. 1998), n x n. */
#ifndef INK_CONTENT_H
#define INK_CONTENT_H

#include "linear_items.h"

/* Observations that a ridge is fitted to: the newest, by an item's first event. */
#define CONTENT_WINDOW 256u
/* Magnitude of a weight, or of a scale of int8 weights. */
#define CONTENT_MAX_WEIGHT 127.0f
/* Terms of one catalogue. */
#define CONTENT_MAX_TERMS 16777216u

typedef struct ink_content {
  ink_linear rows;                /* first: doors of linear_items.h see it as theirs */
  const ink_kernels *kernels;
  const char *bytes;              /* terms, one after the other */
  const uint32_t *ends;           /* [T] */
} ink_content;

ink_status ink_content_bind(const ink_bind *b, ink_bound *out);

extern const ink_family ink_family_content;

#endif
