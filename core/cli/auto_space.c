/* auto_space.c - see auto_space.h. Settings are words, so that a table shows what can be typed behind --set. */
#include "auto_space.h"

#include <string.h>

#include "decimal.h"

#define MOST 6u

typedef struct space {
  const char *family;
  const char *implicit[MOST], *is_explicit[MOST];   /* closed by NULL; none: not tried */
  const char *small[4];
} space;

#define SMALL_VECTORS { "factors=32 precision=int8", "factors=16 precision=int8", "factors=64 precision=int8", NULL }
#define SMALL_PAIRS { "neighbours=50", "neighbours=20", "neighbours=100", NULL }

static const space spaces[] = {
  { "popular", { "" }, { NULL }, { NULL } },
  { "rp3", { "", "normalise=no", "alpha=1 beta=0.5", "neighbours=500" }, { NULL }, SMALL_PAIRS },
  { "als", { "", "factors=128", "factors=128 iterations=10", "factors=32", "factors=256" }, { "", "factors=32", "factors=128", "factors=16" }, SMALL_VECTORS },
  { "item-knn", { "", "weighting=bm25", "neighbours=50" }, { NULL }, SMALL_PAIRS },
  { "knn-baseline", { NULL }, { "", "neighbours=400", "neighbours=100" }, SMALL_PAIRS },
  { "spectral", { "", "alpha=1", "factors=512" }, { NULL }, SMALL_PAIRS },
  { "ease", { "", "neighbours=500", "blockwise=yes" }, { NULL }, SMALL_PAIRS },
  { "pure-svd", { "", "factors=128", "factors=32" }, { NULL }, SMALL_VECTORS },
  { "slope-one", { NULL }, { "" }, SMALL_PAIRS },
  { "svd", { NULL }, { "", "factors=100", "factors=20" }, SMALL_VECTORS },
  { "svdpp", { NULL }, { "", "factors=50", "factors=10" }, SMALL_VECTORS },
  { "user-knn", { "" }, { "" }, { NULL } },
  { "content", { "" }, { "" }, { NULL } },
  { "content-vectors", { "" }, { NULL }, { NULL } },
  { "bpr", { "", "factors=128" }, { NULL }, SMALL_VECTORS },
  { "simplex", { "", "factors=128" }, { NULL }, SMALL_VECTORS },
  { "warp", { "", "factors=128" }, { NULL }, SMALL_VECTORS },
  { "nmf", { NULL }, { "" }, SMALL_VECTORS },
  { "slim", { "" }, { NULL }, SMALL_PAIRS },
  { "item2vec", { "" }, { NULL }, SMALL_VECTORS },
};

const char *auto_settings(const char *family, bool is_explicit, bool small, uint32_t i) {
  for (size_t s = 0; s < sizeof spaces / sizeof *spaces; s++) {
    if (strcmp(spaces[s].family, family) != 0) continue;
    const char *const *list = is_explicit ? spaces[s].is_explicit : spaces[s].implicit;
    if (list[0] == NULL) return NULL;
    if (small) return i < 4 ? spaces[s].small[i] : NULL;
    return i < MOST ? list[i] : NULL;
  }
  return NULL;
}

static bool set(const ink_trainer *trainer, const char *name, size_t n, const char *value, size_t n_value, double *values) {
  for (uint32_t i = 0; i < trainer->n_settings; i++) {
    const ink_setting *s = &trainer->settings[i];
    if (strlen(s->name) != n || memcmp(s->name, name, n) != 0) continue;
    for (uint32_t w = 0; s->words != NULL && s->words[w] != NULL; w++) {
      if (strlen(s->words[w]) == n_value && memcmp(s->words[w], value, n_value) == 0) { values[i] = w; return true; }
    }
    return s->words == NULL && ink_decimal_parse((ink_text){ value, (uint32_t)n_value }, &values[i]) && values[i] >= s->low && values[i] <= s->high;
  }
  return false;
}

bool auto_values(const ink_trainer *trainer, const char *words, double *values) {
  for (uint32_t i = 0; i < trainer->n_settings; i++) values[i] = trainer->settings[i].standard;
  while (*words != '\0') {
    const size_t n = strcspn(words, " "), name = strcspn(words, "=");
    if (name >= n || !set(trainer, words, name, words + name + 1, n - name - 1, values)) return false;
    words += n + (words[n] == ' ');
  }
  return true;
}
