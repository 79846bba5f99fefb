/* test_dataset.c - readers of every format, what they refuse and how they say it, the sorting, the matrix. */
#define _POSIX_C_SOURCE 200809L
#include "hosted.h"
#include "testlib.h"

static ink_status read_text(hosted *h, ink_dataset *d, const char *text, const ink_read_options *options, const ink_dataset *from) {
  static const ink_read_options plain;
  hosted_text t = { text, strlen(text), 0, 7 };
  const ink_source source = { &t, hosted_text_read, "dir/events.csv", strlen(text) };
  ink_dataset_init(d, &h->env.allocator);
  return ink_dataset_read(d, &source, options != NULL ? options : &plain, from, &h->env);
}

static bool names_item(const ink_dataset *d, uint32_t i, const char *want) {
  const ink_text got = ink_names_at(&d->items, i);
  return got.n == strlen(want) && memcmp(got.bytes, want, got.n) == 0;
}
static bool kind_is(const ink_dataset *d, uint64_t e, const char *want) {
  const ink_text got = ink_names_at(&d->kinds, d->kind[e]);
  return got.n == strlen(want) && memcmp(got.bytes, want, got.n) == 0;
}

/* Reads and expects a refusal at a line, with these words in the fault's name. */
static void refuse(int at_line, const char *text, const ink_read_options *options, ink_status want, uint64_t line, const char *name) {
  hosted h;
  ink_dataset d;
  hosted_init(&h);
  const ink_status got = read_text(&h, &d, text, options, NULL);
  char said[256];
  snprintf(said, sizeof said, "%.*s %s", (int)h.fault.name_bytes, h.fault.name, h.fault.found);
  const bool right = got == want && h.fault.code == (uint32_t)want && h.fault.at == line && strcmp(h.fault.unit, "line") == 0 &&
                     strstr(said, name) != NULL && strncmp(said, "events.csv", 10) == 0 && h.fault.allowed[0] != 0;
  if (!right) printf("line %d: status %d (want %d), line %d (want %d), name '%s' (want '%s')\n", at_line, (int)got, (int)want,
                     (int)h.fault.at, (int)line, said, name);
  CHECK(right);
  CHECK_EQ(d.n_events, 0);
  CHECK_EQ(h.memory.live, 0);
}
#define REFUSE(...) refuse(__LINE__, __VA_ARGS__)

TEST(csv_with_header) {
  hosted h;
  ink_dataset d;
  hosted_init(&h);
  const ink_status s = read_text(&h, &d,
    "\xef\xbb\xbfuserId,title,Movie_ID,rating,timestamp\r\n"
    "7,\"a, \"\"quoted\"\"\ntitle\", m1 ,4.5,964982703\r\n"
    "\r\n"
    "8,plain,\"m \"\"2\"\"\",0.5,964982703123\r\n"
    "7,x,m3,3,2000-07-30T18:45:02Z", NULL, NULL);
  CHECK_EQ(s, INK_OK);
  if (s != INK_OK) return;
  CHECK(strcmp(d.explain, "csv separated by comma, header: user=userId item=Movie_ID value=rating time=timestamp") == 0);
  CHECK_EQ(d.users.n, 2);
  CHECK_EQ(d.items.n, 3);
  CHECK(names_item(&d, 0, "m1") && names_item(&d, 1, "m \"2\"") && names_item(&d, 2, "m3"));
  CHECK_EQ(d.n_events, 3);
  CHECK_EQ(d.user_starts[1], 2);
  /* user 7: m3 is a second older than m1, so it comes first; rows say the places in the file */
  CHECK_EQ(d.item[0], 2);
  CHECK_EQ(d.item[1], 0);
  CHECK_EQ(d.row[0], 2);
  CHECK_EQ(d.row[1], 0);
  CHECK_EQ(d.row[2], 1);
  CHECK_EQ(d.time[0], 964982702000);
  CHECK_EQ(d.time[1], 964982703000);
  CHECK_EQ(d.time[2], 964982703123);
  CHECK_EQ_BITS(d.value[1], 4.5f);
  CHECK(kind_is(&d, 0, "rating"));
  CHECK_EQ_BITS(d.value_min, 0.5f);
  CHECK_EQ_BITS(d.value_max, 4.5f);
  CHECK(d.has_value && d.has_time);
  ink_dataset_free(&d);
  CHECK_EQ(h.memory.live, 0);
}

TEST(columns_are_mapped_and_ranked) {
  hosted h;
  ink_dataset d;
  hosted_init(&h);
  /* `user` beats `session_id`; a column called weight is a multiplicity, so the kind is view */
  CHECK_EQ(read_text(&h, &d, "session_id;user;item;weight;Event\n1;2;3;4;Purchase\n1;9;3;2;\n", NULL, NULL), INK_OK);
  CHECK_EQ(ink_names_find(&d.users, (ink_text){ "9", 1 }), 1);
  CHECK(kind_is(&d, 0, "purchase") && kind_is(&d, 1, "view"));
  CHECK_EQ_BITS(d.value[0], 4.0f);
  ink_dataset_free(&d);
  CHECK_EQ(read_text(&h, &d, "user;session_id;item\n2;1;3\n", NULL, NULL), INK_OK);
  CHECK_EQ(ink_names_find(&d.users, (ink_text){ "2", 1 }), 0);
  ink_dataset_free(&d);
  const ink_read_options mapped = { .user = "who", .item = "what", .value = "stars given" };
  CHECK_EQ(read_text(&h, &d, "what\tuser\twho\tstars given\nA\tB\tC\t5\n", &mapped, NULL), INK_OK);
  CHECK(names_item(&d, 0, "A"));
  CHECK_EQ(ink_names_find(&d.users, (ink_text){ "C", 1 }), 0);
  CHECK(kind_is(&d, 0, "rating"));
  ink_dataset_free(&d);
  const ink_read_options kinded = { .format = INK_FORMAT_RATINGS, .user = "2", .item = "1", .value = "3", .default_kind = "Like" };
  CHECK_EQ(read_text(&h, &d, "i1,u1,5\ni2,u1,3\n", &kinded, NULL), INK_OK);
  CHECK(kind_is(&d, 0, "like"));
  CHECK(names_item(&d, 1, "i2"));
  ink_dataset_free(&d);
  CHECK_EQ(h.memory.live, 0);
}

TEST(ratings_of_every_separator) {
  static const char *const FILES[] = { "1::10::3::978300760\n1::20::4::978300760\n2::10::5::978300761\n",
    "1\t10\t3\t978300760\n1\t20\t4\t978300760\n2\t10\t5\t978300761\n", "1,10,3,978300760\n1,20,4,978300760\n2,10,5,978300761",
    "1|10|3|978300760\n1|20|4|978300760\n2|10|5|978300761\n" };
  for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++) {
    hosted h;
    ink_dataset d;
    hosted_init(&h);
    CHECK_EQ(read_text(&h, &d, FILES[i], NULL, NULL), INK_OK);
    CHECK_EQ(d.n_events, 3);
    CHECK_EQ(d.user_starts[1], 2);
    CHECK_EQ(d.item[1], 1);
    CHECK_EQ_BITS(d.value[2], 5.0f);
    CHECK_EQ(d.time[2], 978300761000);
    CHECK(strncmp(d.explain, "ratings separated by ", 21) == 0);
    ink_dataset_free(&d);
    CHECK_EQ(h.memory.live, 0);
  }
}

TEST(pairs_without_values) {
  hosted h;
  ink_dataset d;
  hosted_init(&h);
  CHECK_EQ(read_text(&h, &d, "0\t5\n0\t6\n1\t5\n", NULL, NULL), INK_OK);
  CHECK(!d.has_value && !d.has_time);
  CHECK(kind_is(&d, 0, "view"));
  CHECK_EQ_BITS(d.value[0], 1.0f);
  CHECK_EQ(d.time[0], INK_NO_TIME);
  CHECK_EQ_BITS(d.value_max, 0.0f);
  ink_dataset_free(&d);
  CHECK_EQ(h.memory.live, 0);
}

TEST(lists) {
  hosted h;
  ink_dataset d;
  hosted_init(&h);
  CHECK_EQ(read_text(&h, &d, "u1 b a b\nu2\nu1  c\n", NULL, NULL), INK_OK);
  CHECK(strcmp(d.explain, "adjacency: user item item ...") == 0);
  CHECK_EQ(d.users.n, 2);
  CHECK_EQ(d.user_starts[1], 4);
  CHECK_EQ(d.user_starts[2], 4);
  CHECK(!d.has_time);
  ink_dataset_free(&d);
  const ink_read_options sequence = { .format = INK_FORMAT_SEQUENCE };
  CHECK_EQ(read_text(&h, &d, "u1 b a b\nu2 c", &sequence, NULL), INK_OK);
  CHECK(d.has_time);
  CHECK_EQ(d.time[0], 0);
  CHECK_EQ(d.time[2], 2);
  CHECK_EQ(d.time[3], 0);
  ink_dataset_free(&d);
  /* NCF's candidates: the pair in front is a user and an item */
  CHECK_EQ(read_text(&h, &d, "(0,25)\t1064\t174\n(1,133)\t1072\t3154\t3\n", NULL, NULL), INK_OK);
  CHECK_EQ(d.users.n, 2);
  CHECK(names_item(&d, 0, "25") && names_item(&d, 1, "1064"));
  CHECK_EQ(d.user_starts[1], 3);
  ink_dataset_free(&d);
  CHECK_EQ(h.memory.live, 0);
}

TEST(json_lines) {
  hosted h;
  ink_dataset d;
  hosted_init(&h);
  const ink_status s = read_text(&h, &d,
    "{\"user\":\"J\\u00fcrgen \\ud83d\\ude00\",\"item\":7,\"value\":2,\"time\":1700000000.5,\"kind\":\"like\",\"extra\":{\"a\":[1,{\"b\":\"]\",\"c\":{}}],\"d\":[[],2]}}\r\n"
    "\n  { \"itemId\" : \"x\\\"y\", \"user_id\" : 12 , \"time\": null, \"tags\": [] }\n"
    "{\"user\":12,\"item\":7,\"rating\":4,\"time\":\"2023-11-14\"}\n", NULL, NULL);
  CHECK_EQ(s, INK_OK);
  if (s != INK_OK) return;
  CHECK(ink_names_find(&d.users, (ink_text){ "J\xc3\xbcrgen \xf0\x9f\x98\x80", 12 }) == 0);
  CHECK(names_item(&d, 0, "7") && names_item(&d, 1, "x\"y"));
  CHECK_EQ(d.time[0], 1700000000500);
  CHECK(kind_is(&d, 0, "like") && kind_is(&d, 1, "view") && kind_is(&d, 2, "rating"));
  CHECK_EQ(d.time[1], INK_NO_TIME);
  CHECK_EQ(d.time[2], 1699920000000);
  CHECK_EQ_BITS(d.value_max, 4.0f);
  ink_dataset_free(&d);
  CHECK_EQ(h.memory.live, 0);
}

TEST(latin1_on_request_only) {
  hosted h;
  ink_dataset d;
  hosted_init(&h);
  const ink_read_options latin1 = { .encoding = INK_ENCODING_LATIN1 };
  CHECK_EQ(read_text(&h, &d, "user,item\n1,caf\xe9\n", &latin1, NULL), INK_OK);
  CHECK(names_item(&d, 0, "caf\xc3\xa9"));
  ink_dataset_free(&d);
  CHECK_EQ(h.memory.live, 0);
  REFUSE("user,item\n1,cafe\n1,caf\xe9\n", NULL, INK_E_DATA_UTF8, 3, "column item \"caf?\"");
  REFUSE("user,item\n1,\xed\xa0\x80\n", NULL, INK_E_DATA_UTF8, 2, "column item");      /* a surrogate */
  REFUSE("user,item\n1,\xc0\xaf\n", NULL, INK_E_DATA_UTF8, 2, "column item");          /* overlong */
}

TEST(refusals_name_line_and_column) {
  REFUSE("", NULL, INK_E_DATA_EMPTY, 1, "");
  REFUSE("user,item\n", NULL, INK_E_DATA_EMPTY, 2, "");
  REFUSE("user,item,rating\n1,2,3\n1,2,nan\n", NULL, INK_E_DATA_NUMBER, 3, ", column rating \"nan\"");
  REFUSE("user,item,rating\n1,2,inf\n", NULL, INK_E_DATA_NUMBER, 2, "rating");
  REFUSE("user,item,rating\n1,2,0x10\n", NULL, INK_E_DATA_NUMBER, 2, "0x10");
  REFUSE("user,item,rating\n1,2,\n", NULL, INK_E_DATA_NUMBER, 2, "rating");
  REFUSE("user,item,rating\n1,2,2e11\n", NULL, INK_E_DATA_NUMBER, 2, "2e11");
  REFUSE("user,item,rating\n1,2,\"4,5\"\n", NULL, INK_E_DATA_NUMBER, 2, "\"4,5\"");
  REFUSE("user,item,time\n1,2,yesterday\n", NULL, INK_E_DATA_NUMBER, 2, "column time");
  REFUSE("user,item,time\n1,2,2023-02-29\n", NULL, INK_E_DATA_NUMBER, 2, "column time");
  REFUSE("user,item\n1,2\n1\n", NULL, INK_E_DATA_COLUMN, 3, "column item");
  REFUSE("user,item\n1,2\n,2\n", NULL, INK_E_DATA_SYNTAX, 3, "column user");
  REFUSE("user,item,kind\n1,2,gr\xc3\xbcn\n", NULL, INK_E_DATA_SYNTAX, 2, "column kind");
  REFUSE("user,item\n1,\"2\n3,4\n", NULL, INK_E_DATA_SYNTAX, 2, "");                       /* never closed */
  REFUSE("user,item\n1,2\"\"3\n", NULL, INK_E_DATA_SYNTAX, 2, "");                         /* quote inside */
  REFUSE("user,item\n1,\"2\"3\n", NULL, INK_E_DATA_SYNTAX, 2, "");
  REFUSE("user,item\n\"a\nb\",2\n\"c\nd\",x\n1\n", NULL, INK_E_DATA_COLUMN, 6, "column item");   /* lines, not records */
  REFUSE("movie,genre\n1,2\n", NULL, INK_E_DATA_FORMAT, 1, "");
  REFUSE("1 2 3 4\n2 3 4 5\n", NULL, INK_E_DATA_FORMAT, 1, "");                            /* ratings or lists? */
  REFUSE("1\tThe Title, a Film\tx\n2\tShort\n", NULL, INK_E_DATA_FORMAT, 1, "");             /* a table of text */
  REFUSE("12\tTwo words\n13\tOne\tmore\n", NULL, INK_E_DATA_FORMAT, 1, "");
  REFUSE("This is no data at all.\nIt is a letter.\n", NULL, INK_E_DATA_FORMAT, 1, "");
  REFUSE("the 0.25 -1.5 2 0.1\nof 1.5 0.5 1 2\n", NULL, INK_E_DATA_FORMAT, 1, "");                  /* vectors */
  REFUSE("1,2,3,4,5\n1,2,3,4,5\n", NULL, INK_E_DATA_FORMAT, 1, "");
  REFUSE("1::2::3\n1::2::x\n", &(ink_read_options){ .format = INK_FORMAT_RATINGS }, INK_E_DATA_NUMBER, 2, "column 3 \"x\"");
  REFUSE("a,b\n1,2\n", &(ink_read_options){ .format = INK_FORMAT_CSV }, INK_E_DATA_COLUMN, 1, "user, item");
  REFUSE("user,item\n1,2\n", &(ink_read_options){ .time = "when" }, INK_E_DATA_COLUMN, 1, "column when");
  REFUSE("1,2\n", &(ink_read_options){ .format = INK_FORMAT_RATINGS, .user = "3", .item = "1" }, INK_E_DATA_COLUMN, 1, "column 3");
}

TEST(refusals_of_json) {
  REFUSE("{\"user\":1,\"item\":2}\n{\"user\":1}\n", NULL, INK_E_DATA_COLUMN, 2, "column item");
  REFUSE("{\"user\":1,\"item\":2} x\n", NULL, INK_E_DATA_SYNTAX, 1, "");
  REFUSE("{\"user\":1,\"item\":2,}\n", NULL, INK_E_DATA_SYNTAX, 1, "");
  REFUSE("{\"user\":01,\"item\":2}\n", NULL, INK_E_DATA_SYNTAX, 1, "");
  REFUSE("{\"user\":true,\"item\":2}\n", NULL, INK_E_DATA_SYNTAX, 1, "column user \"true\"");
  REFUSE("{\"user\":1,\"item\":2,\"value\":\"5\"}\n", NULL, INK_E_DATA_SYNTAX, 1, "column value");
  REFUSE("{\"user\":1,\"item\":2,\"user\":3}\n", NULL, INK_E_DATA_DUPLICATE, 1, "column user");
  REFUSE("{\"user\":1,\"item\":2,\"x\":[1,{\"a\":}]}\n", NULL, INK_E_DATA_SYNTAX, 1, "");
  REFUSE("{\"user\":1,\"item\":2,\"x\":[1,2}}\n", NULL, INK_E_DATA_SYNTAX, 1, "");
  REFUSE("{\"user\":1,\"item\":\"\\ud800\"}\n", NULL, INK_E_DATA_SYNTAX, 1, "");
  REFUSE("{\"user\":1,\"item\":\"\\udc00\\udc01\"}\n", NULL, INK_E_DATA_SYNTAX, 1, "");
  REFUSE("{\"user\":1,\"item\":\"\\ud800\\u0041\"}\n", NULL, INK_E_DATA_SYNTAX, 1, "");
  REFUSE("{\"user\":1,\"item\":2,\"x\":{\"a\":1,2}}\n", NULL, INK_E_DATA_SYNTAX, 1, "");
  REFUSE("{\"user\":1,\"item\":\"a\tb\"}\n", NULL, INK_E_DATA_SYNTAX, 1, "");
  REFUSE("{\"user\":1,\"item\":\"\\u12g4\"}\n", NULL, INK_E_DATA_SYNTAX, 1, "");
  REFUSE("{\"user\":1,\"item\":2\n", NULL, INK_E_DATA_SYNTAX, 1, "");
}

/* The largest legal id, and one byte more. */
TEST(id_length_border) {
  char text[1100] = "user,item\n1,";
  const size_t start = strlen(text);
  memset(text + start, 'x', 1024);
  strcpy(text + start + 1024, "\n");
  hosted h;
  ink_dataset d;
  hosted_init(&h);
  CHECK_EQ(read_text(&h, &d, text, NULL, NULL), INK_OK);
  ink_dataset_free(&d);
  strcpy(text + start + 1024, "x\n");
  REFUSE(text, NULL, INK_E_LIMIT, 2, "column item");
}

TEST(test_file_shares_numbers) {
  hosted h;
  ink_dataset train, test;
  hosted_init(&h);
  CHECK_EQ(read_text(&h, &train, "user,item\na,x\nb,y\n", NULL, NULL), INK_OK);
  CHECK_EQ(read_text(&h, &test, "user,item\nb,z\na,y\n", NULL, &train), INK_OK);
  CHECK_EQ(test.users.n, 2);
  CHECK_EQ(test.items.n, 3);
  CHECK_EQ(test.item[0], 1);
  CHECK_EQ(test.item[1], 2);
  CHECK_EQ(train.items.n, 2);
  ink_dataset_free(&train);
  ink_dataset_free(&test);
  CHECK_EQ(h.memory.live, 0);
}

/* Times out of order, many ties: compared with a plain stable insertion sort. */
TEST(sorting_by_user_and_time) {
  enum { N = 400, USERS = 3 };
  static char text[N * 40];
  struct { int user, time, row; } rows[N];
  size_t n = (size_t)sprintf(text, "user,item,time\n");
  uint32_t state = 1;
  for (int i = 0; i < N; i++) {
    state = state * 1664525u + 1013904223u;
    rows[i].user = i < USERS ? i : (int)(state >> 20) % USERS;
    rows[i].time = (int)(state >> 8) % 20;
    rows[i].row = i;
    n += (size_t)sprintf(text + n, "u%d,i%d,%d\n", rows[i].user, i, rows[i].time);
  }
  for (int i = 1; i < N; i++)
    for (int j = i; j > 0 && (rows[j - 1].user > rows[j].user || (rows[j - 1].user == rows[j].user && rows[j - 1].time > rows[j].time)); j--) {
      const int u = rows[j].user, t = rows[j].time, r = rows[j].row;
      rows[j] = rows[j - 1];
      rows[j - 1].user = u;
      rows[j - 1].time = t;
      rows[j - 1].row = r;
    }
  hosted h;
  ink_dataset d;
  hosted_init(&h);
  CHECK_EQ(read_text(&h, &d, text, NULL, NULL), INK_OK);
  for (int i = 0; i < N; i++) {
    CHECK_EQ(d.row[i], rows[i].row);
    CHECK_EQ(d.item[i], rows[i].row);       /* item i is named in row i */
    CHECK_EQ(d.time[i], rows[i].time * 1000);
  }
  ink_dataset_free(&d);
  CHECK_EQ(h.memory.live, 0);
}

TEST(matrix_merges_and_transposes) {
  hosted h;
  ink_dataset d;
  ink_matrix m, t;
  hosted_init(&h);
  CHECK_EQ(read_text(&h, &d, "user,item,count\na,x,1\na,z,2\na,y,3\na,z,4\nb,z,5\n", NULL, NULL), INK_OK);
  CHECK_EQ(ink_dataset_matrix(&d, false, &h.env, &m), INK_OK);
  /* items are numbered x 0, z 1, y 2 */
  static const uint32_t COLS[] = { 0, 1, 2, 1 };
  static const float SUMS[] = { 1, 6, 3, 5 }, LASTS[] = { 1, 4, 3, 5 };
  CHECK_EQ(m.n_values, 4);
  CHECK(m.starts[0] == 0 && m.starts[1] == 3 && m.starts[2] == 4);
  CHECK(memcmp(m.cols, COLS, sizeof COLS) == 0 && memcmp(m.values, SUMS, sizeof SUMS) == 0);
  CHECK_EQ(ink_matrix_transpose(&m, &h.env, &t), INK_OK);
  CHECK(t.n_rows == 3 && t.n_cols == 2 && t.starts[1] == 1 && t.starts[2] == 3 && t.starts[3] == 4);
  CHECK(t.cols[1] == 0 && t.cols[2] == 1);
  CHECK_EQ_BITS(t.values[1], 6.0f);
  CHECK_EQ_BITS(t.values[2], 5.0f);
  ink_matrix_free(&m, &h.env.allocator);
  ink_matrix_free(&t, &h.env.allocator);
  CHECK_EQ(ink_dataset_matrix(&d, true, &h.env, &m), INK_OK);
  CHECK(memcmp(m.values, LASTS, sizeof LASTS) == 0);
  ink_matrix_free(&m, &h.env.allocator);
  ink_dataset_free(&d);
  CHECK_EQ(h.memory.live, 0);
}

TEST(weights_of_kinds) {
  hosted h;
  ink_dataset d, more;
  ink_matrix m;
  hosted_init(&h);
  const float liked = 3.0f;
  const ink_read_options options = { .liked_from = &liked, .kind_weights = "odd=-2.5,view=2" };
  CHECK_EQ(read_text(&h, &d, "user,item,kind,value\na,x,view,3\na,x,like,1\na,y,rating,2\na,z,rating,4\na,w,dislike,1\na,v,hide,1\n"
                             "a,t,odd,2\na,s,other,2\na,r,like,1\na,r,dislike,1\na,q,view,1e9\n", &options, NULL), INK_OK);
  CHECK_EQ(ink_dataset_weight_matrix(&d, &h.env, &m), INK_OK);
  static const float WANT[] = { 11, -1, 1, -5, -5, 2, 1e6f };     /* v (hidden) and r (taken back) are no observations */
  CHECK_EQ(m.n_values, 7);
  CHECK(memcmp(m.values, WANT, sizeof WANT) == 0);
  CHECK_EQ(m.starts[1], 7);
  CHECK_EQ(m.cols[4], 5);
  CHECK_EQ(m.cols[6], 8);
  ink_matrix_free(&m, &h.env.allocator);
  CHECK_EQ(read_text(&h, &more, "user,item,kind\nb,x,view\n", NULL, &d), INK_OK);
  CHECK_EQ_BITS(ink_event_weight(&more, 0), 2.0f);                /* inherited */
  CHECK_EQ_BITS(more.liked_from, 3.0f);
  ink_dataset_free(&more);
  ink_dataset_free(&d);
  static const char *const BAD[] = { "like", "like=", "=3", "like=x", "Like=3", "like=2e6", "like=3,,view=1", "like=nan" };
  for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
    CHECK_EQ(read_text(&h, &d, "user,item\na,x\n", &(ink_read_options){ .kind_weights = BAD[i] }, NULL), INK_E_SETTING);
    CHECK_EQ(h.fault.code, INK_E_SETTING);
  }
  CHECK_EQ(h.memory.live, 0);
}

/* Every request for memory refused in turn: always a clean INK_E_NO_MEMORY, never a leak. */
TEST(no_memory_is_clean) {
  const char *text = "user,item,rating,time,kind\na,x,1,5,view\na,z,2,4,like\nb,y,3,3,view\n";
  for (long fail = 1; fail < 200; fail++) {
    hosted h;
    ink_dataset d;
    hosted_init(&h);
    h.memory.fail_at = fail;
    const ink_status s = read_text(&h, &d, text, NULL, NULL);
    if (s == INK_OK) {
      CHECK(fail > 15);
      ink_dataset_free(&d);
      CHECK_EQ(h.memory.live, 0);
      return;
    }
    CHECK_EQ(s, INK_E_NO_MEMORY);
    CHECK_EQ(h.fault.code, INK_E_NO_MEMORY);
    CHECK_EQ(h.memory.live, 0);
  }
  CHECK(false);
}

static bool stop_at_once(void *ctx, const ink_progress *p) {
  (void)ctx;
  (void)p;
  return false;
}

TEST(progress_can_stop) {
  hosted h;
  ink_dataset d;
  hosted_init(&h);
  h.env.progress = stop_at_once;
  CHECK_EQ(read_text(&h, &d, "user,item\na,x\n", NULL, NULL), INK_E_STOPPED);
  CHECK_EQ(h.memory.live, 0);
}

/* Published counts of the visible data. */
TEST(real_files) {
  static const struct { const char *name; uint32_t format, users, items; uint64_t events; } FILES[] = {
    { "ml-100k/u.data", INK_FORMAT_AUTO, 943, 1682, 100000 },
    { "ml-latest-small/ratings.csv", INK_FORMAT_AUTO, 610, 9724, 100836 },
    { "gowalla/train.txt.gz", INK_FORMAT_AUTO, 29858, 40981, 810128 },
    { "s3rec-beauty/Beauty.txt.gz", INK_FORMAT_SEQUENCE, 22363, 12101, 198502 },
    { "yoochoose-100k/train_full.txt.gz", INK_FORMAT_AUTO, 17794, 2933, 70278 },
  };
  for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++) {
    FILE *file = hosted_open_data(FILES[i].name);
    if (file == NULL) return;
    hosted h;
    ink_dataset d;
    hosted_init(&h);
    ink_dataset_init(&d, &h.env.allocator);
    const ink_source source = { file, hosted_file_read, FILES[i].name, 0 };
    const ink_read_options options = { .format = FILES[i].format };
    CHECK_EQ(ink_dataset_read(&d, &source, &options, NULL, &h.env), INK_OK);
    CHECK_EQ(d.users.n, FILES[i].users);
    CHECK_EQ(d.items.n, FILES[i].items);
    CHECK_EQ(d.n_events, FILES[i].events);
    ink_dataset_free(&d);
    CHECK_EQ(h.memory.live, 0);
    hosted_close_data(file, FILES[i].name);
  }
}

TEST_MAIN(T(csv_with_header), T(columns_are_mapped_and_ranked), T(ratings_of_every_separator), T(pairs_without_values), T(lists),
          T(json_lines), T(latin1_on_request_only), T(refusals_name_line_and_column), T(refusals_of_json), T(id_length_border),
          T(test_file_shares_numbers), T(sorting_by_user_and_time), T(matrix_merges_and_transposes), T(weights_of_kinds),
          T(no_memory_is_clean), T(progress_can_stop), T(real_files))
