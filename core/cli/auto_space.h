/* auto_space.h - what `auto` may try: for each family settings that have been good on data of several kinds, the standard ones
 * first; and smaller ones, for packs with a limit. */
#ifndef CLI_AUTO_SPACE_H
#define CLI_AUTO_SPACE_H

#include "cli.h"

#define AUTO_MOST_WORDS 96u

/* The i-th settings of a family ("factors=128 alpha=2"; "" first), for feedback of this kind; `small`: those that make small
 * packs. NULL behind the last, and for families that are not tried on such data. */
const char *auto_settings(const char *family, bool is_explicit, bool small, uint32_t i);
/* values [n_settings] of these words. False when the family has no such setting. */
bool auto_values(const ink_trainer *trainer, const char *words, double *values);

#endif
