/* sidecar.h - who and what a pack was trained on, as digests: the file PACK.training. It lies beside the pack and
 * is never shipped: a pack must not tell who was in it. Evaluation asks it whether test data was trained on.
 *
 * A digest is the first 8 bytes (little-endian) of SHA-256 over: the digest of the pack's data (32 bytes, so
 * that the same people look different beside every pack), a letter, and the id(s):
 *   person  pack 'u' user        pair  pack 'p' person's digest (8 bytes) item
 * This hides ids from a glance and from precomputed tables; whoever has a list of ids can still try them.
 *
 * Bytes, all little-endian:
 *   0  "inktrain"            8  u32 version 1        12  u32 zero
 *  16  pack's data digest 32                          48  u64 n_users      56  u64 n_pairs
 *  64  u64 users[n_users] ascending, then u64 pairs[n_pairs] ascending, then u32 CRC-32C of all before it */
#ifndef INK_SIDECAR_H
#define INK_SIDECAR_H

#include "dataset.h"
#include "sha256.h"

typedef struct ink_sidecar {
  const uint8_t *pack;            /* [INK_SHA256_BYTES] */
  const uint8_t *users, *pairs;   /* borrowed from the file's bytes; may be misaligned */
  uint64_t n_users, n_pairs;
} ink_sidecar;

/* The sidecar of what `d` holds; *bytes is a block of env->allocator. */
ink_status ink_sidecar_make(const ink_dataset *d, const uint8_t pack[INK_SHA256_BYTES], const ink_train_env *env,
                            uint8_t **bytes, size_t *n_bytes);

/* Checks all of the bytes and hands out views into them.
 * INK_E_DATA_FORMAT: not a sidecar, a newer version, cut off, damaged, or of another pack. */
ink_status ink_sidecar_open(const void *bytes, size_t n_bytes, const uint8_t pack[INK_SHA256_BYTES], ink_sidecar *out,
                            ink_fault *fault);

/* Was this person trained on? */
bool ink_sidecar_knows(const ink_sidecar *s, ink_text user);

typedef struct ink_overlap {
  uint64_t n_pairs, n_pairs_known;        /* different pairs of the test data, and how many were trained on */
  uint32_t n_users, n_users_known;        /* people with an event, and how many were trained on */
  uint32_t user, item;                    /* the first known pair, else the first known person (item INK_NONE), else INK_NONE */
} ink_overlap;

/* How much of `test` was trained on? */
ink_status ink_sidecar_overlap(const ink_sidecar *s, const ink_dataset *test, const ink_train_env *env, ink_overlap *out);

#endif
