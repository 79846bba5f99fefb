/* read_plan.c - see read_plan.h. Detection looks at whole lines among the first 64 KB, in this order:
 *   {                                            -> JSON lines
 *   a header that names a user and an item       -> CSV or TSV
 *   `::`, tab, comma, semicolon or `|`, the same 2 to 4 cells in each line, numbers from the third on -> ratings
 *   blanks, or tabs with varying counts, between words that could be ids -> adjacency
 * A sequence looks like adjacency: it must be asked for.
 * Blank-separated lines that all have 3 or 4 cells could be ratings too: such a file is refused, not guessed. */
#include "read_plan.h"

#include "blocks.h"
#include "decimal.h"
#include "mem.h"
#include "utf8.h"
#include "base.h"

#define MAX_ALIASES 16
#define SAMPLE_LINES 64u

/* ------------------------------------------------------------------- roles */

/* Letters and digits only, small; the best first. */
static const char *const ALIASES[INK_N_ROLES][MAX_ALIASES] = {
  { "user", "userid", "uid", "u", "visitor", "visitorid", "customer", "customerid", "member", "memberid", "reviewerid",
    "person", "session", "sessionid", "account", NULL },
  { "item", "itemid", "iid", "movie", "movieid", "product", "productid", "book", "bookid", "asin", "sku", "article",
    "articleid", "track", "trackid", NULL },
  { "rating", "value", "score", "stars", "overall", "weight", "count", "plays", "playcount", "quantity", NULL },
  { "timestamp", "time", "ts", "date", "datetime", "unixtime", "unixreviewtime", "createdat", "eventtime", NULL },
  { "kind", "event", "eventtype", "type", "action", "behavior", "interaction", NULL },
};

static const char *const ROLE_NAMES[INK_N_ROLES] = { "user", "item", "value", "time", "kind" };

const char *ink_role_name(uint32_t role) { return ROLE_NAMES[role]; }

/* "movie_id", "Movie ID" and "movieId" are one. Longer names than any alias come out as "". */
static ink_text plain_name(ink_text name, char buffer[24]) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < name.n; i++) {
    const char c = name.bytes[i];
    const char small = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    if (!((small >= 'a' && small <= 'z') || (small >= '0' && small <= '9'))) continue;
    if (n == 24) return (ink_text){ buffer, 0 };
    buffer[n++] = small;
  }
  return (ink_text){ buffer, n };
}

static const char *asked_name(const ink_read_options *options, uint32_t role) {
  switch (role) {
    case INK_ROLE_USER: return options->user;
    case INK_ROLE_ITEM: return options->item;
    case INK_ROLE_VALUE: return options->value;
    case INK_ROLE_TIME: return options->time;
    default: return options->kind;
  }
}

uint32_t ink_role_fit(const ink_read_options *options, uint32_t role, ink_text name) {
  const char *asked = asked_name(options, role);
  if (asked != NULL) return ink_text_equal(name, ink_text_of(asked)) ? MAX_ALIASES : 0;
  char buffer[24];
  const ink_text plain = plain_name(name, buffer);
  for (uint32_t i = 0; ALIASES[role][i] != NULL; i++)
    if (ink_text_equal(plain, ink_text_of(ALIASES[role][i]))) return MAX_ALIASES - i;
  return 0;
}

bool ink_role_is_weight(ink_text name) {
  static const char *const WEIGHTS[] = { "weight", "count", "plays", "playcount", "quantity" };
  char buffer[24];
  const ink_text plain = plain_name(name, buffer);
  for (size_t i = 0; i < INK_COUNT_OF(WEIGHTS); i++)
    if (ink_text_equal(plain, ink_text_of(WEIGHTS[i]))) return true;
  return false;
}

/* --------------------------------------------------------------- samples */

/* Whole lines of the first bytes, copied because cutting changes them. */
typedef struct sample {
  char *bytes;
  ink_line line[SAMPLE_LINES];
  uint32_t n;
  ink_fields fields;              /* room for one cut */
} sample;

static ink_status sample_take(ink_line_reader *lines, sample *s) {
  ink_text first;
  INK_TRY(ink_line_reader_peek(lines, &first));
  INK_NEW(&lines->env->allocator, first.n, &s->bytes);
  ink_mem_copy(s->bytes, first.bytes, first.n);
  for (uint32_t at = 0; at < first.n && s->n < SAMPLE_LINES;) {
    uint32_t end = at;
    while (end < first.n && s->bytes[end] != '\n') end++;
    const bool cut_off = end == first.n && !lines->ended;
    ink_line line = { s->bytes + at, end - at };
    if (line.n > 0 && line.bytes[line.n - 1] == '\r') line.n--;
    if (ink_text_trim((ink_text){ line.bytes, line.n }).n > 0 && (!cut_off || s->n == 0)) s->line[s->n++] = line;
    at = end + 1;
  }
  return INK_OK;
}

static bool line_has(ink_line line, char separator) { return ink_fields_has(line.bytes, line.n, separator); }

/* Cells of every sampled line when they agree; 0 when they differ. */
static uint32_t even_count(sample *s, char separator) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < s->n; i++) {
    if (ink_fields_cut(s->line[i], separator, false, &s->fields) != NULL) return 0;
    if (i > 0 && s->fields.n != n) return 0;
    n = s->fields.n;
  }
  return n;
}

/* ------------------------------------------------------------------ header */

static void set_label(ink_read_plan *plan, uint32_t role, ink_text name) {
  const uint32_t n = ink_min_u32(name.n, sizeof plan->label[role] - 1);
  ink_mem_copy(plan->label[role], name.bytes, n);
  plan->label[role][n] = 0;
}

/* Does the first line name a user and an item, cut at `separator`? Fills the plan when it does. */
static bool header_fits(sample *s, const ink_read_options *options, char separator, bool quoted, ink_read_plan *plan) {
  if (s->n == 0 || !line_has(s->line[0], separator)) return false;
  ink_read_plan p = { .format = separator == '\t' ? INK_FORMAT_TSV : INK_FORMAT_CSV, .separator = separator,
                      .quoted = quoted, .header = true };
  if (ink_fields_cut(s->line[0], separator, quoted, &s->fields) != NULL) return false;
  for (uint32_t role = 0; role < INK_N_ROLES; role++) {
    uint32_t best = 0;
    p.column[role] = INK_NONE;
    for (uint32_t c = 0; c < s->fields.n; c++) {
      const uint32_t fit = ink_role_fit(options, role, s->fields.cell[c]);
      if (fit <= best) continue;
      best = fit;
      p.column[role] = c;
      set_label(&p, role, s->fields.cell[c]);
    }
  }
  if (p.column[INK_ROLE_USER] == INK_NONE || p.column[INK_ROLE_ITEM] == INK_NONE) return false;
  p.value_is_weight = ink_role_is_weight(ink_text_of(p.label[INK_ROLE_VALUE]));
  *plan = p;
  return true;
}

static bool any_header_fits(sample *s, const ink_read_options *options, uint32_t format, ink_read_plan *plan) {
  if (format != INK_FORMAT_CSV && header_fits(s, options, '\t', false, plan)) return true;
  if (format == INK_FORMAT_TSV) return false;
  return header_fits(s, options, ',', true, plan) || header_fits(s, options, ';', true, plan);
}

/* A column that was asked for by name must be there. */
static ink_status check_asked(ink_line_reader *lines, const ink_read_options *options, const ink_read_plan *plan) {
  for (uint32_t role = 0; role < INK_N_ROLES; role++) {
    const char *asked = asked_name(options, role);
    if (asked != NULL && plan->column[role] == INK_NONE)
      return ink_line_fault(lines, INK_E_DATA_COLUMN, ink_text_of(asked), (ink_text){ "", 0 },
                            "a name that stands in the header line");
  }
  return INK_OK;
}

static ink_status plan_header(ink_line_reader *lines, sample *s, const ink_read_options *options, ink_read_plan *plan) {
  if (any_header_fits(s, options, options->format, plan)) return check_asked(lines, options, plan);
  const char *asked = options->user != NULL ? options->user : options->item;
  return ink_line_fault(lines, INK_E_DATA_COLUMN, ink_text_of(asked != NULL ? asked : "user, item"), (ink_text){ "", 0 },
                        "a header line that names a user and an item column; else map them");
}

/* ----------------------------------------------------------------- ratings */

static char ratings_separator(const sample *s) {
  static const char TRIED[] = { INK_SEPARATOR_COLONS, '\t', ',', ';', '|' };
  for (size_t i = 0; i < sizeof TRIED; i++)
    if (line_has(s->line[0], TRIED[i])) return TRIED[i];
  return INK_SEPARATOR_BLANKS;
}

/* Without a header columns are asked for by number, from 1. */
static ink_status numbered_column(ink_line_reader *lines, const char *asked, uint32_t n_cells, uint32_t *column) {
  double number;
  if (!ink_decimal_parse(ink_text_of(asked), &number) || !(number >= 1 && number <= n_cells) ||
      number != (double)(uint32_t)number)
    return ink_line_fault(lines, INK_E_DATA_COLUMN, ink_text_of(asked), (ink_text){ "", 0 },
                          "a column's number from 1, as there is no header line");
  *column = (uint32_t)number - 1;
  return INK_OK;
}

static ink_status plan_ratings(ink_line_reader *lines, sample *s, const ink_read_options *options, ink_read_plan *plan) {
  static const char *const NUMBERS[] = { "1", "2", "3", "4" };
  *plan = (ink_read_plan){ .format = INK_FORMAT_RATINGS, .separator = ratings_separator(s) };
  plan->quoted = plan->separator == ',' || plan->separator == ';';
  (void)ink_fields_cut(s->line[0], plan->separator, false, &s->fields);
  const uint32_t n_cells = s->fields.n;
  const bool asked_any = options->user != NULL || options->item != NULL;
  for (uint32_t role = 0; role < INK_N_ROLES; role++) {
    const char *asked = asked_name(options, role);
    plan->column[role] = !asked_any && role < n_cells && role < INK_ROLE_KIND ? role : INK_NONE;
    if (asked != NULL) INK_TRY(numbered_column(lines, asked, n_cells, &plan->column[role]));
    if (asked != NULL || role < INK_ROLE_KIND) set_label(plan, role, ink_text_of(asked != NULL ? asked : NUMBERS[role]));
  }
  if (plan->column[INK_ROLE_USER] == INK_NONE || plan->column[INK_ROLE_ITEM] == INK_NONE || (!asked_any && n_cells > 4))
    return ink_line_fault(lines, INK_E_DATA_COLUMN, (ink_text){ "", 0 }, (ink_text){ "", 0 },
                          "2 to 4 cells: user item [value [time]]; else number the columns");
  return INK_OK;
}

/* ------------------------------------------------------------------ detect */

/* Cells from the third on must be numbers or times: that tells ratings from a table without a known header. */
static bool cells_are_ratings(const sample *s) {
  double x;
  int64_t t;
  if (s->fields.n > 2 && !ink_decimal_parse(s->fields.cell[2], &x)) return false;
  return s->fields.n < 4 || ink_time_parse(s->fields.cell[3], &t);
}

/* A first line that is no header we know, and yet no data: it uses a header's words, or is no number where
 * every other line has one. Reading it as an event would be a silent mistake. */
static bool looks_like_header(sample *s, char separator) {
  static const ink_read_options USUAL;
  double x;
  (void)ink_fields_cut(s->line[0], separator, false, &s->fields);
  const uint32_t n_cells = s->fields.n;
  for (uint32_t c = 0; c < n_cells; c++) {
    (void)ink_fields_cut(s->line[0], separator, false, &s->fields);
    for (uint32_t role = 0; role < INK_N_ROLES; role++)
      if (ink_role_fit(&USUAL, role, s->fields.cell[c]) > 0) return true;
    bool odd = s->n > 1 && !ink_decimal_parse(s->fields.cell[c], &x);
    for (uint32_t i = 1; i < s->n && odd; i++) {
      (void)ink_fields_cut(s->line[i], separator, false, &s->fields);
      odd = ink_decimal_parse(s->fields.cell[c], &x);
    }
    if (odd) return true;
  }
  return false;
}

/* Could this word be an id in a list? Prose, tables of text and vectors have words that could not. */
static bool is_id_like(ink_text word) {
  double number;
  bool point = false;
  for (uint32_t i = 0; i < word.n; i++) {
    const char c = word.bytes[i];
    if (c == '"' || c == '<' || c == '>' || c == ';' || (c == ',' && word.bytes[0] != '(')) return false;
    point = point || c == '.';
  }
  if (point && ink_decimal_parse(word, &number)) return false;
  const char last = word.bytes[word.n - 1];
  return last != '.' && last != ',' && last != ':' && last != '!' && last != '?';
}

/* Every word of every sampled line could be an id, and tabs part single words. */
static bool lines_are_lists(const sample *s) {
  for (uint32_t i = 0; i < s->n; i++) {
    const bool tabs = line_has(s->line[i], '\t');
    ink_line rest = s->line[i];
    ink_text word;
    while (ink_fields_next_word(&rest, &word)) {
      if (!is_id_like(word) || (tabs && rest.n > 0 && rest.bytes[0] == ' ')) return false;
    }
  }
  return true;
}

static ink_status detect(ink_line_reader *lines, sample *s, const ink_read_options *options, ink_read_plan *plan) {
  const ink_text none = { "", 0 };
  if (ink_text_trim((ink_text){ s->line[0].bytes, s->line[0].n }).bytes[0] == '{') {
    *plan = (ink_read_plan){ .format = INK_FORMAT_JSONL };
    return INK_OK;
  }
  if (any_header_fits(s, options, INK_FORMAT_AUTO, plan)) return check_asked(lines, options, plan);
  const char separator = ratings_separator(s);
  const uint32_t n_cells = even_count(s, separator);
  if (separator != INK_SEPARATOR_BLANKS && n_cells >= 2 && n_cells <= 4) {
    if (cells_are_ratings(s) && !looks_like_header(s, separator)) return plan_ratings(lines, s, options, plan);
    return ink_line_fault(lines, INK_E_DATA_FORMAT, none, none, "user item [value [time]] in each line, or a header with user and item: map the columns");
  }
  if (separator == INK_SEPARATOR_BLANKS && s->n > 1 && (n_cells == 3 || n_cells == 4) && cells_are_ratings(s))
    return ink_line_fault(lines, INK_E_DATA_FORMAT, none, none, "this may be ratings or adjacency: say which format it is");
  if ((separator != INK_SEPARATOR_BLANKS && separator != '\t') || !lines_are_lists(s))
    return ink_line_fault(lines, INK_E_DATA_FORMAT, none, none, "csv, tsv, ratings, adjacency, sequence or jsonl: name the format and columns");
  *plan = (ink_read_plan){ .format = INK_FORMAT_ADJACENCY };
  return INK_OK;
}

static ink_status choose(ink_line_reader *lines, sample *s, const ink_read_options *options, ink_read_plan *plan) {
  if (s->n == 0) return ink_line_fault(lines, INK_E_DATA_EMPTY, (ink_text){ "", 0 }, (ink_text){ "", 0 }, "at least one line");
  switch (options->format) {
    case INK_FORMAT_AUTO: return detect(lines, s, options, plan);
    case INK_FORMAT_CSV: case INK_FORMAT_TSV: return plan_header(lines, s, options, plan);
    case INK_FORMAT_RATINGS: return plan_ratings(lines, s, options, plan);
    case INK_FORMAT_ADJACENCY: case INK_FORMAT_SEQUENCE: case INK_FORMAT_JSONL:
      *plan = (ink_read_plan){ .format = options->format };
      return INK_OK;
    default: return INK_E_ARG;
  }
}

/* ----------------------------------------------------------------- explain */

typedef struct words {
  char *out;
  size_t n, cap;
} words;

static void say(words *w, const char *text) {
  for (; *text != 0 && w->n + 1 < w->cap; text++) w->out[w->n++] = *text;
  w->out[w->n] = 0;
}

static void explain_plan(const ink_read_plan *plan, words *w) {
  static const char *const FORMATS[] = { "", "csv", "tsv", "ratings", "adjacency: user item item ...",
                                         "sequence: user, then items in time order", "json lines" };
  say(w, FORMATS[plan->format]);
  if (plan->format > INK_FORMAT_RATINGS) return;
  say(w, " separated by ");
  say(w, ink_separator_name(plan->separator));
  say(w, plan->header ? ", header:" : ", columns:");
  for (uint32_t role = 0; role < INK_N_ROLES; role++) {
    if (plan->column[role] == INK_NONE) continue;
    say(w, " ");
    say(w, ink_role_name(role));
    say(w, "=");
    say(w, plan->label[role]);
  }
}

ink_status ink_read_plan_make(ink_line_reader *lines, const ink_read_options *options, ink_read_plan *plan, char *explain,
                              size_t cap) {
  const ink_allocator *allocator = &lines->env->allocator;
  sample *s;
  INK_NEW(allocator, 1, &s);
  s->bytes = NULL;
  s->n = 0;
  lines->line = 1;
  ink_status status = sample_take(lines, s);
  if (status == INK_OK) status = choose(lines, s, options, plan);
  ink_block_free(allocator, s->bytes);
  ink_block_free(allocator, s);
  if (status == INK_OK) explain_plan(plan, &(words){ explain, 0, cap });
  return status;
}
