/* members.c - see members.h. Reading order: the list, settings, training. */
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
  const ink_trainer *trainer = cli_trainer(c, word);
  if (trainer == NULL) return CLI_WORDS;
  for (uint32_t i = 0; i < out->n; i++) {
    if (strcmp(cli_family_of(out->all[i].trainer), cli_family_of(trainer)) == 0)
      return cli_bad_words(c, "--members: %s and %s make the same tensors: one of them", out->all[i].trainer->name, word);
  }
  out->all[out->n++] = (cli_member){ trainer, NULL };
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
  return code;
}

/* ----------------------------------------------------------------- settings */

/* Every word of the option with a point must speak of a member. */
static int check_words(cli *c, const cli_members *m, const char *option) {
  uint32_t cursor = 0;
  const char *pair;
  while ((pair = cli_args_next(&c->args, cli_args_index(&c->args, option), &cursor)) != NULL) {
    const size_t name = strcspn(pair, ".="), whole = strcspn(pair, "=");
    if (pair[0] != '@' && name < whole && !is_member(m, pair, name))
      return cli_bad_words(c, "--%s %s: \"%.*s\" is not among --members", option, pair, (int)name, pair);
  }
  return CLI_DONE;
}

/* The settings of one member, with its name and a point in front; NULL: no memory. */
static ink_setting *add_settings(cli *c, const ink_trainer *member, ink_setting *to) {
  for (uint32_t i = 0; i < member->n_settings; i++) {
    const size_t room = strlen(member->name) + strlen(member->settings[i].name) + 2;
    char *name = cli_take(c->memory, room, 1);
    if (name == NULL) return NULL;
    (void)snprintf(name, room, "%s.%s", member->name, member->settings[i].name);
    *to = member->settings[i];
    to++->name = name;
  }
  return to;
}

static int join(cli *c, const ink_trainer *own, const cli_members *m, ink_trainer *joined) {
  uint32_t n = own->n_settings;
  for (uint32_t i = 0; i < m->n; i++) n += m->all[i].trainer->n_settings;
  ink_setting *all = cli_take(c->memory, n, sizeof *all), *to = all;
  if (all == NULL) return cli_no_memory();
  memcpy(all, own->settings, own->n_settings * sizeof *all);
  to += own->n_settings;
  for (uint32_t i = 0; i < m->n && to != NULL; i++) to = add_settings(c, m->all[i].trainer, to);
  if (to == NULL) return cli_no_memory();
  *joined = *own;
  joined->settings = all;
  joined->n_settings = n;
  return CLI_DONE;
}

int cli_members_join(cli *c, const ink_trainer *own, const ink_trainer **out) {
  const char *list = cli_args_text(&c->args, cli_args_index(&c->args, "members"));
  cli_members members;
  if (list == NULL) return cli_bad_words(c, "%s wants --members, such as --members als,rp3,popular", own->name);
  ink_trainer *joined = cli_take(c->memory, 1, sizeof *joined);
  if (joined == NULL) return cli_no_memory();
  int code = cli_members_read(c, list, &members);
  if (code == CLI_DONE) code = check_words(c, &members, "set");
  if (code == CLI_DONE) code = check_words(c, &members, "try");
  if (code == CLI_DONE) code = join(c, own, &members, joined);
  *out = joined;
  return code;
}

void cli_members_share(cli_members *m, double *values, uint32_t n_own) {
  values += n_own;
  for (uint32_t i = 0; i < m->n; i++) {
    m->all[i].values = values;
    values += m->all[i].trainer->n_settings;
  }
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

/* ----------------------------------------------------------------- training */

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
