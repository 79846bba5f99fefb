/* vectors.c - see vectors.h. */
#include "vectors.h"

#include <math.h>
#include <string.h>

#include "caps.h"
#include "utf8.h"

/* --------------------------------------------------------------------- rows */

int cli_vectors_begin(cli_vectors *v, uint64_t d, uint64_t n_expected) {
  if (d < 1 || d > INK_CAP_DIM) {
    return cli_bad_input("LIMIT", v->path, "vectors of %llu numbers; allowed are 1 to %u", (unsigned long long)d, INK_CAP_DIM);
  }
  if (n_expected > INK_CAP_ITEMS) {
    return cli_bad_input("LIMIT", v->path, "%llu rows; allowed are %u", (unsigned long long)n_expected, INK_CAP_ITEMS);
  }
  v->d = (uint32_t)d;
  v->cap = n_expected == 0 ? 1024 : (uint32_t)n_expected;
  v->rows = cli_take(v->c->memory, v->cap, v->d * sizeof(float));
  return v->rows == NULL ? cli_no_memory() : CLI_DONE;
}

float *cli_vectors_next(cli_vectors *v) {
  if (v->n == v->cap) {
    const uint64_t cap = (uint64_t)v->cap + v->cap / 2 + 16, bytes = cap * v->d * sizeof(float);
    float *rows = bytes > SIZE_MAX ? NULL : cli_resize(v->c->memory, v->rows, (size_t)bytes);
    if (rows == NULL) return NULL;
    v->rows = rows;
    v->cap = (uint32_t)cap;
  }
  return v->rows + (size_t)v->n * v->d;
}

/* Shows an id in a message: cut, and without what would move the cursor. */
typedef struct shown { char text[72]; } shown;
static shown show(ink_text id) {
  shown s = { "" };
  const uint32_t n = id.n < 64 ? id.n : 64;
  for (uint32_t i = 0; i < n; i++) {
    const unsigned char b = (unsigned char)id.bytes[i];
    s.text[i] = b < 0x20 || b == 0x7f ? '?' : (char)b;
  }
  memcpy(s.text + n, id.n > n ? "..." : "", id.n > n ? 4 : 1);
  return s;
}

static int check_id(const cli_vectors *v, ink_text id, const char *unit, uint64_t at) {
  if (id.n == 0 || id.n > INK_CAP_ITEM_ID_BYTES) {
    return cli_bad_input("DATA_SYNTAX", v->path, "%s %llu: an id of %u bytes; allowed are 1 to %u", unit, (unsigned long long)at,
                         id.n, INK_CAP_ITEM_ID_BYTES);
  }
  if (!ink_utf8_valid(id.bytes, id.n)) {
    return cli_bad_input("DATA_UTF8", v->path, "%s %llu: the id is not UTF-8", unit, (unsigned long long)at);
  }
  return CLI_DONE;
}

/* Finite, within the cap; *zero when nothing else is in the row. */
static int check_row(const cli_vectors *v, const float *row, ink_text id, const char *unit, uint64_t at, bool *zero) {
  *zero = true;
  for (uint32_t i = 0; i < v->d; i++) {
    if (!(fabsf(row[i]) <= INK_CAP_MAGNITUDE)) {
      return cli_bad_input("DATA_NUMBER", v->path, "%s %llu (\"%s\"), number %u is %g; allowed are finite numbers up to %g in magnitude",
                           unit, (unsigned long long)at, show(id).text, i + 1, (double)row[i], (double)INK_CAP_MAGNITUDE);
    }
    if (row[i] != 0) *zero = false;
  }
  return CLI_DONE;
}

static void scale_to_unit(float *row, uint32_t d) {
  double sum = 0;
  for (uint32_t i = 0; i < d; i++) sum += (double)row[i] * (double)row[i];
  const double scale = sum > 0 ? 1 / sqrt(sum) : 0;
  for (uint32_t i = 0; i < d; i++) row[i] = (float)((double)row[i] * scale);
}

static int keep_id(cli_vectors *v, ink_text id, const char *unit, uint64_t at) {
  const ink_allocator allocator = cli_allocator(v->c->memory);
  if (v->n == INK_CAP_ITEMS) return cli_bad_input("LIMIT", v->path, "more than %u rows", INK_CAP_ITEMS);
  uint32_t index;
  const ink_status status = ink_names_add(&v->ids, &allocator, id, &index);
  if (status != INK_OK) return cli_refuse(v->c, status, v->path);
  if (index == v->n) return CLI_DONE;
  return cli_bad_input("DATA_DUPLICATE", v->path, "%s %llu: the id \"%s\" stands there twice (first as item %u)", unit,
                       (unsigned long long)at, show(id).text, index);
}

int cli_vectors_take(cli_vectors *v, ink_text id, const char *unit, uint64_t at) {
  float *row = v->rows + (size_t)v->n * v->d;
  bool zero;
  int code = check_id(v, id, unit, at);
  if (code == CLI_DONE) code = check_row(v, row, id, unit, at, &zero);
  if (code != CLI_DONE) return code;
  if (zero && v->zero_rows == CLI_ZERO_REFUSE) {
    return cli_bad_input("DATA_NUMBER", v->path, "%s %llu (\"%s\") is all zeros; --zero-rows drop or keep allows that", unit,
                         (unsigned long long)at, show(id).text);
  }
  if (zero) v->n_zero++;
  if (zero && v->zero_rows == CLI_ZERO_DROP) return CLI_DONE;
  if (v->unit_length) scale_to_unit(row, v->d);
  code = keep_id(v, id, unit, at);
  if (code == CLI_DONE) v->n++;
  return code;
}

int cli_vectors_end(const cli_vectors *v) {
  return v->n > 0 ? CLI_DONE : cli_bad_input("DATA_EMPTY", v->path, "no vectors in it");
}

/* ----------------------------------------------------------------- matrices */

uint32_t cli_element_bytes(uint32_t dtype) {
  switch (dtype) {
    case INK_DTYPE_I8: return 1;
    case INK_DTYPE_F16: case INK_DTYPE_BF16: return 2;
    case INK_DTYPE_F32: return 4;
    case INK_DTYPE_F64: return 8;
    default: return 0;
  }
}

static double from_f16(uint16_t bits) {
  const uint32_t exponent = (bits >> 10) & 31, mantissa = bits & 1023;
  const double magnitude = exponent == 31 ? (mantissa != 0 ? (double)NAN : (double)INFINITY)
                         : exponent == 0 ? ldexp((double)mantissa, -24)
                         : ldexp((double)(mantissa + 1024), (int)exponent - 25);
  return (bits & 0x8000) != 0 ? -magnitude : magnitude;
}

static double from_f32(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return (double)value;
}

static double from_f64(uint64_t bits) {
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

double cli_element(const cli_matrix *m, uint64_t row, uint64_t column) {
  const uint32_t size = cli_element_bytes(m->dtype);
  const uint64_t index = m->by_columns ? column * m->n + row : row * m->d + column;
  const uint8_t *p = m->bytes + index * size;
  uint64_t bits = 0;
  for (uint32_t i = 0; i < size; i++) bits |= (uint64_t)p[i] << (8 * (m->big_endian ? size - 1 - i : i));
  switch (m->dtype) {
    case INK_DTYPE_I8: return (double)(bits < 128 ? (int32_t)bits : (int32_t)bits - 256);
    case INK_DTYPE_F16: return from_f16((uint16_t)bits);
    case INK_DTYPE_BF16: return from_f32((uint32_t)bits << 16);
    case INK_DTYPE_F32: return from_f32((uint32_t)bits);
    default: return from_f64(bits);
  }
}

/* A double beyond float's range becomes infinite here and is refused with the row's name. */
static float narrowed(double x) {
  return fabs(x) <= (double)INK_CAP_MAGNITUDE || isnan(x) ? (float)x : x > 0 ? INFINITY : -INFINITY;
}

int cli_vectors_take_matrix(cli_vectors *v, const cli_matrix *m, const ink_names *ids) {
  if (ids != NULL && ids->n != m->n) {
    return cli_bad_input("DATA_SYNTAX", v->path, "%llu rows, but %u ids", (unsigned long long)m->n, ids->n);
  }
  int code = cli_vectors_begin(v, m->d, m->n);
  for (uint64_t i = 0; i < m->n && code == CLI_DONE; i++) {
    float *row = cli_vectors_next(v);
    if (row == NULL) return cli_no_memory();
    for (uint64_t k = 0; k < m->d; k++) row[k] = narrowed(cli_element(m, i, k));
    char digits[24];
    const int n = snprintf(digits, sizeof digits, "%llu", (unsigned long long)i);
    code = cli_vectors_take(v, ids != NULL ? ink_names_at(ids, (uint32_t)i) : (ink_text){ digits, (uint32_t)n }, "row", i);
  }
  return code == CLI_DONE ? cli_vectors_end(v) : code;
}
