/* exports.c - what JavaScript sees of the core: one line of glue for each call of exports.json.
 *
 * No logic lives here. A line turns scalars and pointers into the arguments of inkling.h, refuses
 * null pointers, and returns. Text goes in as (bytes, n) and comes out through an ink_text, so that
 * no struct is passed by value and the calling convention is wasm's own scalars.
 *
 * Pointers are not range-checked: the module can only harm its own linear memory, and an access
 * outside of that traps. Who may write where is the host's memory map (README.md).
 *
 * The names without prefix are what the module exports; the C names carry `wasm_`, so that they
 * never meet the core's. */
#include "inkling.h"

#include "layout.gen.h"

#define EXPORT(type, name) __attribute__((export_name(#name))) type wasm_##name

/* Refuses a call whose pointers are not all there. */
#define NEED(condition) do { if (!(condition)) return INK_E_ARG; } while (0)

static ink_text text_of(const char *bytes, uint32_t n) { return (ink_text){ bytes, n }; }

/* ------------------------------------------------------------------ module */

extern unsigned char __heap_base;   /* set by the linker: the end of stack and constants */

EXPORT(uint32_t, heap_base)(void) { return (uint32_t)(uintptr_t)&__heap_base; }
EXPORT(uint32_t, abi_version)(void) { return ink_abi_version(); }
EXPORT(const char *, kernels_name)(void) { return ink_kernels_name(ink_kernels_best()); }
EXPORT(const char *, status_text)(ink_status status) { return ink_status_text(status); }
EXPORT(const char *, status_name)(ink_status status) { return ink_status_name(status); }
EXPORT(size_t, fault_text)(const ink_fault *fault, char *out, size_t cap) {
  return fault ? ink_fault_text(fault, out, out ? cap : 0) : 0;
}

/* -------------------------------------------------------------------- pack */

EXPORT(ink_status, pack_measure)(const void *file, size_t file_bytes, size_t *mem_bytes, ink_fault *fault) {
  NEED(file && mem_bytes && fault);
  return ink_pack_measure(file, file_bytes, mem_bytes, fault);
}
EXPORT(ink_status, pack_open)(const void *file, size_t file_bytes, void *mem, size_t mem_bytes,
                              ink_pack **pack, ink_fault *fault) {
  NEED(file && mem && pack && fault);
  return ink_pack_open(file, file_bytes, mem, mem_bytes, pack, fault);
}
EXPORT(ink_status, pack_verify)(const ink_pack *pack, ink_fault *fault) {
  NEED(pack && fault);
  return ink_pack_verify(pack, fault);
}
EXPORT(uint32_t, pack_n_items)(const ink_pack *pack) { return pack ? ink_pack_n_items(pack) : 0; }
EXPORT(void, pack_item_id)(const ink_pack *pack, uint32_t item, ink_text *id) {
  if (pack && id) *id = ink_pack_item_id(pack, item);
}
EXPORT(uint32_t, pack_find)(const ink_pack *pack, const char *id, uint32_t id_bytes) {
  return pack && id ? ink_pack_find(pack, text_of(id, id_bytes)) : INK_NONE;
}
EXPORT(uint32_t, pack_n_metadata)(const ink_pack *pack) { return pack ? ink_pack_n_metadata(pack) : 0; }
EXPORT(ink_status, pack_metadata_at)(const ink_pack *pack, uint32_t i, ink_text *key, ink_text *value) {
  NEED(pack && key && value);
  return ink_pack_metadata_at(pack, i, key, value);
}
EXPORT(ink_status, pack_metadata)(const ink_pack *pack, const char *key, uint32_t key_bytes, ink_text *value) {
  NEED(pack && key && value);
  return ink_pack_metadata(pack, text_of(key, key_bytes), value);
}
EXPORT(uint32_t, pack_n_tensors)(const ink_pack *pack) { return pack ? ink_pack_n_tensors(pack) : 0; }
EXPORT(ink_status, pack_tensor_at)(const ink_pack *pack, uint32_t i, ink_tensor_info *info) {
  NEED(pack && info);
  return ink_pack_tensor_at(pack, i, info);
}
EXPORT(ink_status, pack_tensor)(const ink_pack *pack, const char *name, uint32_t name_bytes, ink_tensor_info *info) {
  NEED(pack && name && info);
  return ink_pack_tensor(pack, text_of(name, name_bytes), info);
}
EXPORT(uint32_t, pack_n_columns)(const ink_pack *pack) { return pack ? ink_pack_n_columns(pack) : 0; }
EXPORT(ink_status, pack_column_at)(const ink_pack *pack, uint32_t column, ink_text *name, uint32_t *kind) {
  NEED(pack && name && kind);
  return ink_pack_column_at(pack, column, name, kind);
}
EXPORT(uint32_t, pack_column)(const ink_pack *pack, const char *name, uint32_t name_bytes) {
  return pack && name ? ink_pack_column(pack, text_of(name, name_bytes)) : INK_NONE;
}
EXPORT(ink_status, pack_number)(const ink_pack *pack, uint32_t column, uint32_t item, double *value) {
  NEED(pack && value);
  return ink_pack_number(pack, column, item, value);
}
EXPORT(ink_status, pack_text)(const ink_pack *pack, uint32_t column, uint32_t item, ink_text *value) {
  NEED(pack && value);
  return ink_pack_text(pack, column, item, value);
}
EXPORT(ink_status, pack_n_tags)(const ink_pack *pack, uint32_t column, uint32_t item, uint32_t *n) {
  NEED(pack && n);
  return ink_pack_n_tags(pack, column, item, n);
}
EXPORT(ink_status, pack_tag)(const ink_pack *pack, uint32_t column, uint32_t item, uint32_t i, ink_text *value) {
  NEED(pack && value);
  return ink_pack_tag(pack, column, item, i, value);
}

/* ------------------------------------------------------------------ engine */

EXPORT(ink_status, engine_measure)(const ink_pack *pack, const ink_limits *limits, size_t *mem_bytes, ink_fault *fault) {
  NEED(pack && limits && mem_bytes && fault);
  return ink_engine_measure(pack, limits, mem_bytes, fault);
}
EXPORT(ink_status, engine_open)(const ink_pack *pack, const ink_limits *limits, void *mem, size_t mem_bytes,
                                ink_engine **engine, ink_fault *fault) {
  NEED(pack && limits && mem && engine && fault);
  return ink_engine_open(pack, limits, NULL, mem, mem_bytes, engine, fault);
}
EXPORT(size_t, engine_high_water)(const ink_engine *engine) { return engine ? ink_engine_high_water(engine) : 0; }
EXPORT(uint32_t, engine_n_families)(const ink_engine *engine) { return engine ? ink_engine_n_families(engine) : 0; }
EXPORT(const char *, engine_family_name)(const ink_engine *engine, uint32_t family) {
  return engine ? ink_engine_family_name(engine, family) : NULL;
}
EXPORT(void, engine_term)(const ink_engine *engine, uint32_t family, uint32_t number, ink_text *term) {
  if (engine && term) *term = ink_engine_term(engine, family, number);
}
EXPORT(uint32_t, engine_family)(const ink_engine *engine, const char *name) {
  return engine && name ? ink_engine_family(engine, name) : INK_NONE;
}

/* ----------------------------------------------------------------- profile */

EXPORT(ink_status, track)(ink_engine *engine, const ink_event *event, ink_text *record,
                          ink_profile_report *report, ink_fault *fault) {
  NEED(engine && event && report && fault);
  return ink_track(engine, event, record, report, fault);
}
EXPORT(ink_status, profile_load)(ink_engine *engine, const void *bytes, size_t n_bytes,
                                 ink_profile_report *report, ink_fault *fault) {
  NEED(engine && bytes && report && fault);
  return ink_profile_load(engine, bytes, n_bytes, report, fault);
}
EXPORT(ink_status, profile_image)(const ink_engine *engine, ink_text *image) {
  const void *bytes;
  size_t n;
  NEED(engine && image);
  const ink_status status = ink_profile_image(engine, &bytes, &n);
  if (status == INK_OK) *image = text_of(bytes, n);
  return status;
}
EXPORT(ink_status, profile_event)(const ink_engine *engine, uint32_t i, ink_event *event) {
  NEED(engine && event);
  return ink_profile_event(engine, i, event);
}
EXPORT(ink_status, profile_read)(const ink_engine *engine, ink_profile_report *report) {
  NEED(engine && report);
  return ink_profile_read(engine, report);
}
EXPORT(ink_status, profile_forget_item)(ink_engine *engine, const char *id, uint32_t id_bytes, ink_profile_report *report) {
  NEED(engine && id && report);
  return ink_profile_forget_item(engine, text_of(id, id_bytes), report);
}
EXPORT(ink_status, profile_forget_event)(ink_engine *engine, uint64_t seq, ink_profile_report *report) {
  NEED(engine && report);
  return ink_profile_forget_event(engine, seq, report);
}
EXPORT(ink_status, profile_erase)(ink_engine *engine) {
  NEED(engine);
  return ink_profile_erase(engine);
}
EXPORT(ink_status, profile_retain)(ink_engine *engine, int64_t not_before, uint32_t max_events, ink_profile_report *report) {
  NEED(engine && report);
  return ink_profile_retain(engine, not_before, max_events, report);
}

/* ---------------------------------------------------------------- requests */

EXPORT(ink_status, recommend)(ink_engine *engine, const ink_request *request, ink_slate *slate) {
  NEED(engine && request && slate);
  return ink_recommend(engine, request, slate);
}
EXPORT(ink_status, similar)(ink_engine *engine, uint32_t item, const ink_request *request, ink_slate *slate) {
  NEED(engine && request && slate);
  return ink_similar(engine, item, request, slate);
}
EXPORT(ink_status, rank)(ink_engine *engine, const uint32_t *items, uint32_t n, const ink_request *request, ink_slate *slate) {
  NEED(engine && items && request && slate);
  return ink_rank(engine, items, n, request, slate);
}
EXPORT(ink_status, explain)(ink_engine *engine, uint32_t item, const ink_request *request, ink_slate *slate) {
  NEED(engine && request && slate);
  return ink_explain(engine, item, request, slate);
}
EXPORT(ink_status, score)(ink_engine *engine, const uint32_t *items, uint32_t n, const ink_request *request, float *out) {
  NEED(engine && request && out);
  return ink_score(engine, items, n, request, out);
}
