/* import_zip.h - a zip archive that lies in memory: its directory, and one entry at a time, stored or
 * deflated, zip64 too. Every length and place is held against the file's; checksums are checked.
 * Format: PKWARE APPNOTE 6.3. No encryption, no other method, no archive in several files. */
#ifndef CLI_IMPORT_ZIP_H
#define CLI_IMPORT_ZIP_H

#include "cli.h"
#include "files.h"

typedef struct cli_zip_entry {
  ink_text name;                  /* borrowed from the file */
  uint32_t method;                /* 0 stored, 8 deflated */
  uint32_t crc;
  uint64_t packed, unpacked;      /* bytes */
  uint64_t local;                 /* where the entry's own header lies */
} cli_zip_entry;

typedef struct cli_zip {
  const cli_file *file;
  cli_zip_entry *entries;
  uint32_t n;
} cli_zip;

/* Reads the directory. Gives an exit code. */
int cli_zip_open(cli *c, const cli_file *file, cli_zip *zip);
/* The entry's bytes: inside the file when stored, else in the call's memory. */
int cli_zip_read(cli *c, const cli_zip *zip, const cli_zip_entry *entry, const uint8_t **bytes);
/* The entry of this name, or NULL. */
const cli_zip_entry *cli_zip_find(const cli_zip *zip, const char *name);

#endif
