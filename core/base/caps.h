/* caps.h - every cap of the core in one table. A cap precedes every loop over outside numbers.
 * FORMAT.md quotes this table; changing a number here is a change of format. */
#ifndef INK_CAPS_H
#define INK_CAPS_H

#define INK_CAP_ITEMS 16777216u          /* items in a catalogue (2^24) */
#define INK_CAP_TENSORS 1024u            /* tensors in a pack */
#define INK_CAP_METADATA 1024u           /* metadata entries */
#define INK_CAP_HEADER_BYTES 16777216u   /* JSON header of a pack */
#define INK_CAP_NAME_BYTES 255u          /* tensor and metadata names */
#define INK_CAP_DIM 2048u                /* factors, hidden units, width of any vector */
#define INK_CAP_EVENTS 100000u           /* events in a journal */
#define INK_CAP_ITEM_ID_BYTES 1024u      /* an item id */
#define INK_CAP_KIND_BYTES 32u           /* an event kind */
#define INK_CAP_SLATE_BYTES 64u          /* a slate id in an event */
#define INK_CAP_KINDS 64u                /* event kinds with a weight in a pack */
#define INK_CAP_COLUMNS 64u              /* catalogue columns */
#define INK_CAP_TAGS 65536u              /* distinct tags of one column */
#define INK_CAP_COUNT 1000000u           /* limits.max_count (evaluation ranks whole catalogues) */
#define INK_CAP_REASONS 4096u            /* limits.max_reasons */
#define INK_CAP_FAMILIES 32u             /* families in one pack */
#define INK_CAP_WEIGHT 1.0e6f            /* |weight| of one event; larger ones are cut to it */

/* |x| of every float in a pack: (2^24 terms) * (2^38)^2 < 2^127, so that no sum of products
 * within these caps overflows a float, hence no NaN can arise after the gate. */
#define INK_CAP_MAGNITUDE 1.0e11f

#endif
