/* pack_write.c - see pack_write.h. The file is made front to back without being held in memory: header
 * text goes through a small buffer, tensors go straight from where they lie.
 *
 * The header's length and the digest must be known before the first byte is written, so the header is made
 * twice, once only to be counted, and the tensors are hashed first.
 *
 * The order of tensors and of metadata is found by looking for the next one each time. That is quadratic,
 * needs no memory, and is nothing for the some forty tensors of a pack (a million comparisons at the cap). */
#include "pack_write.h"

#include "caps.h"
#include "fault.h"
#include "mem.h"
#include "pack_numbers.h"
#include "sha256.h"
#include "utf8.h"

#include "base.h"

#define NAME(words) ((ink_text){ words, sizeof(words) - 1 })
#define FORMAT_VERSION "1"
#define HEADER_ALIGN 64u                  /* tensors begin at a multiple of this */
#define BUFFER_BYTES 4096u

/* ------------------------------------------------------------------ the draft's checks */

static bool valid_key(ink_text key) {
  for (uint32_t i = 0; i < key.n; i++) {
    const char c = key.bytes[i];
    const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (!letter && c != '_' && c != '.' && c != '@' && c != '-') return false;
  }
  return key.n >= 1 && key.n <= INK_CAP_NAME_BYTES;
}

/* A tensor's name is written as it stands, so it may hold nothing that JSON would escape. */
static bool valid_name(ink_text name) {
  for (uint32_t i = 0; i < name.n; i++) {
    const uint8_t c = (uint8_t)name.bytes[i];
    if (c < 0x20 || c == '"' || c == '\\') return false;
  }
  return name.n >= 1 && name.n <= INK_CAP_NAME_BYTES && ink_utf8_valid(name.bytes, name.n) &&
         !ink_text_equal(name, NAME("__metadata__"));
}

static ink_status check_entry(const ink_meta_entry *e, ink_fault *fault) {
  if (!valid_key(e->key)) return ink_refuse(fault, INK_E_PACK_KEY, e->key, "1 to 255 characters of a-z, 0-9, _ . @ and -");
  if (ink_text_equal(e->key, NAME("inkling")) || ink_text_equal(e->key, NAME("data.sha256")))
    return ink_refuse(fault, INK_E_PACK_DUPLICATE, e->key, "keys other than the writer's own");
  const size_t valid = ink_utf8_prefix(e->value.bytes, e->value.n);
  for (uint32_t i = 0; i < valid; i++)
    if (e->value.bytes[i] == '\0') return ink_refuse(fault, INK_E_PACK_METADATA, e->key, "text without U+0000");
  if (valid != e->value.n) return ink_refuse(fault, INK_E_PACK_UTF8, e->key, "UTF-8");
  return INK_OK;
}

static ink_status check_tensor(const ink_tensor *t, ink_fault *fault) {
  uint64_t bytes = ink_dtype_bytes(t->dtype);
  if (!valid_name(t->name)) return ink_refuse(fault, INK_E_PACK_KEY, t->name, "1 to 255 bytes of UTF-8 without \" and \\");
  if (bytes == 0) return ink_refuse_dtype(fault, t, "BOOL, U8..U64, I8..I64, F16, BF16, F32 or F64");
  if (t->rank > INK_MAX_RANK) return ink_refuse_number(fault, INK_E_PACK_SHAPE, t->name, "a rank of", t->rank, 0, INK_MAX_RANK);
  for (uint32_t i = 0; i < t->rank; i++) {
    if (t->shape[i] != 0 && bytes > UINT64_MAX / t->shape[i])
      return ink_refuse(fault, INK_E_PACK_SHAPE, t->name, "fewer than 2^64 bytes");
    bytes *= t->shape[i];
  }
  if (bytes != t->bytes) return ink_refuse_number(fault, INK_E_PACK_SHAPE, t->name, "a length of", (double)t->bytes, (double)bytes, (double)bytes);
  return INK_OK;
}

static ink_status check_draft(const ink_pack_draft *d, ink_fault *fault) {
  if (d->n_tensors > INK_CAP_TENSORS)
    return ink_refuse_number(fault, INK_E_LIMIT, NAME("tensors"), "a count of", d->n_tensors, 0, INK_CAP_TENSORS);
  if (d->n_metadata > INK_CAP_METADATA - 2)
    return ink_refuse_number(fault, INK_E_LIMIT, NAME("metadata"), "a count of", d->n_metadata, 0, INK_CAP_METADATA - 2);
  for (uint32_t i = 0; i < d->n_tensors; i++) INK_TRY(check_tensor(&d->tensors[i], fault));
  for (uint32_t i = 0; i < d->n_metadata; i++) INK_TRY(check_entry(&d->metadata[i], fault));
  for (uint32_t i = 0; i < d->n_tensors; i++)
    for (uint32_t k = 0; k < i; k++)
      if (ink_text_equal(d->tensors[i].name, d->tensors[k].name))
        return ink_refuse(fault, INK_E_PACK_DUPLICATE, d->tensors[i].name, "each tensor once");
  for (uint32_t i = 0; i < d->n_metadata; i++)
    for (uint32_t k = 0; k < i; k++)
      if (ink_text_equal(d->metadata[i].key, d->metadata[k].key))
        return ink_refuse(fault, INK_E_PACK_DUPLICATE, d->metadata[i].key, "each key once");
  return INK_OK;
}

/* ------------------------------------------------------------------ order */

/* Larger elements first, so that each tensor is aligned; then by name. */
static int tensor_order(const ink_tensor *a, const ink_tensor *b) {
  const uint32_t x = ink_dtype_bytes(a->dtype), y = ink_dtype_bytes(b->dtype);
  return x != y ? (x < y) - (x > y) : ink_text_order(a->name, b->name);
}

/* The tensor that comes next after `last` (NULL: the first), or NULL. Names are unique, so the order is strict. */
static const ink_tensor *next_tensor(const ink_pack_draft *d, const ink_tensor *last) {
  const ink_tensor *next = NULL;
  for (uint32_t i = 0; i < d->n_tensors; i++) {
    const ink_tensor *const t = &d->tensors[i];
    if (last != NULL && tensor_order(t, last) <= 0) continue;
    if (next == NULL || tensor_order(t, next) < 0) next = t;
  }
  return next;
}

/* The same for metadata, the writer's own two entries among them. */
static const ink_meta_entry *next_meta(const ink_pack_draft *d, const ink_meta_entry own[2], const ink_meta_entry *last) {
  const ink_meta_entry *next = NULL;
  for (uint32_t i = 0; i < d->n_metadata + 2; i++) {
    const ink_meta_entry *const m = i < 2 ? &own[i] : &d->metadata[i - 2];
    if (last != NULL && ink_text_order(m->key, last->key) <= 0) continue;
    if (next == NULL || ink_text_order(m->key, next->key) < 0) next = m;
  }
  return next;
}

/* ------------------------------------------------------------------ output */

/* Collects small pieces. Without `write` it only counts. After a failure it stays silent. */
typedef struct output {
  ink_write_fn write;
  void *ctx;
  char *buffer;                   /* [BUFFER_BYTES] */
  size_t n_buffer;
  uint64_t n_bytes;               /* all that was put */
  ink_status status;
} output;

static void flush(output *o) {
  if (o->write != NULL && o->n_buffer > 0 && o->status == INK_OK) o->status = o->write(o->ctx, o->buffer, o->n_buffer);
  o->n_buffer = 0;
}

static void put(output *o, char c) {
  o->n_bytes++;
  if (o->write == NULL) return;
  o->buffer[o->n_buffer++] = c;
  if (o->n_buffer == BUFFER_BYTES) flush(o);
}

static void put_text(output *o, ink_text text) {
  for (uint32_t i = 0; i < text.n; i++) put(o, text.bytes[i]);
}

static void put_words(output *o, const char *words) { put_text(o, ink_text_of(words)); }

static void put_number(output *o, uint64_t x) {
  char digits[20];
  uint32_t n = 0;
  do {
    digits[n++] = (char)('0' + x % 10);
    x /= 10;
  } while (x != 0);
  while (n > 0) put(o, digits[--n]);
}

/* The letter that JSON has for a control character, or 0. */
static char short_escape(uint8_t c) {
  switch (c) {
    case '"': case '\\': return (char)c;
    case 8: return 'b';
    case 9: return 't';
    case 10: return 'n';
    case 12: return 'f';
    case 13: return 'r';
    default: return 0;
  }
}

/* A string of JSON with the fewest and shortest escapes, as the reference library writes it. */
static void put_string(output *o, ink_text text) {
  static const char hex[] = "0123456789abcdef";
  put(o, '"');
  for (uint32_t i = 0; i < text.n; i++) {
    const uint8_t c = (uint8_t)text.bytes[i];
    const char escape = short_escape(c);
    if (escape != 0) {
      put(o, '\\');
      put(o, escape);
    } else if (c < 0x20) {
      put_words(o, "\\u00");
      put(o, hex[c >> 4]);
      put(o, hex[c & 15]);
    } else {
      put(o, (char)c);
    }
  }
  put(o, '"');
}

/* ------------------------------------------------------------------ the header */

static void put_metadata(output *o, const ink_pack_draft *d, const char hex[INK_SHA256_HEX]) {
  const ink_meta_entry own[2] = { { NAME("inkling"), NAME(FORMAT_VERSION) }, { NAME("data.sha256"), { hex, INK_SHA256_HEX } } };
  put_words(o, "{\"__metadata__\":{");
  for (const ink_meta_entry *last = NULL, *m; (m = next_meta(d, own, last)) != NULL; last = m) {
    if (last != NULL) put(o, ',');
    put_string(o, m->key);
    put(o, ':');
    put_string(o, m->value);
  }
  put(o, '}');
}

static void put_tensor(output *o, const ink_tensor *t, uint64_t begin) {
  put_words(o, ",");
  put_string(o, t->name);
  put_words(o, ":{\"dtype\":\"");
  put_words(o, ink_dtype_name(t->dtype));
  put_words(o, "\",\"shape\":[");
  for (uint32_t i = 0; i < t->rank; i++) {
    if (i > 0) put(o, ',');
    put_number(o, t->shape[i]);
  }
  put_words(o, "],\"data_offsets\":[");
  put_number(o, begin);
  put(o, ',');
  put_number(o, begin + t->bytes);
  put_words(o, "]}");
}

static void put_header(output *o, const ink_pack_draft *d, const char hex[INK_SHA256_HEX]) {
  uint64_t begin = 0;
  put_metadata(o, d, hex);
  for (const ink_tensor *last = NULL, *t; (t = next_tensor(d, last)) != NULL; last = t) {
    put_tensor(o, t, begin);
    begin += t->bytes;
  }
  put(o, '}');
}

/* Bytes of the header's text with its closing spaces. Any digest has the same length (of digits: zero bytes
 * would be counted with their escapes). */
static ink_status header_bytes(const ink_pack_draft *d, uint64_t *n, ink_fault *fault) {
  char any[INK_SHA256_HEX];
  output counter = { .write = NULL };
  ink_mem_fill(any, '0', sizeof any);
  put_header(&counter, d, any);
  const uint64_t text = counter.n_bytes, rest = (8 + text) % HEADER_ALIGN;
  *n = rest == 0 ? text : text + HEADER_ALIGN - rest;
  if (*n <= INK_CAP_HEADER_BYTES) return INK_OK;
  return ink_refuse_number(fault, INK_E_PACK_HEADER_BYTES, NAME(""), "a header length of", (double)*n, 2, INK_CAP_HEADER_BYTES);
}

/* ------------------------------------------------------------------ the file */

ink_status ink_pack_write_size(const ink_pack_draft *draft, size_t *file_bytes, ink_fault *fault) {
  uint64_t header;
  INK_TRY(check_draft(draft, fault));
  INK_TRY(header_bytes(draft, &header, fault));
  size_t sum = 8 + (size_t)header;
  for (uint32_t i = 0; i < draft->n_tensors; i++)
    if (!ink_size_add(sum, draft->tensors[i].bytes, &sum)) return ink_refuse(fault, INK_E_LIMIT, NAME("file"), "a file that fits memory");
  *file_bytes = sum;
  return INK_OK;
}

size_t ink_pack_write_scratch_bytes(const ink_pack_draft *draft) {
  (void)draft;
  return BUFFER_BYTES;
}

static void data_digest(const ink_pack_draft *d, char hex[INK_SHA256_HEX]) {
  uint8_t digest[INK_SHA256_BYTES];
  ink_sha256 sha;
  ink_sha256_init(&sha);
  for (const ink_tensor *t = next_tensor(d, NULL); t != NULL; t = next_tensor(d, t)) ink_sha256_update(&sha, t->data, t->bytes);
  ink_sha256_final(&sha, digest);
  ink_sha256_hex(digest, hex);
}

static ink_status write_file(const ink_pack_draft *d, uint64_t header, output *o) {
  char hex[INK_SHA256_HEX];
  data_digest(d, hex);
  for (int i = 0; i < 8; i++) put(o, (char)(uint8_t)(header >> 8 * i));
  put_header(o, d, hex);
  while (o->n_bytes < 8 + header) put(o, ' ');
  flush(o);
  for (const ink_tensor *t = next_tensor(d, NULL); t != NULL && o->status == INK_OK; t = next_tensor(d, t))
    if (t->bytes > 0) o->status = o->write(o->ctx, t->data, t->bytes);
  return o->status;
}

ink_status ink_pack_write(const ink_pack_draft *draft, ink_arena *scratch, ink_write_fn write, void *ctx, ink_fault *fault) {
  uint64_t header;
  output o = { .write = write, .ctx = ctx, .status = INK_OK };
  const size_t mark = ink_arena_mark(scratch);
  INK_TRY(check_draft(draft, fault));
  for (uint32_t i = 0; i < draft->n_tensors; i++) INK_TRY(ink_check_numbers(&draft->tensors[i], fault));
  INK_TRY(header_bytes(draft, &header, fault));
  INK_TAKE(scratch, BUFFER_BYTES, &o.buffer);
  const ink_status status = write_file(draft, header, &o);
  ink_arena_rewind(scratch, mark);
  return status;
}
