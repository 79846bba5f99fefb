/* blend.h - the weights of a blend of families (family `hybrid`), fitted on events that its members were not trained on.
 *
 * Every person asked is folded from what was trained on, all of it: those whom the blend will meet. Only where a bucket of
 * history lengths has fewer than INK_BLEND_ENOUGH of them, people with longer histories stand in with their newest few
 * events, until there are INK_BLEND_FILLED. (Members rank otherwise for a history that was cut short than for one that ends there, so stand-ins are no good
 * where real people are to be had.)
 *
 * Choices (implicit). A person's candidates are the held-back items, the best INK_BLEND_TOP of each member and some
 * drawn at random; scores are in units of their spread over the catalogue, as they will be served. Weights start from
 * stacking by multinomial logistic regression (the probability that a held-back item is the one chosen among the
 * candidates; Newton steps, weights not below 0: Breiman 1996) and are then moved, one at a time, as long as
 * the metric asked for rises on these candidates.
 * Ratings (explicit). Least squares of the rating on the members' scores and a constant, weights not below 0.
 * Each bucket's weights are drawn towards those of all real people together, as if INK_BLEND_PRIOR people spoke for these.
 *
 * The blend and each member alone are judged on people whom their weights were not fitted on: each half of the people by the
 * weights of the other half (members of ratings get a constant and a factor). Where the blend is no better there than its
 * best member, that member gets all the weight. A member of choices with less than a fiftieth in every bucket gets none.
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
#define INK_BLEND_ENOUGH 200u     /* people of a bucket */
#define INK_BLEND_FILLED 1000u    /* people of a bucket that had too few: one or two events tell little, so many are asked */

typedef struct ink_blend_options {
  uint32_t n_members;
  const char *members[INK_BLEND_MEMBERS];         /* names of families of the pack, `hybrid` not among them */
  bool is_explicit;
  ink_metric metric;              /* of a ranking, K not above INK_BLEND_TOP or none; unused for ratings */
  uint32_t n_buckets;
  uint32_t buckets[INK_BLEND_BUCKETS];            /* events from which a bucket applies; [0] is 0, rising */
  uint32_t n_people;              /* at most so many are asked */
  bool drawn_only;                /* candidates are INK_BLEND_LOTS items drawn at random and one held-back item at a time, as
                                   * in evaluations with sampled candidates; none are there because a member likes them */
  uint64_t seed;                  /* who is asked, and which candidates are drawn */
} ink_blend_options;

typedef struct ink_blend {
  /* [n_buckets][n_members + 1] with INK_BLEND_MEMBERS + 1 columns: weights that sum to 1 (ratings: as they are), then the
   * constant (0 for choices) */
  double weights[INK_BLEND_BUCKETS][INK_BLEND_MEMBERS + 1];
  uint32_t n_samples[INK_BLEND_BUCKETS];          /* people that a bucket was fitted on */
  /* On the candidates of people that they were not fitted on: the metric (rmse of ratings) of each member alone and of the
   * blend. */
  double alone[INK_BLEND_MEMBERS], blended;
  bool is_blend;                  /* false: no blend was better than the best member, which has all the weight */
} ink_blend;

/* `history` is what the members of `pack` were trained on, `held` further events of the same people.
 * INK_E_DATA_EMPTY: nobody could be asked. INK_E_UNKNOWN_FAMILY, INK_E_NO_MEMORY, INK_E_STOPPED. */
ink_status ink_blend_fit(const ink_pack *pack, const ink_dataset *history, const ink_dataset *held, const ink_blend_options *options,
                         const ink_train_env *env, ink_blend *out);
/* Has this member any weight? */
bool ink_blend_speaks(const ink_blend *blend, const ink_blend_options *options, uint32_t member);

#endif
