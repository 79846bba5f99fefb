/* holdout.c - see holdout.h. */
#include "holdout.h"

#include <stdlib.h>
#include <string.h>

#include "decimal.h"

/* "0.1" or "10%" strictly between 0 and 1. */
static bool parse_share(const char *text, double *share) {
  size_t n = strlen(text);
  const bool percent = n > 0 && text[n - 1] == '%';
  if (!ink_decimal_parse((ink_text){ text, (uint32_t)(percent ? n - 1 : n) }, share)) return false;
  if (percent) *share /= 100;
  return *share > 0 && *share < 1;
}

static int by_time(const void *a, const void *b) {
  const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

/* The time before which a share of the events that have one lies. */
static int time_of_share(cli *c, const ink_dataset *data, double share, int64_t *time) {
  int64_t *times = cli_take(c->memory, (size_t)data->n_events + 1, sizeof *times);
  if (times == NULL) return cli_no_memory();
  size_t n = 0;
  for (uint64_t e = 0; e < data->n_events; e++) {
    if (data->time[e] != INK_NO_TIME) times[n++] = data->time[e];
  }
  if (n > 0) {
    qsort(times, n, sizeof *times, by_time);
    *time = times[(size_t)(share * (double)n)];
  }
  cli_resize(c->memory, times, 0);
  return CLI_DONE;                               /* without times the split itself refuses */
}

int cli_split_rule(cli *c, const char *option, const char *words, const char *more, const ink_dataset *data, ink_split_rule *rule) {
  double share;
  if (strcmp(words, "leave-last") == 0) {
    rule->how = INK_SPLIT_LAST;
    rule->validation = true;
    return CLI_DONE;
  }
  if (strncmp(words, "random:", 7) == 0 && parse_share(words + 7, &rule->fraction)) {
    rule->how = INK_SPLIT_PAIRS;
    return CLI_DONE;
  }
  if (strncmp(words, "users:", 6) == 0 && parse_share(words + 6, &rule->fraction)) {
    rule->how = INK_SPLIT_USERS;
    return CLI_DONE;
  }
  if (strncmp(words, "time:", 5) == 0) {
    rule->how = INK_SPLIT_TIME;
    if (strchr(words, '%') != NULL && parse_share(words + 5, &share)) return time_of_share(c, data, share, &rule->time);
    if (ink_time_parse(cli_text(words + 5), &rule->time)) return CLI_DONE;
  }
  return cli_bad_words(c, "--%s %s: allowed are %sleave-last, random:0.2 (or random:20%%), users:0.1 (or users:10%%), time:2019-01-01 (or time:80%%)",
                       option, words, more);
}

int cli_holdout_apply(cli *c, const char *words, uint64_t seed, const ink_dataset *data, ink_dataset *part,
                      const ink_dataset **kept, cli_holdout *holdout) {
  ink_split_rule rule = { .seed = seed };
  *holdout = (cli_holdout){ words, 0 };
  *kept = data;
  if (strcmp(words, "none") == 0) return CLI_DONE;
  const int code = cli_split_rule(c, "holdout", words, "none, ", data, &rule);
  if (code != CLI_DONE) return code;
  const ink_train_env env = cli_env(c);
  uint8_t *parts = cli_take(c->memory, (size_t)data->n_events + 1, 1);
  if (parts == NULL) return cli_no_memory();
  ink_status status = ink_split_parts(data, &rule, &env, parts);
  if (status == INK_OK) status = ink_dataset_part(data, parts, 1u << INK_PART_TRAIN, &env, part);
  if (status != INK_OK) return cli_refuse(c, status, NULL);
  holdout->n_events = data->n_events - part->n_events;
  *kept = part;
  return CLI_DONE;
}
