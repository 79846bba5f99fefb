/* reasons.h - from a family's parts to the reasons of one item, whose weights add up to its score.
 * Pure functions of their arguments: they know no engine and no model. */
#ifndef INK_REASONS_H
#define INK_REASONS_H

#include "model.h"

/* Lines beside the listed events: others, base, person, and a rest of one line (two in the rare case of
 * ink_reasons_close). */
#define INK_REASONS_MORE 5u

/* Reasons of an item with this score, in this order: the max_reasons events that weigh most (by magnitude, then
 * the earlier event) or, with `events` NULL, terms (then the lower term), the sum of the others, base, person, rest. Added in double in that order, from 0,
 * they round to the bits of `score`. Reorders parts. Returns how many went to out
 * [max_reasons + INK_REASONS_MORE]. */
uint32_t ink_reasons_compose(ink_part *parts, uint32_t n_parts, const ink_past *events, float score,
                             uint32_t max_reasons, ink_reason *out);

/* What is missing between a sum and a score, as 0 to 2 reasons: none when they are equal; one, when sum + rest
 * rounds to the score; else (a sum so large that its last bit outweighs the score) one that
 * takes the sum back to zero and one that is the score. */
uint32_t ink_reasons_close(double sum, float score, ink_reason *out);

#endif
