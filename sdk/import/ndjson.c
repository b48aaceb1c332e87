#include "import/ndjson_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "import/fault.h"
#include "import/timefmt.h"
#include "json/json.h"

bool
ndjson_looks(struct vlt_slice head)
{
    size_t i = 0;

    if (head.len >= 3 && memcmp(head.at, "\xef\xbb\xbf", 3) == 0) {
        i = 3;
    }
    while (i < head.len && (head.at[i] == ' ' || head.at[i] == '\t' ||
                            head.at[i] == '\r' || head.at[i] == '\n')) {
        i++;
    }
    return i < head.len && head.at[i] == '{';
}

enum vlt_status
ndjson_begin(const struct kind_env *env, void **out)
{
    struct ndjson *file = calloc(1, sizeof *file);

    if (file == NULL) {
        return VLT_E_NOMEM;
    }
    file->env = env;
    framer_init(&file->framer, 0, NDJSON_LINE);
    *out = file;
    return VLT_OK;
}

void
ndjson_free(void *parser)
{
    struct ndjson *file = parser;

    framer_fini(&file->framer);
    vlt_buf_free(&file->texts);
    free(file);
}

struct import_fault
ndjson_fault(const struct framed *framed, enum import_reason reason)
{
    struct import_fault fault = {
        .reason = reason,
        .place = { framed->line, framed->byte, framed->len },
        .byte = framed->byte,
        .raw = framed->raw,
    };

    if (fault.raw.len > IMPORT_RAW) {
        fault.raw.len = IMPORT_RAW;
    }
    return fault;
}

enum vlt_status
ndjson_give_fault(const struct ndjson *file, const struct import_fault *fault)
{
    return file->env->sink.fault(file->env->sink.ctx, fault);
}

static enum vlt_status
refuse(const struct ndjson *file, const struct framed *framed,
       enum import_reason reason, const char *says)
{
    struct import_fault fault = ndjson_fault(framed, reason);

    fault_says(&fault, "%s", says);
    return ndjson_give_fault(file, &fault);
}

static enum vlt_status
take_header(struct ndjson *file, const struct vlt_json *json,
            const struct framed *framed)
{
    if (vlt_json_int_of(vlt_json_get(json, "vault_export")) != 1) {
        return refuse(file, framed, IMPORT_SYNTAX,
                      "it is an export of another version than 1");
    }
    file->export = NDJSON_OPEN;
    return VLT_OK;
}

static enum vlt_status
take_trailer(struct ndjson *file, const struct vlt_json *json,
             const struct framed *framed)
{
    int64_t lines = vlt_json_int_of(vlt_json_get(json, "lines"));

    file->export = NDJSON_DONE;
    if (lines < 0 || (uint64_t)lines != file->lines - 1) {
        return refuse(file, framed, IMPORT_SYNTAX,
                      "the export has not as many lines as it says");
    }
    return VLT_OK;
}

static enum vlt_status
take_object(struct ndjson *file, const struct vlt_json *json,
            const struct framed *framed)
{
    file->lines++;
    if (file->export == NDJSON_DONE) {
        return refuse(file, framed, IMPORT_SYNTAX,
                      "it stands behind the last line of an export");
    }
    if (file->lines == 1 && vlt_json_get(json, "vault_export") != NULL) {
        return take_header(file, json, framed);
    }
    if (file->export == NDJSON_OPEN &&
        vlt_json_get(json, "vault_export_end") != NULL) {
        return take_trailer(file, json, framed);
    }
    if (vlt_json_get(json, "series") != NULL) {
        return refuse(file, framed, IMPORT_SYNTAX,
                      "it is one object of `data query --json`; what `data "
                      "query --ndjson` writes is read back");
    }
    return ndjson_take_row(file, json, framed);
}

/* What jansson or our limits say, with its place in the file. */
static enum vlt_status
refuse_json(struct ndjson *file, const struct framed *framed,
            const struct vlt_json_fault *why, enum vlt_status st)
{
    struct import_fault fault = ndjson_fault(framed, IMPORT_SYNTAX);

    file->lines++;
    if (st == VLT_E_LIMIT) {
        fault.reason = IMPORT_DEPTH;
        fault_says(&fault, "it is nested over %d deep", NDJSON_DEPTH);
    } else if (!vlt_utf8_valid(framed->raw)) {
        fault.reason = IMPORT_ENCODING;
        fault_says(&fault, "it is not UTF-8");
    } else {
        fault.byte += why->byte;
        fault_says(&fault, "%s", why->says);
    }
    return ndjson_give_fault(file, &fault);
}

static bool
blank(struct vlt_slice text)
{
    return timefmt_trim(text).len == 0;
}

static enum vlt_status
on_framed(struct ndjson *file, const struct framed *framed)
{
    struct vlt_json_fault why = { 0 };
    struct vlt_json *json = NULL;
    struct vlt_slice text = framed->raw;
    enum vlt_status st;

    if (framed->byte == 0 && text.len >= 3 &&
        memcmp(text.at, "\xef\xbb\xbf", 3) == 0) {
        text = vlt_slice_of(text.at + 3, text.len - 3);
    }
    if (blank(text)) {
        return VLT_OK;
    }
    if (framed->too_long) {
        file->lines++;
        return refuse(file, framed, IMPORT_SIZE,
                      "the line is over 2,097,152 bytes");
    }
    st = vlt_json_parse(text, NDJSON_LINE, NDJSON_DEPTH, &why, &json);
    if (st == VLT_E_FORMAT || st == VLT_E_LIMIT) {
        return refuse_json(file, framed, &why, st);
    }
    if (st == VLT_OK) {
        st = take_object(file, json, framed);
    }
    vlt_json_free(json);
    return st;
}

enum vlt_status
ndjson_feed(void *parser, struct vlt_slice piece)
{
    struct ndjson *file = parser;
    struct framed framed;
    enum vlt_status st = VLT_OK;

    while (st == VLT_OK && framer_next(&file->framer, &piece, &framed)) {
        st = on_framed(file, &framed);
    }
    return st == VLT_OK ? vlt_buf_status(&file->framer.raw) : st;
}

enum vlt_status
ndjson_end(void *parser)
{
    struct ndjson *file = parser;
    struct framed framed;
    enum vlt_status st = VLT_OK;

    if (framer_last(&file->framer, &framed)) {
        st = on_framed(file, &framed);
    }
    if (st == VLT_OK && file->export == NDJSON_OPEN) {
        framed = (struct framed){ .line = file->framer.next_line,
                                  .byte = file->framer.next_byte };
        st = refuse(file, &framed, IMPORT_SYNTAX,
                    "the export's last line is missing");
    }
    return st;
}
