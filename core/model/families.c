/* families.c - the list of families, in the order of the fallback chain. A family is added here, and
 * nowhere else. */
#include "factor.h"
#include "popular.h"

#include "base.h"

const ink_family *const ink_families[] = { &ink_family_als, &ink_family_popular };
const uint32_t ink_n_families = INK_COUNT_OF(ink_families);
