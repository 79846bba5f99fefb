/* blend.h - the weights of a blend of families (family `hybrid`), fitted on events that its members were not trained on.
 *
 * Every person asked is folded from what was trained on, once with all of it and once with only the newest few
 * events, so that each bucket of history lengths meets people who fall into it.
 *
 * Choices (implicit). A person's candidates are the held-back items, the best INK_BLEND_TOP of each member and some
 * drawn at random; scores are in units of their spread over the catalogue, as they will be served. Weights start from
 * stacking by multinomial logistic regression (the probability that a held-back item is the one chosen among the
 * candidates; Newton steps, weights not below 0: Breiman 1996) and are then moved, one at a time, as long as
 * the metric asked for rises on these candidates.
 * Ratings (explicit). Least squares of the rating on the members' scores and a constant, weights not below 0.
 * Each bucket's weights are drawn towards those of all people together, as if INK_BLEND_PRIOR people spoke for these.
 *
 * Results depend on the data, the options and nothing else. */
#ifndef INK_BLEND_H
#define INK_BLEND_H

#include "dataset.h"
#include "metrics.h"

#define INK_BLEND_MEMBERS 8u
#define INK_BLEND_BUCKETS 16u
#define INK_BLEND_TOP 50u         /* candidates of each member */
#define INK_BLEND_LOTS 99u
#define INK_BLEND_PRIOR 100u

typedef struct ink_blend_options {
  uint32_t n_members;
  const char *members[INK_BLEND_MEMBERS];         /* names of families of the pack, `hybrid` not among them */
  bool is_explicit;
  ink_metric metric;              /* of a ranking, K not above INK_BLEND_TOP or none; unused for ratings */
  uint32_t n_buckets;
  uint32_t buckets[INK_BLEND_BUCKETS];            /* events from which a bucket applies; [0] is 0, rising */
  uint32_t n_people;              /* at most so many are asked */
  bool drawn_only;                /* candidates are the held-back items and INK_BLEND_LOTS others drawn at random, as in
                                   * evaluations with sampled candidates; none are there because a member likes them */
  uint64_t seed;                  /* who is asked, and which candidates are drawn */
} ink_blend_options;

typedef struct ink_blend {
  /* [n_buckets][n_members + 1] with INK_BLEND_MEMBERS + 1 columns: weights that sum to 1 (ratings: as they are), then the
   * constant (0 for choices) */
  double weights[INK_BLEND_BUCKETS][INK_BLEND_MEMBERS + 1];
  uint32_t n_samples[INK_BLEND_BUCKETS];          /* people that a bucket was fitted on */
  /* On the candidates of those people: the metric (rmse of ratings) of each member alone and of the blend. A member's
   * own figure for ratings is after the best constant and factor. */
  double alone[INK_BLEND_MEMBERS], blended;
} ink_blend;

/* `history` is what the members of `pack` were trained on, `held` further events of the same people.
 * INK_E_DATA_EMPTY: nobody could be asked. INK_E_UNKNOWN_FAMILY, INK_E_NO_MEMORY, INK_E_STOPPED. */
ink_status ink_blend_fit(const ink_pack *pack, const ink_dataset *history, const ink_dataset *held, const ink_blend_options *options,
                         const ink_train_env *env, ink_blend *out);

#endif
