/* import_models.c - models that Python libraries pickle: gensim's word vectors, LightFM, Surprise. The pickle is read as
 * data (import_pickle.h); vectors of items, their biases and what folding needs are taken, people are left. */
#include "import_formats.h"
#include "import_pickle.h"
#include "import_sparse.h"

#include <math.h>
#include <string.h>

#include "caps.h"

typedef struct model {
  cli_vectors *v;
  cli_pickle p;
  uint32_t object;                /* the node of the model */
  ink_names own;                  /* ids that the file has; n = 0: none */
  const ink_names *ids;           /* that count */
} model;

static int refuse(const model *m, const char *what) { return cli_bad_input("DATA_FORMAT", m->p.file->path, "%s", what); }

/* ---------------------------------------------------------------------- ids */

static int add_id(model *m, uint32_t node, uint64_t at) {
  const ink_allocator allocator = cli_allocator(m->v->c->memory);
  const ink_text id = cli_pickle_text(&m->p, node);
  double number;
  char digits[24];
  uint32_t index;
  ink_text text = id;
  if (id.n == 0 && cli_pickle_number(&m->p, node, &number) && floor(number) == number && fabs(number) < 9e15) {
    text = (ink_text){ digits, (uint32_t)snprintf(digits, sizeof digits, "%.0f", number) };
  }
  if (text.n == 0) return cli_bad_input("DATA_SYNTAX", m->p.file->path, "item %llu: an id that is neither text nor a whole number", (unsigned long long)at);
  const uint32_t n = m->own.n;
  const ink_status status = ink_names_add(&m->own, &allocator, text, &index);
  if (status != INK_OK) return cli_refuse(m->v->c, status, m->p.file->path);
  return index == n ? CLI_DONE
                    : cli_bad_input("DATA_DUPLICATE", m->p.file->path, "item %llu: the id \"%.*s\" stands there twice", (unsigned long long)at,
                                    (int)(text.n < 64 ? text.n : 64), text.bytes);
}

static int ids_of_list(model *m, uint32_t list) {
  const cli_pickle_node *n = &m->p.nodes[list];
  if (n->kind != CLI_PICKLE_LIST) return refuse(m, "the list of ids lacks (index_to_key)");
  int code = CLI_DONE;
  for (uint32_t i = 0; i < n->n && code == CLI_DONE; i++) code = add_id(m, n->children[i], i);
  return code;
}

/* {id: row, ...} in the order of the rows, which is that of the dict where the library made both. */
static int ids_of_dict(model *m, uint32_t dict) {
  const cli_pickle_node *n = &m->p.nodes[dict];
  if (n->kind != CLI_PICKLE_DICT) return refuse(m, "the table of the items' ids lacks (trainset)");
  int code = CLI_DONE;
  for (uint32_t i = 0; i + 1 < n->n && code == CLI_DONE; i += 2) {
    double row;
    if (!cli_pickle_number(&m->p, n->children[i + 1], &row) || row != (double)(i / 2)) return refuse(m, "the items' ids are not in the order of the rows");
    code = add_id(m, n->children[i], i / 2);
  }
  return code;
}

/* ------------------------------------------------------------------- arrays */

static int matrix_of(const model *m, const char *attribute, cli_matrix *matrix) {
  cli_npy npy;
  const int code = cli_pickle_array(&m->p, cli_pickle_get(&m->p, m->object, attribute), attribute, &npy);
  return code == CLI_DONE ? cli_npy_matrix(&npy, matrix) : code;
}

/* One number an item, finite and within the cap. */
static int column_of(const model *m, const char *attribute, uint64_t n, float **out) {
  cli_npy npy;
  cli_matrix column;
  int code = cli_pickle_array(&m->p, cli_pickle_get(&m->p, m->object, attribute), attribute, &npy);
  if (code == CLI_DONE && (npy.rank != 1 || npy.shape[0] != n)) return refuse(m, "the biases are not one number an item");
  npy.rank = 2;
  npy.shape[1] = 1;
  if (code == CLI_DONE) code = cli_npy_matrix(&npy, &column);
  if (code != CLI_DONE) return code;
  *out = cli_take(m->v->c->memory, (size_t)n, sizeof **out);
  if (*out == NULL) return cli_no_memory();
  for (uint64_t i = 0; i < n; i++) {
    (*out)[i] = (float)cli_element(&column, i, 0);
    if (!(fabsf((*out)[i]) <= INK_CAP_MAGNITUDE)) return cli_bad_input("DATA_NUMBER", m->p.file->path, "%s, number %llu is not finite", attribute, (unsigned long long)i);
  }
  return CLI_DONE;
}

static int take_rows(model *m, const cli_matrix *matrix) {
  if (m->v->bias != NULL || m->v->fold != NULL) m->v->zero_rows = CLI_ZERO_KEEP;      /* rows stay beside what belongs to them */
  return cli_vectors_take_matrix(m->v, matrix, m->ids);
}

/* ------------------------------------------------------------------- gensim */

/* Large arrays stand in files of their own: MODEL.vectors.npy, MODEL.wv.vectors.npy. */
static int rows_beside(model *m, const char *suffix) {
  char path[4096];
  cli_file file;
  cli_npy npy;
  cli_matrix matrix;
  const int n = snprintf(path, sizeof path, "%s%s", m->p.file->path, suffix);
  if (n <= 0 || n >= (int)sizeof path) return refuse(m, "the path is too long");
  int code = cli_file_load(m->v->c->memory, path, SIZE_MAX / 2, &file);
  if (code == CLI_DONE) code = cli_npy_parse(path, "", file.bytes, file.n, &npy);
  if (code == CLI_DONE) code = cli_npy_matrix(&npy, &matrix);
  if (code == CLI_DONE) code = take_rows(m, &matrix);
  cli_file_close(&file);
  return code;
}

static int take_gensim(model *m) {
  const cli_pickle *p = &m->p;
  const uint32_t inner = cli_pickle_get(p, m->object, "wv");
  if (m->v->auto_scale) m->v->unit_length = true;
  if (inner != 0) m->object = inner;
  uint32_t keys = cli_pickle_get(p, m->object, "index_to_key");
  if (keys == 0) keys = cli_pickle_get(p, m->object, "index2word");        /* before gensim 4 */
  int code = ids_of_list(m, keys);
  if (code != CLI_DONE) return code;
  if (m->ids == NULL) m->ids = &m->own;
  if (cli_pickle_get(p, m->object, "vectors") == 0) return rows_beside(m, inner != 0 ? ".wv.vectors.npy" : ".vectors.npy");
  cli_matrix matrix;
  code = matrix_of(m, "vectors", &matrix);
  return code == CLI_DONE ? take_rows(m, &matrix) : code;
}

/* ------------------------------------------------------------------ LightFM */

/* Item row = sum of its features' rows (Kula 2015): rows and biases become those of the items. */
static int mix_features(model *m, const cli_sparse *s, const cli_matrix *features) {
  cli_vectors *v = m->v;
  float *mixed = cli_take(v->c->memory, (size_t)(s->n_rows * features->d) + 1, sizeof *mixed);
  float *bias = cli_take(v->c->memory, (size_t)s->n_rows + 1, sizeof *bias);
  if (mixed == NULL || bias == NULL) return cli_no_memory();
  for (uint64_t r = 0; r < s->n_rows; r++) {
    double sum = 0;
    for (uint64_t k = s->starts[r]; k < s->starts[r + 1]; k++) sum += (double)s->values[k] * (double)v->bias[s->cols[k]];
    bias[r] = (float)sum;
    for (uint64_t d = 0; d < features->d; d++) {
      sum = 0;
      for (uint64_t k = s->starts[r]; k < s->starts[r + 1]; k++) sum += (double)s->values[k] * cli_element(features, s->cols[k], d);
      mixed[r * features->d + d] = (float)sum;
    }
  }
  v->bias = bias;
  const cli_matrix rows = { .bytes = (const uint8_t *)mixed, .dtype = INK_DTYPE_F32, .n = s->n_rows, .d = features->d };
  return take_rows(m, &rows);
}

static int take_features(model *m, const cli_matrix *features) {
  cli_file file;
  cli_zip zip;
  cli_sparse s;
  int code = cli_file_load(m->v->c->memory, m->v->item_features, SIZE_MAX / 2, &file);
  if (code == CLI_DONE) code = cli_zip_open(m->v->c, &file, &zip);
  if (code == CLI_DONE && !cli_sparse_is_in(&zip)) {
    code = cli_bad_input("DATA_FORMAT", file.path, "a sparse matrix as scipy.sparse.save_npz writes it is expected");
  }
  if (code == CLI_DONE) code = cli_sparse_read(m->v->c, &zip, &s);
  if (code == CLI_DONE && s.n_cols != features->n) {
    code = cli_bad_input("DATA_FORMAT", file.path, "%llu features; the model has %llu", (unsigned long long)s.n_cols, (unsigned long long)features->n);
  }
  if (code == CLI_DONE) code = mix_features(m, &s, features);
  cli_file_close(&file);
  return code;
}

static int take_lightfm(model *m) {
  cli_matrix matrix;
  int code = matrix_of(m, "item_embeddings", &matrix);
  if (code == CLI_DONE) code = column_of(m, "item_biases", matrix.n, &m->v->bias);
  if (code != CLI_DONE) return code;
  const ink_text loss = cli_pickle_text(&m->p, cli_pickle_get(&m->p, m->object, "loss"));
  m->v->family = loss.n >= 4 && memcmp(loss.bytes, "warp", 4) == 0 ? "warp" : "bpr";
  return m->v->item_features != NULL ? take_features(m, &matrix) : take_rows(m, &matrix);
}

/* ----------------------------------------------------------------- Surprise */

/* SGD weighs its ridge by the number of ratings: lambda n on the vector; on the bias lambda times the mean number, as
 * a pack's ridge of the bias does not grow. */
static bool read_ridge(model *m, cli_rated *r) {
  const cli_pickle *p = &m->p;
  const uint32_t train = cli_pickle_get(p, m->object, "trainset"), scale = cli_pickle_get(p, train, "rating_scale");
  double low, high, mean, vector, bias, ratings, people;
  const cli_pickle_node *pair = &p->nodes[scale];
  if (pair->kind != CLI_PICKLE_LIST || pair->n != 2) return false;
  if (!cli_pickle_number(p, pair->children[0], &low) || !cli_pickle_number(p, pair->children[1], &high)) return false;
  if (!cli_pickle_number(p, cli_pickle_get(p, train, "_global_mean"), &mean)) return false;
  if (!cli_pickle_number(p, cli_pickle_get(p, m->object, "reg_pu"), &vector)) return false;
  if (!cli_pickle_number(p, cli_pickle_get(p, m->object, "reg_bu"), &bias)) return false;
  if (!cli_pickle_number(p, cli_pickle_get(p, train, "n_ratings"), &ratings) || !cli_pickle_number(p, cli_pickle_get(p, train, "n_users"), &people)) return false;
  *r = (cli_rated){ .is = true, .mean = mean, .lowest = low, .highest = high, .lambda = vector, .bias_lambda = people > 0 ? bias * ratings / people : bias };
  return low < high && fabs(mean) <= 1e6 && fabs(low) <= 1e6 && fabs(high) <= 1e6 && vector >= 0 && vector <= 1e6 && r->bias_lambda >= 0 && r->bias_lambda <= 1e9;
}

static int take_biased(model *m, bool has_bias) {
  cli_vectors *v = m->v;
  cli_matrix matrix;
  int code = matrix_of(m, "qi", &matrix);
  if (code == CLI_DONE && has_bias) code = column_of(m, "bi", matrix.n, &v->bias);
  if (code != CLI_DONE) return code;
  if (!has_bias) {                /* ratings are products alone: no mean, and a ridge that leaves no bias */
    v->rated.mean = 0;
    v->rated.bias_lambda = 1e9;
    v->bias = cli_take(v->c->memory, (size_t)matrix.n + 1, sizeof *v->bias);
    if (v->bias == NULL) return cli_no_memory();
    memset(v->bias, 0, ((size_t)matrix.n + 1) * sizeof *v->bias);
  }
  return take_rows(m, &matrix);
}

/* SVD++: the rows y_j that each rated item adds (Koren 2008). */
static int take_implicit_rows(model *m) {
  cli_vectors *v = m->v;
  cli_matrix matrix;
  const int code = matrix_of(m, "yj", &matrix);
  if (code != CLI_DONE) return code;
  if (matrix.n != v->n || matrix.d != v->d) return refuse(m, "yj has another shape than qi");
  v->fold = cli_take(v->c->memory, (size_t)v->n * v->d, sizeof *v->fold);
  if (v->fold == NULL) return cli_no_memory();
  for (size_t i = 0; i < (size_t)v->n * v->d; i++) {
    v->fold[i] = (float)cli_element(&matrix, i / v->d, i % v->d);
    if (!(fabsf(v->fold[i]) <= INK_CAP_MAGNITUDE)) return cli_bad_input("DATA_NUMBER", m->p.file->path, "yj, row %zu: a number that is not finite", i / v->d);
  }
  return CLI_DONE;
}

static int take_surprise(model *m, uint32_t algorithm) {
  const cli_pickle *p = &m->p;
  double biased = 1;
  m->object = algorithm;
  const bool svdpp = cli_pickle_is(p, algorithm, "surprise", "SVDpp"), nmf = cli_pickle_is(p, algorithm, "surprise", "NMF");
  if (!svdpp && !nmf && !cli_pickle_is(p, algorithm, "surprise", "SVD")) {
    return refuse(m, "of Surprise's algorithms SVD, SVDpp and NMF are read; neighbourhood models are made anew by `inkling train item-knn` or `slope-one`");
  }
  int code = ids_of_dict(m, cli_pickle_get(p, cli_pickle_get(p, algorithm, "trainset"), "_raw2inner_id_items"));
  if (code == CLI_DONE && !read_ridge(m, &m->v->rated)) code = refuse(m, "the training set's mean, scale and counts or the ridge lack");
  if (code != CLI_DONE) return code;
  if (m->ids == NULL) m->ids = &m->own;
  (void)cli_pickle_number(p, cli_pickle_get(p, algorithm, "biased"), &biased);
  m->v->family = svdpp ? "svdpp" : nmf ? "nmf" : "svd";
  code = take_biased(m, svdpp || biased != 0);
  return code == CLI_DONE && svdpp ? take_implicit_rows(m) : code;
}

/* ---------------------------------------------------------------------- all */

int cli_import_pickle(cli_vectors *v, const cli_file *file, const char *tensor, const ink_names *ids) {
  model m = { .v = v, .ids = ids };
  if (tensor != NULL) return cli_bad_input("DATA_FORMAT", file->path, "--tensor is for archives; the arrays of a known model are found by themselves");
  const int code = cli_pickle_read(v->c, file, &m.p);
  if (code != CLI_DONE) return code;
  m.object = m.p.root;
  const uint32_t algorithm = cli_pickle_get(&m.p, m.object, "algo");
  if (algorithm != 0) return take_surprise(&m, algorithm);
  if (cli_pickle_is(&m.p, m.object, "lightfm", "LightFM")) return take_lightfm(&m);
  if (cli_pickle_is(&m.p, m.object, "gensim", "KeyedVectors") || cli_pickle_is(&m.p, m.object, "gensim", "Word2Vec") ||
      cli_pickle_is(&m.p, m.object, "gensim", "Word2VecKeyedVectors")) return take_gensim(&m);
  return refuse(&m, "a pickle of something that is not known here (it was read as data, nothing in it was run); read are gensim's KeyedVectors and "
                    "Word2Vec, LightFM, and what surprise.dump writes; other arrays: save them with numpy.save or safetensors");
}
