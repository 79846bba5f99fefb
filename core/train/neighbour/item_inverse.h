/* item_inverse.h - rows of P = (X^T X + lambda I)^-1, the inverse of regularised products of all items, up to a factor a row.
 *
 * Of X [people, items] the shorter side is inverted. Where people are fewer (by a quarter at least) it is K = X X^T + lambda I, since
 *   lambda P = I - X^T K^-1 X                     (Woodbury's identity),
 * which for 610 people and 9,724 items is 4,000 times less work. */
#ifndef INK_ITEM_INVERSE_H
#define INK_ITEM_INVERSE_H

#include "item_gram.h"
#include "symmetric.h"

typedef struct ink_item_inverse_room {
  uint32_t first;                 /* the first item that `rows` holds */
  float *rows;                    /* [64, n_items] */
  float *people, *turned;         /* [16, n_people] K^-1 x of some items; [n_people, 16]. By people only, as what follows */
  float *items;                   /* [n_items, 16] X^T of these */
} ink_item_inverse_room;

typedef struct ink_item_inverse {
  const ink_choices *choices;
  bool by_people;
  ink_symmetric half;             /* P in half its square, or all of K^-1 as a square */
  const ink_kernels *kernels;
  ink_item_inverse_room *rooms;   /* [n_workers] */
  uint32_t n_workers;
} ink_item_inverse;

/* Bytes that it takes, but for some MB a worker. */
double ink_item_inverse_bytes(const ink_choices *c);

/* lambda >= 0. On failure too the caller closes. Errors: INK_E_SINGULAR (a larger lambda helps), INK_E_NO_MEMORY, INK_E_STOPPED. */
ink_status ink_item_inverse_open(ink_item_inverse *v, const ink_choices *choices, float lambda, const ink_train_env *env);
void ink_item_inverse_close(ink_item_inverse *v, const ink_allocator *allocator);

/* Row `item` [n_items] times a positive number, borrowed until the worker's next call. Cheap where items come in their order. */
const float *ink_item_inverse_row(const ink_item_inverse *v, uint32_t item, uint32_t worker);

#endif
