#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/unit.h"
#include "vaultctl/streams.h"

static enum vlt_status
take_stream(struct streams *streams, const struct vlt_json *object)
{
    const struct vlt_json *columns = vlt_json_get(object, "columns");
    struct stream *stream =
        streams_add(streams, vlt_json_text_of(vlt_json_get(object, "name")));

    if (stream == NULL) {
        return VLT_E_NOMEM;
    }
    stream->exists = true;
    for (size_t i = 0; i < vlt_json_count(columns); i++) {
        const struct vlt_json *column = vlt_json_item(columns, i);
        struct vlt_slice type = vlt_json_text_of(vlt_json_get(column, "type"));
        int known = IMPORT_F64;

        while (
            known < IMPORT_JSON &&
            !vlt_slice_is(type, streams_type_word((enum import_type)known))) {
            known++;
        }
        enum vlt_status st = streams_widen(
            stream, vlt_json_text_of(vlt_json_get(column, "name")),
            (enum import_type)known);

        if (st != VLT_OK) {
            return st;
        }
    }
    return VLT_OK;
}

int
streams_load(struct run *run, struct streams *streams)
{
    char *cursor = NULL;
    int code;

    do {
        struct vlt_json_out *put = run_params(run, false);

        if (cursor != NULL) {
            vlt_put_text(put, "cursor", cursor);
        }
        free(cursor);
        cursor = NULL;
        code = run_ask(run, "stream.list");
        const struct vlt_json *all = vlt_json_get(run->result, "streams");
        const struct vlt_json *next = vlt_json_get(run->result, "cursor");

        for (size_t i = 0; code == RUN_DONE && i < vlt_json_count(all); i++) {
            if (take_stream(streams, vlt_json_item(all, i)) != VLT_OK) {
                code = run_says(run, RUN_FAILED, "out of memory");
            }
        }
        if (code == RUN_DONE && vlt_json_kind(next) == VLT_JSON_TEXT) {
            cursor = vlt_text_copy(vlt_json_text_of(next));
        }
    } while (cursor != NULL);
    return code;
}

int
streams_load_one(struct run *run, struct streams *streams, const char *name)
{
    vlt_put_text(run_params(run, false), "name", name);
    int code = run_ask(run, "stream.show");

    if (code == RUN_DONE &&
        take_stream(streams, vlt_json_get(run->result, "stream")) != VLT_OK) {
        code = run_says(run, RUN_FAILED, "out of memory");
    }
    return code;
}

void
streams_put_unit(struct run *run, struct vlt_json_out *put, const char *stream,
                 const char *unit)
{
    struct vlt_buf stored = { 0 };
    bool known = vlt_unit_put(&stored, vlt_slice_text(unit));

    vlt_put_slice(put, "unit", vlt_buf_slice(&stored));
    if (!known) {
        run_says(run, RUN_DONE,
                 "the unit \"%s\" of %s is none that is known here, so it is "
                 "kept as %.*s; known are UCUM, as Cel, kW.h or %%, and usual "
                 "spellings, as kWh",
                 unit, stream, (int)stored.len, (const char *)stored.at);
    }
    vlt_buf_free(&stored);
}

static int
make_one(struct run *run, const struct stream *stream)
{
    struct vlt_json_out *put = run_params(run, true);

    vlt_put_text(put, "name", stream->name);
    vlt_put_list(put, "columns");
    for (size_t i = 0; i < stream->count; i++) {
        vlt_put_object(put, NULL);
        vlt_put_text(put, "name", stream->columns[i].name);
        vlt_put_text(put, "type", streams_type_word(stream->columns[i].type));
        vlt_put_end(put);
    }
    vlt_put_end(put);
    if (stream->unit != NULL) {
        streams_put_unit(run, put, stream->name, stream->unit);
    }
    if (stream->category != NULL) {
        vlt_put_text(put, "category", stream->category);
    }
    enum vault_status status = run_try(run, "stream.create");

    if (status != VAULT_OK) {
        return run_says(run, run_code(status),
                        "the stream %s cannot be made: "
                        "%s",
                        stream->name, vault_client_detail(run->client));
    }
    return RUN_DONE;
}

int
streams_make(struct run *run, struct streams *streams, size_t *made)
{
    int code = RUN_DONE;

    for (size_t i = 0; i < streams->count && code == RUN_DONE; i++) {
        struct stream *stream = streams->at[i];

        if (stream->exists) {
            continue;
        }
        code = make_one(run, stream);
        stream->exists = code == RUN_DONE;
        *made += code == RUN_DONE ? 1 : 0;
    }
    return code;
}
