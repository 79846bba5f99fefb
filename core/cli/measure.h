/* measure.h - what is measured and on what, for every command that measures packs: protocol, metrics, files, how people
 * are folded, how sure the figures are. A command puts the rows of options into its table; they are found by name. */
#ifndef CLI_MEASURE_H
#define CLI_MEASURE_H

#include "bootstrap.h"
#include "data_options.h"
#include "leaks.h"
#include "protocol.h"

extern const char *const cli_protocol_words[];

/* Rows of an option table. */
#define CLI_MEASURE_OPTIONS                                                                                            \
  { .name = "history", .kind = CLI_TEXT, .value = "FILE", .help = "what the people of the test did before" },          \
  { .name = "test", .kind = CLI_TEXT, .value = "FILE", .help = "what they did then: to be predicted" },                \
  { .name = "protocol", .kind = CLI_WORD, .words = cli_protocol_words, .value = "P",                                   \
    .help = "unseen-users (default), known-users, leave-last, candidates, ratings: see above" },                       \
  { .name = "metrics", .kind = CLI_TEXT, .value = "M,M,...",                                                           \
    .help = "precision@K recall@K f1@K ap@K map@K ndcg@K mrr@K hit@K auc; of slates alone: coverage@K gini@K "         \
            "diversity@K (tags) spread@K (vectors) novelty@K longtail@K; rmse and mae of ratings (default: "           \
            "recall@20,ndcg@20; hit@10,ndcg@10 among candidates; rmse,mae of ratings)" },                              \
  { .name = "candidates", .kind = CLI_TEXT, .value = "FILE",                                                           \
    .help = "candidates: user item item ... each person's items to rank the test items among" },                       \
  { .name = "sampled", .kind = CLI_WHOLE, .low = 1, .high = 1000000, .value = "N",                                     \
    .help = "rank among N items drawn by lot for each person, not the catalogue: figures compare with nothing else" }, \
  { .name = "split", .kind = CLI_TEXT, .value = "SHARE",                                                               \
    .help = "unseen-users with one file (--test): the share of each person's items that is to be predicted (default 0.2)" }, \
  { .name = "seed", .kind = CLI_WHOLE, .low = 0, .high = 9007199254740991.0, .value = "N",                             \
    .help = "for all that is drawn by lot (default 0)" },                                                              \
  { .name = "only-unseen", .kind = CLI_FLAG,                                                                           \
    .help = "unseen-users with one file: leave out the people that the pack was trained on (packs made with --holdout users:P)" }, \
  { .name = "validation", .kind = CLI_FLAG, .help = "leave-last: predict the last event but one, from those before it" }, \
  { .name = "model", .kind = CLI_TEXT, .value = "NAME",                                                                \
    .help = "measure this model of the pack alone (default: as served, with its fallbacks)" },                         \
  { .name = "with-seen", .kind = CLI_FLAG, .help = "items of the history may be recommended again" },                  \
  { .name = "now", .kind = CLI_WHOLE, .low = -9007199254740991.0, .high = 9007199254740991.0, .value = "MS",           \
    .help = "the time of every request (default: the latest in the history)" },                                        \
  { .name = "bootstrap", .kind = CLI_WHOLE, .low = 100, .high = INK_MOST_ROUNDS, .value = "N",                         \
    .help = "intervals by drawing people anew N times (default: the normal approximation)" },                          \
  { .name = "slate-vectors", .kind = CLI_TEXT, .value = "TENSOR", .help = "spread: the pack's tensor of item vectors (default: the first *.items)" }, \
  { .name = "allow-overlap", .kind = CLI_FLAG,                                                                         \
    .help = "measure even where the pack was trained on the test data; the answer says so" }

typedef struct cli_measure {
  uint32_t protocol;              /* INK_PROTOCOL_* */
  ink_metric metrics[INK_MAX_METRICS];
  uint32_t n_metrics;
  ink_dataset history_file, test_file, candidates_file, history_part, test_part;
  const ink_dataset *history, *test, *candidates;     /* candidates NULL: the catalogue, or lots */
  ink_eval_options how;           /* metrics and all that words say; family and people are the caller's */
  ink_resampling resampling;      /* rounds 0: the normal approximation */
} cli_measure;

/* Protocol (`standard` where none is given), metrics and options of the call. Each gives an exit code. */
int cli_measure_words(cli *c, const char *standard, cli_measure *m);
/* Are the files there that the protocol wants? */
int cli_measure_check_files(const cli *c, const cli_measure *m);
/* Reads them. `sidecar` is asked for the people to leave out with --only-unseen; else it may be NULL. */
int cli_measure_files(cli *c, cli_measure *m, const ink_sidecar *sidecar);
/* One evaluation by m->how, of history and test (as m has them, or parts of them); intervals as asked for. `people`: NULL, or
 * filled, to be freed by the caller. */
int cli_measure_run(cli *c, const cli_measure *m, const ink_pack *pack, const ink_dataset *history, const ink_dataset *test,
                    ink_eval_report *report, ink_eval_people *people);

/* What test items are ranked among, in words that keep figures apart: "the whole catalogue", "the listed candidates (100
 * on average)", "99 sampled items ...". NULL for ratings. `text` [100] may be used. */
const char *cli_measure_ranking(const cli_measure *m, const ink_eval_report *report, char text[100]);
/* "0.86900", padded to `width`; what has no value is "-". */
void cli_print_figure(double value, int width);

#endif
