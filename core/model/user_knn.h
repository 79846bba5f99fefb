/* user_knn.h - people like this one: similarity of the person's events with *prototypes* (means over groups of people, so
 * that no person's row is in a pack), and a sum over the nearest of them. N items, P prototypes.
 *   user_knn.ends, .cols, .values, .scale, .settings, .bias     as of linear_items.h: row i lists the prototypes that know
 *                                item i, columns below P; a value v_ip is how they chose it, or their mean residual rating
 *   user_knn.norms F32 [P]       lengths of the prototypes, by the items' weights (sums)
 *   user_knn.near F32 [2]        how many neighbours count (ties with the last: all); similarity's shrink
 *   user_knn.item_weights F32 [N]   optional, sums: f_i, how much an item counts when people are compared; else 1
 *   user_knn.votes F32 [N]       optional, sums: g_j, what a neighbour's choice of an item is worth; else 1
 *   user_knn.reach F32 [P]       optional: a prototype is also near to whom it is as like as this, however many are nearer
 *
 * x_i: a person's weight of item i (sums), or rating less mean, bias and person (means).
 * sums:    s_p = sum_i f_i x_i v_ip / (sqrt(sum f_i x_i^2) norm_p + shrink)  score_j = g_j sum_near s_p v_jp
 * means:   s_p = sum_i x_i v_ip / (|x| |v_p| over the items both have + shrink)
 *          score_j = mean + u + bias_j + sum_near s_p v_jp / (sum_near with j s_p + settings[SHRINK])
 * Only s_p > 0 are near. Herlocker et al. 1999; prototypes: Xue et al. 2005; reverse neighbours: Korn & Muthukrishnan 2000. */
#ifndef INK_USER_KNN_H
#define INK_USER_KNN_H

#include "linear_items.h"

enum { USER_KNN_NEAR, USER_KNN_SHRINK, USER_KNN_N };

typedef struct ink_user_knn {
  ink_linear rows;                /* first: doors of linear_items.h see it as theirs */
  const float *norms;             /* [P] */
  const float *near;              /* [USER_KNN_N] */
  const float *item_weights;      /* [N], or NULL */
  const float *votes;             /* [N], or NULL */
  const float *reach;             /* [P], or NULL */
} ink_user_knn;

ink_status ink_user_knn_bind(const ink_bind *b, ink_bound *out);

typedef struct ink_user_knn_state {
  ink_linear_state *seen;         /* sum [P]: similarities of those near, others 0 */
  float *by;                      /* [P] what products are multiplied by to be similarities */
} ink_user_knn_state;
ink_status ink_user_knn_lay_out(const ink_user_knn *u, ink_arena *arena, ink_user_knn_state **out);

extern const ink_family ink_family_user_knn;

#endif
