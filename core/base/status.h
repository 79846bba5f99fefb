/* status.h - the word that fault.c puts before the name in a fault: tensor, key, field, file ... or "". */
#ifndef INK_STATUS_H
#define INK_STATUS_H

#include "inkling.h"

const char *ink_status_subject(ink_status status);

#endif
