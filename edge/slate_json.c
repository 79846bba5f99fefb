/* slate_json.c - see slate_json.h. */
#include "slate_json.h"

/* ------------------------------------------------------------------ reasons */

static void put_event_reason(ink_json_out *out, const ink_slate_view *view, const ink_reason *reason) {
  ink_json_string(out, "kind", "event");
  ink_json_text(out, "item", ink_pack_item_id(view->pack, reason->item));
  ink_json_count(out, "event", reason->event - 1);     /* the place in the history that was given, from 0 */
}

static const char *reason_kind(uint32_t kind) {
  return kind == INK_REASON_BASE ? "base" : kind == INK_REASON_PERSON ? "person" : "rest";
}

static void put_reason(ink_json_out *out, const ink_slate_view *view, uint32_t family, const ink_reason *reason) {
  ink_json_object(out, NULL);
  if (reason->kind == INK_REASON_EVENT) {
    put_event_reason(out, view, reason);
  } else if (reason->kind == INK_REASON_TERM) {
    ink_json_string(out, "kind", "term");
    ink_json_text(out, "term", ink_engine_term(view->engine, family, (uint32_t)reason->event));
  } else if (reason->kind == INK_REASON_OTHERS) {
    ink_json_string(out, "kind", "others");
    ink_json_count(out, "count", reason->event);
  } else {
    ink_json_string(out, "kind", reason_kind(reason->kind));
  }
  ink_json_double(out, "weight", reason->weight);
  ink_json_object_end(out);
}

/* --------------------------------------------------------------- properties */

static void put_tags(ink_json_out *out, const ink_pack *pack, uint32_t column, uint32_t item) {
  uint32_t n = 0;
  ink_text tag;
  if (ink_pack_n_tags(pack, column, item, &n) != INK_OK) { ink_json_null(out, NULL); return; }
  ink_json_array(out, NULL);
  for (uint32_t i = 0; i < n; i++) {
    if (ink_pack_tag(pack, column, item, i, &tag) == INK_OK) ink_json_text(out, NULL, tag);
  }
  ink_json_array_end(out);
}

static void put_value(ink_json_out *out, const ink_pack *pack, uint32_t column, uint32_t kind, uint32_t item) {
  double number;
  ink_text text;
  if (kind == INK_COLUMN_NUMBER && ink_pack_number(pack, column, item, &number) == INK_OK) {
    ink_json_double(out, NULL, number);
  } else if (kind == INK_COLUMN_TEXT && ink_pack_text(pack, column, item, &text) == INK_OK) {
    ink_json_text(out, NULL, text);
  } else if (kind == INK_COLUMN_TAGS) {
    put_tags(out, pack, column, item);
  } else {
    ink_json_null(out, NULL);
  }
}

void ink_json_properties(ink_json_out *out, const ink_pack *pack, const uint32_t *columns, uint32_t n_columns, uint32_t item) {
  ink_json_object(out, "properties");
  for (uint32_t i = 0; i < n_columns; i++) {
    ink_text name;
    uint32_t kind;
    if (ink_pack_column_at(pack, columns[i], &name, &kind) != INK_OK) continue;
    ink_json_key(out, name);
    put_value(out, pack, columns[i], kind, item);
  }
  ink_json_object_end(out);
}

/* -------------------------------------------------------------------- slate */

static const char *family_name(const ink_engine *engine, uint32_t family) {
  const char *name = ink_engine_family_name(engine, family);
  return name == NULL ? "" : name;
}

static void put_item(ink_json_out *out, const ink_slate_view *view, uint32_t position) {
  const ink_slate_item *item = &view->slate->items[position];
  ink_json_object(out, NULL);
  ink_json_text(out, "id", ink_pack_item_id(view->pack, item->item));
  ink_json_float(out, "score", item->score);
  ink_json_bits(out, "score_bits", item->score);
  ink_json_count(out, "position", position);
  ink_json_string(out, "model", family_name(view->engine, item->family));
  if (view->explain) {
    ink_json_array(out, "reasons");
    for (uint32_t i = 0; i < item->n_reasons; i++) put_reason(out, view, item->family, &view->slate->reasons[item->reasons_first + i]);
    ink_json_array_end(out);
  }
  if (view->n_columns > 0) ink_json_properties(out, view->pack, view->columns, view->n_columns, item->item);
  ink_json_object_end(out);
}

void ink_json_slate(ink_json_out *out, const ink_slate_view *view) {
  const ink_slate *slate = view->slate;
  ink_json_array(out, "items");
  for (uint32_t i = 0; i < slate->n_items; i++) put_item(out, view, i);
  ink_json_array_end(out);
  if (slate->n_items == 0) ink_json_null(out, "model");
  else ink_json_string(out, "model", family_name(view->engine, slate->items[0].family));
  ink_json_bool(out, "complete", slate->complete != 0);
  ink_json_count(out, "rows", slate->rows_done);
}

/* --------------------------------------------------------------------- pack */

const char *ink_column_kind_name(uint32_t kind) {
  return kind == INK_COLUMN_NUMBER ? "number" : kind == INK_COLUMN_TEXT ? "text" : "tags";
}

static void put_columns(ink_json_out *out, const ink_pack *pack) {
  ink_json_object(out, "columns");
  for (uint32_t i = 0; i < ink_pack_n_columns(pack); i++) {
    ink_text name;
    uint32_t kind;
    if (ink_pack_column_at(pack, i, &name, &kind) != INK_OK) continue;
    ink_json_key(out, name);
    ink_json_string(out, NULL, ink_column_kind_name(kind));
  }
  ink_json_object_end(out);
}

static void put_metadata(ink_json_out *out, const ink_pack *pack) {
  ink_json_object(out, "metadata");
  for (uint32_t i = 0; i < ink_pack_n_metadata(pack); i++) {
    ink_text key, value;
    if (ink_pack_metadata_at(pack, i, &key, &value) != INK_OK) continue;
    ink_json_key(out, key);
    ink_json_escaped(out, NULL, value);
  }
  ink_json_object_end(out);
}

/* A metadata value as a member, "" when there is none. */
static void put_metadata_value(ink_json_out *out, const char *key, ink_text name, const ink_pack *pack) {
  ink_text value = { "", 0 };
  (void)ink_pack_metadata(pack, name, &value);
  ink_json_escaped(out, key, value);
}

void ink_json_pack(ink_json_out *out, const ink_pack *pack, const ink_engine *engine, size_t file_bytes) {
  put_metadata_value(out, "name", (ink_text){ "name", 4 }, pack);
  put_metadata_value(out, "licence", (ink_text){ "licence", 7 }, pack);
  ink_json_count(out, "items", ink_pack_n_items(pack));
  ink_json_count(out, "bytes", file_bytes);
  ink_json_array(out, "models");
  for (uint32_t i = 0; engine != NULL && i < ink_engine_n_families(engine); i++) {
    ink_json_string(out, NULL, family_name(engine, i));
  }
  ink_json_array_end(out);
  put_columns(out, pack);
  put_metadata(out, pack);
}
