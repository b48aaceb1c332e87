/*
 * mapping: what the columns of a CSV file mean, written in YAML
 * (MAPPING.md).
 *
 *     format: csv                      csv
 *     delimiter: ","                   one ASCII character; \t is a tab
 *     encoding: utf-8                  utf-8, latin-1, windows-1252
 *     header: true                     or false with columns
 *     skip: 0                          rows passed over at the top, 0 to 1000
 *     columns: [a, b]                  instead of a header
 *     decimal: "."                     or ","
 *     missing: ["", "NA", "null"]      cells that hold no value
 *     time: {from, format, zone}       format: epoch-s, epoch-ms, rfc3339 or a
 *                                      pattern of timefmt.h
 *     streams: [{name, from, column, type, unit, category, split}]
 *     ignore: [a, b]
 *
 * Only `time` and `streams` are required.  column is `value`, type f64 where
 * they are not said.  {a..b} in name and from stands for the numbers from a to
 * b, the same in both; {01..12} keeps the zeros; in ignore it stands for as
 * many columns.  Entries of one name are columns of one stream; their unit and
 * category agree or are said once.  split makes a json list of the parts of a
 * cell; its type is json.
 *
 * Threads: a mapping may be read by several, freed by one.
 */
#ifndef MAPPING_H
#define MAPPING_H

#include "import/cells.h"
#include "import/import.h"
#include "import/timefmt.h"

enum {
    MAPPING_MAX = 65536,    /* bytes of YAML */
    MAPPING_STREAMS = 1000, /* after {a..b} */
    MAPPING_WORDS = 1024,   /* of any list */
    MAPPING_SKIP = 1000,
};

struct mapping_words {
    char **at; /* owned */
    size_t count;
};

struct mapping_column {
    char *from;   /* a column of the file */
    char *column; /* of the stream */
    enum import_type type;
    char *split; /* NULL: the cell is one value */
};

struct mapping_stream {
    char *name;
    char *unit;     /* "" when it is not said */
    char *category; /* likewise */
    struct mapping_column columns[IMPORT_CELLS];
    size_t count;
};

struct mapping_named {
    const char *name;
    enum import_type type;
};

/* What columns a stream has, where a file names the stream of each row. */
struct mapping_lookup {
    void *ctx;
    /* Put them to out; their number; 0: there is no such stream.  The names
     * are borrowed until the next call. */
    size_t (*columns)(void *ctx, struct vlt_slice stream,
                      struct mapping_named out[IMPORT_CELLS]);
};

struct mapping {
    uint8_t delimiter;
    enum cells_encoding encoding;
    bool header; /* else `columns` names them */
    int64_t skip;
    struct mapping_words columns;
    uint8_t decimal;
    struct mapping_words missing;
    char *time_from;
    char *time_pattern; /* NULL unless the format is one */
    struct zone *zone;  /* NULL where the file's times have offsets */
    struct timefmt time;
    struct mapping_stream **streams; /* owned, each too */
    size_t count;
    struct mapping_words ignore;
    bool partial; /* a file need not have all of the columns */
    bool named;   /* each row names its stream, which `lookup` knows */
    struct mapping_lookup lookup;
};

struct mapping_fault {
    int line, column; /* from 1 */
    char says[IMPORT_SAYS];
};

/*
 * Read a mapping.  zone is that of local times where the mapping names none
 * (vaultctl's --zone), or NULL.  The caller owns *out and frees it with
 * mapping_free().  Reads a file of the time zone database, nothing else.
 * VLT_E_FORMAT: *fault says where and why.
 */
VLT_MUST_USE enum vlt_status mapping_read(struct vlt_slice yaml,
                                          const char *zone,
                                          struct mapping_fault *fault,
                                          struct mapping **out);

/* What the header of a file without a mapping tells. */
enum mapping_header {
    MAPPING_STRANGE, /* nothing */
    MAPPING_ONE,     /* "time,…": columns of one stream, not named */
    MAPPING_MANY,    /* "stream,time,…": each row names its stream */
};

/* By the first bytes of a file: is it what `data query --csv` writes? */
enum mapping_header mapping_header_of(struct vlt_slice head);

/*
 * The mapping of a file of rows that name their stream, as `data query --csv`
 * writes those of several: columns `stream`, `time` (RFC 3339), and those of
 * all the streams by their own names.  A row has cells in columns of its own
 * stream only.  VLT_E_NOMEM.
 */
VLT_MUST_USE enum vlt_status
mapping_for_streams(const struct mapping_lookup *lookup, struct mapping **out);

/*
 * The mapping of a file that has a column `time` (RFC 3339) and the columns of
 * one stream by their own names, as `data query --csv` writes it: count names
 * with their types.  A file may have fewer of them, but no others.
 * VLT_E_FORMAT: the stream or a column has no valid name; VLT_E_LIMIT: more
 * than IMPORT_CELLS.
 */
VLT_MUST_USE enum vlt_status
mapping_for_stream(const char *stream, const struct mapping_named *columns,
                   size_t count, struct mapping **out);

/* NULL is allowed. */
void mapping_free(struct mapping *mapping);

#endif
