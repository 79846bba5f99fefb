/* pack_columns.c - properties of items: which tensors make a column, their check, their values.
 *
 *   number   items.<name>          F32 F64 U8..U64 I8..I64 BOOL [N]
 *   text     items.<name>.bytes    U8 [B]         .ends U32 [N]
 *   tags     items.<name>.values   U16|U32 [V]    .ends U32 [N]    .names.bytes U8 [B]   .names.ends U32 [T]
 *   any      items.<name>.missing  U8 [(N+7)/8]   optional
 *
 * Everything that begins with `items.` must be of this kind, so a slip in a name is refused and not
 * overlooked. Tensors ordered by name hold the parts of one column side by side, because '.' comes before
 * every character that a column's name may hold. */
#include "caps.h"
#include "fault.h"
#include "mem.h"
#include "pack.h"
#include "pack_numbers.h"
#include "utf8.h"

#include "base.h"

#define NAME(words) ((ink_text){ words, sizeof(words) - 1 })
#define STEM "items."
#define STEM_BYTES (sizeof STEM - 1)

/* ------------------------------------------------------------------ parts of a column */

enum { PART_NUMBER, PART_BYTES, PART_VALUES, PART_ENDS, PART_NAMES_BYTES, PART_NAMES_ENDS, PART_MISSING, N_PARTS };

static const char *part_suffix(uint32_t part) {
  switch (part) {
    case PART_NUMBER: return "";
    case PART_BYTES: return ".bytes";
    case PART_VALUES: return ".values";
    case PART_ENDS: return ".ends";
    case PART_NAMES_BYTES: return ".names.bytes";
    case PART_NAMES_ENDS: return ".names.ends";
    default: return ".missing";
  }
}

#define BIT(part) (1u << (part))
#define LEADS (BIT(PART_NUMBER) | BIT(PART_BYTES) | BIT(PART_VALUES))

/* The parts that a column of this kind must have; `.missing` may be there too. */
static uint32_t needed_parts(uint32_t kind) {
  switch (kind) {
    case INK_COLUMN_NUMBER: return BIT(PART_NUMBER);
    case INK_COLUMN_TEXT: return BIT(PART_BYTES) | BIT(PART_ENDS);
    default: return BIT(PART_VALUES) | BIT(PART_ENDS) | BIT(PART_NAMES_BYTES) | BIT(PART_NAMES_ENDS);
  }
}

typedef struct parts {
  ink_text stem;                  /* "items.<name>" */
  const ink_tensor *part[N_PARTS];
  uint32_t have;                  /* bits */
} parts;

/* "items.year.missing" -> "items.year", and the rest's number; false when it is no part of a column. */
static bool split_name(ink_text name, ink_text *stem, uint32_t *part) {
  uint32_t n = STEM_BYTES;
  while (n < name.n && name.bytes[n] != '.') {
    const char c = name.bytes[n++];
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')) return false;
  }
  const ink_text rest = { name.bytes + n, name.n - n };
  for (*part = 0; *part < N_PARTS; ++*part)
    if (ink_text_equal(rest, ink_text_of(part_suffix(*part)))) break;
  *stem = (ink_text){ name.bytes, n };
  return n > STEM_BYTES && *part < N_PARTS;
}

static bool in_catalogue(ink_text name) { return name.n >= STEM_BYTES && ink_mem_equal(name.bytes, STEM, STEM_BYTES); }

static bool is_id_part(ink_text name) {
  return ink_text_equal(name, NAME("items.id.bytes")) || ink_text_equal(name, NAME("items.id.ends")) ||
         ink_text_equal(name, NAME("items.id.order"));
}

static ink_status refuse_key(const ink_pack *pack, ink_text name, const char *allowed, ink_fault *fault) {
  ink_refuse(fault, INK_E_PACK_KEY, name, allowed);
  return ink_refuse_at(fault, INK_E_PACK_KEY, "byte", (uint64_t)((const uint8_t *)name.bytes - pack->file));
}

/* ------------------------------------------------------------------ checks */

/* The one leading part decides the kind; the others must fit it. */
static ink_status kind_of(const ink_pack *pack, const parts *p, uint32_t *kind, ink_fault *fault) {
  ink_tensor lacks;
  switch (p->have & LEADS) {
    case BIT(PART_NUMBER): *kind = INK_COLUMN_NUMBER; break;
    case BIT(PART_BYTES): *kind = INK_COLUMN_TEXT; break;
    case BIT(PART_VALUES): *kind = INK_COLUMN_TAGS; break;
    case 0: return ink_refuse_found(fault, INK_E_PACK_MISSING, p->stem, "parts of a column without its values",
                                   "numbers of this name, .bytes or .values");
    default: return refuse_key(pack, p->stem, "one column: a number, .bytes or .values", fault);
  }
  const uint32_t needed = needed_parts(*kind), lacking = needed & ~p->have;
  const uint32_t foreign = p->have & ~(needed | BIT(PART_MISSING));
  for (uint32_t i = 0; i < N_PARTS; i++) {
    if (foreign & BIT(i)) return refuse_key(pack, p->part[i]->name, "parts that fit the kind of the column", fault);
    if (lacking & BIT(i)) INK_TRY(ink_pack_need(pack, p->stem, part_suffix(i), &lacks, fault));
  }
  return INK_OK;
}

static ink_status check_number(const ink_pack *pack, const ink_tensor *t, ink_fault *fault) {
  if (t->dtype == INK_DTYPE_F16 || t->dtype == INK_DTYPE_BF16) {
    ink_refuse_dtype(fault, t, "F32, F64, BOOL or whole numbers");
    return ink_refuse_at(fault, INK_E_PACK_DTYPE, "byte", ink_pack_place(pack, t));
  }
  return ink_pack_vector(pack, t, t->dtype, pack->n_items, fault);
}

static uint32_t tag_at(const ink_tensor *values, uint32_t i) {
  return values->dtype == INK_DTYPE_U16 ? ((const uint16_t *)values->data)[i] : ((const uint32_t *)values->data)[i];
}

static ink_status check_tags(const ink_pack *pack, const parts *p, ink_pack_column_info *column, ink_fault *fault) {
  const ink_tensor *const values = p->part[PART_VALUES], *const ends = p->part[PART_ENDS];
  const uint32_t dtype = values->dtype == INK_DTYPE_U16 ? INK_DTYPE_U16 : INK_DTYPE_U32;
  INK_TRY(ink_pack_vector(pack, values, dtype, INK_NONE, fault));
  INK_TRY(ink_pack_vector(pack, ends, INK_DTYPE_U32, pack->n_items, fault));
  INK_TRY(ink_pack_ends(ends, values->shape[0], fault));
  INK_TRY(ink_pack_strings(pack, p->part[PART_NAMES_BYTES], p->part[PART_NAMES_ENDS], INK_NONE, &column->strings, fault));
  const uint32_t n_tags = column->strings.n;
  if (n_tags > INK_CAP_TAGS)
    return ink_refuse_number(fault, INK_E_LIMIT, p->part[PART_NAMES_ENDS]->name, "a tag count of", n_tags, 0, INK_CAP_TAGS);
  for (uint32_t i = 0; i < values->shape[0]; i++) {
    if (tag_at(values, i) < n_tags) continue;
    ink_refuse_number(fault, INK_E_PACK_INDEX, values->name, "an index of", tag_at(values, i), 0, (double)n_tags - 1);
    return ink_refuse_at(fault, INK_E_PACK_INDEX, "element", i);
  }
  column->ends = ends->data;
  return INK_OK;
}

/* Bits behind the last item must be 0, so that a pack has one spelling. */
static ink_status check_missing(const ink_pack *pack, const ink_tensor *t, const uint8_t **missing, ink_fault *fault) {
  const uint32_t n_bytes = (pack->n_items + 7) / 8, used = pack->n_items % 8;
  INK_TRY(ink_pack_vector(pack, t, INK_DTYPE_U8, n_bytes, fault));
  const uint8_t *const bits = t->data;
  if (used != 0 && bits[n_bytes - 1] >> used != 0) {
    ink_refuse(fault, INK_E_PACK_VALUE, t->name, "zero bits behind the last item");
    return ink_refuse_at(fault, INK_E_PACK_VALUE, "byte", ink_pack_place(pack, t) + n_bytes - 1);
  }
  *missing = bits;
  return INK_OK;
}

static ink_status check_column(const ink_pack *pack, const parts *p, ink_pack_column_info *out, ink_fault *fault) {
  ink_pack_column_info column = { .name = { p->stem.bytes + STEM_BYTES, p->stem.n - (uint32_t)STEM_BYTES } };
  INK_TRY(kind_of(pack, p, &column.kind, fault));
  if (column.kind == INK_COLUMN_NUMBER) {
    INK_TRY(check_number(pack, p->part[PART_NUMBER], fault));
    column.values = *p->part[PART_NUMBER];
  } else if (column.kind == INK_COLUMN_TEXT) {
    INK_TRY(ink_pack_strings(pack, p->part[PART_BYTES], p->part[PART_ENDS], pack->n_items, &column.strings, fault));
  } else {
    INK_TRY(check_tags(pack, p, &column, fault));
    column.values = *p->part[PART_VALUES];
  }
  if (p->part[PART_MISSING] != NULL) INK_TRY(check_missing(pack, p->part[PART_MISSING], &column.missing, fault));
  *out = column;
  return INK_OK;
}

/* ------------------------------------------------------------------ the walk */

static const ink_tensor *by_name(const ink_pack *pack, uint32_t i) { return &pack->tensors[pack->by_name[i]]; }

/* Gathers the parts of the column whose first tensor is *at (in the order of names), and steps behind them. */
static ink_status gather(const ink_pack *pack, uint32_t *at, parts *p, ink_fault *fault) {
  for (; *at < pack->n_tensors && in_catalogue(by_name(pack, *at)->name); ++*at) {
    const ink_tensor *const tensor = by_name(pack, *at);
    ink_text stem;
    uint32_t part;
    if (is_id_part(tensor->name)) break;
    if (!split_name(tensor->name, &stem, &part) || ink_text_equal(stem, NAME("items.id")))
      return refuse_key(pack, tensor->name, "items.id.* and columns: see FORMAT.md, 3", fault);
    if (p->have != 0 && !ink_text_equal(stem, p->stem)) break;
    p->stem = stem;
    p->part[part] = tensor;
    p->have |= BIT(part);
  }
  return INK_OK;
}

ink_status ink_pack_check_columns(ink_pack *pack, ink_fault *fault) {
  uint32_t at = 0, n = 0;
  while (at < pack->n_tensors) {
    const ink_text name = by_name(pack, at)->name;
    parts p = { .have = 0 };
    if (!in_catalogue(name) || is_id_part(name)) {
      at++;
      continue;
    }
    INK_TRY(gather(pack, &at, &p, fault));
    if (n == INK_CAP_COLUMNS) return ink_refuse(fault, INK_E_LIMIT, p.stem, "64 columns at most");
    INK_TRY(check_column(pack, &p, &pack->columns[n], fault));
    n++;
  }
  pack->n_columns = n;
  return INK_OK;
}

/* ------------------------------------------------------------------ values */

uint32_t ink_pack_n_columns(const ink_pack *pack) { return pack->n_columns; }

ink_status ink_pack_column_at(const ink_pack *pack, uint32_t column, ink_text *name, uint32_t *kind) {
  if (column >= pack->n_columns) return INK_E_ARG;
  *name = pack->columns[column].name;
  *kind = pack->columns[column].kind;
  return INK_OK;
}

uint32_t ink_pack_column(const ink_pack *pack, ink_text name) {
  for (uint32_t i = 0; i < pack->n_columns; i++)
    if (ink_text_equal(pack->columns[i].name, name)) return i;
  return INK_NONE;
}

/* The column, when it is of this kind and the item has a value in it. */
static ink_status value_of(const ink_pack *pack, uint32_t column, uint32_t kind, uint32_t item, const ink_pack_column_info **out) {
  if (column >= pack->n_columns || item >= pack->n_items) return INK_E_ARG;
  const ink_pack_column_info *const c = &pack->columns[column];
  if (c->kind != kind) return INK_E_ARG;
  if (c->missing != NULL && ((uint32_t)c->missing[item / 8] >> item % 8 & 1u) != 0) return INK_E_NOT_FOUND;
  *out = c;
  return INK_OK;
}

ink_status ink_pack_number(const ink_pack *pack, uint32_t column, uint32_t item, double *value) {
  const ink_pack_column_info *c;
  INK_TRY(value_of(pack, column, INK_COLUMN_NUMBER, item, &c));
  *value = ink_tensor_number(&c->values, item);
  return INK_OK;
}

ink_status ink_pack_text(const ink_pack *pack, uint32_t column, uint32_t item, ink_text *value) {
  const ink_pack_column_info *c;
  INK_TRY(value_of(pack, column, INK_COLUMN_TEXT, item, &c));
  *value = ink_strings_at(&c->strings, item);
  return INK_OK;
}

ink_status ink_pack_n_tags(const ink_pack *pack, uint32_t column, uint32_t item, uint32_t *n) {
  const ink_pack_column_info *c;
  INK_TRY(value_of(pack, column, INK_COLUMN_TAGS, item, &c));
  *n = c->ends[item] - (item == 0 ? 0 : c->ends[item - 1]);
  return INK_OK;
}

ink_status ink_pack_tag(const ink_pack *pack, uint32_t column, uint32_t item, uint32_t i, ink_text *value) {
  const ink_pack_column_info *c;
  INK_TRY(value_of(pack, column, INK_COLUMN_TAGS, item, &c));
  const uint32_t start = item == 0 ? 0 : c->ends[item - 1];
  if (i >= c->ends[item] - start) return INK_E_ARG;
  *value = ink_strings_at(&c->strings, tag_at(&c->values, start + i));
  return INK_OK;
}
