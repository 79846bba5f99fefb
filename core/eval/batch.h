/* batch.h - the slates of many people at once, where scores are dot products with rows of F32. One by one each person reads all
 * rows from memory; a group of people reads them once, by a matrix product; and most of the catalogue nobody reads.
 *
 * Rows are gone through by length, longest first. When a person's vector times the length of the next row cannot reach the
 * worst score that still matters to him, nothing behind it can (Cauchy-Schwarz): he is done (Teflioudi et al. 2015).
 *
 * What is left goes through a *screen*, which says for each score within which bounds it lies: a product of bytes
 * (batch_bytes.c) or of floats (batch_floats.c; it adds in another order than the engine, and fuses). So many best lower bounds
 * as are wanted make a border that so many items surely reach; an item whose upper bound is below it cannot be among them.
 * The others, few more than are wanted, are scored again as the engine scores: the front of a ranking has the engine's bits,
 * whatever screened it. Bounds are wider by e = 4(d + 4) 2^-24 (|vector| longest row + largest bias + |offset|): the usual bound
 * of a dot product in any order (Higham 2002, section 3.1) for the engine's sum and the screen's, and as much again.
 *
 * Who cannot be done so (another kind of scores, too many near-ties, numbers beyond all bounds) is asked alone, as ever. */
#ifndef INK_BATCH_H
#define INK_BATCH_H

#include "eval_run.h"

/* Takes a worker's memory where slates are asked for; w->batch stays NULL where they are not. */
ink_status ink_eval_batch_open(const ink_eval_run *run, ink_eval_worker *w);
void ink_eval_batch_close(const ink_eval_run *run, ink_eval_worker *w);
/* Asks a few people what scores are made of, and puts the rows into order; run->rows stays NULL where it is not to be. */
ink_status ink_eval_batch_plan(ink_eval_run *run);
void ink_eval_batch_forget(ink_eval_run *run);
/* Folds people first..end-1 (indices into run->people, at most a group) and finds who may be on their slates. */
void ink_eval_batch_score(const ink_eval_run *run, ink_eval_worker *w, uint32_t first, uint32_t end);
/* The front of the ranking of person w->person, a few places longer than metrics look at: items and scores into w->items and
 * w->scores [n]. whole: there are no more candidates. False: ask the engine. */
bool ink_eval_batch_front(const ink_eval_run *run, ink_eval_worker *w, uint32_t *n, bool *whole);

#endif
