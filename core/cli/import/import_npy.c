/* import_npy.c - see import_npy.h. */
#include "import_npy.h"

#include <string.h>

#include "base.h"
#include "caps.h"

/* ------------------------------------------------------------------- header */

typedef struct scan {
  const char *text;
  size_t n, i;
} scan;

static void skip_blanks(scan *s) {
  while (s->i < s->n && (s->text[s->i] == ' ' || s->text[s->i] == '\n')) s->i++;
}

static bool take_char(scan *s, char c) {
  skip_blanks(s);
  if (s->i == s->n || s->text[s->i] != c) return false;
  s->i++;
  return true;
}

static bool take_word(scan *s, const char *word) {
  const size_t n = strlen(word);
  skip_blanks(s);
  if (s->n - s->i < n || memcmp(s->text + s->i, word, n) != 0) return false;
  s->i += n;
  return true;
}

/* 'text' or "text", without escapes. */
static bool take_quoted(scan *s, char *out, size_t cap) {
  skip_blanks(s);
  if (s->i == s->n || (s->text[s->i] != '\'' && s->text[s->i] != '"')) return false;
  const char quote = s->text[s->i++];
  size_t n = 0;
  while (s->i < s->n && s->text[s->i] != quote) {
    if (s->text[s->i] == '\\' || n + 1 == cap) return false;
    out[n++] = s->text[s->i++];
  }
  out[n] = '\0';
  return take_char(s, quote);
}

static bool take_whole(scan *s, uint64_t *out) {
  skip_blanks(s);
  const size_t start = s->i;
  uint64_t value = 0;
  while (s->i < s->n && s->text[s->i] >= '0' && s->text[s->i] <= '9') {
    if (value > (UINT64_MAX - 9) / 10) return false;
    value = value * 10 + (uint64_t)(s->text[s->i++] - '0');
  }
  (void)take_char(s, 'L');                       /* what Python 2 wrote after a long number */
  *out = value;
  return s->i > start;
}

/* (), (n,), (n, m) ... */
static bool take_shape(scan *s, cli_npy *npy) {
  if (!take_char(s, '(')) return false;
  npy->rank = 0;
  while (!take_char(s, ')')) {
    if (npy->rank == CLI_NPY_RANK || !take_whole(s, &npy->shape[npy->rank])) return false;
    npy->rank++;
    if (!take_char(s, ',')) return take_char(s, ')');
  }
  return true;
}

static bool take_order(scan *s, cli_npy *npy) {
  npy->by_columns = take_word(s, "True");
  return npy->by_columns || take_word(s, "False");
}

/* {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), } and blanks; each key once, in any order. */
static bool take_dict(scan *s, cli_npy *npy) {
  uint32_t seen = 0;
  if (!take_char(s, '{')) return false;
  while (!take_char(s, '}')) {
    char key[16];
    if (!take_quoted(s, key, sizeof key) || !take_char(s, ':')) return false;
    const uint32_t which = strcmp(key, "descr") == 0 ? 1 : strcmp(key, "fortran_order") == 0 ? 2 : strcmp(key, "shape") == 0 ? 4 : 0;
    if (which == 0 || (seen & which) != 0) return false;
    seen |= which;
    const bool good = which == 1 ? take_quoted(s, npy->descr, sizeof npy->descr) : which == 2 ? take_order(s, npy) : take_shape(s, npy);
    if (!good) return false;
    if (!take_char(s, ',')) { if (!take_char(s, '}')) return false; break; }
  }
  skip_blanks(s);
  return seen == 7 && s->i == s->n;
}

/* -------------------------------------------------------------------- array */

static int refuse(const cli_npy *npy, const char *code, const char *what) {
  return cli_bad_input(code, npy->path, "%s%s%s", npy->name, npy->name[0] == '\0' ? "" : ": ", what);
}

/* Bytes of one element of the array's type; 0 when it is none that is read here. */
static uint64_t element_bytes(const cli_npy *npy) {
  static const char *const plain[] = { "<f2", "<f4", "<f8", ">f2", ">f4", ">f8", "|i1", "|u1", "|b1", "<i2", "<i4", "<i8", "<u2",
                                       "<u4", "<u8" };
  for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
    if (strcmp(npy->descr, plain[i]) == 0) return (uint64_t)(plain[i][2] - '0');
  }
  scan s = { npy->descr, strlen(npy->descr), 2 };
  uint64_t length;
  const bool text = strncmp(npy->descr, "<U", 2) == 0 || strncmp(npy->descr, "|S", 2) == 0;
  if (!text || !take_whole(&s, &length) || s.i != s.n || length > INK_CAP_ITEM_ID_BYTES) return 0;
  return npy->descr[1] == 'U' ? 4 * length : length;
}

int cli_npy_check(const cli_npy *npy) {
  size_t bytes = (size_t)element_bytes(npy);
  if (strchr(npy->descr, 'O') != NULL) {
    return refuse(npy, "DATA_FORMAT", "an object array is a pickle, which can run code; save plain numbers instead");
  }
  if (bytes == 0) {
    return refuse(npy, "DATA_FORMAT", "the element type is not read here; allowed are <f2 <f4 <f8 >f2 >f4 >f8 |i1, and <U or |S for ids");
  }
  for (uint32_t i = 0; i < npy->rank; i++) {
    if (npy->shape[i] > SIZE_MAX || !ink_size_mul(bytes, (size_t)npy->shape[i], &bytes)) {
      return refuse(npy, "LIMIT", "the shape is larger than memory");
    }
  }
  if (bytes == npy->data_bytes) return CLI_DONE;
  return cli_bad_input("DATA_SYNTAX", npy->path, "%s%sthe shape asks for %zu bytes of data; there are %zu", npy->name,
                       npy->name[0] == '\0' ? "" : ": ", bytes, npy->data_bytes);
}

int cli_npy_parse(const char *path, const char *name, const uint8_t *bytes, size_t n, cli_npy *npy) {
  *npy = (cli_npy){ .path = path, .name = name };
  if (n < 10 || memcmp(bytes, "\x93NUMPY", 6) != 0) return refuse(npy, "DATA_FORMAT", "no NumPy array");
  const uint32_t version = bytes[6];
  if (version < 1 || version > 3 || bytes[7] != 0) {
    return refuse(npy, "DATA_FORMAT", "NumPy format of an unknown version; allowed are 1 to 3");
  }
  const size_t prefix = version == 1 ? 10 : 12;
  if (n < prefix) return refuse(npy, "DATA_SYNTAX", "byte 8: the file ends inside its header");
  size_t header = (size_t)bytes[8] | (size_t)bytes[9] << 8;
  if (version > 1) header |= (size_t)bytes[10] << 16 | (size_t)bytes[11] << 24;
  if (header > n - prefix) return refuse(npy, "DATA_SYNTAX", "byte 8: the file ends inside its header");
  scan s = { (const char *)bytes + prefix, header, 0 };
  if (!take_dict(&s, npy)) {
    return cli_bad_input("DATA_SYNTAX", path,
                         "%s%sbyte %zu: the header is not the dict of descr, fortran_order and shape that NumPy writes",
                         name, name[0] == '\0' ? "" : ": ", prefix + s.i);
  }
  npy->data = bytes + prefix + header;
  npy->data_bytes = n - prefix - header;
  return cli_npy_check(npy);
}

int cli_npy_matrix(const cli_npy *npy, cli_matrix *m) {
  static const struct { const char *descr; uint32_t dtype; } types[] = {
    { "<f4", INK_DTYPE_F32 }, { "<f8", INK_DTYPE_F64 }, { "<f2", INK_DTYPE_F16 }, { "|i1", INK_DTYPE_I8 },
    { ">f4", INK_DTYPE_F32 }, { ">f8", INK_DTYPE_F64 }, { ">f2", INK_DTYPE_F16 }
  };
  if (npy->rank != 2) {
    return cli_bad_input("DATA_FORMAT", npy->path, "%s%san array of %u dimensions; vectors need 2: [items, numbers]", npy->name,
                         npy->name[0] == '\0' ? "" : ": ", npy->rank);
  }
  for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
    if (strcmp(npy->descr, types[i].descr) != 0) continue;
    *m = (cli_matrix){ npy->data, types[i].dtype, npy->descr[0] == '>', npy->by_columns, npy->shape[0], npy->shape[1] };
    return CLI_DONE;
  }
  return refuse(npy, "DATA_FORMAT", "vectors of this element type are not read; allowed are <f2 <f4 <f8 >f2 >f4 >f8 |i1");
}

bool cli_npy_scalar(const cli_npy *npy, double *value) {
  if (npy->rank != 0) return false;
  cli_matrix m = { .bytes = npy->data, .n = 1, .d = 1 };
  if (strcmp(npy->descr, "<f4") == 0) m.dtype = INK_DTYPE_F32;
  else if (strcmp(npy->descr, "<f8") == 0) m.dtype = INK_DTYPE_F64;
  if (m.dtype != 0) { *value = cli_element(&m, 0, 0); return true; }
  if (strcmp(npy->descr, "<i8") != 0 && strcmp(npy->descr, "<i4") != 0) return false;
  uint64_t bits = 0;
  for (size_t i = npy->data_bytes; i-- > 0;) bits = bits << 8 | npy->data[i];
  *value = npy->data_bytes == 4 ? (double)(int32_t)(uint32_t)bits : (double)(int64_t)bits;
  return true;
}

/* --------------------------------------------------------------------- texts */

/* One UTF-32 character as UTF-8; 0 when it is no character. */
static uint32_t put_utf8(uint32_t c, char *out) {
  if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) return 0;
  if (c < 0x80) { out[0] = (char)c; return 1; }
  const uint32_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
  for (uint32_t i = n - 1; i > 0; i--, c >>= 6) out[i] = (char)(0x80 | (c & 0x3f));
  out[0] = (char)(uint8_t)((0xf00u >> n) | c);
  return n;
}

/* A whole number as its decimal text. */
static void whole_text(const cli_npy *npy, const uint8_t *p, uint64_t cell, char *out, ink_text *text) {
  uint64_t bits = 0;
  for (uint64_t i = cell; i-- > 0;) bits = bits << 8 | p[i];
  const bool negative = npy->descr[1] == 'i' && (bits >> (8 * cell - 1)) != 0;
  if (negative && cell < 8) bits |= UINT64_MAX << (8 * cell);
  const unsigned long long magnitude = negative ? 0 - bits : bits;
  *text = (ink_text){ out, (uint32_t)snprintf(out, 24, "%s%llu", negative ? "-" : "", magnitude) };
}

/* Text i, without the zeros that fill its cell. */
static bool cell_text(const cli_npy *npy, uint64_t i, char out[4 * INK_CAP_ITEM_ID_BYTES], ink_text *text) {
  const uint64_t cell = npy->data_bytes / npy->shape[0];
  const uint8_t *p = npy->data + i * cell;
  uint32_t n = 0;
  if (npy->descr[1] == 'i' || npy->descr[1] == 'u') {
    whole_text(npy, p, cell, out, text);
    return true;
  }
  if (npy->descr[1] == 'S') {
    while (n < cell && p[n] != 0) n++;
    *text = (ink_text){ (const char *)p, n };
    return true;
  }
  for (uint64_t k = 0; k < cell; k += 4) {
    const uint32_t c = (uint32_t)p[k] | (uint32_t)p[k + 1] << 8 | (uint32_t)p[k + 2] << 16 | (uint32_t)p[k + 3] << 24;
    if (c == 0) break;
    const uint32_t length = put_utf8(c, out + n);
    if (length == 0) return false;
    n += length;
  }
  *text = (ink_text){ out, n };
  return true;
}

int cli_npy_texts(cli *c, const cli_npy *npy, ink_names *ids) {
  const ink_allocator allocator = cli_allocator(c->memory);
  if (npy->rank != 1 || strchr("USiu", npy->descr[1]) == NULL) {
    return refuse(npy, "DATA_FORMAT", "ids must be an array of one dimension of text (<U or |S) or of whole numbers");
  }
  if (npy->shape[0] > INK_CAP_ITEMS) return refuse(npy, "LIMIT", "more ids than a pack may hold");
  char buffer[4 * INK_CAP_ITEM_ID_BYTES];
  for (uint64_t i = 0; i < npy->shape[0]; i++) {
    ink_text id;
    uint32_t index;
    if (!cell_text(npy, i, buffer, &id)) return cli_bad_input("DATA_UTF8", npy->path, "row %llu: no valid text", (unsigned long long)i);
    const ink_status status = ink_names_add(ids, &allocator, id, &index);
    if (status != INK_OK) return cli_refuse(c, status, npy->path);
    if (index != i) {
      return cli_bad_input("DATA_DUPLICATE", npy->path, "row %llu: the id \"%.*s\" stands there twice", (unsigned long long)i,
                           (int)id.n, id.bytes);
    }
  }
  return CLI_DONE;
}
