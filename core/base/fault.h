/* fault.h - how a refusal is written down: one line at the place where it is found.
 * Each call fills *fault (NULL is allowed) and returns `code`, so a check reads
 *
 *     if (n > INK_CAP_ITEMS) return ink_refuse_range(fault, INK_E_LIMIT, name, n, 1, INK_CAP_ITEMS);
 *
 * ink_fault_text() makes the sentence of it. Names may hold outside bytes: they are cut to the fault's
 * field at the start of a character and made harmless when they are shown. */
#ifndef INK_FAULT_H
#define INK_FAULT_H

#include "inkling.h"
#include "tensor.h"

/* The code's own sentence; `allowed` in words, or "". */
ink_status ink_refuse(ink_fault *fault, ink_status code, ink_text name, const char *allowed);
/* `found` is not what is allowed: `allowed`. Both in words. */
ink_status ink_refuse_found(ink_fault *fault, ink_status code, ink_text name, const char *found, const char *allowed);
/* The same with outside bytes as what was found; they are shown in quotes, cut where they are long. */
ink_status ink_refuse_text(ink_fault *fault, ink_status code, ink_text name, ink_text found, const char *allowed);
/* `got` is not what is allowed: low to high. */
ink_status ink_refuse_range(ink_fault *fault, ink_status code, ink_text name, double got, double low, double high);
/* The same, and `what` says what was counted: "a length of" 1025 is not what is allowed: 1 to 1024. */
ink_status ink_refuse_number(ink_fault *fault, ink_status code, ink_text name, const char *what, double got, double low, double high);
/* The tensor's shape is not what is allowed: want[rank]; a dimension INK_NONE means any number. */
ink_status ink_refuse_shape(ink_fault *fault, const ink_tensor *tensor, uint32_t rank, const uint32_t *want);
/* The tensor's type is not what is allowed, "F32 or I8". */
ink_status ink_refuse_dtype(ink_fault *fault, const ink_tensor *tensor, const char *allowed);

/* Adds the place to a fault that was just filled ("byte" 1234) and returns its code. unit: 11 bytes at most. */
ink_status ink_refuse_at(ink_fault *fault, ink_status code, const char *unit, uint64_t at);

/* "F32" and so on, as safetensors spells it; "?" for an unknown type. Static. */
const char *ink_dtype_name(uint32_t dtype);

#endif
