/* popular.h - the family that scores every person alike: see popular.c. */
#ifndef INK_POPULAR_H
#define INK_POPULAR_H

#include "model.h"

extern const ink_family ink_family_popular;

#endif
