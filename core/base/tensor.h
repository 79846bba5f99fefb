/* tensor.h - a borrowed view of a block of numbers: type, shape, pointer. Never an owner.
 * It is the same struct that inkling.h shows, so that a pack's tensor goes to a model unchanged. */
#ifndef INK_TENSOR_H
#define INK_TENSOR_H

#include "inkling.h"

typedef ink_tensor_info ink_tensor;

/* Bytes of one element; 0 for an unknown type. */
static inline uint32_t ink_dtype_bytes(uint32_t dtype) {
  switch (dtype) {
    case INK_DTYPE_U8: case INK_DTYPE_I8: case INK_DTYPE_BOOL: return 1;
    case INK_DTYPE_U16: case INK_DTYPE_I16: case INK_DTYPE_F16: case INK_DTYPE_BF16: return 2;
    case INK_DTYPE_U32: case INK_DTYPE_I32: case INK_DTYPE_F32: return 4;
    case INK_DTYPE_U64: case INK_DTYPE_I64: case INK_DTYPE_F64: return 8;
    default: return 0;
  }
}

/* Where a model finds its tensors. The engine fills it from a pack, training from its own memory;
 * so core/model knows neither. */
typedef struct ink_tensor_source {
  const void *ctx;
  bool (*find)(const void *ctx, ink_text name, ink_tensor *out);
} ink_tensor_source;

#endif
