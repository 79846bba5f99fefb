/* auto_space.c - see auto_space.h. What is tried is written as behind --try of `tune`. */
#include "auto_space.h"

#include <string.h>

#include "members.h"

#define MOST 6u
#define MANY_FOR_EASE 4000u       /* items from which it regresses each item on its nearest partners: as good in a tenth of the time */
#define EASE_BLOCK 200            /* of so many */
#define MANY_FOR_NETWORKS 30000u  /* items from which a softmax over all of them takes too long: they draw some */
#define STEPS_AN_EPOCH 100u       /* that few sequences should still make */

enum { CHOICES = 1, RATINGS = 2, ANY = 3 };      /* implicit, explicit, both */

typedef struct family {
  const char *name;
  uint32_t on;                    /* CHOICES, RATINGS or ANY */
  const char *choices[MOST], *ratings[MOST];      /* closed by NULL; none: the first try is all */
  const char *small[3];           /* for packs with a limit */
} family;

#define SMALL_VECTORS { "factors=12..64", "precision=int8", NULL }
#define SMALL_PAIRS { "neighbours=15..120", NULL }
#define DESCENT { "factors=32..160", "learning_rate=0.03..0.2", "regularization=0.01..0.06", NULL }

static const family families[] = {
  { "popular", CHOICES, { NULL }, { NULL }, { NULL } },
  { "svd", RATINGS, { NULL }, { "factors=20..200", "regularization=0.06..0.2", NULL }, SMALL_VECTORS },
  { "rp3", CHOICES, { "alpha=0.3..1.2", "beta=0.1..0.6", "normalise=no,yes", "keep=sources,targets", "neighbours=100..600", NULL }, { NULL }, SMALL_PAIRS },
  { "item-knn", CHOICES, { "neighbours=30..400", "weighting=none,tf-idf,bm25", "person_power=0..1", "shrink=0..100", NULL }, { NULL }, SMALL_PAIRS },
  { "als", ANY, { "factors=32..256", "regularization=0.002..0.02", "iterations=4..10", NULL },
    { "factors=16..160", "regularization=0.7..2", NULL }, SMALL_VECTORS },
  { "pure-svd", CHOICES, { "factors=16..256", "popularity_discount=0..0.5", NULL }, { NULL }, SMALL_VECTORS },
  { "ease", CHOICES, { "regularization=20..1000", NULL }, { NULL }, SMALL_PAIRS },
  { "knn-baseline", RATINGS, { NULL }, { "neighbours=60..600", "shrink=30..300", NULL }, SMALL_PAIRS },
  { "slope-one", RATINGS, { NULL }, { NULL }, SMALL_PAIRS },
  { "user-knn", ANY, { "neighbours=3..30", "vote_power=0..1", "people_each=5..20", NULL }, { "neighbours=10..60", "people_each=5..20", NULL }, { NULL } },
  { "content", ANY, { "profile=mean,ridge", NULL }, { NULL }, { NULL } },
  { "content-vectors", CHOICES, { "factors=64..256", NULL }, { NULL }, SMALL_VECTORS },
  { "spectral", CHOICES, { "factors=64..512", "alpha=0.1..1.5", "neighbours=100..400", NULL }, { NULL }, SMALL_PAIRS },
  { "svdpp", RATINGS, { NULL }, { "factors=10..120", "regularization=0.05..0.2", NULL }, SMALL_VECTORS },
  { "nmf", RATINGS, { NULL }, { "factors=8..40", "regularization=0.1..0.4", NULL }, SMALL_VECTORS },
  { "slim", CHOICES, { NULL }, { NULL }, SMALL_PAIRS },
  { "bpr", CHOICES, DESCENT, { NULL }, SMALL_VECTORS },
  { "warp", CHOICES, DESCENT, { NULL }, SMALL_VECTORS },
  { "simplex", CHOICES, { "factors=32..128", "temperature=0.05..0.15", NULL }, { NULL }, SMALL_VECTORS },
  { "item2vec", CHOICES, { "factors=32..128", "popularity_exponent=0..1", NULL }, { NULL }, SMALL_VECTORS },
  { "lstm", CHOICES, { NULL }, { NULL }, { NULL } },
  { "gru", CHOICES, { NULL }, { NULL }, { NULL } },
};

static const family *find(const char *name) {
  for (size_t i = 0; i < sizeof families / sizeof *families; i++)
    if (strcmp(families[i].name, name) == 0) return &families[i];
  return NULL;
}

uint32_t auto_families(void) { return (uint32_t)(sizeof families / sizeof *families); }
const char *auto_family(uint32_t i) { return families[i].name; }

const char *auto_family_why_not(const char *name, const auto_facts *facts) {
  const bool is_network = auto_is_network(name);
  if ((find(name)->on & (facts->is_explicit ? RATINGS : CHOICES)) == 0) return "";
  if (strncmp(name, "content", 7) == 0 && !facts->has_columns) return "nothing is known about items; --items FILE tells it";
  if (is_network && !facts->has_order) return "they learn what comes next, and the events have no times";
  if (is_network && !facts->asks_next) return "they learn what comes next; --split leave-last measures that";
  return NULL;
}

bool auto_is_network(const char *name) { return strcmp(name, "lstm") == 0 || strcmp(name, "gru") == 0; }

void auto_usual(const ink_trainer *trainer, bool is_explicit, double *values) {
  cli_member m = { trainer, values };
  for (uint32_t i = 0; i < trainer->n_settings; i++) values[i] = trainer->settings[i].standard;
  cli_member_word(&m, "feedback", is_explicit ? "explicit" : "implicit");
}

/* What the size of the data asks for: an epoch of few sequences still makes some steps where batches are small. */
static void suit(const auto_facts *facts, tune_space *space) {
  const ink_trainer *t = space->trainer;
  const double windows = (double)facts->n_sequences + (double)facts->n_events / 50;
  for (uint32_t i = 0; i < t->n_settings; i++) {
    const char *name = t->settings[i].name;
    if (strcmp(t->name, "ease") == 0 && facts->n_items > MANY_FOR_EASE) {
      if (strcmp(name, "blockwise") == 0) space->values[i] = 1;
      if (strcmp(name, "block") == 0) space->values[i] = EASE_BLOCK;
    }
    if (!auto_is_network(t->name)) continue;
    if (strcmp(name, "batch") == 0 && windows / space->values[i] < STEPS_AN_EPOCH)
      space->values[i] = windows / STEPS_AN_EPOCH < 8 ? 8 : (double)(uint32_t)(windows / STEPS_AN_EPOCH);
    if (strcmp(name, "loss") == 0 && facts->n_items > MANY_FOR_NETWORKS) space->values[i] = 1;
  }
}

void auto_space(const ink_trainer *trainer, const auto_facts *facts, bool small, double *values, tune_space *space) {
  const family *f = find(trainer->name);
  const char *const *tries = small ? f->small : facts->is_explicit ? f->ratings : f->choices;
  *space = (tune_space){ .trainer = trainer, .values = values };
  auto_usual(trainer, facts->is_explicit, values);
  suit(facts, space);
  for (uint32_t i = 0; tries[i] != NULL; i++) (void)tune_space_try(space, tries[i]);
}
