/* negatives.h - items that a person did not choose, for training pair by pair. A source draws them:
 *
 *   UNIFORM      every item equally often, or by its choices to a power ("popularity")
 *   HARD         of k such draws the one that scores highest now (Zhang et al. 2013, dynamic sampling)
 *   ADVERSARIAL  of k such draws one by a softmax of a small second model, which learns to choose those that the first one
 *                ranks too high (Wang et al. 2017, IRGAN; Park & Chang 2019, AdvIR)
 *
 * The generator is  g_u . h_j + c_j  with INK_GENERATOR_D factors. Its reward for item j is sigma(s_j - s_i), how wrongly the
 * pair stands; over the k candidates the policy gradient is exact: p_j (reward_j - mean reward) on logit j. */
#ifndef INK_NEGATIVES_H
#define INK_NEGATIVES_H

#include "positives.h"
#include "rng.h"
#include "sgd.h"
#include "strata.h"

#define INK_GENERATOR_D 8u
#define INK_MOST_CANDIDATES 64u

enum { INK_NEGATIVES_UNIFORM, INK_NEGATIVES_HARD, INK_NEGATIVES_ADVERSARIAL };

/* Walker's alias table (Vose 1991): a draw by weights in constant time. */
typedef struct ink_alias {
  uint32_t n;
  float *keep;                    /* [n] */
  uint32_t *other;                /* [n] */
} ink_alias;

/* weights [n] >= 0, their sum > 0. work [n] is scratch; keep and other are the caller's. O(n). */
void ink_alias_fill(ink_alias *a, const float *weights, uint32_t n, uint32_t *work);
static inline uint32_t ink_alias_draw(const ink_alias *a, ink_rng *rng) {
  const uint32_t i = ink_rng_below(rng, a->n);
  return ink_rng_f32(rng) < a->keep[i] ? i : a->other[i];
}

typedef struct ink_negatives {
  ink_allocator allocator;
  uint32_t how, k;                /* INK_NEGATIVES_*, candidates */
  float rate;                     /* of the generator's steps */
  const ink_positives *choices;
  const uint8_t *barred;          /* [n_items] not 0: never drawn. The caller's, set after ink_negatives_new(); NULL: none */
  float *weight;                  /* [n_items] popularity^exponent; NULL = all alike */
  float *block_weight, *keep;     /* [n_items] alias tables of the blocks of an epoch, one behind the other */
  uint32_t *other, *work;         /* [n_items] */
  ink_alias tables[INK_STRATA_BLOCKS];
  float *people, *items;          /* the generator: [n_people, INK_GENERATOR_D], [n_items, INK_GENERATOR_D]; NULL = none */
  float *item_bias;               /* [n_items] */
} ink_negatives;

ink_status ink_negatives_new(ink_negatives *n, uint32_t how, uint32_t k, double popularity, float rate, const ink_positives *choices,
                             uint64_t seed, const ink_train_env *env);
void ink_negatives_free(ink_negatives *n);
/* Tables for the blocks that the strata were dealt. */
void ink_negatives_deal(ink_negatives *n, const ink_strata *strata);

/* The model that is trained: score = person . item + bias. */
typedef struct ink_scorer {
  const ink_sgd *sgd;
  const float *items, *bias;      /* [n_items, stride], [n_items] or NULL */
  size_t stride;
} ink_scorer;

/* One item of the stratum's block that `person` did not choose, or INK_NONE when a few tries met chosen ones only.
 * `vector` is the person's, `own` the score of the chosen item. HARD and ADVERSARIAL look at scores, ADVERSARIAL learns. */
uint32_t ink_negatives_draw(const ink_negatives *n, ink_stratum *stratum, const ink_scorer *scorer, const float *vector,
                            uint32_t person, float own);

#endif
