/* fuzz_header.c - the reader of pack headers beside cJSON. needs: cjson
 *
 * The oracle goes one way: what our reader accepts, cJSON must accept with an equal tree. cJSON is laxer
 * (numbers like 01, bytes behind the closing brace), so what we refuse says nothing.
 * Input: two bytes for the length of the data region, then the header's text. */
#include <cjson/cJSON.h>

#include "fuzzlib.h"
#include "header.h"
#include "tensor.h"

/* ------------------------------------------------------------------ equal trees */

static uint32_t hex4(const char *b) {
  uint32_t x = 0;
  for (int i = 0; i < 4; i++) x = x * 16 + (uint32_t)(b[i] <= '9' ? b[i] - '0' : (b[i] | 32) - 'a' + 10);
  return x;
}

static size_t put_utf8(char *out, uint32_t c) {
  if (c < 0x80) { out[0] = (char)c; return 1; }
  const size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
  for (size_t i = n; i-- > 1; c >>= 6) out[i] = (char)(0x80 | (c & 0x3f));
  out[0] = (char)((0xf00u >> n & 0xff) | c);
  return n;
}

/* What the text between the quotes means, closed by zero. Never longer than the text. */
static char *unescape(ink_text raw) {
  char *const out = malloc((size_t)raw.n + 1);
  size_t n = 0;
  for (uint32_t i = 0; i < raw.n; i++) {
    if (raw.bytes[i] != '\\') { out[n++] = raw.bytes[i]; continue; }
    const char c = raw.bytes[++i];
    if (c != 'u') {
      out[n++] = c == 'b' ? '\b' : c == 'f' ? '\f' : c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c;
      continue;
    }
    uint32_t code = hex4(raw.bytes + i + 1);
    i += 4;
    if (code >= 0xd800 && code <= 0xdbff) {
      code = 0x10000 + ((code - 0xd800) << 10) + (hex4(raw.bytes + i + 3) - 0xdc00);
      i += 6;
    }
    n += put_utf8(out + n, code);
  }
  out[n] = '\0';
  FUZZ_CHECK(strlen(out) == n);                      /* no U+0000 gets through */
  return out;
}

static void check_metadata(const ink_header_entry *e, const cJSON *item) {
  char *const value = unescape(e->value);
  FUZZ_CHECK(cJSON_IsString(item) && strcmp(item->valuestring, value) == 0);
  free(value);
}

static void check_tensor(const ink_header_entry *e, const cJSON *item) {
  static const char *const names[] = { "", "U8", "I8", "U16", "I16", "F16", "BF16", "U32", "I32", "F32", "U64", "I64", "F64", "BOOL" };
  const cJSON *dtype = cJSON_GetObjectItemCaseSensitive(item, "dtype"), *shape = cJSON_GetObjectItemCaseSensitive(item, "shape");
  const cJSON *offsets = cJSON_GetObjectItemCaseSensitive(item, "data_offsets");
  FUZZ_CHECK(cJSON_GetArraySize(item) == 3 && cJSON_IsString(dtype) && cJSON_IsArray(shape) && cJSON_IsArray(offsets));
  FUZZ_CHECK(e->dtype >= 1 && e->dtype <= 13 && strcmp(dtype->valuestring, names[e->dtype]) == 0);
  FUZZ_CHECK((uint32_t)cJSON_GetArraySize(shape) == e->rank && e->rank <= INK_MAX_RANK && cJSON_GetArraySize(offsets) == 2);
  uint64_t bytes = ink_dtype_bytes(e->dtype);
  for (uint32_t i = 0; i < INK_MAX_RANK; i++) {
    const double want = i < e->rank ? cJSON_GetArrayItem(shape, (int)i)->valuedouble : 1;
    FUZZ_CHECK((double)e->shape[i] == want);
    bytes *= e->shape[i];
  }
  FUZZ_CHECK((double)e->begin == cJSON_GetArrayItem(offsets, 0)->valuedouble);
  FUZZ_CHECK((double)e->end == cJSON_GetArrayItem(offsets, 1)->valuedouble);
  FUZZ_CHECK(e->end - e->begin == bytes);
}

static bool named(const cJSON *item, ink_text name) {
  return item != NULL && strlen(item->string) == name.n && memcmp(item->string, name.bytes, name.n) == 0;
}

/* Steps through both in the file's order; a name twice is pack.c's business and stands twice in both. */
static void check_tree(const uint8_t *file, size_t n, const cJSON *tree) {
  const ink_text metadata = ink_text_of("__metadata__");
  const cJSON *item = tree->child, *pair = NULL;     /* pair: the next one inside `__metadata__` */
  bool inside = false, more = true;
  ink_header h;
  ink_header_entry e;
  FUZZ_CHECK(ink_header_open(&h, file, n, NULL) == INK_OK);
  while (more) {
    FUZZ_CHECK(ink_header_next(&h, &e, &more) == INK_OK);
    if (!inside && named(item, metadata)) {
      FUZZ_CHECK(cJSON_IsObject(item));
      pair = item->child;
      inside = true;
    }
    if (inside && !(more && e.metadata)) {
      FUZZ_CHECK(pair == NULL);                      /* all pairs came before anything else */
      item = item->next;
      inside = false;
    }
    if (!more) break;
    const cJSON *const here = e.metadata ? pair : item;
    FUZZ_CHECK(inside == e.metadata && named(here, e.name));
    FUZZ_CHECK(e.at + e.name.n <= n && memcmp(file + e.at, e.name.bytes, e.name.n) == 0);
    if (e.metadata) {
      check_metadata(&e, here);
      pair = pair->next;
    } else {
      check_tensor(&e, here);
      item = item->next;
    }
  }
  FUZZ_CHECK(item == NULL);
}

/* ------------------------------------------------------------------ one input */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
  if (n < 2) return 0;
  const size_t n_json = n - 2, n_data = (size_t)data[0] | (size_t)data[1] << 8;
  uint8_t *const file = calloc(1, 8 + n_json + n_data);
  for (int i = 0; i < 8; i++) file[i] = (uint8_t)((uint64_t)n_json >> 8 * i);
  memcpy(file + 8, data + 2, n_json);
  ink_header h;
  ink_header_entry e;
  ink_fault fault = { 0 };
  bool more = true;
  ink_status status = ink_header_open(&h, file, 8 + n_json + n_data, &fault);
  while (status == INK_OK && more) status = ink_header_next(&h, &e, &more);
  if (status == INK_OK) {
    cJSON *const tree = cJSON_ParseWithLength((const char *)file + 8, n_json);
    FUZZ_CHECK(tree != NULL && cJSON_IsObject(tree));
    check_tree(file, 8 + n_json + n_data, tree);
    cJSON_Delete(tree);
  } else {
    fuzz_check_fault(status, &fault);
  }
  free(file);
  return 0;
}
