/*
 * append: rows in, by JSON or by one block (data.append).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "service/append_internal.h"
#include "service/noun_internal.h"
#include "wire/batch.h"
#include "wire/limits.h"

/* Rows of a source may be this far ahead of the vault's time. */
#define AHEAD (5 * VLT_MINUTE)

struct append *
append_new(size_t parts)
{
    struct append *append = calloc(1, sizeof *append);

    if (append == NULL) {
        return NULL;
    }
    append->part = calloc(parts, sizeof *append->part);
    append->rows = calloc(parts, sizeof *append->rows);
    append->stream = calloc(parts, sizeof *append->stream);
    append->batch.part = append->part;
    append->batch.parts = parts;
    if (append->part == NULL || append->rows == NULL ||
        append->stream == NULL) {
        append_free(append);
        return NULL;
    }
    return append;
}

void
append_free(struct append *append)
{
    if (append == NULL) {
        return;
    }
    for (size_t i = 0; i < append->batch.parts; i++) {
        if (append->rows != NULL) {
            vlt_rows_free(append->rows[i]);
        }
        if (append->stream != NULL) {
            stream_release(append->stream[i]);
        }
    }
    vlt_buf_free(&append->block);
    free(append->part);
    free(append->rows);
    free(append->stream);
    free(append);
}

void
append_clear(void *state)
{
    append_free(state);
}

void
append_set(struct append *append, size_t i, const struct stream *stream,
           struct vlt_rows *rows)
{
    append->stream[i] = stream_hold(stream);
    append->rows[i] = rows;
    append->part[i] = (struct series_part){ .stream = stream, .rows = rows };
}

/* ---- JSON ---- */

/* A stream by its name, for this caller: held, or refused. */
static enum vlt_status
find_stream(struct call *call, struct vlt_slice name, const char *at,
            const struct stream **out)
{
    const struct stream *stream;

    if (!noun_may_name(call, name)) {
        return VLT_E_DENIED;
    }
    stream = series_by_name(call->service->series, name);
    if (stream == NULL) {
        char text[VLT_NAME_MAX + 1];

        (void)snprintf(text, sizeof text, "%.*s", (int)name.len,
                       (const char *)name.at);
        return call_not_found(call, at, "stream", text);
    }
    *out = stream;
    return VLT_OK;
}

static enum vlt_status
read_part(struct call *call, struct vlt_batch *batch, size_t i)
{
    struct append *append = call->state;
    struct vlt_batch_column columns[SERIES_COLUMNS_MAX];
    struct vlt_batch_stream as = { .columns = columns };
    const struct stream *stream = NULL;
    struct vlt_rows *rows = NULL;
    char at[64];
    enum vlt_status st;

    (void)snprintf(at, sizeof at, "streams[%zu].stream", i);
    st = find_stream(call, vlt_batch_name(batch, i), at, &stream);
    if (st != VLT_OK) {
        return st;
    }
    for (size_t j = 0; j < stream->columns; j++) {
        columns[j].name = vlt_slice_text(stream->column[j].name);
        columns[j].field.id = stream->column[j].id;
        columns[j].field.type = (enum vlt_type)stream->column[j].type;
    }
    as.count = stream->columns;
    st = vlt_batch_rows(batch, i, &as, &rows);
    if (st == VLT_OK) {
        append_set(append, i, stream, rows);
    } else if (st == VLT_E_FORMAT) {
        st = call_refuse_at(call, batch->walk.at, "%s %s.", batch->walk.at,
                            batch->walk.says);
    }
    stream_release(stream);
    return st;
}

/* Every member was asked for by the batch reader: the walker of the envelope
 * is told so. */
static void
ask_all(struct vlt_walk *params)
{
    static const char *const names[] = { "idem", "seq", "boot", "streams",
                                         "block" };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)vlt_walk_any(params, names[i]);
    }
}

/* What a source's batch is known by, and whether it may bring one today. */
static enum vlt_status
check_source(struct call *call, struct append *append)
{
    const struct session *session =
        session_find(call->service, call->who.session);
    const struct source *source =
        identity_source_by_id(call->service->identity, call->who.id);

    if (source == NULL) {
        return VLT_E_DENIED;
    }
    append->batch.source = source->number;
    source_release(source);
    if (append->batch.seq == 0) {
        return call_refuse_at(call, "seq", "A source's batch needs a seq.");
    }
    call->fault.retry_ms =
        peer_day_ms(session->peer, service_boot(call->service));
    if (call->fault.retry_ms > 0) {
        return call_refuse(call, VLT_E_QUOTA,
                           "The source has pushed as much as it may in a day; "
                           "nothing was stored.");
    }
    return VLT_OK;
}

/* What stands beside the rows. */
static enum vlt_status
read_identity(struct call *call, const struct vlt_batch *batch)
{
    struct append *append;

    append = append_new(batch->count > 0 ? batch->count : 1);
    if (append == NULL) {
        return VLT_E_NOMEM;
    }
    call->state = append;
    append->batch.seq = batch->seq;
    memcpy(append->batch.boot, batch->boot, sizeof append->batch.boot);
    if (batch->has_idem) {
        call->has_idem = true;
        memcpy(call->idem, batch->idem, sizeof call->idem);
    }
    return call->who.role == ROLE_SOURCE ? check_source(call, append) : VLT_OK;
}

/* Rows that were scanned.  False: they are not to be had so, or there is
 * something to be said, which the message has to be read whole for. */
static bool
check_scanned(struct call *call, const struct vlt_json *params)
{
    struct vlt_batch batch;
    enum vlt_status st =
        vlt_batch_begin_scanned(params, &call->scan->rows, &batch);

    if (st == VLT_OK && batch.block.len == 0) {
        st = read_identity(call, &batch);
        for (size_t i = 0; st == VLT_OK && i < batch.count; i++) {
            st = read_part(call, &batch, i);
        }
        if (st == VLT_OK) {
            return true;
        }
    }
    append_free(call->state);
    call->state = NULL;
    call->has_idem = false;
    call->fault = (struct call_fault){ .code = 0 };
    return false;
}

static enum vlt_status
check_block(struct call *call, const struct vlt_batch *batch)
{
    const struct session *session =
        session_find(call->service, call->who.session);
    const struct stream *stream = NULL;
    enum vlt_status st = find_stream(call, batch->block, "block", &stream);

    if (st == VLT_OK && session->block_call != NULL) {
        st = call_refuse(call, VLT_E_CONFLICT,
                         "Another call waits for its block.");
    }
    if (st == VLT_OK) {
        append_set(call->state, 0, stream, NULL);
        call->wants_block = true;
    }
    stream_release(stream);
    return st;
}

static enum vlt_status
check_batch(struct call *call, const struct vlt_json *params)
{
    struct vlt_batch batch;
    enum vlt_status st = vlt_batch_begin(params, &batch);

    if (st != VLT_OK) {
        return call_refuse_at(call, batch.walk.at, "%s %s.", batch.walk.at,
                              batch.walk.says);
    }
    st = read_identity(call, &batch);
    if (st == VLT_OK && batch.block.len > 0) {
        return check_block(call, &batch);
    }
    for (size_t i = 0; st == VLT_OK && i < batch.count; i++) {
        st = read_part(call, &batch, i);
    }
    return st;
}

enum vlt_status
append_check(struct call *call, struct vlt_walk *params)
{
    const struct vlt_json *object = NULL;
    struct vlt_json *document = NULL;
    struct vlt_rpc rpc;
    enum vlt_status st;

    if (params != NULL) {
        ask_all(params);
        object = params->object;
    }
    if (call->scan == NULL) {
        return check_batch(call, object);
    }
    if (check_scanned(call, object)) {
        return VLT_OK;
    }
    st = vlt_rpc_decode(call->scan->text, &document, &rpc);
    if (st == VLT_OK) {
        st = check_batch(call, rpc.params);
        vlt_json_free(document);
    }
    return st;
}

/* ---- the commit ---- */

static enum vlt_status
in_window(const struct source *source, const struct append *append, int64_t now)
{
    int64_t first =
        source->window == INT64_MAX ? INT64_MIN : now - source->window;

    for (size_t i = 0; i < append->batch.parts; i++) {
        const struct vlt_rows *rows = append->rows[i];
        size_t count = vlt_rows_count(rows);
        const int64_t *times = vlt_rows_times(rows);

        for (size_t j = 0; j < count; j++) {
            if (times[j] < first || times[j] > now + AHEAD) {
                return VLT_E_LIMIT;
            }
        }
    }
    return VLT_OK;
}

enum vlt_status
append_may(struct turn *turn, const struct principal *who,
           const struct append *append)
{
    struct identity *identity = guard_service(turn)->identity;
    const struct source *source =
        identity_source_still(identity, who->id, who->token);
    enum vlt_status st = VLT_E_DENIED;
    int64_t now;

    if (source != NULL && source->state == IDENTITY_CONFIRMED) {
        st = guard_now(turn, &now);
    }
    for (size_t i = 0; st == VLT_OK && i < append->batch.parts; i++) {
        if (!source_covers(source, vlt_slice_text(append->stream[i]->name))) {
            st = VLT_E_DENIED;
        }
    }
    if (st == VLT_OK) {
        st = in_window(source, append, now);
    }
    source_release(source);
    return st;
}

/* Would it be taken for one that came before, though nobody knows that?  A boot
 * that gave way may be a writer's, which comes back to it. */
static bool
is_lost(struct series *series, const struct series_batch *batch)
{
    return series_below(series, batch->source, batch->boot, batch->seq) &&
           series_knows(series, batch->source, batch->boot, batch->seq);
}

enum vlt_status
append_commit(struct call *call, struct turn *turn)
{
    struct service *service = call->service;
    struct append *append = call->state;
    struct store_txn *txn;
    enum vlt_status st = guard_rows(turn, call);

    if (st == VLT_OK) {
        st = guard_txn(turn, &txn);
    }
    if (st != VLT_OK) {
        return st;
    }
    if (call->who.role == ROLE_SOURCE) {
        st = append_may(turn, &call->who, append);
        if (st == VLT_E_LIMIT) {
            return call_refuse_at(call, "streams",
                                  "A row's time is outside the source's "
                                  "window, or over 5 min ahead.");
        }
        if (st != VLT_OK) {
            return st;
        }
    }
    if (is_lost(service->series, &append->batch)) {
        return call_refuse(call, VLT_E_CONFLICT,
                           "seq lies over 64 below the highest of its boot: "
                           "nothing was stored now, and nobody can tell "
                           "whether it was before. A counter that began again "
                           "needs another boot.");
    }
    st = series_append(service->series, txn, &append->batch, &append->stored);
    if (st == VLT_E_CONFLICT) {
        return call_refuse(call, st, "Over %d rows at one time of a stream.",
                           SERIES_EQUAL_TIMES);
    }
    if (st != VLT_OK) {
        return st;
    }
    struct vlt_json_out json = call_result(call);

    vlt_put_uint(&json, "accepted", append->stored.rows);
    vlt_put_uint(&json, "duplicates", append->stored.equal);
    vlt_put_uint(&json, "late", append->stored.late);
    vlt_put_bool(&json, "duplicate", append->stored.duplicate);
    vlt_put_end(&json);
    return VLT_OK;
}

/* Rows are counted whether whoever sent them is still there or not. */
static void
count_rows(const struct call *call)
{
    const struct append *append = call->state;
    struct peer *peer = map_get(call->service->peers, call->who.id);

    if (call->who.role == ROLE_SOURCE && peer != NULL) {
        peer_note_count(peer, append->stored.rows + append->stored.equal,
                        service_boot(call->service));
    }
}

void
append_done(struct call *call, enum vlt_status st)
{
    if (st == VLT_OK) {
        count_rows(call);
        call_answer(call);
    } else {
        call_fail(call, st);
    }
}
