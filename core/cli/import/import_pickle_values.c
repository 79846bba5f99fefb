/* import_pickle_values.c - what objects of a pickle mean: attributes, numbers, NumPy's arrays; see import_pickle.h. */
#include "import_pickle.h"

#include <string.h>

static const cli_pickle_node *node_at(const cli_pickle *p, uint32_t node) { return &p->nodes[node]; }

static bool is_text(const cli_pickle *p, uint32_t node, const char *text) {
  const cli_pickle_node *n = node_at(p, node);
  return (n->kind == CLI_PICKLE_TEXT || n->kind == CLI_PICKLE_BYTES) && n->is.text.n == strlen(text) &&
      memcmp(n->is.text.bytes, text, n->is.text.n) == 0;
}

static uint32_t child(const cli_pickle *p, uint32_t node, uint32_t i) {
  const cli_pickle_node *n = node_at(p, node);
  return n->kind == CLI_PICKLE_LIST && i < n->n ? n->children[i] : 0;
}

/* The last pair of this key, as a dict would have it. */
static uint32_t in_pairs(const cli_pickle *p, const cli_pickle_node *n, const char *key) {
  for (uint32_t i = n->n & ~1u; i >= 2; i -= 2) {
    if (is_text(p, n->children[i - 2], key)) return n->children[i - 1];
  }
  return 0;
}

uint32_t cli_pickle_get(const cli_pickle *p, uint32_t node, const char *key) {
  const cli_pickle_node *n = node_at(p, node);
  if (n->kind == CLI_PICKLE_DICT) return in_pairs(p, n, key);
  if (n->kind != CLI_PICKLE_CALL) return 0;
  const cli_pickle_node *state = node_at(p, n->is.call.state);
  return state->kind == CLI_PICKLE_DICT ? in_pairs(p, state, key) : 0;
}

bool cli_pickle_is(const cli_pickle *p, uint32_t node, const char *package, const char *name) {
  const cli_pickle_node *n = node_at(p, node);
  if (n->kind == CLI_PICKLE_CALL) n = node_at(p, n->is.call.callee);
  const size_t n_package = strlen(package), n_name = strlen(name);
  if (n->kind != CLI_PICKLE_GLOBAL || n->is.text.n < n_package + n_name + 1) return false;
  const uint8_t *text = n->is.text.bytes, *end = text + n->is.text.n;
  return memcmp(text, package, n_package) == 0 && (text[n_package] == '.' || text[n_package] == ' ') &&
      memcmp(end - n_name, name, n_name) == 0 && end[-(ptrdiff_t)n_name - 1] == ' ';
}

ink_text cli_pickle_text(const cli_pickle *p, uint32_t node) {
  const cli_pickle_node *n = node_at(p, node);
  if (n->kind != CLI_PICKLE_TEXT) return (ink_text){ "", 0 };
  return (ink_text){ (const char *)n->is.text.bytes, (uint32_t)n->is.text.n };
}

/* ------------------------------------------------------------------- arrays */

/* numpy.dtype('f4', ...) with the state (3, '<', ...). */
static bool read_dtype(const cli_pickle *p, uint32_t node, char descr[24]) {
  const cli_pickle_node *n = node_at(p, node);
  if (!cli_pickle_is(p, node, "numpy", "dtype") || n->kind != CLI_PICKLE_CALL) return false;
  const ink_text type = cli_pickle_text(p, child(p, n->is.call.arguments, 0)), order = cli_pickle_text(p, child(p, n->is.call.state, 1));
  if (order.n != 1 || type.n < 1 || type.n > 8) return false;
  (void)snprintf(descr, 24, "%c%.*s", order.bytes[0], (int)type.n, type.bytes);
  return true;
}

static bool read_shape(const cli_pickle *p, uint32_t node, cli_npy *npy) {
  const cli_pickle_node *n = node_at(p, node);
  if (n->kind != CLI_PICKLE_LIST || n->n > CLI_NPY_RANK) return false;
  npy->rank = n->n;
  for (uint32_t i = 0; i < n->n; i++) {
    const cli_pickle_node *size = node_at(p, n->children[i]);
    if (size->kind != CLI_PICKLE_WHOLE || size->is.whole < 0) return false;
    npy->shape[i] = (uint64_t)size->is.whole;
  }
  return true;
}

/* Bytes as they stand, or bytearray(bytes). */
static bool read_data(const cli_pickle *p, uint32_t node, cli_npy *npy) {
  const cli_pickle_node *n = node_at(p, node);
  if (n->kind == CLI_PICKLE_CALL) n = node_at(p, child(p, n->is.call.arguments, 0));
  if (n->kind != CLI_PICKLE_BYTES) return false;
  npy->data = n->is.text.bytes;
  npy->data_bytes = n->is.text.n;
  return true;
}

/* _reconstruct(...) with the state (version, shape, dtype, by columns, bytes): protocols 2 to 4. */
static bool read_state(const cli_pickle *p, uint32_t state, cli_npy *npy) {
  const cli_pickle_node *order = node_at(p, child(p, state, 3));
  npy->by_columns = order->kind == CLI_PICKLE_WHOLE && order->is.whole != 0;
  return read_shape(p, child(p, state, 1), npy) && read_dtype(p, child(p, state, 2), npy->descr) && read_data(p, child(p, state, 4), npy);
}

/* _frombuffer(bytes, dtype, shape, 'C' or 'F'): protocol 5. */
static bool read_buffer(const cli_pickle *p, uint32_t arguments, cli_npy *npy) {
  npy->by_columns = is_text(p, child(p, arguments, 3), "F");
  return read_data(p, child(p, arguments, 0), npy) && read_dtype(p, child(p, arguments, 1), npy->descr) &&
      read_shape(p, child(p, arguments, 2), npy);
}

int cli_pickle_array(const cli_pickle *p, uint32_t node, const char *name, cli_npy *npy) {
  const cli_pickle_node *n = node_at(p, node);
  *npy = (cli_npy){ .path = p->file->path, .name = name };
  bool good = false;
  if (n->kind == CLI_PICKLE_CALL && cli_pickle_is(p, node, "numpy", "_reconstruct")) good = read_state(p, n->is.call.state, npy);
  if (n->kind == CLI_PICKLE_CALL && cli_pickle_is(p, node, "numpy", "_frombuffer")) good = read_buffer(p, n->is.call.arguments, npy);
  return good ? cli_npy_check(npy) : cli_bad_input("DATA_FORMAT", p->file->path, "%s: a NumPy array of plain numbers is expected there", name);
}

/* ------------------------------------------------------------------ numbers */

/* numpy.core.multiarray.scalar(dtype, bytes). */
static bool numpy_number(const cli_pickle *p, uint32_t arguments, double *value) {
  cli_npy npy = { .path = p->file->path, .name = "" };
  return read_dtype(p, child(p, arguments, 0), npy.descr) && read_data(p, child(p, arguments, 1), &npy) &&
      npy.data_bytes == (size_t)(npy.descr[2] - '0') && cli_npy_scalar(&npy, value);
}

bool cli_pickle_number(const cli_pickle *p, uint32_t node, double *value) {
  const cli_pickle_node *n = node_at(p, node);
  if (n->kind == CLI_PICKLE_WHOLE) *value = (double)n->is.whole;
  else if (n->kind == CLI_PICKLE_REAL) *value = n->is.real;
  else if (n->kind == CLI_PICKLE_CALL && cli_pickle_is(p, node, "numpy", "scalar")) return numpy_number(p, n->is.call.arguments, value);
  else return false;
  return true;
}
