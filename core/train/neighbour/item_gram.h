/* item_gram.h - products of items' columns, G_ij = sum over people of x_ui x_uj: whole, for catalogues where the square
 * fits into memory, and of a few chosen items, where it does not. */
#ifndef INK_ITEM_GRAM_H
#define INK_ITEM_GRAM_H

#include "dataset.h"
#include "item_pairs.h"
#include "symmetric.h"

/* The matrix that weights between items are learnt from, both ways. */
typedef struct ink_choices {
  ink_matrix people, items;       /* transposes of each other */
} ink_choices;

/* Merged weights of the events. INK_E_NO_MEMORY. */
ink_status ink_choices_of(const ink_dataset *data, const ink_train_env *env, ink_choices *out);
void ink_choices_free(ink_choices *c, const ink_allocator *allocator);

/* gram [N, N] = items' products, both triangles, in parallel over rows. Sums run over people in ascending order. */
void ink_gram_whole(const ink_choices *c, const ink_train_env *env, float *gram);

/* The same as a triangle: half of the memory, half of the sums. Zero where a panel goes on behind the diagonal. */
void ink_gram_half(const ink_choices *c, const ink_train_env *env, const ink_symmetric *gram);

/* Products of one item with all others that somebody chose beside it, into empty `out`. */
void ink_gram_row(const ink_choices *c, uint32_t item, ink_sources *out);

/* One worker's room for products of chosen items. */
typedef struct ink_gram_room {
  uint32_t *count;                /* [n_people] zero between calls */
  uint32_t *start;                /* [n_people] */
  uint32_t *touched;              /* [n_people] */
  uint32_t *place; float *value;  /* [cap] (item's place, its value), person after person */
  uint32_t cap;                   /* the largest number of choices that any `most` items have together */
} ink_gram_room;
ink_status ink_gram_room_open(const ink_choices *c, uint32_t most, const ink_train_env *env, ink_gram_room *room);
void ink_gram_room_close(ink_gram_room *room, const ink_allocator *allocator);

/* gram [n, stride] = products of chosen[n], both triangles, n <= most. What lies between n and stride is not touched. */
void ink_gram_chosen(const ink_choices *c, const uint32_t *chosen, uint32_t n, size_t stride, ink_gram_room *room, float *gram);

#endif
