/*
 * writer_send: a writer's blocks on their way: which may go, what an answer
 * does to them, and when one goes again.
 */
#include "base/id.h"
#include "client/writer.h"
#include "client/writer_internal.h"
#include "crypto/random.h"
#include "json/json_write.h"

/* Is the same block, sent again, a way out? */
static bool
passes(enum vault_status status)
{
    switch (status) {
    case VAULT_E_NOMEM:
    case VAULT_E_RATE:
    case VAULT_E_BUSY:
    case VAULT_E_LOCKED:
    case VAULT_E_STORAGE:
    case VAULT_E_UNKNOWN:
    case VAULT_E_INTERNAL:
    case VAULT_E_CONNECT:
    case VAULT_E_TIMEOUT:
        return true;
    case VAULT_OK:
    case VAULT_E_USAGE:
    case VAULT_E_PARAMS:
    case VAULT_E_NOT_FOUND:
    case VAULT_E_DENIED:
    case VAULT_E_PENDING:
    case VAULT_E_ENDED:
    case VAULT_E_SCOPE:
    case VAULT_E_REAUTH:
    case VAULT_E_CONFLICT:
    case VAULT_E_IDENTITY:
    case VAULT_E_AUTH:
    case VAULT_E_PROTOCOL:
    case VAULT_E_FILE:
        return false;
    }
    return false;
}

static void
wait_a_while(struct vault_writer *writer)
{
    writer->again_ms = vlt_client_now_ms() +
                       vlt_client_backoff(writer->client, writer->failures++);
}

static void
on_answer(void *ctx, struct vault_client *client,
          const struct vlt_answer *answer)
{
    struct writer_block *block = ctx;
    struct vault_writer *writer = block->writer;

    (void)client;
    block->sent = false;
    writer->sent--;
    if (answer->rpc == NULL) {
        return; /* broken: the next session sends it again */
    }
    if (passes(answer->status)) {
        wait_a_while(writer);
        return;
    }
    int64_t first = block->first;
    int64_t last = block->last;
    size_t rows = block->rows;

    writer->failures = 0;
    vlt_writer_take_out(writer, block);
    if (answer->status == VAULT_OK) {
        writer->pending -= rows;
        writer->stored += rows;
    } else {
        vlt_writer_lose(writer, answer->status, first, last, rows);
    }
}

/* The request that announces a block. */
static void
put_params(const struct vault_writer *writer, const struct writer_block *block,
           struct vlt_buf *out)
{
    struct vlt_json_out put = vlt_json_out(out);

    vlt_put_object(&put, NULL);
    vlt_put_uint(&put, "seq", block->seq);
    vlt_put_hex(&put, "boot", writer->boot, sizeof writer->boot);
    vlt_put_text(&put, "block", writer->stream);
    vlt_put_end(&put);
}

static enum vault_status
send_block(struct vault_writer *writer, struct writer_block *block)
{
    struct vault_client *client = writer->client;
    struct vlt_frame frame = { .kind = VLT_FRAME_APPEND,
                               .flags = VLT_FRAME_FINAL,
                               .seq = 1,
                               .block = vlt_buf_slice(&block->bytes) };
    struct vlt_buf params = { 0 };
    struct vlt_buf message = { 0 };
    int64_t id = 0;
    enum vault_status status = VAULT_E_NOMEM;

    put_params(writer, block, &params);
    if (!vlt_buf_failed(&params)) {
        status = vlt_call_begin(client, "data.append", vlt_buf_slice(&params),
                                on_answer, block, &id);
    }
    if (status == VAULT_OK) {
        block->sent = true;
        writer->sent++;
        frame.ref = (uint64_t)id;
        status = vlt_frame_encode(&frame, &message) == VLT_OK
                     ? vlt_client_send(client, VLT_WS_BINARY,
                                       vlt_buf_slice(&message))
                     : VAULT_E_NOMEM;
        if (status != VAULT_OK) {
            /* Half is gone: only another session makes it whole. */
            vlt_client_break(client, VAULT_E_CONNECT);
        }
    }
    vlt_buf_free(&params);
    vlt_buf_free(&message);
    return status;
}

void
vlt_writer_send(struct vault_writer *writer)
{
    struct writer_block *block = writer->blocks;
    struct vault_client *client = writer->client;

    if (writer->let_go || client->state != VAULT_READY ||
        vlt_client_now_ms() < writer->again_ms) {
        return;
    }
    while (block != NULL && writer->sent < WRITER_WINDOW) {
        struct writer_block *next = block->next;

        if (!block->sent && send_block(writer, block) != VAULT_OK) {
            /* As many calls are under way as may be. */
            writer->again_ms = vlt_client_now_ms() + WRITER_BUSY_MS;
            return;
        }
        block = next;
    }
}

void
vlt_writer_step_all(struct vault_client *client)
{
    int64_t now = vlt_client_now_ms();

    for (struct vault_writer *at = client->writers; at != NULL; at = at->next) {
        bool due = !at->let_go && vlt_rows_count(at->rows) > 0 &&
                   (at->flush || now - at->since_ms >= at->batch_ms);

        /* Without memory it is tried again by the next step. */
        if (!due || vlt_writer_pack(at) == VAULT_OK) {
            vlt_writer_send(at);
        }
    }
}

int64_t
vlt_writer_due(const struct vault_client *client)
{
    int64_t due = INT64_MAX;

    if (client->state != VAULT_READY) {
        return due; /* READY is a step by itself */
    }
    for (const struct vault_writer *at = client->writers; at != NULL;
         at = at->next) {
        if (at->let_go) {
            continue;
        }
        if (vlt_rows_count(at->rows) > 0 && at->since_ms + at->batch_ms < due) {
            due = at->since_ms + at->batch_ms;
        }
        if (at->sent == 0 && at->blocks != NULL && at->again_ms < due) {
            due = at->again_ms;
        }
    }
    return due;
}

/* One look at how far it is, and a wait of at most so long. */
static enum vault_status
flush_some(struct vault_writer *writer, int left)
{
    struct vault_client *client = writer->client;
    enum vault_status status;

    vlt_writer_step_all(client);
    if (left == 0) {
        return vlt_client_fault(client, VAULT_E_TIMEOUT,
                                "%zu rows are not stored yet", writer->pending);
    }
    status = vlt_client_poll(client, left);
    if (status != VAULT_OK) {
        return status;
    }
    if (writer->let_go) {
        return vlt_client_fault(client, VAULT_E_USAGE,
                                "the writer was freed meanwhile");
    }
    return client->state != VAULT_IDLE
               ? VAULT_OK
               : vlt_client_fault(client, VAULT_E_CONNECT, "not connected");
}

enum vault_status
vault_writer_flush_wait(struct vault_writer *writer, int timeout_ms)
{
    struct vault_client *client = writer->client;
    int64_t deadline = vlt_client_until(timeout_ms);
    enum vault_status status = VAULT_OK;

    writer->flush = true;
    writer->held++;
    while (status == VAULT_OK && writer->pending > 0) {
        status = flush_some(writer, vlt_client_left(deadline));
    }
    writer->flush = false;
    writer->held--;
    if (client->depth == 0) {
        vlt_writer_sweep(client);
    }
    return status;
}
