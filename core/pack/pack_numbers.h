/* pack_numbers.h - are all numbers of a tensor fit to compute with? Used by the gate and by the writer. */
#ifndef INK_PACK_NUMBERS_H
#define INK_PACK_NUMBERS_H

#include "inkling.h"
#include "tensor.h"

/* Floats must be finite and at most INK_CAP_MAGNITUDE from zero, BOOL must be 0 or 1; whole numbers may be
 * anything. tensor->data is aligned to its element. Runs at the speed of memory; a fault names the element.
 * Errors: INK_E_PACK_NOT_FINITE, INK_E_PACK_MAGNITUDE, INK_E_PACK_VALUE. */
ink_status ink_check_numbers(const ink_tensor *tensor, ink_fault *fault);

/* Element i as a double, for any type (64-bit whole numbers are rounded). i must be inside. */
double ink_tensor_number(const ink_tensor *tensor, size_t i);

#endif
