/* checkpoint.c - see checkpoint.h. */
#include "checkpoint.h"

#include "fault.h"
#include "mem.h"
#include "utf8.h"
#include "base.h"

#define HEAD_BYTES (8u + INK_SHA256_BYTES)

static const uint8_t magic[8] = { 'I', 'N', 'K', 'C', 1, 0, 0, 0 };

static bool equal_bytes(const uint8_t *a, const uint8_t *b, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (a[i] != b[i]) return false;
  return true;
}

/* ------------------------------------------------------------------ writing */

void ink_checkpoint_put(ink_checkpoint_writer *w, const void *bytes, size_t n) {
  ink_sha256_update(&w->digest, bytes, n);
  if (w->status == INK_OK) w->status = w->door->write(w->door->ctx, bytes, n);
}

void ink_checkpoint_begin(ink_checkpoint_writer *w, const ink_checkpointing *door, const uint8_t key[INK_SHA256_BYTES]) {
  *w = (ink_checkpoint_writer){ .door = door, .status = door->begin(door->ctx) };
  ink_sha256_init(&w->digest);
  ink_checkpoint_put(w, magic, sizeof magic);
  ink_checkpoint_put(w, key, INK_SHA256_BYTES);
}

ink_status ink_checkpoint_end(ink_checkpoint_writer *w) {
  uint8_t digest[INK_SHA256_BYTES];
  ink_sha256_final(&w->digest, digest);
  if (w->status == INK_OK) w->status = w->door->write(w->door->ctx, digest, sizeof digest);
  const ink_status ended = w->door->end(w->door->ctx, w->status == INK_OK);
  return w->status == INK_OK ? ended : w->status;
}

/* ------------------------------------------------------------------ reading */

static ink_status refuse(ink_fault *fault, const char *found) {
  return ink_refuse_found(fault, INK_E_DATA_FORMAT, ink_text_of("checkpoint"), found,
                          "a whole checkpoint of the same family, settings, seed and data; remove the file to begin anew");
}

ink_status ink_checkpoint_open(ink_checkpoint_reader *r, const ink_checkpointing *door, const uint8_t key[INK_SHA256_BYTES],
                               ink_fault *fault) {
  const uint8_t *bytes = door->earlier;
  const size_t n = door->earlier_bytes;
  uint8_t digest[INK_SHA256_BYTES];
  if (n < HEAD_BYTES + INK_SHA256_BYTES || !equal_bytes(bytes, magic, 4)) return refuse(fault, "a file that is no checkpoint");
  if (!equal_bytes(bytes, magic, sizeof magic)) return refuse(fault, "a checkpoint of another version");
  ink_sha256_of(bytes, n - INK_SHA256_BYTES, digest);
  if (!equal_bytes(digest, bytes + n - INK_SHA256_BYTES, sizeof digest)) return refuse(fault, "a damaged checkpoint");
  if (!equal_bytes(bytes + 8, key, INK_SHA256_BYTES)) return refuse(fault, "a checkpoint of another run");
  *r = (ink_checkpoint_reader){ bytes + HEAD_BYTES, bytes + n - INK_SHA256_BYTES, true };
  return INK_OK;
}

void ink_checkpoint_get(ink_checkpoint_reader *r, void *bytes, size_t n) {
  r->good = r->good && n <= (size_t)(r->end - r->at);
  if (!r->good) return;
  ink_mem_copy(bytes, r->at, n);
  r->at += n;
}

ink_status ink_checkpoint_close(const ink_checkpoint_reader *r, ink_fault *fault) {
  return r->good && r->at == r->end ? INK_OK : refuse(fault, "a checkpoint of another length");
}
