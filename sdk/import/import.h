/*
 * import: files to rows.
 *
 * A file is fed in pieces of any size; what can be understood is given to a
 * sink row by row, what cannot as faults with line and byte, and nothing is
 * dropped in silence.  Parsers are pure: they open no file,
 * follow nothing that a file names, and look at neither clock nor locale.
 *
 *     ndjson  one object a line (MAPPING.md)
 *     csv     RFC 4180, by a mapping (mapping.h)
 *
 * NDJSON, one line:
 *     {"stream","time","value"}               a row with the column `value`
 *     {"stream","time","values":{…}}          a row with these columns
 *     {"stream","time","id","rec":{…},"rev"}  a record; rev may be left out
 * each with "unit" and "category" where wanted; "stream" may be left out where
 * the options name one.  An export's first line, {"vault_export":1,…}, and its
 * last, {"vault_export_end":1,"lines":n,…}, are recognised: the version and
 * the number of lines between are checked, the hash is the caller's to check.
 *
 * Everything in a row or fault is borrowed for the call.  Threads: an import
 * belongs to one.
 */
#ifndef IMPORT_H
#define IMPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"
#include "base/status.h"

struct mapping;

enum {
    IMPORT_CELLS = 64,       /* columns of a stream */
    IMPORT_VALUE = 262144,   /* bytes of a text or json value */
    IMPORT_RAW = 65536,      /* bytes of a bad part that are kept */
    IMPORT_HEAD = 4096,      /* bytes by which a kind is told */
    IMPORT_FIELD = 80,       /* bytes of a field's name and the zero */
    IMPORT_SAYS = 160,       /* bytes of a sentence and the zero */
    IMPORT_ROWS = 100000000, /* rows of one import */
};

/* Bytes of one file. */
#define IMPORT_BYTES (UINT64_C(16) << 30)

enum import_type {
    IMPORT_F64,
    IMPORT_I64,
    IMPORT_BOOL,
    IMPORT_TEXT,
    IMPORT_JSON,
};

/* A part of the file: bytes [byte, byte + len), lines counted from 1 by their
 * line breaks, also those inside quotes. */
struct import_place {
    uint64_t line;
    uint64_t byte;
    uint64_t len;
};

struct import_cell {
    struct vlt_slice column; /* a valid name */
    enum import_type type;
    double real;           /* f64; finite */
    int64_t whole;         /* i64; bool: 0 or 1 */
    struct vlt_slice text; /* text: UTF-8; json: one JSON value */
};

/* One row.  An absent cell is not here; there is at least one. */
struct import_row {
    struct vlt_slice stream;   /* a valid name */
    int64_t time;              /* ns, within [VLT_TIME_MIN, VLT_TIME_MAX) */
    struct vlt_slice unit;     /* as the file spells it; empty: not said */
    struct vlt_slice category; /* likewise */
    const struct import_cell *cells;
    size_t count;  /* 1 to IMPORT_CELLS */
    bool gap_time; /* its local time did not exist and was moved */
    struct import_place place;
};

/* Why a part is not taken. */
enum import_reason {
    IMPORT_SYNTAX,
    IMPORT_WIDTH,
    IMPORT_ENCODING,
    IMPORT_DEPTH,
    IMPORT_SIZE,
    IMPORT_TYPE,
    IMPORT_RANGE,
    IMPORT_TIME,
    IMPORT_NAME,
};

struct import_fault {
    enum import_reason reason;
    struct import_place place; /* of the whole part, which is not taken */
    uint64_t byte;             /* where in the file it went wrong */
    char field[IMPORT_FIELD];  /* "" when it is no field's; printable */
    char says[IMPORT_SAYS];    /* printable */
    struct vlt_slice raw;      /* the part, cut at IMPORT_RAW */
};

/* "syntax", "width", … */
const char *import_reason_word(enum import_reason reason);

/* Append what is wrong, as a person reads it beside line and byte:
 * `field "temp": "21,5" is not a number`. */
void import_fault_print(const struct import_fault *fault, struct vlt_buf *out);

/* Where rows go, in the order of the file.  A status other than VLT_OK ends
 * the import, which returns it. */
struct import_sink {
    void *ctx;
    enum vlt_status (*row)(void *ctx, const struct import_row *row);
    enum vlt_status (*fault)(void *ctx, const struct import_fault *fault);
};

struct import_options {
    const struct mapping *mapping; /* of csv: borrowed; of ndjson NULL */
    const char *stream; /* ndjson: of rows that name none; NULL: they must */
};

struct import; /* one file under way */

/* The kind of a file by its first IMPORT_HEAD bytes (or all of it): "ndjson",
 * "csv" or NULL when it is neither.  Static. */
const char *import_guess(struct vlt_slice head);

/*
 * Begin.  The caller owns *out and frees it with import_free().
 * VLT_E_NOT_FOUND  no such kind
 * VLT_E_FORMAT     csv without a mapping, or a stream that is no name
 * VLT_E_NOMEM
 */
VLT_MUST_USE enum vlt_status import_new(const char *kind,
                                        const struct import_options *options,
                                        const struct import_sink *sink,
                                        struct import **out);

/* End it, whole or not.  NULL is allowed. */
void import_free(struct import *import);

/*
 * The next piece of the file, of any size.
 * VLT_E_FORMAT  the file as a whole cannot be read (a column that is neither
 *               mapped nor ignored, say); a fault was given that says why
 * VLT_E_LIMIT   more than IMPORT_BYTES or IMPORT_ROWS
 * VLT_E_NOMEM, or what the sink returned
 * After a failure it takes nothing more: it returns the same status again.
 */
VLT_MUST_USE enum vlt_status import_feed(struct import *import,
                                         struct vlt_slice piece);

/* The file ends here: its last line may lack a line break. */
VLT_MUST_USE enum vlt_status import_end(struct import *import);

#endif
