/* halving.c - see halving.h. */
#include "halving.h"

#include <math.h>

#include "hash.h"
#include "split.h"

#define PART_UNUSED 3u

double cli_halving_share(uint32_t eta, uint32_t n_rounds, uint32_t round) { return pow(eta, (double)round - (double)(n_rounds - 1)); }

double cli_halving_lot(const ink_dataset *data, uint32_t user, uint64_t seed) {
  const ink_text id = ink_names_at(&data->users, user);
  return (double)(ink_hash64(id.bytes, id.n, seed) >> 11) * 0x1p-53;
}

ink_status cli_halving_people(const ink_dataset *data, const uint8_t *parts, double share, uint64_t seed, const ink_train_env *env, ink_dataset *out) {
  uint8_t *room = env->allocator.resize(env->allocator.ctx, NULL, (size_t)data->n_events + 1);
  if (room == NULL) return INK_E_NO_MEMORY;
  for (uint32_t u = 0; u < data->users.n; u++) {
    const bool in = share >= 1 || cli_halving_lot(data, u, seed) < share;
    for (uint64_t e = data->user_starts[u]; e < data->user_starts[u + 1]; e++)
      room[e] = !in ? PART_UNUSED : parts == NULL ? INK_PART_TRAIN : parts[e];
  }
  const ink_status status = ink_dataset_part(data, room, 1u << INK_PART_TRAIN, env, out);
  (void)env->allocator.resize(env->allocator.ctx, room, 0);
  return status;
}
