/* test_columns.c - items files of every form into numbers, text and tags, and what is refused. */
#define _POSIX_C_SOURCE 200809L
#include "columns.h"
#include "hosted.h"
#include "testlib.h"

static const char EVENTS[] = "user,item\nu,a\nu,b\nu,c\n";

static ink_status read_events(hosted *h, ink_dataset *d, const char *text) {
  hosted_text t = { text, strlen(text), 0, 4096 };
  const ink_source source = { &t, hosted_text_read, "events.csv", 0 };
  ink_dataset_init(d, &h->env.allocator);
  return ink_dataset_read(d, &source, &(ink_read_options){ 0 }, NULL, &h->env);
}

static ink_status read_items(hosted *h, ink_dataset *d, const char *text, const ink_items_options *options) {
  hosted_text t = { text, strlen(text), 0, 5 };
  const ink_source source = { &t, hosted_text_read, "items.csv", 0 };
  return ink_dataset_read_items(d, &source, options, &h->env);
}

static const ink_column *column(const ink_dataset *d, const char *name) {
  for (uint32_t i = 0; i < d->columns->n; i++)
    if (strcmp(d->columns->column[i].name, name) == 0) return &d->columns->column[i];
  printf("no column %s\n", name);
  exit(1);
}

static bool text_is(const ink_column *c, uint32_t item, const char *want) {
  const uint32_t start = item == 0 ? 0 : c->ends[item - 1];
  return c->ends[item] - start == strlen(want) && memcmp(c->bytes + start, want, strlen(want)) == 0;
}

/* Tags of an item, joined by '/'. */
static bool tags_are(const ink_column *c, uint32_t item, const char *want) {
  char got[256] = "";
  for (uint32_t i = item == 0 ? 0 : c->ends[item - 1]; i < c->ends[item]; i++) {
    const ink_text tag = ink_names_at(&c->tags, c->values[i]);
    if (got[0] != 0) strcat(got, "/");
    strncat(got, tag.bytes, tag.n);
  }
  return strcmp(got, want) == 0;
}

TEST(csv_with_all_kinds) {
  hosted h;
  ink_dataset d;
  hosted_init(&h);
  CHECK_EQ(read_events(&h, &d, EVENTS), INK_OK);
  CHECK_EQ(read_items(&h, &d,
    "movieId,Title (en),genres,year,price,zip,empty\n"
    "c,\"Third, \"\"the\"\"\",drama | comedy|drama,1999,,007,\n"
    "zzz,unknown,drama,1,2,3,\n"
    "a,First,comedy,2001,4.99,123,\n", &(ink_items_options){ 0 }), INK_OK);
  CHECK_EQ(d.columns->n, 5);
  CHECK_EQ(d.columns->n_rows, 3);
  CHECK_EQ(d.columns->n_unknown, 1);
  CHECK_EQ(d.items.n, 3);
  const ink_column *title = column(&d, "title_en"), *genres = column(&d, "genres"), *year = column(&d, "year");
  const ink_column *price = column(&d, "price"), *zip = column(&d, "zip");
  CHECK_EQ(title->kind, INK_COLUMN_TEXT);
  CHECK(text_is(title, 0, "First") && text_is(title, 1, "") && text_is(title, 2, "Third, \"the\""));
  CHECK(title->have[0] && !title->have[1] && title->have[2]);
  CHECK_EQ(genres->kind, INK_COLUMN_TAGS);
  CHECK(tags_are(genres, 0, "comedy") && tags_are(genres, 1, "") && tags_are(genres, 2, "drama/comedy"));
  CHECK_EQ(genres->tags.n, 2);
  CHECK_EQ(year->kind, INK_COLUMN_NUMBER);
  CHECK(year->number[0] == 2001 && year->number[2] == 1999 && !year->have[1]);
  CHECK(price->kind == INK_COLUMN_NUMBER && price->number[0] == 4.99 && !price->have[2]);
  CHECK_EQ(zip->kind, INK_COLUMN_TEXT);              /* 007 is a name */
  ink_dataset_free(&d);
  CHECK_EQ(h.memory.live, 0);
}

/* A bar in one title of 40 does not make titles tags; in two it does. */
TEST(one_in_twenty) {
  for (int n_bars = 1; n_bars <= 2; n_bars++) {
    char events[1024] = "user,item\n", items[1024] = "id,title\n";
    for (int i = 0; i < 40; i++) {
      sprintf(events + strlen(events), "u,i%d\n", i);
      sprintf(items + strlen(items), "i%d,%s\n", i, i < n_bars ? "x|y" : "z");
    }
    hosted h;
    ink_dataset d;
    hosted_init(&h);
    CHECK_EQ(read_events(&h, &d, events), INK_OK);
    CHECK_EQ(read_items(&h, &d, items, &(ink_items_options){ 0 }), INK_OK);
    CHECK_EQ(column(&d, "title")->kind, n_bars == 1 ? INK_COLUMN_TEXT : INK_COLUMN_TAGS);
    ink_dataset_free(&d);
  }
}

TEST(options_override) {
  hosted h;
  ink_dataset d;
  hosted_init(&h);
  CHECK_EQ(read_events(&h, &d, EVENTS), INK_OK);
  const ink_items_options options = { .id = "key", .types = "year=text,zip=number,words=tags,gone=skip", .tag_separator = "/", .all_items = true };
  CHECK_EQ(read_items(&h, &d, "id;year;zip;words;gone;key\n9;1999;007;x/y;1;b\n8;2000;008;z;2;new\n", &options), INK_OK);
  CHECK_EQ(d.items.n, 4);
  CHECK_EQ(ink_names_find(&d.items, (ink_text){ "new", 3 }), 3);
  CHECK_EQ(d.columns->n, 4);
  CHECK_EQ(d.columns->n_unknown, 1);
  CHECK(column(&d, "id_")->number[1] == 9);          /* `id` is the catalogue's own name */
  CHECK(text_is(column(&d, "year"), 1, "1999"));
  CHECK(column(&d, "zip")->number[3] == 8);
  CHECK(tags_are(column(&d, "words"), 1, "x/y") && tags_are(column(&d, "words"), 3, "z"));
  ink_dataset_free(&d);
  CHECK_EQ(h.memory.live, 0);
}

TEST(files_without_header) {
  hosted h;
  ink_dataset d;
  hosted_init(&h);
  CHECK_EQ(read_events(&h, &d, EVENTS), INK_OK);
  const ink_items_options options = { .names = "id,title,genres", .encoding = INK_ENCODING_LATIN1 };
  CHECK_EQ(read_items(&h, &d, "a::Am\xe9lie: the film (2001)::Comedy|Romance\nb::X::Drama\n", &options), INK_OK);
  CHECK(text_is(column(&d, "title"), 0, "Am\xc3\xa9lie: the film (2001)"));
  CHECK(tags_are(column(&d, "genres"), 0, "Comedy/Romance"));
  ink_dataset_free(&d);
  CHECK_EQ(read_events(&h, &d, EVENTS), INK_OK);
  CHECK_EQ(read_items(&h, &d, "a|T|01-Jan-1995||1\nb|U|02-Jan-1995||0\n", &(ink_items_options){ .names = "id,title,-,video,action" }), INK_OK);
  CHECK_EQ(d.columns->n, 2);
  CHECK(column(&d, "action")->number[0] == 1);
  ink_dataset_free(&d);
  CHECK_EQ(h.memory.live, 0);
}

TEST(json_lines) {
  hosted h;
  ink_dataset d;
  hosted_init(&h);
  CHECK_EQ(read_events(&h, &d, EVENTS), INK_OK);
  CHECK_EQ(read_items(&h, &d,
    "{\"tags\":[\"x\\u00e9|\",\"y\",3,\"y\"],\"id\":\"b\",\"price\":3.5,\"fresh\":true,\"nested\":{\"id\":\"a\"},\"none\":null}\n"
    "{\"id\":\"q\",\"price\":1}\n"
    "{\"title\":\"A\\tB\",\"id\":\"a\",\"tags\":\"solo\",\"price\":-2,\"fresh\":false}\n", &(ink_items_options){ 0 }), INK_OK);
  CHECK_EQ(d.columns->n, 4);
  CHECK(tags_are(column(&d, "tags"), 1, "x\xc3\xa9|/y/3") && tags_are(column(&d, "tags"), 0, "solo"));
  CHECK(column(&d, "price")->number[1] == 3.5 && column(&d, "price")->number[0] == -2 && !column(&d, "price")->have[2]);
  CHECK(column(&d, "fresh")->number[1] == 1 && column(&d, "fresh")->have[0]);
  CHECK(text_is(column(&d, "title"), 0, "A\tB"));
  CHECK_EQ(d.columns->n_unknown, 1);
  ink_dataset_free(&d);
  CHECK_EQ(h.memory.live, 0);
}

static void refuse(int at_line, const char *text, const ink_items_options *options, ink_status want, uint64_t line, const char *words) {
  hosted h;
  ink_dataset d;
  hosted_init(&h);
  CHECK_EQ(read_events(&h, &d, EVENTS), INK_OK);
  const ink_status got = read_items(&h, &d, text, options);
  char said[256];
  snprintf(said, sizeof said, "%.*s %s", (int)h.fault.name_bytes, h.fault.name, h.fault.found);
  const bool right = got == want && h.fault.code == (uint32_t)want && h.fault.at == line && strstr(said, words) != NULL;
  if (!right) printf("line %d: status %d (want %d), line %d (want %d), '%s' (want '%s')\n", at_line, (int)got, (int)want, (int)h.fault.at, (int)line, said, words);
  CHECK(right);
  CHECK(d.columns == NULL);
  ink_dataset_free(&d);
  CHECK_EQ(h.memory.live, 0);
}
#define REFUSE(...) refuse(__LINE__, __VA_ARGS__)

TEST(refusals) {
  const ink_items_options plain = { 0 };
  REFUSE("", &plain, INK_E_DATA_EMPTY, 1, "items.csv");
  REFUSE("id,title\n", &plain, INK_E_DATA_EMPTY, 2, "items.csv");
  REFUSE("id,title\na,x\na,y\n", &plain, INK_E_DATA_DUPLICATE, 3, "\"a\"");
  REFUSE("id,title\na\n", &plain, INK_E_DATA_COLUMN, 2, "");
  REFUSE("id,title\na,x,y\n", &plain, INK_E_DATA_COLUMN, 2, "");
  REFUSE("id,title\na,x\n,y\n", &plain, INK_E_DATA_SYNTAX, 3, "column id");
  REFUSE("id,title\na,\xe9\n", &plain, INK_E_DATA_UTF8, 2, "column title");
  REFUSE("id,title,Title\na,x,y\n", &plain, INK_E_DATA_DUPLICATE, 1, "Title");
  REFUSE("id,\xc3\xa9\na,x\n", &plain, INK_E_DATA_COLUMN, 1, "column");
  REFUSE("id,year\na,5\nb,\"\n6\"\nc,x\n", &(ink_items_options){ .types = "year=number" }, INK_E_DATA_NUMBER, 3, "column year");
  REFUSE("id,year\na,5\nc,1e12.5\n", &(ink_items_options){ .types = "year=number" }, INK_E_DATA_NUMBER, 3, "1e12.5");
  REFUSE("id,year\na,5\n", &(ink_items_options){ .types = "yaer=number" }, INK_E_SETTING, 0, "yaer");
  REFUSE("id,year\na,5\n", &(ink_items_options){ .types = "year=date" }, INK_E_SETTING, 0, "date");
  REFUSE("id,year\na,5\n", &(ink_items_options){ .tag_separator = "::" }, INK_E_SETTING, 0, "::");
  REFUSE("key,year\na,5\n", &(ink_items_options){ .id = "kye" }, INK_E_DATA_COLUMN, 1, "kye");
  REFUSE("{\"title\":\"x\"}\n", &plain, INK_E_DATA_COLUMN, 1, "id");
  REFUSE("{\"id\":\"a\",\"t\":[[1]]}\n", &plain, INK_E_DATA_SYNTAX, 1, "column t");
  REFUSE("{\"id\":\"a\",\"t\":1,\"T\":2}\n", &plain, INK_E_DATA_DUPLICATE, 1, "column T");
  REFUSE("{\"id\":\"a\",\"t\":1\n", &plain, INK_E_DATA_SYNTAX, 1, "");
  REFUSE("{\"id\":[1]}\n", &plain, INK_E_DATA_SYNTAX, 1, "column id");
}

/* 64 columns are legal, 65 are not. */
TEST(column_limit) {
  char text[1024] = "id", row[256] = "a";
  for (int i = 0; i < 64; i++) {
    sprintf(text + strlen(text), ",c%d", i);
    strcat(row, ",1");
  }
  char file[1400];
  hosted h;
  ink_dataset d;
  hosted_init(&h);
  CHECK_EQ(read_events(&h, &d, EVENTS), INK_OK);
  snprintf(file, sizeof file, "%s\n%s\n", text, row);
  CHECK_EQ(read_items(&h, &d, file, &(ink_items_options){ 0 }), INK_OK);
  CHECK_EQ(d.columns->n, 64);
  ink_dataset_free(&d);
  snprintf(file, sizeof file, "%s,one_more\n%s,1\n", text, row);
  REFUSE(file, &(ink_items_options){ 0 }, INK_E_LIMIT, 1, "one_more");
}

TEST(no_memory_is_clean) {
  for (long fail = 1; fail < 300; fail++) {
    hosted h;
    ink_dataset d;
    hosted_init(&h);
    CHECK_EQ(read_events(&h, &d, EVENTS), INK_OK);
    h.memory.fail_at = fail;
    const ink_status s = read_items(&h, &d, "id,t,g,n\na,x,p|q,1\nb,y,q|r,2\nnew,z,s,3\n", &(ink_items_options){ .all_items = true });
    const bool done = s == INK_OK;
    CHECK(done || (s == INK_E_NO_MEMORY && d.columns == NULL && h.fault.code == INK_E_NO_MEMORY));
    ink_dataset_free(&d);
    CHECK_EQ(h.memory.live, 0);
    if (done) {
      CHECK(fail > 10);
      return;
    }
  }
  CHECK(false);
}

TEST(real_files) {
  static const struct { const char *events, *items; ink_items_options options; uint32_t n_rows, n_unknown, n_genres; } FILES[] = {
    { "ml-latest-small/ratings.csv", "ml-latest-small/movies.csv", { 0 }, 9742, 18, 20 },
    { "ml-100k/u.data", "ml-100k/u.item", { .names = "id,title,released,video,url,g0,g1,g2", .encoding = INK_ENCODING_LATIN1 }, 0, 0, 0 },
  };
  for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++) {
    FILE *events = hosted_open_data(FILES[i].events), *items = events != NULL ? hosted_open_data(FILES[i].items) : NULL;
    if (items == NULL) return;
    hosted h;
    ink_dataset d;
    hosted_init(&h);
    ink_dataset_init(&d, &h.env.allocator);
    CHECK_EQ(ink_dataset_read(&d, &(ink_source){ events, hosted_file_read, "events", 0 }, &(ink_read_options){ 0 }, NULL, &h.env), INK_OK);
    const ink_status s = ink_dataset_read_items(&d, &(ink_source){ items, hosted_file_read, "items", 0 }, &FILES[i].options, &h.env);
    if (FILES[i].n_rows > 0) {
      CHECK_EQ(s, INK_OK);
      CHECK_EQ(d.columns->n_rows, FILES[i].n_rows);
      CHECK_EQ(d.columns->n_unknown, FILES[i].n_unknown);
      CHECK_EQ(column(&d, "genres")->tags.n, FILES[i].n_genres);
      CHECK_EQ(column(&d, "title")->kind, INK_COLUMN_TEXT);
    } else {
      CHECK_EQ(s, INK_E_DATA_COLUMN);              /* u.item has 24 cells, not 8 */
      CHECK_EQ(h.fault.at, 1);
    }
    ink_dataset_free(&d);
    CHECK_EQ(h.memory.live, 0);
    fclose(events);
    fclose(items);
  }
}

TEST_MAIN(T(csv_with_all_kinds), T(one_in_twenty), T(options_override), T(files_without_header), T(json_lines), T(refusals), T(column_limit),
          T(no_memory_is_clean), T(real_files))
