/* auto_space.h - what `auto` may try: of each family the first settings, which are the standard ones suited to the size of the data, and ranges that
 * others are drawn from; smaller ones, for packs with a limit. */
#ifndef CLI_AUTO_SPACE_H
#define CLI_AUTO_SPACE_H

#include "tune_space.h"

/* What decides which families fit the data. */
typedef struct auto_facts {
  bool is_explicit;
  bool has_columns;               /* something is known about items */
  bool has_order;                 /* events have times, or stand in order */
  bool asks_next;                 /* the last event of each person is held back */
  uint32_t n_items, n_sequences;
  uint64_t n_events;
} auto_facts;

/* Families in the order in which they are tried: what is there at once first, what walks in small steps last. */
uint32_t auto_families(void);
const char *auto_family(uint32_t i);
/* Why a family is not tried on such data; NULL: it is. "": it does something else (ratings for choices). */
const char *auto_family_why_not(const char *name, const auto_facts *facts);
/* Trained by epochs over sequences: lstm and gru. */
bool auto_is_network(const char *name);

/* Standard settings [trainer->n_settings] for feedback of this kind. */
void auto_usual(const ink_trainer *trainer, bool is_explicit, double *values);
/* The space that a family's settings are drawn from; number 0 is the first try. `small`: settings that make small packs.
 * values [trainer->n_settings] is the space's room. */
void auto_space(const ink_trainer *trainer, const auto_facts *facts, bool small, double *values, tune_space *space);

#endif
