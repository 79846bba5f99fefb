/* history.h - the journal seen as numbers: which events name items of the pack, what they weigh, in which
 * order, and which items are hidden. A cache: everything in it is a function of journal and pack, so
 * forgetting an event and never having had it leave the same content.
 *
 * Order is (time, seq). An event without a time (INK_NO_TIME) is older than all that have one; among
 * themselves such events keep the order of arrival.
 * Events whose item the pack does not know stay in the journal (another pack may know them) and out of here.
 * `hide` events are rules, whatever weight a pack gives their kind: their items are listed apart. */
#ifndef INK_HISTORY_H
#define INK_HISTORY_H

#include "bind.h"
#include "journal.h"
#include "model.h"

typedef struct ink_timeline {
  ink_past *events;               /* [max_events] sorted; first n in use */
  uint32_t *hidden;               /* [max_events] items, in order of arrival; may repeat */
  uint32_t n, n_hidden;
  uint32_t n_read;                /* events of the journal looked at so far */
  uint64_t generation;            /* of the journal when they were read */
  uint64_t version;               /* equal versions: the longer history begins with the shorter one */
} ink_timeline;

/* Brings the timeline up to the journal: reads what was appended, or all of it after any other change. */
void ink_timeline_sync(ink_timeline *timeline, const ink_journal *journal, const ink_pack *pack, const ink_kinds *kinds);
/* Events (hidden ones too) that name an item of the pack. */
static inline uint32_t ink_timeline_known(const ink_timeline *timeline) { return timeline->n + timeline->n_hidden; }

#endif
