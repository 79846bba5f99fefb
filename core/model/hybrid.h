/* hybrid.h - a weighted blend of families of the same pack, its members; the weights depend on the length of the
 * history. This header is for the two files of the family; others use ink_family_hybrid through model.h.
 *
 *   hybrid.members  U8 [n]       names of the M members with commas between: "als,rp3,popular"
 *   hybrid.buckets  U32 [B]      number of events from which a row of weights applies, rising; the first applies from 0
 *   hybrid.weights  F32 [B,M+1]  a weight for each member (not above 0: it is silent); last a constant
 *   hybrid.settings F32 [1]      mode: HYBRID_RAW, HYBRID_RELATIVE */
#ifndef INK_HYBRID_H
#define INK_HYBRID_H

#include "model.h"

extern const ink_family ink_family_hybrid;

#define HYBRID_MAX_MEMBERS 8u

/* Members' scores as they are (ratings), or each in units of its own spread over the catalogue for this person. */
enum { HYBRID_RAW = 0, HYBRID_RELATIVE = 1 };

typedef struct ink_hybrid_member {
  const ink_family *family;
  ink_bound bound;
} ink_hybrid_member;

typedef struct ink_hybrid {
  const ink_kernels *kernels;
  uint32_t n_items, max_events;
  uint32_t n_members, n_buckets;
  bool is_relative;
  const uint32_t *buckets;        /* [n_buckets] */
  const float *weights;           /* [n_buckets, n_members + 1] */
  size_t member_scratch;          /* what the greediest member takes in one call */
  ink_hybrid_member members[HYBRID_MAX_MEMBERS];
} ink_hybrid;

ink_status ink_hybrid_bind(const ink_bind *bind, ink_bound *out);
/* Bytes of a state and of scratch: hybrid.c. False when they overflow. */
bool ink_hybrid_sizes(const ink_hybrid *h, ink_bound *out);

#endif
