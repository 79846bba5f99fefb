/* sidecar.c - see sidecar.h. */
#include "sidecar.h"

#include "blocks.h"
#include "bytes.h"
#include "fault.h"
#include "hash.h"
#include "mem.h"
#include "utf8.h"
#include "base.h"

#define NAME(words) ((ink_text){ words, sizeof(words) - 1 })
#define MAGIC "inktrain"
#define VERSION 1u
#define HEADER_BYTES 64u

/* ----------------------------------------------------------------- digests */

static uint64_t load_u64(const uint8_t *b) {
  uint64_t x = 0;
  for (uint32_t i = 0; i < 8; i++) x |= (uint64_t)b[i] << (8 * i);
  return x;
}

static void store_u64(uint8_t *b, uint64_t x) {
  for (uint32_t i = 0; i < 8; i++) b[i] = (uint8_t)(x >> (8 * i));
}

static uint64_t digest_of(const uint8_t *pack, char letter, const void *first, size_t n_first, ink_text second) {
  ink_sha256 sha;
  uint8_t digest[INK_SHA256_BYTES];
  ink_sha256_init(&sha);
  ink_sha256_update(&sha, pack, INK_SHA256_BYTES);
  ink_sha256_update(&sha, &letter, 1);
  ink_sha256_update(&sha, first, n_first);
  ink_sha256_update(&sha, second.bytes, second.n);
  ink_sha256_final(&sha, digest);
  return load_u64(digest);
}

static uint64_t digest_user(const uint8_t *pack, ink_text user) { return digest_of(pack, 'u', "", 0, user); }

static uint64_t digest_pair(const uint8_t *pack, uint64_t user_digest, ink_text item) {
  uint8_t user[8];
  store_u64(user, user_digest);
  return digest_of(pack, 'p', user, sizeof user, item);
}

/* ----------------------------------------------------------------- sorting */

/* One byte of the keys: counting sort from a to b. n < 2^32, as events and people are. */
static void sort_by_byte(const uint64_t *a, uint64_t *b, uint64_t n, uint32_t shift) {
  uint32_t starts[256] = { 0 }, sum = 0;
  for (uint64_t i = 0; i < n; i++) starts[(a[i] >> shift) & 255]++;
  for (uint32_t k = 0; k < 256; k++) {
    const uint32_t count = starts[k];
    starts[k] = sum;
    sum += count;
  }
  for (uint64_t i = 0; i < n; i++) b[starts[(a[i] >> shift) & 255]++] = a[i];
}

/* Sorts keys [n] (an even number of passes brings them home) and drops repetitions; returns how many are left. */
static uint64_t sort_unique(uint64_t *keys, uint64_t *spare, uint64_t n) {
  for (uint32_t shift = 0; shift < 64; shift += 16) {
    sort_by_byte(keys, spare, n, shift);
    sort_by_byte(spare, keys, n, shift + 8);
  }
  uint64_t to = 0;
  for (uint64_t i = 0; i < n; i++)
    if (to == 0 || keys[to - 1] != keys[i]) keys[to++] = keys[i];
  return to;
}

/* ------------------------------------------------------------------- making */

static void digest_all(const ink_dataset *d, const uint8_t *pack, uint64_t *users, uint64_t *n_users, uint64_t *pairs) {
  *n_users = 0;
  for (uint32_t u = 0; u < d->users.n; u++) {
    if (ink_dataset_user_events(d, u) == 0) continue;
    const uint64_t user = digest_user(pack, ink_names_at(&d->users, u));
    users[(*n_users)++] = user;
    for (uint64_t e = d->user_starts[u]; e < d->user_starts[u + 1]; e++)
      pairs[e] = digest_pair(pack, user, ink_names_at(&d->items, d->item[e]));
  }
}

static ink_status write_sidecar(const uint8_t *pack, const uint64_t *users, uint64_t n_users, const uint64_t *pairs,
                                uint64_t n_pairs, const ink_train_env *env, uint8_t **bytes, size_t *n_bytes) {
  const uint64_t n = HEADER_BYTES + (n_users + n_pairs) * 8 + 4;
  uint8_t *b;
  INK_NEW(&env->allocator, n, &b);
  ink_writer w;
  ink_writer_init(&w, b, (size_t)n);
  ink_write_span(&w, MAGIC, 8);
  ink_write_u32(&w, VERSION);
  ink_write_u32(&w, 0);
  ink_write_span(&w, pack, INK_SHA256_BYTES);
  ink_write_u64(&w, n_users);
  ink_write_u64(&w, n_pairs);
  for (uint64_t i = 0; i < n_users; i++) ink_write_u64(&w, users[i]);
  for (uint64_t i = 0; i < n_pairs; i++) ink_write_u64(&w, pairs[i]);
  ink_write_u32(&w, ink_crc32c(0, b, w.at));
  *bytes = b;
  *n_bytes = (size_t)n;
  return INK_OK;
}

static ink_status make_sidecar(const ink_dataset *d, const uint8_t *pack, uint64_t *work, const ink_train_env *env,
                               uint8_t **bytes, size_t *n_bytes) {
  uint64_t *users = work, *pairs = users + d->users.n, *spare = pairs + d->n_events, n_users;
  digest_all(d, pack, users, &n_users, pairs);
  n_users = sort_unique(users, spare, n_users);
  const uint64_t n_pairs = sort_unique(pairs, spare, d->n_events);
  return write_sidecar(pack, users, n_users, pairs, n_pairs, env, bytes, n_bytes);
}

ink_status ink_sidecar_make(const ink_dataset *d, const uint8_t pack[INK_SHA256_BYTES], const ink_train_env *env,
                            uint8_t **bytes, size_t *n_bytes) {
  uint64_t *work;                 /* users, pairs, and as much spare as the larger needs */
  const uint64_t most = d->n_events > d->users.n ? d->n_events : d->users.n;
  INK_NEW(&env->allocator, d->users.n + d->n_events + most, &work);
  const ink_status status = make_sidecar(d, pack, work, env, bytes, n_bytes);
  ink_block_free(&env->allocator, work);
  return status;
}

/* ------------------------------------------------------------------ reading */

static bool ascending(const uint8_t *keys, uint64_t n) {
  for (uint64_t i = 1; i < n; i++)
    if (load_u64(keys + i * 8) <= load_u64(keys + i * 8 - 8)) return false;
  return true;
}

static ink_status refuse(ink_fault *fault, const char *allowed) {
  return ink_refuse(fault, INK_E_DATA_FORMAT, NAME("training record"), allowed);
}

ink_status ink_sidecar_open(const void *bytes, size_t n_bytes, const uint8_t pack[INK_SHA256_BYTES], ink_sidecar *out,
                            ink_fault *fault) {
  const uint8_t *b = bytes;
  ink_reader r;
  ink_reader_init(&r, bytes, n_bytes);
  const uint8_t *magic = ink_read_span(&r, 8);
  if (magic == NULL || !ink_mem_equal(magic, MAGIC, 8)) return refuse(fault, "a file that begins with \"inktrain\"");
  if (ink_read_u32(&r) != VERSION || ink_read_u32(&r) != 0) return refuse(fault, "version 1");
  ink_sidecar s = { .pack = ink_read_span(&r, INK_SHA256_BYTES) };
  s.n_users = ink_read_u64(&r);
  s.n_pairs = ink_read_u64(&r);
  if (r.failed) return refuse(fault, "a whole file: this one is cut off");
  const size_t body = ink_reader_left(&r);
  if (body < 4 || (body - 4) % 8 != 0 || s.n_users > body / 8 || s.n_pairs != (body - 4) / 8 - s.n_users)
    return refuse(fault, "the length that its head promises");
  s.users = b + HEADER_BYTES;
  s.pairs = s.users + s.n_users * 8;
  ink_reader_init(&r, b + n_bytes - 4, 4);
  if (ink_crc32c(0, b, n_bytes - 4) != ink_read_u32(&r)) return refuse(fault, "a checksum that agrees: the file is damaged");
  if (!ascending(s.users, s.n_users) || !ascending(s.pairs, s.n_pairs)) return refuse(fault, "ascending digests");
  if (!ink_mem_equal(s.pack, pack, INK_SHA256_BYTES)) return refuse(fault, "the record of this very pack");
  *out = s;
  return INK_OK;
}

static bool has(const uint8_t *keys, uint64_t n, uint64_t wanted) {
  for (uint64_t low = 0, high = n; low < high;) {
    const uint64_t middle = low + (high - low) / 2, key = load_u64(keys + middle * 8);
    if (key == wanted) return true;
    if (key < wanted) low = middle + 1;
    else high = middle;
  }
  return false;
}

bool ink_sidecar_knows(const ink_sidecar *s, ink_text user) {
  return has(s->users, s->n_users, digest_user(s->pack, user));
}

/* seen [items]: the last user + 1 that an item was met for, so that a pair counts once. */
static void overlap_of_user(const ink_sidecar *s, const ink_dataset *test, uint32_t user, uint32_t *seen, ink_overlap *o) {
  const uint64_t digest = digest_user(s->pack, ink_names_at(&test->users, user));
  const bool known = has(s->users, s->n_users, digest);
  o->n_users++;
  o->n_users_known += known;
  if (known && o->user == INK_NONE) o->user = user;
  for (uint64_t e = test->user_starts[user]; e < test->user_starts[user + 1]; e++) {
    const uint32_t item = test->item[e];
    if (seen[item] == user + 1) continue;
    seen[item] = user + 1;
    o->n_pairs++;
    if (!known || !has(s->pairs, s->n_pairs, digest_pair(s->pack, digest, ink_names_at(&test->items, item)))) continue;
    if (o->n_pairs_known++ > 0) continue;
    o->user = user;
    o->item = item;
  }
}

ink_status ink_sidecar_overlap(const ink_sidecar *s, const ink_dataset *test, const ink_train_env *env, ink_overlap *out) {
  ink_overlap o = { .user = INK_NONE, .item = INK_NONE };
  uint32_t *seen;
  INK_NEW(&env->allocator, test->items.n, &seen);
  ink_mem_fill(seen, 0, test->items.n * sizeof *seen);
  for (uint32_t u = 0; u < test->users.n; u++)
    if (ink_dataset_user_events(test, u) > 0) overlap_of_user(s, test, u, seen, &o);
  ink_block_free(&env->allocator, seen);
  *out = o;
  return INK_OK;
}
