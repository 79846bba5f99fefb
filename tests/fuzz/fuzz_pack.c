/* fuzz_pack.c - any bytes as a pack. Nothing is read outside; what is accepted keeps every promise of
 * inkling.h's pack section, and its tensors, written anew, make a pack that is accepted too. */
#include "fuzzlib.h"
#include "pack_write.h"

/* ------------------------------------------------------------------ an accepted pack */

static void check_ids(const ink_pack *pack) {
  const uint32_t n = ink_pack_n_items(pack);
  FUZZ_CHECK(n > 0);
  for (uint32_t i = 0; i < n; i++) {
    const ink_text id = ink_pack_item_id(pack, i);
    FUZZ_CHECK(id.n >= 1 && id.n <= 1024 && ink_utf8_valid(id.bytes, id.n));
    FUZZ_CHECK(ink_pack_find(pack, id) == i);
  }
  FUZZ_CHECK(ink_pack_item_id(pack, n).n == 0 && ink_pack_find(pack, ink_text_of("")) == INK_NONE);
}

static void check_value(const ink_pack *pack, uint32_t column, uint32_t kind, uint32_t item) {
  double number;
  ink_text text;
  uint32_t n;
  const ink_status as_number = ink_pack_number(pack, column, item, &number);
  const ink_status as_text = ink_pack_text(pack, column, item, &text), as_tags = ink_pack_n_tags(pack, column, item, &n);
  FUZZ_CHECK((as_number == INK_E_ARG) == (kind != INK_COLUMN_NUMBER));
  FUZZ_CHECK((as_text == INK_E_ARG) == (kind != INK_COLUMN_TEXT));
  FUZZ_CHECK((as_tags == INK_E_ARG) == (kind != INK_COLUMN_TAGS));
  if (as_number == INK_OK) FUZZ_CHECK(number - number == 0);
  if (as_text == INK_OK) FUZZ_CHECK(ink_utf8_valid(text.bytes, text.n));
  for (uint32_t i = 0; as_tags == INK_OK && i < n; i++) {
    FUZZ_CHECK(ink_pack_tag(pack, column, item, i, &text) == INK_OK);
    FUZZ_CHECK(ink_utf8_valid(text.bytes, text.n));
  }
  if (as_tags == INK_OK) FUZZ_CHECK(ink_pack_tag(pack, column, item, n, &text) == INK_E_ARG);
}

static void check_columns(const ink_pack *pack) {
  for (uint32_t c = 0; c < ink_pack_n_columns(pack); c++) {
    ink_text name;
    uint32_t kind;
    FUZZ_CHECK(ink_pack_column_at(pack, c, &name, &kind) == INK_OK && ink_pack_column(pack, name) == c);
    for (uint32_t i = 0; i < ink_pack_n_items(pack); i++) check_value(pack, c, kind, i);
  }
}

static void check_metadata(const ink_pack *pack) {
  for (uint32_t i = 0; i < ink_pack_n_metadata(pack); i++) {
    ink_text key, value, again;
    FUZZ_CHECK(ink_pack_metadata_at(pack, i, &key, &value) == INK_OK);
    FUZZ_CHECK(ink_pack_metadata(pack, key, &again) == INK_OK && again.bytes == value.bytes);
  }
}

/* ------------------------------------------------------------------ written anew */

typedef struct sink {
  uint8_t *bytes;
  size_t n, cap;
} sink;

static ink_status take(void *ctx, const void *bytes, size_t n) {
  sink *s = ctx;
  FUZZ_CHECK(n <= s->cap - s->n);
  memcpy(s->bytes + s->n, bytes, n);
  s->n += n;
  return INK_OK;
}

static void check_same_tensors(const ink_pack *pack, const ink_pack *again) {
  FUZZ_CHECK(ink_pack_n_tensors(pack) == ink_pack_n_tensors(again));
  for (uint32_t i = 0; i < ink_pack_n_tensors(pack); i++) {
    ink_tensor x, y;
    FUZZ_CHECK(ink_pack_tensor_at(pack, i, &x) == INK_OK && ink_pack_tensor(again, x.name, &y) == INK_OK);
    FUZZ_CHECK(x.dtype == y.dtype && x.rank == y.rank && memcmp(x.shape, y.shape, sizeof x.shape) == 0);
    FUZZ_CHECK(x.bytes == y.bytes && (x.bytes == 0 || memcmp(x.data, y.data, x.bytes) == 0));
  }
}

static void check_rewrite(const ink_pack *pack) {
  const uint32_t n = ink_pack_n_tensors(pack);
  ink_tensor *const tensors = calloc(n, sizeof *tensors);
  for (uint32_t i = 0; i < n; i++) FUZZ_CHECK(ink_pack_tensor_at(pack, i, &tensors[i]) == INK_OK);
  const ink_pack_draft draft = { .tensors = tensors, .n_tensors = n };
  sink s = { 0 };
  size_t mem_bytes;
  ink_pack *again;
  ink_arena arena;
  FUZZ_CHECK(ink_pack_write_size(&draft, &s.cap, NULL) == INK_OK);
  s.bytes = fuzz_memory(s.cap);
  void *const scratch = fuzz_memory(ink_pack_write_scratch_bytes(&draft));
  ink_arena_init(&arena, scratch, ink_pack_write_scratch_bytes(&draft));
  FUZZ_CHECK(ink_pack_write(&draft, &arena, take, &s, NULL) == INK_OK && s.n == s.cap);
  FUZZ_CHECK(ink_pack_measure(s.bytes, s.n, &mem_bytes, NULL) == INK_OK);
  void *const mem = fuzz_memory(mem_bytes);
  FUZZ_CHECK(ink_pack_open(s.bytes, s.n, mem, mem_bytes, &again, NULL) == INK_OK);
  FUZZ_CHECK(ink_pack_verify(again, NULL) == INK_OK);
  check_same_tensors(pack, again);
  check_ids(again);
  free(mem);
  free(scratch);
  free(s.bytes);
  free(tensors);
}

/* ------------------------------------------------------------------ one input */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
  uint8_t *const file = fuzz_copy(data, n);
  ink_fault fault = { 0 };
  ink_pack *pack = NULL;
  size_t mem_bytes = 0;
  void *mem = NULL;
  ink_status status = ink_pack_measure(file, n, &mem_bytes, &fault);
  if (status == INK_OK) {
    mem = fuzz_memory(mem_bytes);
    status = ink_pack_open(file, n, mem, mem_bytes, &pack, &fault);
    FUZZ_CHECK(ink_pack_open(file, n, mem, mem_bytes - 1, &pack, NULL) == INK_E_MEMORY);
    pack = NULL;
    FUZZ_CHECK(ink_pack_open(file, n, mem, mem_bytes, &pack, NULL) == status);
  }
  FUZZ_CHECK((status == INK_OK) == (pack != NULL));
  if (pack != NULL) {
    check_metadata(pack);
    check_ids(pack);
    check_columns(pack);
    check_rewrite(pack);
    ink_pack_verify(pack, &fault);
  } else {
    fuzz_check_fault(status, &fault);
  }
  free(mem);
  free(file);
  return 0;
}

/* ------------------------------------------------------------------ mutation */

static uint64_t length_of(const uint8_t *data, size_t n) {
  uint64_t length = 0;
  for (size_t i = n < 8 ? 0 : 8; i-- > 0;) length = length << 8 | data[i];
  return length;
}

/* Half of the time only the header's text is changed and its length mended, or only the data; plain mutation
 * would break the length nearly always and never come further. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t n, size_t cap, unsigned seed) {
  const uint64_t length = length_of(data, n);
  if (seed % 4 == 0 || length == 0 || length > n - (n < 8 ? n : 8)) return LLVMFuzzerMutate(data, n, cap);
  const size_t header = (size_t)length, tail = n - 8 - header;
  if (seed % 4 == 1 && tail > 0) {
    uint8_t *const part = malloc(tail);
    memcpy(part, data + 8 + header, tail);
    LLVMFuzzerMutate(part, tail, tail);              /* the same length, so that the offsets still fit */
    memcpy(data + 8 + header, part, tail);
    free(part);
    return n;
  }
  const size_t room = cap - n > 64 ? header + 64 : header;
  uint8_t *const text = calloc(1, room + 8), *const rest = fuzz_copy(data + 8 + header, tail);
  memcpy(text, data + 8, header);
  size_t fresh = LLVMFuzzerMutate(text, header, room);
  while (fresh % 8 != 0 && 8 + fresh + tail < cap) text[fresh++] = ' ';
  for (int i = 0; i < 8; i++) data[i] = (uint8_t)((uint64_t)fresh >> 8 * i);
  memcpy(data + 8, text, fresh);
  memcpy(data + 8 + fresh, rest, tail);
  free(text);
  free(rest);
  return 8 + fresh + tail;
}
