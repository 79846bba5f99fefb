/* import_pickle.h - a Python pickle read as inert data: what it builds is described, nothing of it is done.
 *
 * A pickle is a program for a stack machine whose calls can run anything. Here a call becomes a node that names what
 * would have been called and with which arguments; readers of known formats look for the few shapes that they know
 * (an object of class X with an array under "vectors") and refuse the rest. Protocols 2 to 5, as the pickle module's
 * documentation and PEP 3154 and 574 describe them; no persistent ids, no extension codes, no out-of-band buffers. */
#ifndef CLI_IMPORT_PICKLE_H
#define CLI_IMPORT_PICKLE_H

#include "files.h"
#include "import_npy.h"

typedef enum cli_pickle_kind {
  CLI_PICKLE_NONE, CLI_PICKLE_WHOLE,        /* booleans too */
  CLI_PICKLE_REAL, CLI_PICKLE_BYTES, CLI_PICKLE_TEXT,
  CLI_PICKLE_LIST,                          /* lists, tuples and sets */
  CLI_PICKLE_DICT,                          /* children: key, value, key, value ... */
  CLI_PICKLE_GLOBAL,                        /* text: "module name" */
  CLI_PICKLE_CALL                           /* an object: what would be called, and the state it would be given */
} cli_pickle_kind;

/* Nodes are named by number; 0 is None. */
typedef struct cli_pickle_node {
  uint8_t kind;
  uint32_t n, cap;                          /* children: of a list or dict, and what was put into an object */
  uint32_t *children;
  union {
    int64_t whole;
    double real;
    struct { const uint8_t *bytes; size_t n; } text;
    struct { uint32_t callee, arguments, state; } call;
  } is;
} cli_pickle_node;

typedef struct cli_pickle {
  cli *c;
  const cli_file *file;
  cli_pickle_node *nodes;
  uint32_t n, cap, root;
} cli_pickle;

/* Reads all of `file`. Gives an exit code; a refusal names the byte. */
int cli_pickle_read(cli *c, const cli_file *file, cli_pickle *p);

/* The node of `key` in a dict, or of the attribute in an object's state; 0 when there is none (or it is None). */
uint32_t cli_pickle_get(const cli_pickle *p, uint32_t node, const char *key);
/* Does `node` hold an object (or name a class) of this name, in whatever module of the package? */
bool cli_pickle_is(const cli_pickle *p, uint32_t node, const char *package, const char *name);
/* A text's bytes, or an empty text. */
ink_text cli_pickle_text(const cli_pickle *p, uint32_t node);
/* A plain or NumPy number; false when the node is something else. */
bool cli_pickle_number(const cli_pickle *p, uint32_t node, double *value);
/* The NumPy array that a node holds, as if it stood in a file of its own: shape and length are checked.
 * `name` is for refusals. Gives an exit code. */
int cli_pickle_array(const cli_pickle *p, uint32_t node, const char *name, cli_npy *npy);

#endif
