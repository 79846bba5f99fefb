/* status.c - the words for every status: its name, a sentence, and what a fault's `name` is then called.
 * One list makes all three. The switches have no default, so that the compiler (-Wswitch) refuses a code
 * of inkling.h that the list forgets. The sentence of a whole fault is put together in fault.c. */
#include "status.h"

#include "base.h"

/* code, what ink_fault.name names there ("" = nothing in particular), the sentence. Sentences have no full
 * stop, because fault.c goes on after them. */
#define STATUSES(ROW)                                                                                      \
  ROW(INK_OK, "", "no error")                                                                              \
  ROW(INK_E_ARG, "argument", "the call broke the rules of inkling.h")                                      \
  ROW(INK_E_MEMORY, "", "the memory block is smaller than measured, or not aligned")                       \
  ROW(INK_E_SCRATCH, "", "the scratch memory is too small for this request")                               \
  ROW(INK_E_LIMIT, "", "a count lies over its limit")                                                      \
  ROW(INK_E_UNKNOWN_ITEM, "item", "the pack holds no such item")                                           \
  ROW(INK_E_UNKNOWN_FAMILY, "family", "the pack holds no such family of models")                           \
  ROW(INK_REFOLD, "", "the history must be folded anew; this is no error")                                 \
  ROW(INK_E_NOT_FOUND, "", "there is nothing of that name")                                                \
  ROW(INK_E_SINGULAR, "", "a system of equations has no unique solution")                                  \
  ROW(INK_E_PACK_TRUNCATED, "", "the pack is shorter than its header promises")                            \
  ROW(INK_E_PACK_HEADER_BYTES, "", "the pack's header length is out of range")                             \
  ROW(INK_E_PACK_SYNTAX, "key", "the pack's header is not the JSON that safetensors allows")               \
  ROW(INK_E_PACK_KEY, "key", "a key stands where it does not belong")                                      \
  ROW(INK_E_PACK_DUPLICATE, "name", "a name stands twice")                                                 \
  ROW(INK_E_PACK_DTYPE, "tensor", "the element type is unknown or not the one that is needed")             \
  ROW(INK_E_PACK_SHAPE, "tensor", "the shape is broken or not the one that is needed")                     \
  ROW(INK_E_PACK_OFFSETS, "tensor", "data_offsets overlap, leave a hole or disagree with the shape")       \
  ROW(INK_E_PACK_ALIGN, "tensor", "the data is not aligned to its element")                                \
  ROW(INK_E_PACK_TRAILING, "", "bytes follow the last tensor")                                             \
  ROW(INK_E_PACK_VERSION, "metadata", "the file is no inkling pack, or one of a newer format")             \
  ROW(INK_E_PACK_METADATA, "metadata", "a metadata value is missing or out of its form")                   \
  ROW(INK_E_PACK_MISSING, "tensor", "a tensor that is needed is not there")                                \
  ROW(INK_E_PACK_NOT_FINITE, "tensor", "a number is NaN or infinite")                                      \
  ROW(INK_E_PACK_MAGNITUDE, "tensor", "a number is too large to be computed with")                         \
  ROW(INK_E_PACK_UTF8, "", "text is not valid UTF-8")                                                      \
  ROW(INK_E_PACK_IDS, "tensor", "item ids are empty, not unique or not in order")                          \
  ROW(INK_E_PACK_ENDS, "tensor", "ends do not ascend to the length of their data")                         \
  ROW(INK_E_PACK_INDEX, "tensor", "an index points outside")                                               \
  ROW(INK_E_PACK_DIGEST, "metadata", "the data is not what its digest says: the file was changed")         \
  ROW(INK_E_PACK_NO_MODEL, "", "nothing in the pack can score an item")                                    \
  ROW(INK_E_PACK_VALUE, "tensor", "a value is out of its range")                                           \
  ROW(INK_E_JOURNAL_MAGIC, "", "these bytes are no inkling profile")                                       \
  ROW(INK_E_JOURNAL_VERSION, "", "the profile was written in a newer format")                              \
  ROW(INK_E_JOURNAL_RECORD, "record", "the profile is damaged here, and not only at its end")              \
  ROW(INK_E_JOURNAL_FULL, "", "the profile has no room for another event")                                 \
  ROW(INK_E_EVENT, "field", "a field of an event is out of its range")                                     \
  ROW(INK_E_JOURNAL_ORDER, "record", "the profile's sequence numbers do not ascend")                       \
  ROW(INK_E_DATA_SYNTAX, "file", "a line is not in the format of the file")                                \
  ROW(INK_E_DATA_COLUMN, "", "a column is missing or stands twice")                                        \
  ROW(INK_E_DATA_NUMBER, "", "a number is expected here")                                                  \
  ROW(INK_E_DATA_UTF8, "file", "the file is not valid UTF-8")                                              \
  ROW(INK_E_DATA_EMPTY, "file", "the file holds no data")                                                  \
  ROW(INK_E_DATA_DUPLICATE, "file", "an entry stands twice")                                               \
  ROW(INK_E_DATA_OVERLAP, "file", "test data was used in training")                                        \
  ROW(INK_E_DATA_FORMAT, "file", "the format of the file is not known")                                    \
  ROW(INK_E_SETTING, "setting", "the setting is unknown or its value out of range")                        \
  ROW(INK_E_DIVERGED, "", "training diverged: numbers grew beyond all bounds")                             \
  ROW(INK_E_NO_MEMORY, "", "there is not enough memory")                                                   \
  ROW(INK_E_READ, "file", "reading failed")                                                                \
  ROW(INK_E_STOPPED, "", "stopped on request")

const char *ink_status_text(ink_status status) {
  switch (status) {
#define ROW(code, subject, text) case code: return text;
    STATUSES(ROW)
#undef ROW
  }
  return "unknown status";
}

const char *ink_status_subject(ink_status status) {
  switch (status) {
#define ROW(code, subject, text) case code: return subject;
    STATUSES(ROW)
#undef ROW
  }
  return "";
}

/* "INK_E_PACK_SHAPE" without "INK_E_", and "INK_REFOLD" without "INK_". */
static const char *short_name(const char *name) { return name[4] == 'E' && name[5] == '_' ? name + 6 : name + 4; }

const char *ink_status_name(ink_status status) {
  switch (status) {
#define ROW(code, subject, text) case code: return short_name(#code);
    STATUSES(ROW)
#undef ROW
  }
  return "UNKNOWN";
}

uint32_t ink_abi_version(void) { return INK_ABI_VERSION; }
