/* import_thrift.c - see import_thrift.h. */
#include "import_thrift.h"

#define DEEPEST 16u

static uint64_t varint(thrift *t) {
  uint64_t value = 0;
  for (uint32_t shift = 0; shift < 64; shift += 7) {
    if (t->bad || t->at == t->end) break;
    const uint8_t byte = *t->at++;
    value |= (uint64_t)(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  t->bad = true;
  return 0;
}

int64_t thrift_whole(thrift *t) {
  const uint64_t zigzag = varint(t);
  return (int64_t)((zigzag >> 1) ^ (~(zigzag & 1) + 1));
}

bool thrift_next(thrift *t, thrift_field *f) {
  if (t->bad || t->at == t->end) {
    t->bad = true;
    return false;
  }
  const uint8_t head = *t->at++;
  f->type = head & 15u;
  if (head == THRIFT_STOP) return false;
  const int64_t id = (head >> 4) != 0 ? (int64_t)f->id + (head >> 4) : thrift_whole(t);
  if (id < 0 || id > INT16_MAX) t->bad = true;
  f->id = (int32_t)id;
  return !t->bad;
}

ink_text thrift_text(thrift *t) {
  const uint64_t n = varint(t);
  if (t->bad || n > (uint64_t)(t->end - t->at) || n > UINT32_MAX) {
    t->bad = true;
    return (ink_text){ "", 0 };
  }
  const ink_text text = { (const char *)t->at, (uint32_t)n };
  t->at += n;
  return text;
}

uint32_t thrift_list(thrift *t, uint32_t *type) {
  if (t->bad || t->at == t->end) {
    t->bad = true;
    return 0;
  }
  const uint8_t head = *t->at++;
  const uint64_t n = (head >> 4) == 15 ? varint(t) : head >> 4;
  *type = head & 15u;
  if (n > (uint64_t)(t->end - t->at)) t->bad = true;      /* an element has a byte at least */
  return t->bad ? 0 : (uint32_t)n;
}

static void skip_bytes(thrift *t, uint64_t n) {
  if (t->bad || n > (uint64_t)(t->end - t->at)) t->bad = true;
  else t->at += n;
}

static void skip_at(thrift *t, uint32_t type, uint32_t depth);

static void skip_elements(thrift *t, uint32_t depth) {
  uint32_t type;
  const uint32_t n = thrift_list(t, &type);
  for (uint32_t i = 0; i < n && !t->bad; i++) {
    if (type <= THRIFT_FALSE) skip_bytes(t, 1);
    else skip_at(t, type, depth + 1);
  }
}

static void skip_struct(thrift *t, uint32_t depth) {
  thrift_field f = { 0 };
  while (thrift_next(t, &f)) skip_at(t, f.type, depth + 1);
}

static void skip_at(thrift *t, uint32_t type, uint32_t depth) {
  if (depth > DEEPEST) t->bad = true;
  if (t->bad) return;
  switch (type) {
    case THRIFT_TRUE: case THRIFT_FALSE: return;
    case THRIFT_I8: skip_bytes(t, 1); return;
    case THRIFT_I16: case THRIFT_I32: case THRIFT_I64: (void)varint(t); return;
    case THRIFT_DOUBLE: skip_bytes(t, 8); return;
    case THRIFT_BINARY: (void)thrift_text(t); return;
    case THRIFT_LIST: case THRIFT_SET: skip_elements(t, depth); return;
    case THRIFT_STRUCT: skip_struct(t, depth); return;
    default: t->bad = true;       /* maps: Parquet has none */
  }
}

void thrift_skip(thrift *t, uint32_t type) { skip_at(t, type, 0); }
