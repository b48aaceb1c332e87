/*
 * ndjson_internal: one NDJSON file under way.
 */
#ifndef NDJSON_INTERNAL_H
#define NDJSON_INTERNAL_H

#include "base/buf.h"
#include "import/framer.h"
#include "import/ndjson.h"

struct vlt_json;

/* Where a file stands that may be an export. */
enum ndjson_export {
    NDJSON_UNKNOWN, /* nothing read yet */
    NDJSON_NONE,
    NDJSON_OPEN, /* its last line is to come */
    NDJSON_DONE,
};

struct ndjson {
    const struct kind_env *env;
    struct framer framer;
    enum ndjson_export export;
    uint64_t lines; /* with something on them */
    struct vlt_buf texts;
    struct import_cell cells[IMPORT_CELLS];
    size_t offsets[IMPORT_CELLS]; /* of json in texts; SIZE_MAX: not there */
    size_t count;
};

/* A fault of a whole line. */
struct import_fault ndjson_fault(const struct framed *framed,
                                 enum import_reason reason);

/* Hand it to the sink. */
VLT_MUST_USE enum vlt_status
ndjson_give_fault(const struct ndjson *file, const struct import_fault *fault);

/* Give the row of a line, an object, or what is wrong with it. */
VLT_MUST_USE enum vlt_status ndjson_take_row(struct ndjson *file,
                                             const struct vlt_json *json,
                                             const struct framed *framed);

#endif
