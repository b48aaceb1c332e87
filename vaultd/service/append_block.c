/*
 * append_block: the block that follows a data.append (loop).
 */
#include "service/append_internal.h"
#include "wire/block.h"
#include "wire/limits.h"

/* Keep a copy, where the commit may store it.  Without memory for one the rows
 * are encoded. */
static void
keep_block(struct append *append, struct vlt_slice block)
{
    if (!series_keeps_block(append->rows[0], block.len)) {
        return;
    }
    vlt_buf_put_slice(&append->block, block);
    if (!vlt_buf_failed(&append->block)) {
        append->part[0].block = vlt_buf_slice(&append->block);
    }
}

static enum vlt_status
take_block(struct call *call, const struct vlt_frame *frame)
{
    struct append *append = call->state;
    const struct stream *stream = append->stream[0];
    struct vlt_field fields[SERIES_COLUMNS_MAX];
    struct vlt_schema schema = { .fields = fields, .count = stream->columns };
    struct vlt_rows *rows = NULL;
    const char *why = "";
    enum vlt_status st;

    if (frame->kind != VLT_FRAME_APPEND || frame->seq != 1 ||
        (frame->flags & VLT_FRAME_FINAL) == 0 ||
        call->id.kind != VLT_RPC_ID_INT ||
        frame->ref != (uint64_t)call->id.number) {
        return call_refuse_at(call, "block",
                              "The frame is not the one final block of this "
                              "request.");
    }
    for (size_t i = 0; i < stream->columns; i++) {
        fields[i].id = stream->column[i].id;
        fields[i].type = (enum vlt_type)stream->column[i].type;
    }
    st = vlt_block_decode(frame->block, VLT_BLOCK_WIRE, &schema, &why, &rows);
    if (st != VLT_OK) {
        return call_refuse_at(call, "block", "The block is refused: %s.", why);
    }
    append->rows[0] = rows;
    append->part[0].rows = rows;
    keep_block(append, frame->block);
    return VLT_OK;
}

/* Is it the block of a request that was refused?  Each is dropped once. */
static bool
is_blockless(struct session *session, uint64_t ref)
{
    unsigned kept = session->blockless_count < VLT_LIMIT_CALLS
                        ? session->blockless_count
                        : VLT_LIMIT_CALLS;

    for (unsigned i = 0; i < kept; i++) {
        if (session->blockless[i] == ref) {
            session->blockless[i] = UINT64_MAX; /* no request's id */
            return true;
        }
    }
    return false;
}

static bool
awaits(const struct call *call, uint64_t ref)
{
    return call != NULL && call->id.kind == VLT_RPC_ID_INT &&
           (uint64_t)call->id.number == ref;
}

void
service_block(struct service *service, uint64_t number,
              const struct vlt_frame *frame)
{
    const struct service_sink *sink = &service->config.sink;
    struct session *session = session_find(service, number);
    struct call *call;
    enum vlt_status st;

    if (session == NULL) {
        return;
    }
    call = session->block_call;
    if (!awaits(call, frame->ref) && is_blockless(session, frame->ref)) {
        return;
    }
    if (call == NULL) {
        sink->close(sink->ctx, number, VLT_CLOSE_POLICY,
                    "a block that no request announced", false);
        return;
    }
    session->block_call = NULL;
    if (session->who.role == ROLE_SOURCE) {
        peer_note_rows(session->peer, frame->block.len, service_boot(service));
    }
    st = take_block(call, frame);
    if (st != VLT_OK) {
        call_fail(call, st);
        return;
    }
    dispatch_start(service, call);
}
