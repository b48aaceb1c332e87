#include <stdio.h>

#include "client/ask.h"
#include "client/client_internal.h"
#include "client/reading.h"

/* On the stack of the one that waits. */
struct query {
    struct vlt_wait wait;
    struct vlt_reading *reading; /* not begun yet: ours; else the client's */
    bool begun;
};

static void
on_end(void *owner, struct vault_client *client, enum vault_status status)
{
    struct query *query = owner;

    (void)client;
    query->wait.done = true;
    query->wait.status = status;
    query->reading = NULL;
}

static void
on_page(void *owner, struct vault_client *client, uint64_t seq)
{
    struct query *query = owner;

    (void)client;
    (void)seq;
    query->wait.moved = true;
}

static void
on_begun(void *ctx, struct vault_client *client,
         const struct vlt_answer *answer)
{
    struct query *query = ctx;
    enum vault_status status = answer->status;

    if (status == VAULT_OK) {
        query->begun = true;
        query->wait.moved = true;
        status = vlt_reading_begin(client, query->reading, (uint64_t)answer->id,
                                   answer);
    }
    if (status != VAULT_OK) {
        query->wait.done = true;
        query->wait.status = status;
    }
}

static enum vault_status
run(struct vault_client *client, struct query *query, struct vlt_slice params,
    int timeout_ms)
{
    int64_t id = 0;
    enum vault_status status =
        vlt_call_begin(client, "data.query", params, on_begun, query, &id);

    if (status != VAULT_OK) {
        return status;
    }
    status = vlt_client_wait(client, &query->wait, timeout_ms);
    if (!query->wait.done && !query->begun) {
        vlt_call_forget(client, id);
    }
    return status;
}

/* The parameters, and a reading to be begun.  Nothing is kept on failure. */
static enum vault_status
prepare(struct vault_client *client, const struct vault_query *ask,
        struct vlt_buf *params, struct vlt_reading **out)
{
    char says[VLT_ASK_SAYS];
    enum vlt_status st = vlt_ask_query(ask, params, says);

    if (st == VLT_E_FORMAT) {
        return vlt_client_fault(client, VAULT_E_USAGE, "%s", says);
    }
    if (client->state != VAULT_READY) {
        return vlt_client_fault(client, VAULT_E_CONNECT,
                                "not connected: wait until the client is "
                                "ready");
    }
    struct vlt_reading *reading =
        st == VLT_OK ? vlt_reading_new(VLT_FRAME_PAGE, ask->grant) : NULL;

    if (reading == NULL) {
        return vlt_client_fault(client, VAULT_E_NOMEM, "out of memory");
    }
    *out = reading;
    return VAULT_OK;
}

enum vault_status
vault_query_wait(struct vault_client *client, const struct vault_query *ask,
                 vault_page_fn *fn, void *ctx, int timeout_ms)
{
    struct vlt_buf params = { 0 };
    struct query query = { .begun = false };
    enum vault_status status = prepare(client, ask, &params, &query.reading);

    if (status != VAULT_OK) {
        vlt_buf_free(&params);
        return status;
    }
    query.reading->fn = fn;
    query.reading->ctx = ctx;
    query.reading->owner = &query;
    query.reading->on_page = on_page;
    query.reading->on_end = on_end;
    status = run(client, &query, vlt_buf_slice(&params), timeout_ms);
    vlt_buf_free(&params);
    if (query.reading != NULL && query.begun) {
        vlt_reading_forget(query.reading);
    } else {
        vlt_reading_free(query.reading);
    }
    return status;
}

/* ---- the event face: the reading is its own owner ---- */

static void
tell_end(void *owner, struct vault_client *client, enum vault_status status)
{
    struct vlt_reading *reading = owner;

    if (reading->end != NULL) {
        client->depth++;
        reading->end(reading->ctx, status);
        client->depth--;
    }
}

static void
on_event_begun(void *ctx, struct vault_client *client,
               const struct vlt_answer *answer)
{
    struct vlt_reading *reading = ctx;
    enum vault_status status = answer->status;

    if (answer->rpc == NULL || status != VAULT_OK) {
        tell_end(reading, client, status);
        vlt_reading_free(reading);
        return;
    }
    status = vlt_reading_begin(client, reading, (uint64_t)answer->id, answer);
    if (status != VAULT_OK) {
        vlt_reading_end(client, reading, status);
    }
}

static void
drop_reading(void *ctx)
{
    vlt_reading_free(ctx);
}

enum vault_status
vault_query_begin(struct vault_client *client, const struct vault_query *ask,
                  vault_page_fn *fn, vault_end_fn *end, void *ctx)
{
    struct vlt_buf params = { 0 };
    struct vlt_reading *reading = NULL;
    enum vault_status status = prepare(client, ask, &params, &reading);

    if (status == VAULT_OK) {
        reading->fn = fn;
        reading->end = end;
        reading->ctx = ctx;
        reading->owner = reading;
        reading->on_end = tell_end;
        status = vlt_call_begin(client, "data.query", vlt_buf_slice(&params),
                                on_event_begun, reading, NULL);
    }
    if (status == VAULT_OK) {
        client->calls->drop = drop_reading;
    } else {
        vlt_reading_free(reading);
    }
    vlt_buf_free(&params);
    return status;
}
