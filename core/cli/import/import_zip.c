/* import_zip.c - see import_zip.h. Reading order: little-endian fields, the end record, the directory, entries. */
#include "import_zip.h"

#include <string.h>
#include <zlib.h>

#define END_BYTES 22u
#define END64_BYTES 56u
#define LOCATOR_BYTES 20u
#define ENTRY_BYTES 46u
#define LOCAL_BYTES 30u
#define MAX_COMMENT 65535u
#define MAX_EXPANSION 1040u       /* deflate cannot pack more than about 1032 to 1 */

static uint32_t get16(const uint8_t *p) { return (uint32_t)p[0] | (uint32_t)p[1] << 8; }
static uint32_t get32(const uint8_t *p) { return get16(p) | get16(p + 2) << 16; }
static uint64_t get64(const uint8_t *p) { return get32(p) | (uint64_t)get32(p + 4) << 32; }

static int damaged(const cli_file *file, uint64_t at, const char *what) {
  return cli_bad_input("DATA_SYNTAX", file->path, "byte %llu: %s", (unsigned long long)at, what);
}

/* --------------------------------------------------------------- end record */

typedef struct directory { uint64_t at, bytes, n; } directory;

/* The end record may be followed by a comment, so it is looked for from the back. */
static bool find_end(const cli_file *file, size_t *at) {
  const size_t deepest = file->n > END_BYTES + MAX_COMMENT ? file->n - END_BYTES - MAX_COMMENT : 0;
  for (size_t i = file->n < END_BYTES ? 0 : file->n - END_BYTES + 1; i-- > deepest;) {
    const uint8_t *p = file->bytes + i;
    if (memcmp(p, "PK\5\6", 4) == 0 && get16(p + 20) == file->n - i - END_BYTES) { *at = i; return true; }
  }
  return false;
}

/* The larger record that stands before the end record in archives that need it. */
static int read_end64(const cli_file *file, size_t end, directory *d) {
  if (end < LOCATOR_BYTES || memcmp(file->bytes + end - LOCATOR_BYTES, "PK\6\7", 4) != 0) return CLI_DONE;
  const uint64_t at = get64(file->bytes + end - LOCATOR_BYTES + 8);
  if (at > end - LOCATOR_BYTES || end - LOCATOR_BYTES - at < END64_BYTES || memcmp(file->bytes + at, "PK\6\6", 4) != 0) {
    return damaged(file, end - LOCATOR_BYTES, "the zip64 locator points at nothing");
  }
  const uint8_t *p = file->bytes + at;
  *d = (directory){ .n = get64(p + 32), .bytes = get64(p + 40), .at = get64(p + 48) };
  return CLI_DONE;
}

static int read_end(const cli_file *file, directory *d) {
  size_t end;
  if (!find_end(file, &end)) return damaged(file, file->n, "a zip archive without its end record: the file is cut short");
  const uint8_t *p = file->bytes + end;
  *d = (directory){ .n = get16(p + 10), .bytes = get32(p + 12), .at = get32(p + 16) };
  if (get16(p + 4) != 0 && get16(p + 4) != 0xffff) return damaged(file, end, "an archive in several files is not read");
  const int code = read_end64(file, end, d);
  if (code != CLI_DONE) return code;
  if (d->at > end || d->bytes > end - d->at) return damaged(file, end, "the directory lies outside the file");
  return d->n <= d->bytes / ENTRY_BYTES ? CLI_DONE : damaged(file, end, "more entries than the directory has room for");
}

/* ---------------------------------------------------------------- directory */

/* zip64 sizes stand in an extra field, in a fixed order, only those that do not fit their place. */
static bool read_zip64(const uint8_t *extra, uint32_t n, cli_zip_entry *e) {
  for (uint32_t i = 0; i + 4 <= n; i += 4 + get16(extra + i + 2)) {
    const uint32_t bytes = get16(extra + i + 2);
    if (bytes > n - i - 4) return false;
    if (get16(extra + i) != 1) continue;
    uint64_t *const fields[] = { &e->unpacked, &e->packed, &e->local };
    uint32_t at = 0;
    for (uint32_t k = 0; k < 3; k++) {
      if (*fields[k] != UINT32_MAX) continue;
      if (at + 8 > bytes) return false;
      *fields[k] = get64(extra + i + 4 + at);
      at += 8;
    }
    return true;
  }
  return true;
}

static int read_entry(const cli_file *file, const directory *d, uint64_t *at, cli_zip_entry *e) {
  const uint8_t *p = file->bytes + d->at + *at;
  const uint64_t left = d->bytes - *at;
  if (left < ENTRY_BYTES || memcmp(p, "PK\1\2", 4) != 0) return damaged(file, d->at + *at, "an entry of the directory is expected here");
  const uint32_t name = get16(p + 28), extra = get16(p + 30), comment = get16(p + 32);
  const uint64_t whole = (uint64_t)ENTRY_BYTES + name + extra + comment;
  if (whole > left) return damaged(file, d->at + *at, "an entry reaches over the directory's end");
  *e = (cli_zip_entry){ .name = { (const char *)p + ENTRY_BYTES, name }, .method = get16(p + 10), .crc = get32(p + 16),
                        .packed = get32(p + 20), .unpacked = get32(p + 24), .local = get32(p + 42) };
  if ((get16(p + 8) & 1) != 0) return damaged(file, d->at + *at, "an encrypted entry is not read");
  if (!read_zip64(p + ENTRY_BYTES + name, extra, e)) return damaged(file, d->at + *at, "the extra field of an entry is damaged");
  *at += whole;
  return CLI_DONE;
}

int cli_zip_open(cli *c, const cli_file *file, cli_zip *zip) {
  directory d = { 0, 0, 0 };
  int code = read_end(file, &d);
  if (code != CLI_DONE) return code;
  *zip = (cli_zip){ file, cli_take(c->memory, (size_t)d.n + 1, sizeof(cli_zip_entry)), (uint32_t)d.n };
  if (zip->entries == NULL) return cli_no_memory();
  uint64_t at = 0;
  for (uint32_t i = 0; i < zip->n && code == CLI_DONE; i++) code = read_entry(file, &d, &at, &zip->entries[i]);
  return code;
}

const cli_zip_entry *cli_zip_find(const cli_zip *zip, const char *name) {
  for (uint32_t i = 0; i < zip->n; i++) {
    const ink_text have = zip->entries[i].name;
    if (have.n == strlen(name) && memcmp(have.bytes, name, have.n) == 0) return &zip->entries[i];
  }
  return NULL;
}

/* ------------------------------------------------------------------ entries */

/* Where the entry's bytes begin: behind its own header, whose name and extra field may differ from the directory's. */
static int find_data(const cli_file *file, const cli_zip_entry *e, const uint8_t **data) {
  if (e->local > file->n || file->n - e->local < LOCAL_BYTES || memcmp(file->bytes + e->local, "PK\3\4", 4) != 0) {
    return damaged(file, e->local, "the header of an entry is expected here");
  }
  const uint8_t *p = file->bytes + e->local;
  const uint64_t skip = (uint64_t)LOCAL_BYTES + get16(p + 26) + get16(p + 28), left = file->n - e->local;
  if (skip > left || e->packed > left - skip) return damaged(file, e->local, "an entry reaches over the end of the file");
  *data = p + skip;
  return CLI_DONE;
}

/* Exactly `unpacked` bytes must come out of exactly `packed`. zlib counts in 32 bits, so both go in pieces. */
static bool inflate_all(const uint8_t *packed, uint64_t n_packed, uint8_t *out, uint64_t n_out) {
  z_stream s = { 0 };
  if (inflateInit2(&s, -MAX_WBITS) != Z_OK) return false;
  uint64_t in_given = 0, out_given = 0;
  int result = Z_OK;
  while (result == Z_OK) {
    if (s.avail_in == 0 && in_given < n_packed) {
      s.next_in = (Bytef *)(uintptr_t)(packed + in_given);
      s.avail_in = n_packed - in_given < (1u << 30) ? (uInt)(n_packed - in_given) : 1u << 30;
      in_given += s.avail_in;
    }
    if (s.avail_out == 0 && out_given < n_out) {
      s.next_out = out + out_given;
      s.avail_out = n_out - out_given < (1u << 30) ? (uInt)(n_out - out_given) : 1u << 30;
      out_given += s.avail_out;
    }
    result = inflate(&s, Z_NO_FLUSH);
  }
  const bool whole = result == Z_STREAM_END && s.avail_in == 0 && s.avail_out == 0 && in_given == n_packed && out_given == n_out;
  (void)inflateEnd(&s);
  return whole;
}

static uint32_t checksum(const uint8_t *bytes, uint64_t n) {
  uLong crc = crc32(0, NULL, 0);
  for (uint64_t at = 0; at < n; at += 1u << 30) {
    crc = crc32(crc, bytes + at, n - at < (1u << 30) ? (uInt)(n - at) : 1u << 30);
  }
  return (uint32_t)crc;
}

static int unpack(cli *c, const cli_zip *zip, const cli_zip_entry *e, const uint8_t *data, const uint8_t **bytes) {
  if (e->unpacked > SIZE_MAX - 1 || e->unpacked / MAX_EXPANSION > e->packed) {
    return damaged(zip->file, e->local, "an entry says that it unpacks to more than its bytes can hold");
  }
  uint8_t *out = cli_take(c->memory, (size_t)e->unpacked + 1, 1);
  if (out == NULL) return cli_no_memory();
  if (!inflate_all(data, e->packed, out, e->unpacked)) return damaged(zip->file, e->local, "the packed bytes of an entry are damaged");
  *bytes = out;
  return CLI_DONE;
}

int cli_zip_read(cli *c, const cli_zip *zip, const cli_zip_entry *e, const uint8_t **bytes) {
  const uint8_t *data = NULL;
  int code = find_data(zip->file, e, &data);
  if (code != CLI_DONE) return code;
  if (e->method == 0) {
    if (e->packed != e->unpacked) return damaged(zip->file, e->local, "a stored entry with two lengths");
    *bytes = data;
  } else if (e->method == 8) {
    code = unpack(c, zip, e, data, bytes);
  } else {
    return damaged(zip->file, e->local, "an entry is packed by a method that is not read; allowed are stored and deflated");
  }
  if (code == CLI_DONE && checksum(*bytes, e->unpacked) != e->crc) code = damaged(zip->file, e->local, "the checksum of an entry is wrong");
  return code;
}
