/* members.c - see members.h. */
#include "members.h"

#include <string.h>

#include "fit_popular.h"
#include "settings.h"

static bool is_member(const cli_members *m, const char *name, size_t n) {
  for (uint32_t i = 0; i < m->n; i++) {
    if (strlen(m->all[i].trainer->name) == n && memcmp(m->all[i].trainer->name, name, n) == 0) return true;
  }
  return false;
}

static int add(cli *c, const char *name, size_t n, cli_members *out) {
  char word[32];
  if (n == 0 || n >= sizeof word) return cli_bad_words(c, "--members: names of families with commas between, such as als,rp3,popular");
  memcpy(word, name, n);
  word[n] = '\0';
  if (is_member(out, word, n)) return cli_bad_words(c, "--members: %s stands there twice", word);
  if (out->n == INK_BLEND_MEMBERS) return cli_bad_words(c, "--members: at most %u families", INK_BLEND_MEMBERS);
  cli_member *m = &out->all[out->n];
  m->trainer = cli_trainer(c, word);
  if (m->trainer == NULL) return CLI_WORDS;
  m->values = cli_take(c->memory, m->trainer->n_settings + 1u, sizeof *m->values);
  if (m->values == NULL) return cli_no_memory();
  for (uint32_t i = 0; i < out->n; i++) {
    if (strcmp(cli_family_of(out->all[i].trainer), cli_family_of(m->trainer)) == 0)
      return cli_bad_words(c, "--members: %s and %s make the same tensors: one of them", out->all[i].trainer->name, word);
  }
  out->n++;
  return cli_settings_of(c, m->trainer, m->trainer->name, m->values);
}

/* Every --set with a point must speak of a member. */
static int check_settings(cli *c, const cli_members *m) {
  const uint32_t option = cli_args_index(&c->args, "set");
  uint32_t cursor = 0;
  const char *pair;
  while ((pair = cli_args_next(&c->args, option, &cursor)) != NULL) {
    const size_t name = strcspn(pair, ".="), whole = strcspn(pair, "=");
    if (pair[0] != '@' && name < whole && !is_member(m, pair, name))
      return cli_bad_words(c, "--set %s: \"%.*s\" is not among --members", pair, (int)name, pair);
  }
  return CLI_DONE;
}

int cli_members_read(cli *c, const char *list, cli_members *out) {
  int code = CLI_DONE;
  out->n = 0;
  for (const char *at = list; code == CLI_DONE; at++) {
    const size_t n = strcspn(at, ",");
    code = add(c, at, n, out);
    at += n;
    if (*at == '\0') break;
  }
  return code == CLI_DONE ? check_settings(c, out) : code;
}

void cli_member_word(cli_member *m, const char *name, const char *word) {
  for (uint32_t i = 0; i < m->trainer->n_settings; i++) {
    const ink_setting *s = &m->trainer->settings[i];
    if (strcmp(s->name, name) != 0 || s->words == NULL || m->values[i] != s->standard) continue;
    for (uint32_t w = 0; s->words[w] != NULL; w++) {
      if (strcmp(s->words[w], word) == 0) m->values[i] = w;
    }
  }
}

/* Popularity with its own settings goes first: the other trainers add it where it lacks. */
ink_status cli_members_fit(const cli_members *m, uint64_t seed, const ink_dataset *kept, const ink_train_env *env, ink_trained *out) {
  ink_status status = INK_OK;
  for (uint32_t turn = 0; turn < 2; turn++) {
    for (uint32_t i = 0; i < m->n && status == INK_OK; i++) {
      const ink_trainer *t = m->all[i].trainer;
      if ((strcmp(t->name, "popular") == 0) == (turn == 0)) status = t->fit(kept, m->all[i].values, seed, env, out);
    }
  }
  return status == INK_OK ? ink_popular_tensor(kept, env, out) : status;
}
