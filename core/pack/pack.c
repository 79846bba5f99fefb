/* pack.c - the gate of a pack: tables over a borrowed file, and the checks that need all entries of the
 * header at once. See pack.h for the order of checks and FORMAT.md for what is allowed.
 *
 * The tables live in the caller's block. ink_pack_measure() and ink_pack_open() lay them out with the
 * same function, once by a measuring arena and once in memory. */
#include "pack.h"

#include "arena.h"
#include "caps.h"
#include "fault.h"
#include "header.h"
#include "mem.h"
#include "pack_numbers.h"
#include "sha256.h"
#include "sort_order.h"
#include "utf8.h"

#include "base.h"

#define NAME(words) ((ink_text){ words, sizeof(words) - 1 })
#define FORMAT_VERSION "1"

/* ------------------------------------------------------------------ tables */

/* Walks the header once for its counts. */
static ink_status count_entries(const void *file, size_t file_bytes, uint32_t *n_tensors, uint32_t *n_metadata, ink_fault *fault) {
  ink_header header;
  ink_header_entry entry;
  bool more = true;
  INK_TRY(ink_header_open(&header, file, file_bytes, fault));
  while (more) INK_TRY(ink_header_next(&header, &entry, &more));
  *n_tensors = header.n_tensors;
  *n_metadata = header.n_metadata;
  return INK_OK;
}

/* Takes the pack and its tables. While measuring *out is left alone. */
static ink_status lay_out(ink_arena *arena, uint32_t n_tensors, uint32_t n_metadata, ink_pack **out) {
  ink_pack *pack, tables = { .n_tensors = n_tensors, .n_metadata = n_metadata };
  INK_TAKE(arena, 1, &pack);
  INK_TAKE(arena, n_tensors, &tables.tensors);
  INK_TAKE(arena, n_tensors, &tables.by_name);
  INK_TAKE(arena, n_tensors, &tables.by_place);
  INK_TAKE(arena, n_metadata, &tables.metadata);
  INK_TAKE(arena, n_metadata, &tables.by_key);
  INK_TAKE(arena, ink_min_u32(n_tensors, INK_CAP_COLUMNS), &tables.columns);
  if (ink_arena_measuring(arena)) return INK_OK;
  *pack = tables;
  *out = pack;
  return INK_OK;
}

static ink_status check_file(const void *file, ink_fault *fault) {
  if (file != NULL && (uintptr_t)file % 8 == 0) return INK_OK;
  return ink_refuse(fault, INK_E_ARG, NAME("file"), "an address that is a multiple of 8");
}

ink_status ink_pack_measure(const void *file, size_t file_bytes, size_t *mem_bytes, ink_fault *fault) {
  uint32_t n_tensors, n_metadata;
  ink_arena arena;
  INK_TRY(check_file(file, fault));
  INK_TRY(count_entries(file, file_bytes, &n_tensors, &n_metadata, fault));
  ink_arena_init_measure(&arena);
  INK_TRY(lay_out(&arena, n_tensors, n_metadata, NULL));
  *mem_bytes = arena.high;
  return INK_OK;
}

/* Second walk: entries into the tables. */
static ink_status read_entries(ink_pack *pack, size_t file_bytes, ink_fault *fault) {
  ink_header header;
  ink_header_entry e;
  bool more = true;
  uint32_t tensor = 0, meta = 0;
  INK_TRY(ink_header_open(&header, pack->file, file_bytes, fault));
  pack->data = header.bytes + header.n_bytes;
  pack->data_bytes = (size_t)header.data_bytes;
  for (;;) {
    INK_TRY(ink_header_next(&header, &e, &more));
    if (!more) return INK_OK;
    if (e.metadata) {
      pack->metadata[meta++] = (ink_pack_meta){ e.name, e.value };
      continue;
    }
    ink_tensor *const t = &pack->tensors[tensor++];
    *t = (ink_tensor){ .name = e.name, .dtype = e.dtype, .rank = e.rank, .data = pack->data + (size_t)e.begin,
                       .bytes = (size_t)(e.end - e.begin) };
    ink_mem_copy(t->shape, e.shape, sizeof t->shape);
  }
}

/* ------------------------------------------------------------------ all entries together */

/* Tensors and metadata are told apart by how entry i is called; the rest is the same for both. */
typedef ink_text (*name_fn)(const ink_pack *pack, uint32_t i);
static ink_text tensor_name(const ink_pack *pack, uint32_t i) { return pack->tensors[i].name; }
static ink_text metadata_key(const ink_pack *pack, uint32_t i) { return pack->metadata[i].key; }

static bool tensor_before(const void *pack, uint32_t a, uint32_t b) {
  return ink_text_order(tensor_name(pack, a), tensor_name(pack, b)) < 0;
}

static bool key_before(const void *pack, uint32_t a, uint32_t b) {
  return ink_text_order(metadata_key(pack, a), metadata_key(pack, b)) < 0;
}

/* Entry of that name, or INK_NONE. `order` [n] as the names rise. */
static uint32_t search(const ink_pack *pack, const uint32_t *order, uint32_t n, name_fn name_of, ink_text name) {
  for (uint32_t low = 0, high = n; low < high;) {
    const uint32_t middle = low + (high - low) / 2;
    const int side = ink_text_order(name_of(pack, order[middle]), name);
    if (side == 0) return order[middle];
    if (side < 0) low = middle + 1;
    else high = middle;
  }
  return INK_NONE;
}

/* By begin, and an empty tensor before the one that begins at the same place. */
static bool place_before(const void *ctx, uint32_t a, uint32_t b) {
  const ink_tensor *const t = ctx;
  return t[a].data != t[b].data ? (const uint8_t *)t[a].data < (const uint8_t *)t[b].data : t[a].bytes < t[b].bytes;
}

static uint64_t byte_of(const ink_pack *pack, ink_text text) {
  return (uint64_t)((const uint8_t *)text.bytes - pack->file);
}

static ink_status check_once(const ink_pack *pack, const uint32_t *order, uint32_t n, name_fn name_of, ink_fault *fault) {
  for (uint32_t i = 1; i < n; i++) {
    const ink_text name = name_of(pack, order[i]);
    if (!ink_text_equal(name, name_of(pack, order[i - 1]))) continue;
    ink_refuse(fault, INK_E_PACK_DUPLICATE, name, "each name once");
    return ink_refuse_at(fault, INK_E_PACK_DUPLICATE, "byte", byte_of(pack, name));
  }
  return INK_OK;
}

static ink_status check_names(const ink_pack *pack, ink_fault *fault) {
  ink_sort_order(pack->by_name, pack->n_tensors, tensor_before, pack);
  ink_sort_order(pack->by_key, pack->n_metadata, key_before, pack);
  INK_TRY(check_once(pack, pack->by_name, pack->n_tensors, tensor_name, fault));
  return check_once(pack, pack->by_key, pack->n_metadata, metadata_key, fault);
}

/* In the order of their places each tensor begins where the one before it ends, whatever the order of the
 * header; the last one ends with the file. */
static ink_status check_places(const ink_pack *pack, ink_fault *fault) {
  size_t at = 0;
  ink_sort_order(pack->by_place, pack->n_tensors, place_before, pack->tensors);
  for (uint32_t i = 0; i < pack->n_tensors; i++) {
    const ink_tensor *const t = &pack->tensors[pack->by_place[i]];
    const size_t begin = (size_t)((const uint8_t *)t->data - pack->data);
    if (begin != at) {
      ink_refuse_number(fault, INK_E_PACK_OFFSETS, t->name, "data_offsets with a begin of", (double)begin, (double)at, (double)at);
      return ink_refuse_at(fault, INK_E_PACK_OFFSETS, "byte", byte_of(pack, t->name));
    }
    at += t->bytes;
  }
  if (at == pack->data_bytes) return INK_OK;
  ink_refuse_number(fault, INK_E_PACK_TRAILING, NAME(""), "a data length of", (double)pack->data_bytes, (double)at, (double)at);
  return ink_refuse_at(fault, INK_E_PACK_TRAILING, "byte", (uint64_t)(pack->data - pack->file) + at);
}

/* Values that are looked at are compared as they stand: neither a version nor a digest needs an escape. */
static ink_status check_version(const ink_pack *pack, ink_fault *fault) {
  const ink_text key = NAME("inkling");
  ink_text version;
  if (ink_pack_metadata(pack, key, &version) != INK_OK)
    return ink_refuse_found(fault, INK_E_PACK_VERSION, key, "no such metadata", "\"" FORMAT_VERSION "\"");
  if (ink_text_equal(version, NAME(FORMAT_VERSION))) return INK_OK;
  ink_refuse_text(fault, INK_E_PACK_VERSION, key, version, "\"" FORMAT_VERSION "\"");
  return ink_refuse_at(fault, INK_E_PACK_VERSION, "byte", byte_of(pack, version));
}

static bool is_digest(ink_text text) {
  if (text.n != INK_SHA256_HEX) return false;
  for (uint32_t i = 0; i < text.n; i++) {
    const char c = text.bytes[i];
    if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
  }
  return true;
}

static ink_status check_digest_form(const ink_pack *pack, ink_fault *fault) {
  const ink_text key = NAME("data.sha256");
  ink_text digest;
  if (ink_pack_metadata(pack, key, &digest) != INK_OK || is_digest(digest)) return INK_OK;
  ink_refuse_text(fault, INK_E_PACK_METADATA, key, digest, "64 digits of 0-9a-f");
  return ink_refuse_at(fault, INK_E_PACK_METADATA, "byte", byte_of(pack, digest));
}

/* ------------------------------------------------------------------ open and verify */

static ink_status check_pack(ink_pack *pack, size_t file_bytes, ink_fault *fault) {
  INK_TRY(read_entries(pack, file_bytes, fault));
  INK_TRY(check_names(pack, fault));
  INK_TRY(check_version(pack, fault));
  INK_TRY(check_digest_form(pack, fault));
  INK_TRY(check_places(pack, fault));
  for (uint32_t i = 0; i < pack->n_tensors; i++) INK_TRY(ink_check_numbers(&pack->tensors[i], fault));
  INK_TRY(ink_pack_check_ids(pack, fault));
  return ink_pack_check_columns(pack, fault);
}

ink_status ink_pack_open(const void *file, size_t file_bytes, void *mem, size_t mem_bytes, ink_pack **pack, ink_fault *fault) {
  uint32_t n_tensors, n_metadata;
  ink_pack *opened;
  ink_arena arena;
  INK_TRY(check_file(file, fault));
  INK_TRY(count_entries(file, file_bytes, &n_tensors, &n_metadata, fault));
  if (mem == NULL || (uintptr_t)mem % INK_ALIGN != 0)
    return ink_refuse(fault, INK_E_MEMORY, NAME("mem"), "an address that is a multiple of 64");
  ink_arena_init(&arena, mem, mem_bytes);
  if (lay_out(&arena, n_tensors, n_metadata, &opened) != INK_OK)
    return ink_refuse(fault, INK_E_MEMORY, NAME("mem"), "the bytes that ink_pack_measure() tells");
  opened->file = file;
  INK_TRY(check_pack(opened, file_bytes, fault));
  *pack = opened;
  return INK_OK;
}

ink_status ink_pack_verify(const ink_pack *pack, ink_fault *fault) {
  const ink_text key = NAME("data.sha256");
  uint8_t digest[INK_SHA256_BYTES];
  char hex[INK_SHA256_HEX];
  ink_text want;
  if (ink_pack_metadata(pack, key, &want) != INK_OK)
    return ink_refuse_found(fault, INK_E_PACK_METADATA, key, "no such metadata", "64 digits of 0-9a-f");
  ink_sha256_of(pack->data, pack->data_bytes, digest);
  ink_sha256_hex(digest, hex);
  const ink_text got = { hex, sizeof hex };
  if (ink_text_equal(got, want)) return INK_OK;
  return ink_refuse_text(fault, INK_E_PACK_DIGEST, key, got, "the digest in the file's metadata");
}

/* ------------------------------------------------------------------ metadata and tensors */

uint32_t ink_pack_n_metadata(const ink_pack *pack) { return pack->n_metadata; }

ink_status ink_pack_metadata_at(const ink_pack *pack, uint32_t i, ink_text *key, ink_text *value) {
  if (i >= pack->n_metadata) return INK_E_ARG;
  *key = pack->metadata[i].key;
  *value = pack->metadata[i].value;
  return INK_OK;
}

ink_status ink_pack_metadata(const ink_pack *pack, ink_text key, ink_text *value) {
  const uint32_t i = search(pack, pack->by_key, pack->n_metadata, metadata_key, key);
  if (i == INK_NONE) return INK_E_NOT_FOUND;
  *value = pack->metadata[i].value;
  return INK_OK;
}

uint32_t ink_pack_n_tensors(const ink_pack *pack) { return pack->n_tensors; }

ink_status ink_pack_tensor_at(const ink_pack *pack, uint32_t i, ink_tensor_info *out) {
  if (i >= pack->n_tensors) return INK_E_ARG;
  *out = pack->tensors[i];
  return INK_OK;
}

ink_status ink_pack_tensor(const ink_pack *pack, ink_text name, ink_tensor_info *out) {
  const uint32_t i = search(pack, pack->by_name, pack->n_tensors, tensor_name, name);
  if (i == INK_NONE) return INK_E_NOT_FOUND;
  *out = pack->tensors[i];
  return INK_OK;
}
