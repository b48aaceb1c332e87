#include "import/import.h"

#include <stdlib.h>
#include <string.h>

#include "base/name.h"
#include "import/kinds.h"

struct import {
    const struct kind *kind;
    struct kind_env env;
    struct import_sink sink; /* the caller's, behind the counting */
    void *parser;
    uint64_t bytes;
    uint64_t rows;
    enum vlt_status st; /* of the first failure */
};

/* Rows pass through here, so that they are counted in one place. */
static enum vlt_status
on_row(void *ctx, const struct import_row *row)
{
    struct import *import = ctx;

    if (import->rows == IMPORT_ROWS) {
        return VLT_E_LIMIT;
    }
    import->rows++;
    return import->sink.row(import->sink.ctx, row);
}

static enum vlt_status
on_fault(void *ctx, const struct import_fault *fault)
{
    struct import *import = ctx;

    return import->sink.fault(import->sink.ctx, fault);
}

static const struct kind *
find(const char *name)
{
    for (const struct kind *one = kinds; one->name != NULL; one++) {
        if (strcmp(one->name, name) == 0) {
            return one;
        }
    }
    return NULL;
}

const char *
import_guess(struct vlt_slice head)
{
    if (head.len > IMPORT_HEAD) {
        head.len = IMPORT_HEAD;
    }
    for (const struct kind *one = kinds; one->name != NULL; one++) {
        if (one->looks(head)) {
            return one->name;
        }
    }
    return NULL;
}

enum vlt_status
import_new(const char *kind, const struct import_options *options,
           const struct import_sink *sink, struct import **out)
{
    const struct kind *found = find(kind);
    struct import *import;
    enum vlt_status st;

    if (found == NULL) {
        return VLT_E_NOT_FOUND;
    }
    if (options->stream != NULL &&
        !vlt_name_valid(vlt_slice_text(options->stream))) {
        return VLT_E_FORMAT;
    }
    import = calloc(1, sizeof *import);
    if (import == NULL) {
        return VLT_E_NOMEM;
    }
    import->kind = found;
    import->sink = *sink;
    import->env.options = *options;
    import->env.sink = (struct import_sink){ import, on_row, on_fault };
    st = found->begin(&import->env, &import->parser);
    if (st != VLT_OK) {
        free(import);
        return st;
    }
    *out = import;
    return VLT_OK;
}

void
import_free(struct import *import)
{
    if (import != NULL) {
        import->kind->free(import->parser);
        free(import);
    }
}

enum vlt_status
import_feed(struct import *import, struct vlt_slice piece)
{
    if (import->st != VLT_OK) {
        return import->st;
    }
    if (piece.len > IMPORT_BYTES - import->bytes) {
        import->st = VLT_E_LIMIT;
        return import->st;
    }
    import->bytes += piece.len;
    import->st = import->kind->feed(import->parser, piece);
    return import->st;
}

enum vlt_status
import_end(struct import *import)
{
    if (import->st == VLT_OK) {
        import->st = import->kind->end(import->parser);
    }
    return import->st;
}
