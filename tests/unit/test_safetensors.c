/* Two files hold the same pack: tests/golden/reference.safetensors was written by the reference library,
 * written.safetensors by inkling, and the reference library has read that one (make_safetensors.py). Here the
 * first is read, the second is written anew and must not have changed by a byte.
 * With INKLING_WRITE_GOLDEN set, written.safetensors is made. */
#include <stdio.h>
#include <stdlib.h>

#include "pack_build.h"

enum { N = 20 };

/* ------------------------------------------------------------------ the content, worked out in C */

typedef struct content {
  draft d;
  char names[16][16];
  uint8_t numbers[16][12 * 8];
  char ids[N * 16], titles[N * 16];
  uint32_t id_ends[N], id_order[N], title_ends[N];
  double years[N];
  float scores[N];
} content;

static content c;

static void put_number(uint32_t dtype, uint8_t *to, int k) {
  const bool is_float = dtype == INK_DTYPE_F16 || dtype == INK_DTYPE_BF16 || dtype == INK_DTYPE_F32 || dtype == INK_DTYPE_F64;
  const bool is_signed = is_float || dtype == INK_DTYPE_I8 || dtype == INK_DTYPE_I16 || dtype == INK_DTYPE_I32 || dtype == INK_DTYPE_I64;
  const double x = (is_signed && k % 2 == 1 ? -k : k) / (is_float ? 2.0 : 1.0);
  const float f = (float)x;
  const int64_t whole = dtype == INK_DTYPE_BOOL ? k % 2 : (int64_t)x;
  static const uint16_t halves[12] = { 0, 0xb800, 0x3c00, 0xbe00, 0x4000, 0xc100, 0x4200, 0xc300, 0x4400, 0xc480, 0x4500, 0xc580 };
  uint32_t bits;
  memcpy(&bits, &f, 4);
  const uint16_t upper = (uint16_t)(bits >> 16);
  switch (dtype) {
    case INK_DTYPE_F16: memcpy(to, &halves[k], 2); break;            /* 0, -.5, 1, -1.5 ... by hand */
    case INK_DTYPE_BF16: memcpy(to, &upper, 2); break;
    case INK_DTYPE_F32: memcpy(to, &f, 4); break;
    case INK_DTYPE_F64: memcpy(to, &x, 8); break;
    default: memcpy(to, &whole, ink_dtype_bytes(dtype));             /* little-endian */
  }
}

static int compare_ids(const void *x, const void *y) {
  const uint32_t i = *(const uint32_t *)x, k = *(const uint32_t *)y, i0 = i ? c.id_ends[i - 1] : 0, k0 = k ? c.id_ends[k - 1] : 0;
  return ink_mem_order(c.ids + i0, c.id_ends[i] - i0, c.ids + k0, c.id_ends[k] - k0);
}

static void fill_catalogue(draft *d) {
  uint32_t n_ids = 0, n_titles = 0;
  for (uint32_t i = 0; i < N; i++) {
    n_ids += (uint32_t)sprintf(c.ids + n_ids, "film-%u-\xc3\xa9", i * 7 % N);
    if (i % 3 != 0) n_titles += (uint32_t)sprintf(c.titles + n_titles, "\xe6\x98\xa0\xe7\x94\xbb %u", i);
    c.id_ends[i] = n_ids;
    c.title_ends[i] = n_titles;
    c.id_order[i] = i;
    c.years[i] = i + 1980.5;
    c.scores[i] = (float)i / 4;
  }
  qsort(c.id_order, N, sizeof *c.id_order, compare_ids);
  draft_vector(d, "items.id.bytes", INK_DTYPE_U8, n_ids, c.ids);
  draft_vector(d, "items.id.ends", INK_DTYPE_U32, N, c.id_ends);
  draft_vector(d, "items.id.order", INK_DTYPE_U32, N, c.id_order);
  draft_vector(d, "items.title.bytes", INK_DTYPE_U8, n_titles, c.titles);
  draft_vector(d, "items.title.ends", INK_DTYPE_U32, N, c.title_ends);
  draft_vector(d, "items.year", INK_DTYPE_F64, N, c.years);
  draft_vector(d, "items.year.missing", INK_DTYPE_U8, 3, "\x11\x11\x01");
  draft_vector(d, "popular.scores", INK_DTYPE_F32, N, c.scores);
}

static draft *fill(void) {
  static const float scalar = 2.5f;
  draft *d = &c.d;
  d->n_tensors = d->n_metadata = 0;
  for (uint32_t dtype = INK_DTYPE_U8; dtype <= INK_DTYPE_BOOL; dtype++) {
    snprintf(c.names[dtype], sizeof c.names[dtype], "all.%s", ink_dtype_name(dtype));
    for (int k = 0; k < 12; k++) put_number(dtype, c.numbers[dtype] + (size_t)k * ink_dtype_bytes(dtype), k);
    draft_matrix(d, c.names[dtype], dtype, 3, 4, c.numbers[dtype]);
  }
  fill_catalogue(d);
  draft_vector(d, "scalar", INK_DTYPE_F32, 1, &scalar);
  draft_find(d, "scalar")->rank = 0;
  draft_matrix(d, "empty", INK_DTYPE_I64, 0, 5, NULL);
  draft_meta(d, "name", "golden \"pack\" \\ \xc3\xa9\n\t\x01");
  draft_meta(d, "licence", "CC0-1.0");
  return d;
}

/* ------------------------------------------------------------------ files */

static void golden_path(char path[600], const char *name) {
  const char *slash = strrchr(__FILE__, '/');
  const int n = slash != NULL ? (int)(slash - __FILE__) : 0;
  snprintf(path, 600, "%.*s%s../golden/%s", n, __FILE__, n > 0 ? "/" : "", name);
}

/* False where there are no files at all (a test in wasm); natively the files must be there. */
static bool read_golden(const char *name, built *out) {
  char path[600];
  golden_path(path, name);
  FILE *f = fopen(path, "rb");
  if (f == NULL) {
    printf("skipped: %s is not there\n", path);
#ifndef __wasm__
    CHECK(false);
#endif
    return false;
  }
  fseek(f, 0, SEEK_END);
  *out = built_new((size_t)ftell(f));
  rewind(f);
  CHECK_EQ(fread(out->bytes, 1, out->n, f), out->n);
  fclose(f);
  return true;
}

static void write_golden(const built *b) {
  char path[600];
  golden_path(path, "written.safetensors");
  FILE *f = fopen(path, "wb");
  CHECK(f != NULL && fwrite(b->bytes, 1, b->n, f) == b->n && fclose(f) == 0);
}

/* ------------------------------------------------------------------ tests */

/* Every tensor and every value of metadata is what the draft says. */
static void check_same(const ink_pack *pack, const draft *d) {
  ink_tensor_info t;
  CHECK_EQ(ink_pack_n_tensors(pack), d->n_tensors);
  for (uint32_t i = 0; i < d->n_tensors; i++) {
    const ink_tensor *want = &d->tensors[i];
    const ink_status found = ink_pack_tensor(pack, want->name, &t);
    CHECK_EQ(found, INK_OK);
    if (found != INK_OK) continue;
    CHECK(t.dtype == want->dtype && t.rank == want->rank && memcmp(t.shape, want->shape, sizeof t.shape) == 0);
    CHECK(t.bytes == want->bytes && (t.bytes == 0 || memcmp(t.data, want->data, t.bytes) == 0));
  }
}

TEST(a_file_of_the_reference_library_is_read) {
  built b;
  opened o;
  ink_fault fault;
  ink_text value;
  double year;
  if (!read_golden("reference.safetensors", &b)) return;
  CHECK_EQ(opened_open(&o, &b, &fault), INK_OK);
  if (o.pack != NULL) {
    check_same(o.pack, fill());
    CHECK_EQ(ink_pack_n_metadata(o.pack), 3);
    CHECK_EQ(ink_pack_metadata(o.pack, ink_text_of("name"), &value), INK_OK);
    CHECK(ink_text_equal(value, ink_text_of("golden \\\"pack\\\" \\\\ \xc3\xa9\\n\\t\\u0001")));
    CHECK_EQ(ink_pack_find(o.pack, ink_text_of("film-7-\xc3\xa9")), 1);
    CHECK_EQ(ink_pack_number(o.pack, ink_pack_column(o.pack, ink_text_of("year")), 1, &year), INK_OK);
    CHECK(year == 1981.5);
    CHECK_EQ(ink_pack_number(o.pack, ink_pack_column(o.pack, ink_text_of("year")), 4, &year), INK_E_NOT_FOUND);
    CHECK_EQ(ink_pack_verify(o.pack, &fault), INK_E_PACK_METADATA);  /* the library adds no digest */
  }
  opened_free(&o);
  built_free(&b);
}

TEST(our_file_is_the_one_that_the_reference_library_read) {
  built fresh, kept;
  opened o;
  ink_fault fault;
  CHECK_EQ(built_draft(fill(), &fresh, &fault), INK_OK);
  CHECK_EQ(opened_open(&o, &fresh, &fault), INK_OK);
  check_same(o.pack, &c.d);
  CHECK_EQ(ink_pack_verify(o.pack, &fault), INK_OK);
  if (getenv("INKLING_WRITE_GOLDEN") != NULL) write_golden(&fresh);
  if (read_golden("written.safetensors", &kept)) {
    CHECK(fresh.n == kept.n && memcmp(fresh.bytes, kept.bytes, kept.n) == 0);
    built_free(&kept);
  }
  opened_free(&o);
  built_free(&fresh);
}

TEST_MAIN(T(a_file_of_the_reference_library_is_read), T(our_file_is_the_one_that_the_reference_library_read))
