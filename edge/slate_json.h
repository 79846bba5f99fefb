/* slate_json.h - slates, items and packs as JSON: one place, so that the command line and every edge say the
 * same thing in the same bytes. Field names are those of the package's api.d.ts, with `score_bits` beside
 * each score. */
#ifndef INK_SLATE_JSON_H
#define INK_SLATE_JSON_H

#include "inkling.h"
#include "json_out.h"

typedef struct ink_slate_view {
  const ink_pack *pack;
  const ink_engine *engine;
  const ink_slate *slate;
  bool explain;                   /* write reasons */
  const uint32_t *columns;        /* [n_columns] columns to write as `properties`; 0: no properties */
  uint32_t n_columns;
} ink_slate_view;

/* Members of an open object: items, model, complete, rows. */
void ink_json_slate(ink_json_out *out, const ink_slate_view *view);
/* Members of an open object: name, licence, items, bytes, models, columns, metadata. engine NULL: no models. */
void ink_json_pack(ink_json_out *out, const ink_pack *pack, const ink_engine *engine, size_t file_bytes);
/* Member `properties` of an item. */
void ink_json_properties(ink_json_out *out, const ink_pack *pack, const uint32_t *columns, uint32_t n_columns, uint32_t item);

/* "number", "text" or "tags". */
const char *ink_column_kind_name(uint32_t kind);

#endif
