/* open_pack.c - see open_pack.h. */
#include "open_pack.h"

int cli_pack_open_file(cli *c, const char *path, cli_pack *pack) {
  size_t bytes;
  ink_status status = ink_pack_measure(pack->file.bytes, pack->file.n, &bytes, &c->fault);
  if (status == INK_OK) {
    void *memory = cli_take(c->memory, bytes, 1);
    if (memory == NULL) return cli_no_memory();
    status = ink_pack_open(pack->file.bytes, pack->file.n, memory, bytes, &pack->pack, &c->fault);
  }
  return status == INK_OK ? CLI_DONE : cli_refuse(c, status, path);
}

int cli_pack_open(cli *c, const char *path, cli_pack *pack) {
  *pack = (cli_pack){ .pack = NULL };
  const int code = cli_file_load(c->memory, path, SIZE_MAX / 2, &pack->file);
  return code == CLI_DONE ? cli_pack_open_file(c, path, pack) : code;
}

void cli_pack_close(cli_pack *pack) {
  cli_file_close(&pack->file);
  pack->pack = NULL;
}

int cli_engine_open(cli *c, const cli_pack *pack, const ink_limits *limits, ink_engine **engine) {
  size_t bytes;
  ink_status status = ink_engine_measure(pack->pack, limits, &bytes, &c->fault);
  if (status == INK_OK) {
    void *memory = cli_take(c->memory, bytes, 1);
    if (memory == NULL) return cli_no_memory();
    status = ink_engine_open(pack->pack, limits, c->kernels, memory, bytes, engine, &c->fault);
  }
  return status == INK_OK ? CLI_DONE : cli_refuse(c, status, pack->file.path);
}

static const char *family_at(const void *engine, uint32_t i) { return ink_engine_family_name(engine, i); }

int cli_find_model(cli *c, const cli_pack *pack, const ink_engine *engine, const char *name, uint32_t *family) {
  *family = name == NULL ? INK_NONE : ink_engine_family(engine, name);
  if (name == NULL || *family != INK_NONE) return CLI_DONE;
  const char *nearest = cli_nearest(name, family_at, engine);
  return cli_bad_words(c, "--model: %s has no model \"%s\"%s", pack->file.path, name, cli_did_you_mean(c, nearest));
}

ink_text cli_item_title(const ink_pack *pack, uint32_t item) {
  static const char *const columns[] = { "title", "name" };
  for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
    const uint32_t column = ink_pack_column(pack, cli_text(columns[i]));
    ink_text title;
    if (column != INK_NONE && ink_pack_text(pack, column, item, &title) == INK_OK && title.n > 0) return title;
  }
  return ink_pack_item_id(pack, item);
}

ink_text cli_metadata(const ink_pack *pack, const char *key) {
  ink_text value = { "", 0 };
  (void)ink_pack_metadata(pack, cli_text(key), &value);
  return value;
}

/* Width counts characters: bytes that do not continue one. */
void cli_print_text(FILE *out, ink_text text, uint32_t width) {
  uint32_t column = 0;
  for (uint32_t i = 0; i < text.n; i++) {
    const unsigned char b = (unsigned char)text.bytes[i];
    const bool c1 = b == 0xc2 && i + 1 < text.n && (unsigned char)text.bytes[i + 1] < 0xa0;
    if (c1) i++;
    fputc(b < 0x20 || b == 0x7f || c1 ? '?' : b, out);
    if ((b & 0xc0) != 0x80) column++;
  }
  for (; column < width; column++) fputc(' ', out);
}

void cli_print_size(FILE *out, uint64_t bytes) {
  static const char *const units[] = { "bytes", "KB", "MB", "GB", "TB" };
  double size = (double)bytes;
  uint32_t unit = 0;
  while (size >= 1000 && unit < 4) { size /= 1000; unit++; }
  fprintf(out, unit == 0 ? "%.0f %s" : "%.1f %s", size, units[unit]);
}
