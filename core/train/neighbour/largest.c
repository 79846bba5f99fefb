/* largest.c - see largest.h: selection by digits from the top, so its time hangs neither on luck nor on an opponent's input. */
#include "largest.h"

#include "base.h"

#define DIGITS 128u               /* of seven bits: their counts are half a KiB of stack */
#define FIRST_SHIFT 56u           /* above it stands the sign, which is 0 */

static uint32_t digit_of(uint64_t key, uint32_t shift) { return (uint32_t)(key >> shift) & (DIGITS - 1); }

/* The digit of the k-th largest of keys [n], 0 < k <= n. */
static uint32_t digit_at(const uint64_t *keys, uint32_t n, uint32_t k, uint32_t shift) {
  uint32_t count[DIGITS] = { 0 }, digit = DIGITS - 1, above = 0;
  for (uint32_t i = 0; i < n; i++) count[digit_of(keys[i], shift)]++;
  for (; above + count[digit] < k; digit--) above += count[digit];
  return digit;
}

void ink_largest_first(uint64_t *keys, uint32_t n, uint32_t k) {
  uint32_t first = 0;             /* keys before it are in, keys from n on are out */
  for (uint32_t shift = FIRST_SHIFT; first < k && k < n; shift = shift > 7 ? shift - 7 : 0) {
    const uint32_t digit = digit_at(keys + first, n - first, k - first, shift);
    for (uint32_t i = first; i < n;) {
      const uint64_t key = keys[i];
      if (digit_of(key, shift) == digit) {
        i++;
      } else if (digit_of(key, shift) > digit) {
        keys[i++] = keys[first];
        keys[first++] = key;
      } else {
        keys[i] = keys[--n];
        keys[n] = key;
      }
    }
  }
}
