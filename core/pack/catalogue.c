/* catalogue.c - ids of items: their check, the id of an item, the item of an id; and the checks of string
 * lists that columns share.
 *
 *   items.id.bytes  U8  [B]    ids, one after the other
 *   items.id.ends   U32 [N]    where each ends
 *   items.id.order  U32 [N]    items, ordered by the bytes of their ids
 *
 * That `order` is a permutation needs no table: its entries are in range and their ids rise strictly, so no
 * id stands twice, hence no item does, and N different items out of N are all of them. */
#include "caps.h"
#include "fault.h"
#include "mem.h"
#include "pack.h"
#include "utf8.h"

#include "base.h"

#define NAME(words) ((ink_text){ words, sizeof(words) - 1 })

/* ------------------------------------------------------------------ tensors of a stem */

/* Parts of string lists and of ids are bytes, or numbers of items. */
static const char *part_form(const char *part) {
  const ink_text name = ink_text_of(part), bytes = NAME(".bytes");
  const bool is_bytes = name.n >= bytes.n && ink_mem_equal(name.bytes + name.n - bytes.n, bytes.bytes, bytes.n);
  return is_bytes ? "U8 [n]" : "U32 [n]";
}

ink_status ink_pack_need(const ink_pack *pack, ink_text stem, const char *part, ink_tensor *out, ink_fault *fault) {
  char buf[INK_CAP_NAME_BYTES + 16];
  const ink_text tail = ink_text_of(part), name = { buf, stem.n + tail.n };
  INK_ASSERT(name.n <= sizeof buf);
  ink_mem_copy(buf, stem.bytes, stem.n);
  ink_mem_copy(buf + stem.n, tail.bytes, tail.n);
  if (ink_pack_tensor(pack, name, out) == INK_OK) return INK_OK;
  return ink_refuse_found(fault, INK_E_PACK_MISSING, name, "no such tensor", part_form(part));
}

ink_status ink_pack_vector(const ink_pack *pack, const ink_tensor *tensor, uint32_t dtype, uint32_t n, ink_fault *fault) {
  if (tensor->dtype != dtype) ink_refuse_dtype(fault, tensor, ink_dtype_name(dtype));
  else if (tensor->rank != 1 || (n != INK_NONE && tensor->shape[0] != n)) ink_refuse_shape(fault, tensor, 1, &n);
  else return INK_OK;
  const ink_status code = tensor->dtype != dtype ? INK_E_PACK_DTYPE : INK_E_PACK_SHAPE;
  return ink_refuse_at(fault, code, "byte", ink_pack_place(pack, tensor));
}

/* ------------------------------------------------------------------ lists of strings */

ink_status ink_pack_ends(const ink_tensor *ends, size_t total, ink_fault *fault) {
  const uint32_t *const end = ends->data;
  const uint32_t n = ends->shape[0];
  uint32_t last = 0;
  for (uint32_t i = 0; i < n; last = end[i++]) {
    if (end[i] >= last && end[i] <= total) continue;
    ink_refuse_number(fault, INK_E_PACK_ENDS, ends->name, "an end of", end[i], last, (double)total);
    return ink_refuse_at(fault, INK_E_PACK_ENDS, "element", i);
  }
  if (last == total) return INK_OK;
  ink_refuse_number(fault, INK_E_PACK_ENDS, ends->name, "a last end of", last, (double)total, (double)total);
  return ink_refuse_at(fault, INK_E_PACK_ENDS, "element", n == 0 ? 0 : n - 1);
}

/* The block is valid as a whole, and no string begins inside a character: then each is valid. */
static ink_status check_utf8(const ink_pack *pack, const ink_tensor *bytes, const ink_strings *s, ink_fault *fault) {
  const uint8_t *const b = bytes->data;
  size_t at = ink_utf8_prefix(b, bytes->bytes);
  if (at == bytes->bytes) {
    uint32_t i = 0;
    while (i < s->n && (s->ends[i] == at || (b[s->ends[i]] & 0xc0u) != 0x80u)) i++;
    if (i == s->n) return INK_OK;
    at = s->ends[i];
  }
  ink_refuse(fault, INK_E_PACK_UTF8, bytes->name, "UTF-8, and ends between characters");
  return ink_refuse_at(fault, INK_E_PACK_UTF8, "byte", ink_pack_place(pack, bytes) + at);
}

ink_status ink_pack_strings(const ink_pack *pack, const ink_tensor *bytes, const ink_tensor *ends, uint32_t n,
                            ink_strings *out, ink_fault *fault) {
  INK_TRY(ink_pack_vector(pack, bytes, INK_DTYPE_U8, INK_NONE, fault));
  INK_TRY(ink_pack_vector(pack, ends, INK_DTYPE_U32, n, fault));
  INK_TRY(ink_pack_ends(ends, bytes->bytes, fault));
  const ink_strings strings = { bytes->data, ends->data, ends->shape[0] };
  INK_TRY(check_utf8(pack, bytes, &strings, fault));
  *out = strings;
  return INK_OK;
}

/* ------------------------------------------------------------------ ids */

static ink_status check_id_lengths(const ink_strings *ids, ink_fault *fault) {
  for (uint32_t i = 0; i < ids->n; i++) {
    const uint32_t n = ink_strings_at(ids, i).n;
    if (n >= 1 && n <= INK_CAP_ITEM_ID_BYTES) continue;
    const ink_status code = n == 0 ? INK_E_PACK_IDS : INK_E_LIMIT;
    if (n == 0) ink_refuse_found(fault, code, NAME("items.id.bytes"), "an empty id", "ids of 1 to 1024 bytes");
    else ink_refuse_number(fault, code, NAME("items.id.bytes"), "an id length of", n, 1, INK_CAP_ITEM_ID_BYTES);
    return ink_refuse_at(fault, code, "item", i);
  }
  return INK_OK;
}

static ink_status check_order(const ink_strings *ids, const uint32_t *order, ink_fault *fault) {
  const ink_text name = NAME("items.id.order");
  for (uint32_t i = 0; i < ids->n; i++) {
    if (order[i] >= ids->n) {
      ink_refuse_number(fault, INK_E_PACK_INDEX, name, "an index of", order[i], 0, ids->n - 1);
      return ink_refuse_at(fault, INK_E_PACK_INDEX, "element", i);
    }
    if (i == 0 || ink_text_order(ink_strings_at(ids, order[i - 1]), ink_strings_at(ids, order[i])) < 0) continue;
    ink_refuse_text(fault, INK_E_PACK_IDS, name, ink_strings_at(ids, order[i]), "items by id, rising; no id twice");
    return ink_refuse_at(fault, INK_E_PACK_IDS, "element", i);
  }
  return INK_OK;
}

ink_status ink_pack_check_ids(ink_pack *pack, ink_fault *fault) {
  const ink_text stem = NAME("items.id");
  ink_tensor bytes, ends, order;
  ink_strings ids;
  INK_TRY(ink_pack_need(pack, stem, ".bytes", &bytes, fault));
  INK_TRY(ink_pack_need(pack, stem, ".ends", &ends, fault));
  INK_TRY(ink_pack_need(pack, stem, ".order", &order, fault));
  INK_TRY(ink_pack_vector(pack, &ends, INK_DTYPE_U32, INK_NONE, fault));
  const uint32_t n = ends.shape[0];
  if (n == 0) return ink_refuse_found(fault, INK_E_PACK_IDS, ends.name, "no item at all", "1 item or more");
  if (n > INK_CAP_ITEMS) return ink_refuse_number(fault, INK_E_LIMIT, ends.name, "an item count of", n, 1, INK_CAP_ITEMS);
  INK_TRY(ink_pack_vector(pack, &order, INK_DTYPE_U32, n, fault));
  INK_TRY(ink_pack_strings(pack, &bytes, &ends, n, &ids, fault));
  INK_TRY(check_id_lengths(&ids, fault));
  INK_TRY(check_order(&ids, order.data, fault));
  pack->ids = ids;
  pack->order = order.data;
  pack->n_items = n;
  return INK_OK;
}

uint32_t ink_pack_n_items(const ink_pack *pack) { return pack->n_items; }

ink_text ink_pack_item_id(const ink_pack *pack, uint32_t item) {
  if (item >= pack->n_items) return (ink_text){ NULL, 0 };
  return ink_strings_at(&pack->ids, item);
}

uint32_t ink_pack_find(const ink_pack *pack, ink_text id) {
  for (uint32_t low = 0, high = pack->n_items; low < high;) {
    const uint32_t middle = low + (high - low) / 2;
    const int order = ink_text_order(ink_strings_at(&pack->ids, pack->order[middle]), id);
    if (order == 0) return pack->order[middle];
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return INK_NONE;
}
