/* import_thrift.h - Thrift's compact protocol, as far as Parquet's headers need it: a cursor over bytes that walks structs
 * field by field and skips what is not asked for. Format: apache/thrift, doc/specs/thrift-compact-protocol.md. */
#ifndef CLI_IMPORT_THRIFT_H
#define CLI_IMPORT_THRIFT_H

#include "inkling.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { THRIFT_STOP = 0, THRIFT_TRUE = 1, THRIFT_FALSE = 2, THRIFT_I8 = 3, THRIFT_I16 = 4, THRIFT_I32 = 5, THRIFT_I64 = 6, THRIFT_DOUBLE = 7,
       THRIFT_BINARY = 8, THRIFT_LIST = 9, THRIFT_SET = 10, THRIFT_MAP = 11, THRIFT_STRUCT = 12 };

typedef struct thrift {
  const uint8_t *at, *end;
  bool bad;                       /* something did not fit; everything later is a stop or 0 */
} thrift;

/* Where a walk over one struct stands. */
typedef struct thrift_field { uint32_t type; int32_t id; } thrift_field;

/* The next field of the struct; false behind the last. `f` starts as zeros. */
bool thrift_next(thrift *t, thrift_field *f);
int64_t thrift_whole(thrift *t);                  /* of I8 (not in lists) to I64 */
ink_text thrift_text(thrift *t);                  /* of BINARY */
uint32_t thrift_list(thrift *t, uint32_t *type);  /* number of elements, each of `type` */
void thrift_skip(thrift *t, uint32_t type);

#endif
