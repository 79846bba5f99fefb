/* import_pickle.c - the stack machine of pickles, see import_pickle.h. */
#include "import_pickle.h"

#include <string.h>

#include "caps.h"
#include "utf8.h"

typedef struct machine {
  cli_pickle *p;
  const uint8_t *at, *end;
  const uint8_t *op;                        /* the opcode being done, for refusals */
  uint32_t *stack, n_stack, cap_stack;
  uint32_t *marks, n_marks, cap_marks;
  uint32_t *memo, n_memo, cap_memo;         /* node + 1; 0 = empty */
  bool stopped;
} machine;

static int refuse(const machine *m, const char *what) {
  return cli_bad_input("DATA_SYNTAX", m->p->file->path, "byte %zu: %s (a pickle of protocol 2 to 5 is read as data)",
                       (size_t)(m->op - m->p->file->bytes), what);
}

/* ------------------------------------------------------------------ storage */

/* Makes room for one more; false without memory. */
static bool grow(cli_memory *memory, uint32_t **list, uint32_t n, uint32_t *cap) {
  if (n < *cap) return true;
  const uint32_t wanted = *cap < 8 ? 16 : *cap * 2;
  uint32_t *more = wanted > *cap ? cli_resize(memory, *list, (size_t)wanted * sizeof **list) : NULL;
  if (more == NULL) return false;
  *list = more;
  *cap = wanted;
  return true;
}

static int push(machine *m, uint32_t node) {
  if (!grow(m->p->c->memory, &m->stack, m->n_stack, &m->cap_stack)) return cli_no_memory();
  m->stack[m->n_stack++] = node;
  return CLI_DONE;
}

static int new_node(cli_pickle *p, cli_pickle_node node, uint32_t *number) {
  if (p->n == p->cap) {
    const uint32_t cap = p->cap == 0 ? 256 : p->cap * 2;
    cli_pickle_node *nodes = cap > p->cap ? cli_resize(p->c->memory, p->nodes, (size_t)cap * sizeof *nodes) : NULL;
    if (nodes == NULL) return cli_no_memory();
    p->nodes = nodes;
    p->cap = cap;
  }
  *number = p->n;
  p->nodes[p->n++] = node;
  return CLI_DONE;
}

static int push_new(machine *m, cli_pickle_node node) {
  uint32_t number = 0;
  const int code = new_node(m->p, node, &number);
  return code == CLI_DONE ? push(m, number) : code;
}

static int add_child(machine *m, uint32_t parent, uint32_t child) {
  cli_pickle_node *node = &m->p->nodes[parent];
  if (!grow(m->p->c->memory, &node->children, node->n, &node->cap)) return cli_no_memory();
  node->children[node->n++] = child;
  return CLI_DONE;
}

/* The nodes from the last mark (or only the top one) up; false when the stack does not go so deep. */
static bool pop(machine *m, uint32_t *node) {
  const uint32_t floor = m->n_marks > 0 ? m->marks[m->n_marks - 1] : 0;
  if (m->n_stack <= floor) return false;
  *node = m->stack[--m->n_stack];
  return true;
}

static bool pop_mark(machine *m, uint32_t *first) {
  if (m->n_marks == 0) return false;
  *first = m->marks[--m->n_marks];
  return true;
}

/* ---------------------------------------------------------------- arguments */

/* n little-endian bytes; false at the end of the file. */
static bool take_whole(machine *m, uint32_t n, uint64_t *value) {
  if ((size_t)(m->end - m->at) < n) return false;
  *value = 0;
  for (uint32_t i = n; i-- > 0;) *value = *value << 8 | m->at[i];
  m->at += n;
  return true;
}

static bool take_bytes(machine *m, uint64_t n, const uint8_t **bytes) {
  if ((uint64_t)(m->end - m->at) < n) return false;
  *bytes = m->at;
  m->at += n;
  return true;
}

static bool take_line(machine *m, const uint8_t **bytes, size_t *n) {
  const uint8_t *newline = m->at < m->end ? memchr(m->at, '\n', (size_t)(m->end - m->at)) : NULL;
  if (newline == NULL) return false;
  *bytes = m->at;
  *n = (size_t)(newline - m->at);
  m->at = newline + 1;
  return true;
}

/* Bytes or text whose length stands in front, in `width` bytes. */
static int push_string(machine *m, cli_pickle_kind kind, uint32_t width) {
  cli_pickle_node node = { .kind = (uint8_t)kind };
  uint64_t n;
  if (!take_whole(m, width, &n) || !take_bytes(m, n, &node.is.text.bytes)) return refuse(m, "the file ends inside of a string");
  node.is.text.n = (size_t)n;
  if (kind == CLI_PICKLE_TEXT && (n > UINT32_MAX || !ink_utf8_valid((const char *)node.is.text.bytes, (uint32_t)n))) {
    return refuse(m, "a text that is not UTF-8");
  }
  return push_new(m, node);
}

/* Whole numbers of up to eight bytes, two's complement. */
static int push_whole(machine *m, uint32_t width, bool is_signed) {
  uint64_t bits;
  if (width > 8) return refuse(m, "a whole number of more than 64 bits");
  if (!take_whole(m, width, &bits)) return refuse(m, "the file ends inside of a number");
  if (is_signed && width > 0 && width < 8 && (bits >> (8 * width - 1)) != 0) bits |= ~(uint64_t)0 << (8 * width);
  return push_new(m, (cli_pickle_node){ .kind = CLI_PICKLE_WHOLE, .is.whole = (int64_t)bits });
}

static int push_long(machine *m, uint32_t width) {
  uint64_t n;
  if (!take_whole(m, width, &n)) return refuse(m, "the file ends inside of a number");
  return push_whole(m, n > 8 ? 9 : (uint32_t)n, true);
}

static int push_real(machine *m) {
  uint64_t bits = 0;
  double value;
  if (m->end - m->at < 8) return refuse(m, "the file ends inside of a number");
  for (uint32_t i = 0; i < 8; i++) bits = bits << 8 | *m->at++;
  memcpy(&value, &bits, sizeof value);
  return push_new(m, (cli_pickle_node){ .kind = CLI_PICKLE_REAL, .is.real = value });
}

/* --------------------------------------------------------------- containers */

static int push_marked(machine *m, cli_pickle_kind kind) {
  uint32_t first, number = 0;
  if (!pop_mark(m, &first)) return refuse(m, "no mark on the stack");
  const uint32_t end = m->n_stack;
  int code = new_node(m->p, (cli_pickle_node){ .kind = (uint8_t)kind }, &number);
  for (uint32_t i = first; i < end && code == CLI_DONE; i++) code = add_child(m, number, m->stack[i]);
  m->n_stack = first;
  return code == CLI_DONE ? push(m, number) : code;
}

static int push_tuple(machine *m, uint32_t n) {
  uint32_t number = 0, floor = m->n_marks > 0 ? m->marks[m->n_marks - 1] : 0;
  if (m->n_stack - floor < n) return refuse(m, "the stack is too short");
  int code = new_node(m->p, (cli_pickle_node){ .kind = CLI_PICKLE_LIST }, &number);
  for (uint32_t i = 0; i < n && code == CLI_DONE; i++) code = add_child(m, number, m->stack[m->n_stack - n + i]);
  m->n_stack -= n;
  return code == CLI_DONE ? push(m, number) : code;
}

/* Puts what lies above `first` into the container below it. */
static int put_into(machine *m, uint32_t first, bool pairs) {
  if (first == 0 || first > m->n_stack) return refuse(m, "the stack is too short");
  const uint32_t parent = m->stack[first - 1], kind = m->p->nodes[parent].kind;
  const bool fits = kind == CLI_PICKLE_CALL || kind == (pairs ? CLI_PICKLE_DICT : CLI_PICKLE_LIST);
  if (!fits || (pairs && (m->n_stack - first) % 2 != 0)) return refuse(m, "what is added does not suit the container");
  int code = CLI_DONE;
  for (uint32_t i = first; i < m->n_stack && code == CLI_DONE; i++) code = add_child(m, parent, m->stack[i]);
  m->n_stack = first;
  return code;
}

static int put_marked(machine *m, bool pairs) {
  uint32_t first;
  return pop_mark(m, &first) ? put_into(m, first, pairs) : refuse(m, "no mark on the stack");
}

static int put_top(machine *m, uint32_t n, bool pairs) {
  return m->n_stack > n ? put_into(m, m->n_stack - n, pairs) : refuse(m, "the stack is too short");
}

/* ------------------------------------------------------------------ objects */

static int push_global(machine *m, const uint8_t *module, size_t n_module, const uint8_t *name, size_t n_name) {
  uint8_t *text = cli_take(m->p->c->memory, n_module + n_name + 1, 1);
  if (text == NULL) return cli_no_memory();
  memcpy(text, module, n_module);
  text[n_module] = ' ';
  memcpy(text + n_module + 1, name, n_name);
  return push_new(m, (cli_pickle_node){ .kind = CLI_PICKLE_GLOBAL, .is.text = { text, n_module + n_name + 1 } });
}

static int named_by_lines(machine *m) {
  const uint8_t *module, *name;
  size_t n_module, n_name;
  if (!take_line(m, &module, &n_module) || !take_line(m, &name, &n_name)) return refuse(m, "the file ends inside of a name");
  return push_global(m, module, n_module, name, n_name);
}

static int named_by_stack(machine *m) {
  uint32_t name, module;
  if (!pop(m, &name) || !pop(m, &module)) return refuse(m, "the stack is too short");
  const cli_pickle_node *a = &m->p->nodes[module], *b = &m->p->nodes[name];
  if (a->kind != CLI_PICKLE_TEXT || b->kind != CLI_PICKLE_TEXT) return refuse(m, "a name that is no text");
  return push_global(m, a->is.text.bytes, a->is.text.n, b->is.text.bytes, b->is.text.n);
}

/* callee, arguments (, keywords: not looked at) -> an object, which is not made. */
static int push_call(machine *m, bool keywords) {
  uint32_t callee, arguments, ignored;
  if ((keywords && !pop(m, &ignored)) || !pop(m, &arguments) || !pop(m, &callee)) return refuse(m, "the stack is too short");
  return push_new(m, (cli_pickle_node){ .kind = CLI_PICKLE_CALL, .is.call = { callee, arguments, 0 } });
}

static int give_state(machine *m) {
  uint32_t state;
  if (!pop(m, &state) || m->n_stack == 0) return refuse(m, "the stack is too short");
  cli_pickle_node *object = &m->p->nodes[m->stack[m->n_stack - 1]];
  if (object->kind != CLI_PICKLE_CALL) return refuse(m, "a state for something that is no object");
  object->is.call.state = state;
  return CLI_DONE;
}

/* --------------------------------------------------------------------- memo */

static int remember(machine *m, uint64_t slot) {
  if (m->n_stack == 0) return refuse(m, "nothing to remember");
  if (slot > (uint64_t)(m->end - m->p->file->bytes)) return refuse(m, "a place in the memo that no pickle of this size needs");
  while (m->n_memo <= slot) {
    if (!grow(m->p->c->memory, &m->memo, m->n_memo, &m->cap_memo)) return cli_no_memory();
    m->memo[m->n_memo++] = 0;
  }
  m->memo[slot] = m->stack[m->n_stack - 1] + 1;
  return CLI_DONE;
}

static int remember_at(machine *m, uint32_t width) {
  uint64_t slot;
  return take_whole(m, width, &slot) ? remember(m, slot) : refuse(m, "the file ends inside of a number");
}

static int recall(machine *m, uint32_t width) {
  uint64_t slot;
  if (!take_whole(m, width, &slot)) return refuse(m, "the file ends inside of a number");
  if (slot >= m->n_memo || m->memo[slot] == 0) return refuse(m, "the memo has nothing there");
  return push(m, m->memo[slot] - 1);
}

/* ------------------------------------------------------------------ opcodes */

static int mark(machine *m) {
  if (!grow(m->p->c->memory, &m->marks, m->n_marks, &m->cap_marks)) return cli_no_memory();
  m->marks[m->n_marks++] = m->n_stack;
  return CLI_DONE;
}

static int skip(machine *m, uint32_t n) {
  uint64_t ignored;
  return take_whole(m, n, &ignored) ? CLI_DONE : refuse(m, "the file ends");
}

static int drop(machine *m) {
  uint32_t ignored;
  return pop(m, &ignored) ? CLI_DONE : refuse(m, "the stack is empty");
}

static int drop_marked(machine *m) {
  return pop_mark(m, &m->n_stack) ? CLI_DONE : refuse(m, "no mark on the stack");
}

static int stop(machine *m) {
  if (m->n_stack != 1 || m->n_marks != 0) return refuse(m, "the end leaves other than one object");
  m->stopped = true;
  return CLI_DONE;
}

static int scalar_op(machine *m, uint8_t op) {
  switch (op) {
    case 'N': return push(m, 0);
    case 0x88: case 0x89: return push_new(m, (cli_pickle_node){ .kind = CLI_PICKLE_WHOLE, .is.whole = op == 0x88 });
    case 'K': return push_whole(m, 1, false);
    case 'M': return push_whole(m, 2, false);
    case 'J': return push_whole(m, 4, true);
    case 0x8a: return push_long(m, 1);
    case 0x8b: return push_long(m, 4);
    case 'G': return push_real(m);
    case 'U': return push_string(m, CLI_PICKLE_BYTES, 1);
    case 'T': return push_string(m, CLI_PICKLE_BYTES, 4);
    case 'C': return push_string(m, CLI_PICKLE_BYTES, 1);
    case 'B': return push_string(m, CLI_PICKLE_BYTES, 4);
    case 0x8e: case 0x96: return push_string(m, CLI_PICKLE_BYTES, 8);
    case 0x8c: return push_string(m, CLI_PICKLE_TEXT, 1);
    case 'X': return push_string(m, CLI_PICKLE_TEXT, 4);
    case 0x8d: return push_string(m, CLI_PICKLE_TEXT, 8);
    default: return refuse(m, "an instruction that is not read here");
  }
}

static int container_op(machine *m, uint8_t op) {
  switch (op) {
    case ']': case ')': case 0x8f: return push_new(m, (cli_pickle_node){ .kind = CLI_PICKLE_LIST });
    case '}': return push_new(m, (cli_pickle_node){ .kind = CLI_PICKLE_DICT });
    case 'l': case 't': case 0x91: return push_marked(m, CLI_PICKLE_LIST);
    case 'd': return push_marked(m, CLI_PICKLE_DICT);
    case 0x85: return push_tuple(m, 1);
    case 0x86: return push_tuple(m, 2);
    case 0x87: return push_tuple(m, 3);
    case 'a': return put_top(m, 1, false);
    case 'e': case 0x90: return put_marked(m, false);
    case 's': return put_top(m, 2, true);
    case 'u': return put_marked(m, true);
    default: return scalar_op(m, op);
  }
}

static int do_op(machine *m, uint8_t op) {
  switch (op) {
    case 0x80: return skip(m, 1);
    case 0x95: return skip(m, 8);
    case '.': return stop(m);
    case '(': return mark(m);
    case '0': return drop(m);
    case '1': return drop_marked(m);
    case '2': return m->n_stack > 0 ? push(m, m->stack[m->n_stack - 1]) : refuse(m, "the stack is empty");
    case 'c': return named_by_lines(m);
    case 0x93: return named_by_stack(m);
    case 'R': case 0x81: return push_call(m, false);
    case 0x92: return push_call(m, true);
    case 'b': return give_state(m);
    case 0x94: return remember(m, m->n_memo);
    case 'q': return remember_at(m, 1);
    case 'r': return remember_at(m, 4);
    case 'h': return recall(m, 1);
    case 'j': return recall(m, 4);
    default: return container_op(m, op);
  }
}

int cli_pickle_read(cli *c, const cli_file *file, cli_pickle *p) {
  *p = (cli_pickle){ .c = c, .file = file };
  machine m = { .p = p, .at = file->bytes, .end = file->bytes + file->n, .op = file->bytes };
  uint32_t none;
  int code = new_node(p, (cli_pickle_node){ .kind = CLI_PICKLE_NONE }, &none);
  while (code == CLI_DONE && !m.stopped) {
    m.op = m.at;
    if (m.at == m.end) code = refuse(&m, "the file ends before the pickle does");
    else if (p->n > INK_CAP_ITEMS * 16u) code = refuse(&m, "more than 268,435,456 objects");
    else code = do_op(&m, *m.at++);
  }
  cli_resize(c->memory, m.marks, 0);
  cli_resize(c->memory, m.memo, 0);
  if (code == CLI_DONE) p->root = m.stack[0];
  cli_resize(c->memory, m.stack, 0);
  return code;
}
