/* inkling.h - the whole public contract of the inkling core.
 *
 * A *pack* (one safetensors file: catalogue, item vectors, models) is opened
 * in place. An *engine* stands on a pack and holds one person's *journal* of
 * events. ink_recommend() turns both into a *slate* with reasons.
 *
 * Rules that hold for every call:
 *  - Memory. Nothing here allocates or frees. `x_measure()` tells the bytes
 *    that `x_open()` needs; the block must be aligned to INK_ALIGN and stays
 *    the caller's. Whatever a call hands out is borrowed; each says until when.
 *  - Errors. Calls that can fail return ink_status; INK_OK is 0. Results are
 *    written only on success. A refusal of outside bytes also fills ink_fault.
 *  - State. No globals, no clock, no entropy: `now` and `seed` are arguments.
 *  - Threads. A pack is read-only and may be shared. An engine belongs to one
 *    thread at a time.
 *  - Bits. Same pack, same events, same request: the same bits on every build.
 *  - Text is UTF-8, counted, without a closing zero.
 *
 * Reading order: status, text, pack, engine, journal, requests.
 */
#ifndef INKLING_H
#define INKLING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define INK_ABI_VERSION 1u
#define INK_ALIGN 64u             /* alignment of every block handed to x_open() */
#define INK_NONE UINT32_MAX       /* "no item", "no family", "not found" */
#define INK_NO_TIME INT64_MIN     /* "no time given" */

/* Rises whenever a struct or a call changes its meaning. */
uint32_t ink_abi_version(void);

/* ------------------------------------------------------------------ status */

/* Values are pinned: never renumbered, never reused. */
typedef enum ink_status {
  INK_OK = 0,
  INK_E_ARG = 1,                  /* the caller broke this header's rules */
  INK_E_MEMORY = 2,               /* the block is smaller than measured, or misaligned */
  INK_E_SCRATCH = 3,              /* scratch arena too small (a limit was exceeded) */
  INK_E_LIMIT = 4,                /* a count lies over its cap */
  INK_E_UNKNOWN_ITEM = 5,
  INK_E_UNKNOWN_FAMILY = 6,
  INK_REFOLD = 7,                 /* not an error: `step` asks for a whole fold */
  INK_E_NOT_FOUND = 8,
  INK_E_SINGULAR = 9,             /* a system of equations has no unique solution */

  /* the container of a pack: see core/pack/FORMAT.md */
  INK_E_PACK_TRUNCATED = 20,      /* fewer bytes than the header promises */
  INK_E_PACK_HEADER_BYTES = 21,   /* header length out of range */
  INK_E_PACK_SYNTAX = 22,         /* header is not the JSON that safetensors allows */
  INK_E_PACK_KEY = 23,            /* a key that does not belong there */
  INK_E_PACK_DUPLICATE = 24,      /* the same name twice */
  INK_E_PACK_DTYPE = 25,          /* unknown or unexpected element type */
  INK_E_PACK_SHAPE = 26,          /* shape broken, or not what the model needs */
  INK_E_PACK_OFFSETS = 27,        /* data_offsets overlap, leave a hole, or disagree with the shape */
  INK_E_PACK_ALIGN = 28,          /* a tensor is not aligned to its element */
  INK_E_PACK_TRAILING = 29,       /* bytes after the last tensor */
  INK_E_PACK_VERSION = 30,        /* metadata `inkling` missing or of a newer format */
  INK_E_PACK_METADATA = 31,       /* a metadata value out of its form */
  INK_E_PACK_MISSING = 32,        /* a tensor that is needed is not there */
  INK_E_PACK_NOT_FINITE = 33,     /* NaN or infinity in a tensor */
  INK_E_PACK_MAGNITUDE = 34,      /* |x| over the cap that keeps dot products finite */
  INK_E_PACK_UTF8 = 35,
  INK_E_PACK_IDS = 36,            /* ids not unique, not ordered, or empty */
  INK_E_PACK_ENDS = 37,           /* an `.ends` tensor that does not ascend to its data's length */
  INK_E_PACK_INDEX = 38,          /* an index tensor points outside */
  INK_E_PACK_DIGEST = 39,         /* data.sha256 disagrees with the data */
  INK_E_PACK_NO_MODEL = 40,       /* nothing in the pack can score an item */
  INK_E_PACK_VALUE = 41,          /* a setting out of its range */

  /* a profile's bytes: see core/pack/FORMAT.md */
  INK_E_JOURNAL_MAGIC = 60,
  INK_E_JOURNAL_VERSION = 61,
  INK_E_JOURNAL_RECORD = 62,      /* a record in the middle is damaged */
  INK_E_JOURNAL_FULL = 63,        /* no room: raise limits, or ink_profile_retain() */
  INK_E_EVENT = 64,               /* an event's field out of its range */
  INK_E_JOURNAL_ORDER = 65,       /* sequence numbers do not ascend */

  /* data read for training and evaluation, and imports */
  INK_E_DATA_SYNTAX = 80,
  INK_E_DATA_COLUMN = 81,
  INK_E_DATA_NUMBER = 82,
  INK_E_DATA_UTF8 = 83,
  INK_E_DATA_EMPTY = 84,
  INK_E_DATA_DUPLICATE = 85,
  INK_E_DATA_OVERLAP = 86,        /* test data that was trained on */
  INK_E_DATA_FORMAT = 87,
  INK_E_SETTING = 88,             /* unknown setting, or a value out of its range */
  INK_E_DIVERGED = 89,
  INK_E_NO_MEMORY = 90,           /* the allocator that training was given said no */
  INK_E_READ = 91,                /* the reader callback failed */
  INK_E_STOPPED = 92              /* the progress callback asked to stop */
} ink_status;

/* A short English sentence for a code, static, never NULL. */
const char *ink_status_text(ink_status status);

/* The name of a code as JavaScript shows it ("PACK_SHAPE"), static. */
const char *ink_status_name(ink_status status);

/* Where and why something was refused. Filled only by calls that fail. */
typedef struct ink_fault {
  uint32_t code;                  /* ink_status */
  uint32_t name_bytes;            /* bytes used in `name` */
  uint64_t at;                    /* byte offset, row, line: see `unit` */
  double got, low, high;          /* the value, and what is allowed; low > high: not a range */
  char unit[12];                  /* "byte", "row", "line", "event" ...; zero-closed; "" = no place */
  char name[96];                  /* tensor, key, column or file concerned; cut at 96 */
  char allowed[96];               /* what is allowed, in words; zero-closed; "" = use low..high */
  char found[60];                 /* what was found, in words; zero-closed; "" = use got, where low..high is a range */
} ink_fault;

/* Writes one sentence: what, where, what is allowed. Always closes with zero
 * when cap > 0. Returns the bytes that the whole sentence needs, without the zero. */
size_t ink_fault_text(const ink_fault *fault, char *out, size_t cap);

/* -------------------------------------------------------------------- text */

typedef struct ink_text {
  const char *bytes;
  uint32_t n;                     /* bytes */
} ink_text;

/* -------------------------------------------------------------------- pack */

typedef struct ink_pack ink_pack;

/* Bytes that ink_pack_open() needs for its tables (not for the file, which is
 * used in place). Checks the container's header only. */
ink_status ink_pack_measure(const void *file, size_t file_bytes, size_t *mem_bytes, ink_fault *fault);

/* Checks every byte that later code relies on, then hands out the pack.
 *   file  borrowed until the last use of the pack; aligned to 8 (64 is better)
 *   mem   mem_bytes from ink_pack_measure(), aligned to INK_ALIGN
 * The digest is not checked here: see ink_pack_verify(). */
ink_status ink_pack_open(const void *file, size_t file_bytes, void *mem, size_t mem_bytes,
                         ink_pack **pack, ink_fault *fault);

/* Compares the data region with metadata `data.sha256`. INK_E_PACK_METADATA when there is none. */
ink_status ink_pack_verify(const ink_pack *pack, ink_fault *fault);

uint32_t ink_pack_n_items(const ink_pack *pack);
/* Id of item 0 <= item < n_items; empty text outside. Borrowed from the file. */
ink_text ink_pack_item_id(const ink_pack *pack, uint32_t item);
/* Item of an id, or INK_NONE. O(log n). */
uint32_t ink_pack_find(const ink_pack *pack, ink_text id);

/* Metadata, in the file's order. Values are JSON-escaped as they stand in the file. */
uint32_t ink_pack_n_metadata(const ink_pack *pack);
ink_status ink_pack_metadata_at(const ink_pack *pack, uint32_t i, ink_text *key, ink_text *value);
/* INK_E_NOT_FOUND when absent. */
ink_status ink_pack_metadata(const ink_pack *pack, ink_text key, ink_text *value);

enum { INK_DTYPE_U8 = 1, INK_DTYPE_I8, INK_DTYPE_U16, INK_DTYPE_I16, INK_DTYPE_F16, INK_DTYPE_BF16,
       INK_DTYPE_U32, INK_DTYPE_I32, INK_DTYPE_F32, INK_DTYPE_U64, INK_DTYPE_I64, INK_DTYPE_F64,
       INK_DTYPE_BOOL };
#define INK_MAX_RANK 4u

typedef struct ink_tensor_info {
  ink_text name;
  uint32_t dtype;                 /* INK_DTYPE_* */
  uint32_t rank;                  /* 0..INK_MAX_RANK */
  uint32_t shape[INK_MAX_RANK];   /* outermost first; unused are 1 */
  const void *data;               /* aligned to the element, little-endian */
  size_t bytes;
} ink_tensor_info;

uint32_t ink_pack_n_tensors(const ink_pack *pack);
ink_status ink_pack_tensor_at(const ink_pack *pack, uint32_t i, ink_tensor_info *out);
ink_status ink_pack_tensor(const ink_pack *pack, ink_text name, ink_tensor_info *out);

/* Catalogue columns `items.<name>`. */
enum { INK_COLUMN_NUMBER = 1, INK_COLUMN_TEXT = 2, INK_COLUMN_TAGS = 3 };
uint32_t ink_pack_n_columns(const ink_pack *pack);
ink_status ink_pack_column_at(const ink_pack *pack, uint32_t column, ink_text *name, uint32_t *kind);
/* Column of a name, or INK_NONE. */
uint32_t ink_pack_column(const ink_pack *pack, ink_text name);
/* Each: INK_E_NOT_FOUND when the value is missing, INK_E_ARG for a wrong kind or item. */
ink_status ink_pack_number(const ink_pack *pack, uint32_t column, uint32_t item, double *value);
ink_status ink_pack_text(const ink_pack *pack, uint32_t column, uint32_t item, ink_text *value);
ink_status ink_pack_n_tags(const ink_pack *pack, uint32_t column, uint32_t item, uint32_t *n);
ink_status ink_pack_tag(const ink_pack *pack, uint32_t column, uint32_t item, uint32_t i, ink_text *value);

/* ----------------------------------------------------------------- kernels */

typedef struct ink_kernels ink_kernels;

/* The fastest table that this build holds and this CPU can run. Caches nothing. */
const ink_kernels *ink_kernels_best(void);
/* "ref", "sse2", "avx2", "avx512", "neon", "wasm128"; NULL when this build or CPU has it not. */
const ink_kernels *ink_kernels_named(const char *name);
const char *ink_kernels_name(const ink_kernels *kernels);

/* ------------------------------------------------------------------ engine */

typedef struct ink_engine ink_engine;

typedef struct ink_limits {
  uint32_t struct_bytes;          /* sizeof(ink_limits) */
  uint32_t max_events;            /* events kept; 1..INK_CAP_EVENTS; 0 = 2000 */
  uint32_t max_count;             /* largest slate; 0 = 100; at most n_items is ever used */
  uint32_t max_reasons;           /* events listed as reasons of an item at most, the others as one sum; 0 = 8 */
  size_t journal_bytes;           /* bytes for the journal; 4096 or more; 0 = 96 * max_events */
} ink_limits;

/* Every shape, type and range that the families in the pack need is checked here. limits NULL = all standard. */
ink_status ink_engine_measure(const ink_pack *pack, const ink_limits *limits, size_t *mem_bytes, ink_fault *fault);
/* `pack` and `kernels` are borrowed for the engine's life; kernels NULL = best. */
ink_status ink_engine_open(const ink_pack *pack, const ink_limits *limits, const ink_kernels *kernels,
                           void *mem, size_t mem_bytes, ink_engine **engine, ink_fault *fault);
/* Highest number of bytes of `mem` that were ever in use. */
size_t ink_engine_high_water(const ink_engine *engine);

/* Families in the pack, in the order of the fallback chain (the last needs no history). */
uint32_t ink_engine_n_families(const ink_engine *engine);
const char *ink_engine_family_name(const ink_engine *engine, uint32_t family);   /* NULL outside */
uint32_t ink_engine_family(const ink_engine *engine, const char *name);          /* or INK_NONE */
/* A term by its number, borrowed from the pack; empty outside, and where the family has no terms. */
ink_text ink_engine_term(const ink_engine *engine, uint32_t family, uint32_t term);

/* ----------------------------------------------------------------- journal */

typedef struct ink_event {
  ink_text item;                  /* 1..1024 bytes of UTF-8 */
  ink_text kind;                  /* 1..32 bytes [a-z0-9_-]; "view", "like", "purchase", "rating", "dislike", "hide" ... */
  ink_text slate;                 /* 0..64 bytes; the slate it came from */
  float value;                    /* within +-1e11; 1 when there is nothing to say; the stars of a "rating" */
  int64_t time;                   /* ms since 1970; any order; INK_NO_TIME = before all others, in order of arrival */
  uint64_t seq;                   /* out: given by the journal, ascending from 1 */
} ink_event;

typedef struct ink_profile_report {
  uint32_t struct_bytes;
  uint32_t n_events;              /* now in the journal */
  uint32_t n_known;               /* of these, how many name an item of the pack */
  uint32_t n_dropped;             /* dropped by this call (torn tail, retention, forgetting) */
  uint64_t bytes_cut;             /* bytes of a torn tail that were cut */
  uint64_t first_seq, next_seq;
} ink_profile_report;

/* Appends one event. When the journal is full (events or bytes) the oldest eighth goes
 * first: report->n_dropped says how many. `record` (may be NULL) borrows the bytes of
 * the new record until the next call that changes the profile. */
ink_status ink_track(ink_engine *engine, const ink_event *event, ink_text *record,
                     ink_profile_report *report, ink_fault *fault);

/* Replaces the journal by saved bytes: a whole image, or a header and any number of
 * records. A torn tail is cut and reported; damage in the middle is refused and the
 * journal stays as it was. */
ink_status ink_profile_load(ink_engine *engine, const void *bytes, size_t n_bytes,
                            ink_profile_report *report, ink_fault *fault);
/* The journal's image, borrowed until the profile changes. */
ink_status ink_profile_image(const ink_engine *engine, const void **bytes, size_t *n_bytes);
/* Event 0 <= i < n_events in the order of arrival; text borrowed until the profile changes. */
ink_status ink_profile_event(const ink_engine *engine, uint32_t i, ink_event *out);
ink_status ink_profile_read(const ink_engine *engine, ink_profile_report *report);
/* Afterwards every answer has the bits it would have had if the events had never come, and nothing of
 * them is left in the engine's block. Nothing to forget is no error: see report->n_dropped. */
ink_status ink_profile_forget_item(ink_engine *engine, ink_text item, ink_profile_report *report);
ink_status ink_profile_forget_event(ink_engine *engine, uint64_t seq, ink_profile_report *report);
ink_status ink_profile_erase(ink_engine *engine);
/* Keeps events with time >= not_before (INK_NO_TIME: all) and of these the last max_events to arrive (0: all). */
ink_status ink_profile_retain(ink_engine *engine, int64_t not_before, uint32_t max_events,
                              ink_profile_report *report);

/* ---------------------------------------------------------------- requests */

enum {
  INK_WITH_SEEN = 1u << 0,        /* do not leave out items of the history */
  INK_EXPLAIN = 1u << 1,          /* fill reasons */
  INK_NO_FALLBACK = 1u << 2,      /* answer only from `family`; INK_E_NOT_FOUND when the history says nothing to it,
                                   * INK_E_SINGULAR when it determines no state */
  INK_EXACT_ONLY = 1u << 3,       /* do not use int8 rows to shorten an exact scan */
  INK_BY_TERMS = 1u << 4          /* reasons name the item's own terms (words, tags) in the place of events, where the
                                   * family that answers has terms */
};

typedef struct ink_request {
  uint32_t struct_bytes;          /* sizeof(ink_request) */
  uint32_t count;                 /* 1..limits.max_count */
  int64_t now;                    /* ms since 1970 */
  uint64_t seed;
  uint32_t flags;
  uint32_t family;                /* index, or INK_NONE = first that can score this history */
  const uint32_t *allow;          /* n_allow items, any order; NULL = all. n_allow 0 with non-NULL = none */
  const uint32_t *deny;           /* n_deny items, any order */
  uint32_t n_allow;
  uint32_t n_deny;
  uint32_t max_reasons;           /* 1..limits.max_reasons; 0 = limits.max_reasons */
  uint32_t budget_rows;           /* stop the scan after about so many rows; 0 = no budget */
} ink_request;

enum {
  INK_REASON_EVENT = 1,           /* an event of the history: `event`, `item` */
  INK_REASON_OTHERS = 2,          /* the sum of `event` further events (or terms) that were not listed */
  INK_REASON_BASE = 3,            /* a part that no event caused: mean, item bias, popularity */
  INK_REASON_PERSON = 4,          /* the person's own bias */
  INK_REASON_REST = 5,            /* what rounding left (linear families), or interaction (networks) */
  INK_REASON_TERM = 6             /* a term of the item: `event` is its number, see ink_engine_term() */
};

/* Weights of an item's reasons, added in double in the listed order, round to its score's bits. Order: events, or terms
 * (largest magnitude first), others, base, person, rest; what is nothing is not listed. */
typedef struct ink_reason {
  uint32_t kind;
  uint32_t item;                  /* INK_NONE where none */
  uint64_t event;                 /* seq of the event (of the newest, where several name one item); or a count */
  double weight;
} ink_reason;

typedef struct ink_slate_item {
  uint32_t item;
  float score;                    /* higher is better; comparable within one family only */
  uint32_t family;                /* which family scored it */
  uint32_t reasons_first;         /* index into slate->reasons */
  uint32_t n_reasons;
} ink_slate_item;

typedef struct ink_slate {
  uint32_t struct_bytes;
  uint32_t n_items;
  uint32_t n_reasons;
  uint32_t complete;              /* 0: the budget ended the scan; the best so far is here */
  uint64_t rows_done;             /* rows scored */
  const ink_slate_item *items;    /* best first; ties: lower item first. Borrowed until the next request, or until
                                   * events are loaded, forgotten or dropped */
  const ink_reason *reasons;
} ink_slate;

/* The best `count` items for the person. Fewer only when fewer pass the lists (or the budget ended the scan).
 * An item with an event of kind "hide" is left out, INK_WITH_SEEN or not, until that event is forgotten. */
ink_status ink_recommend(ink_engine *engine, const ink_request *request, ink_slate *slate);
/* Items most similar to `item` (cosine of item vectors); the item itself is left out. The score is a similarity,
 * which no event caused: it has no reasons.
 * INK_E_UNKNOWN_FAMILY when no family of the pack has item vectors. */
ink_status ink_similar(ink_engine *engine, uint32_t item, const ink_request *request, ink_slate *slate);
/* Orders the given items (duplicates count once) and gives the best `count`; seen items are kept, hidden ones and
 * those that allow and deny leave out are not. n at most limits.max_count. */
ink_status ink_rank(ink_engine *engine, const uint32_t *items, uint32_t n, const ink_request *request, ink_slate *slate);
/* One item with its reasons, whatever its rank, seen or not. */
ink_status ink_explain(ink_engine *engine, uint32_t item, const ink_request *request, ink_slate *slate);
/* Scores of given items (items NULL: of 0..n-1), seen or not, into out[n]. */
ink_status ink_score(ink_engine *engine, const uint32_t *items, uint32_t n, const ink_request *request, float *out);

/* What the scores of the family that answers are made of, where they are dot products with rows of F32:
 * score(i) = dot(rows + i*d, vector) [+ bias[i]] + offset. For callers that score many people at once. */
typedef struct ink_taste {
  uint32_t struct_bytes;
  uint32_t d;
  const float *vector;            /* [d] the person's; borrowed until the next call on the engine */
  const float *rows;              /* [n_items, d] borrowed from the pack */
  const float *bias;              /* [n_items] or NULL */
  float offset;
} ink_taste;
/* INK_E_UNKNOWN_FAMILY when the family scores in another way; else as ink_score. */
ink_status ink_taste_of(ink_engine *engine, const ink_request *request, ink_taste *taste);

#ifdef __cplusplus
}
#endif
#endif
