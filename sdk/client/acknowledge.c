#include "client/acknowledge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/client_internal.h"
#include "client/reading.h"

enum { DEPTH = 4, WAIT_LEAST_MS = 1000 };

/* ---- what came ---- */

/* The id of the use or span that a detail names. */
static bool
read_id(struct vlt_slice detail, bool span, uint8_t out[VLT_ID_LEN])
{
    struct vlt_json *document = NULL;
    bool good = false;

    if (vlt_json_parse(detail, VLT_LIMIT_AUDIT_DETAIL, DEPTH, NULL,
                       &document) == VLT_OK) {
        good =
            vlt_ulid_parse(
                vlt_json_text_of(vlt_json_get(document, span ? "span" : "use")),
                out) == VLT_OK;
    }
    vlt_json_free(document);
    return good;
}

void
vlt_acks_entry(struct vault_client *client, struct vlt_reading *reading,
               struct vlt_slice detail)
{
    struct vlt_signing *signing = &reading->signing;
    bool span = reading->kind == VLT_FRAME_LIVE;
    uint8_t id[VLT_ID_LEN];

    if (!client->acks.wanted || !reading->has_grant ||
        !read_id(detail, span, id)) {
        return;
    }
    if (signing->begun && memcmp(signing->what.id, id, sizeof id) == 0) {
        return; /* a further page of the same use */
    }
    if (span) {
        vlt_acks_whole(client, reading);
    }
    signing->begun = true;
    signing->what = (struct vlt_ack){ .span = span };
    memcpy(signing->what.grant, reading->grant, sizeof reading->grant);
    memcpy(signing->what.id, id, sizeof id);
    vlt_sha256_begin(&signing->hash);
}

void
vlt_acks_page(struct vlt_reading *reading, uint64_t seq,
              struct vlt_slice message)
{
    struct vlt_signing *signing = &reading->signing;
    uint8_t digest[VLT_HASH_LEN];

    if (signing->begun) {
        vlt_sha256_of(message, digest);
        vlt_sha256_add(&signing->hash, vlt_slice_of(digest, sizeof digest));
        signing->what.last_seq = seq;
    }
}

/* ---- what is due ---- */

static void
drop(struct vlt_acks *acks, size_t i)
{
    acks->count--;
    memmove(&acks->due[i], &acks->due[i + 1],
            (acks->count - i) * sizeof acks->due[0]);
}

static void
add(struct vlt_acks *acks, const struct vlt_ack *what,
    const struct vlt_reading *of)
{
    if (acks->count == VLT_ACKS_DUE) {
        drop(acks, 0);
    }
    acks->due[acks->count++] = (struct vlt_ack_due){ .what = *what, .of = of };
}

/* Ends the digest.  False: there is nothing to sign for. */
static bool
finish(struct vlt_signing *signing, struct vlt_ack *out)
{
    bool some = signing->begun && signing->what.last_seq > 0;

    if (some) {
        *out = signing->what;
        vlt_sha256_end(&signing->hash, out->sha256);
    }
    signing->begun = false;
    return some;
}

/* Did the caller say that pages up to this are safe? */
static bool
released(const struct vlt_signing *signing, uint64_t seq)
{
    return !signing->held || signing->released >= seq;
}

void
vlt_acks_whole(struct vault_client *client, struct vlt_reading *reading)
{
    struct vlt_signing *signing = &reading->signing;
    struct vlt_ack what;

    if (finish(signing, &what)) {
        add(&client->acks, &what,
            released(signing, what.last_seq) ? NULL : reading);
    }
}

void
vlt_acks_release(struct vault_client *client, struct vlt_reading *reading,
                 uint64_t seq)
{
    struct vlt_acks *acks = &client->acks;

    reading->signing.released = seq;
    for (size_t i = 0; i < acks->count; i++) {
        if (acks->due[i].of == reading && acks->due[i].what.last_seq <= seq) {
            acks->due[i].of = NULL;
        }
    }
}

void
vlt_acks_forget(struct vault_client *client, const struct vlt_reading *reading)
{
    struct vlt_acks *acks = &client->acks;

    for (size_t i = acks->count; i-- > 0;) {
        if (acks->due[i].of == reading) {
            drop(acks, i);
        }
    }
}

/* ---- the end of a subscription ---- */

static void
on_unsubscribed(void *ctx, struct vault_client *client,
                const struct vlt_answer *answer)
{
    const struct vlt_ack *what = ctx;

    client->acks.closing--;
    if (answer->status == VAULT_OK && answer->rpc != NULL &&
        vlt_json_int_of(vlt_json_get(answer->rpc->result, "last_seq")) ==
            (int64_t)what->last_seq) {
        add(&client->acks, what, NULL);
    }
    free(ctx);
}

void
vlt_acks_unsubscribe(struct vault_client *client,
                     const struct vlt_reading *reading)
{
    struct vlt_signing last = reading->signing;
    struct vlt_ack what;
    struct vlt_ack *kept = NULL;
    char params[48];

    (void)snprintf(params, sizeof params, "{\"subscription\":%llu}",
                   (unsigned long long)reading->ref);
    if (finish(&last, &what) && released(&last, what.last_seq)) {
        kept = malloc(sizeof *kept); /* without memory it stays unsigned */
    }
    if (kept == NULL) {
        (void)vlt_call_begin(client, "data.unsubscribe", vlt_slice_text(params),
                             NULL, NULL, NULL);
        return;
    }
    *kept = what;
    if (vlt_call_begin(client, "data.unsubscribe", vlt_slice_text(params),
                       on_unsubscribed, kept, NULL) != VAULT_OK) {
        free(kept);
        return;
    }
    client->calls->drop = free;
    client->acks.closing++;
}

/* ---- sending ---- */

static size_t
first_due(const struct vlt_acks *acks)
{
    size_t i = 0;

    while (i < acks->count && acks->due[i].of != NULL) {
        i++;
    }
    return i;
}

/* What was sent is done with; it may have been dropped meanwhile. */
static void
drop_sent(struct vlt_acks *acks)
{
    for (size_t i = 0; i < acks->count; i++) {
        if (memcmp(acks->due[i].what.id, acks->sent.id, VLT_ID_LEN) == 0 &&
            memcmp(acks->due[i].what.sha256, acks->sent.sha256,
                   sizeof acks->sent.sha256) == 0) {
            drop(acks, i);
            return;
        }
    }
}

static void
on_taken(void *ctx, struct vault_client *client,
         const struct vlt_answer *answer)
{
    struct vlt_acks *acks = &client->acks;

    (void)ctx;
    acks->asked = false;
    if (answer->rpc == NULL) {
        return; /* broken: once more in the next session */
    }
    if (answer->status == VAULT_E_RATE || answer->status == VAULT_E_BUSY ||
        answer->status == VAULT_E_UNKNOWN) {
        int64_t wait =
            client->retry_ms > WAIT_LEAST_MS ? client->retry_ms : WAIT_LEAST_MS;

        acks->not_before = vlt_client_now_ms() + wait;
        return;
    }
    if (answer->status != VAULT_OK && acks->refused == VAULT_OK) {
        acks->refused = answer->status;
    }
    drop_sent(acks);
}

static enum vault_status
send_ack(struct vault_client *client, const struct vlt_ack *what)
{
    struct vlt_buf token = { 0 };
    struct vlt_buf params = { 0 };
    enum vault_status status = vlt_client_status(
        vlt_ack_sign(client->target.identity->signer, what, &token));

    vlt_buf_put_text(&params, "{\"ack\":\"");
    vlt_buf_put_slice(&params, vlt_buf_slice(&token));
    vlt_buf_put_text(&params, "\"}");
    if (status == VAULT_OK) {
        status = vlt_client_status(vlt_buf_status(&params));
    }
    if (status == VAULT_OK) {
        status = vlt_call_begin(client, "grant.ack", vlt_buf_slice(&params),
                                on_taken, NULL, NULL);
    }
    vlt_buf_free(&token);
    vlt_buf_free(&params);
    return status;
}

/* One call is left to the caller. */
static bool
may_send(const struct vault_client *client)
{
    return client->phase == PHASE_OPEN && client->state == VAULT_READY &&
           client->target.identity != NULL && !client->acks.asked &&
           client->calls_open + 1 < client->limits.calls &&
           vlt_client_now_ms() >= client->acks.not_before;
}

void
vlt_acks_step(struct vault_client *client)
{
    struct vlt_acks *acks = &client->acks;
    size_t i = first_due(acks);

    if (i == acks->count || !may_send(client)) {
        return;
    }
    acks->sent = acks->due[i].what;
    acks->not_before = 0;
    if (send_ack(client, &acks->sent) == VAULT_OK) {
        acks->asked = true;
    } else {
        drop(acks, i); /* no memory: it stays unsigned */
    }
}

int64_t
vlt_acks_moment(const struct vault_client *client)
{
    const struct vlt_acks *acks = &client->acks;

    return acks->not_before > 0 && first_due(acks) < acks->count
               ? acks->not_before
               : INT64_MAX;
}

static bool
is_open(const struct vlt_acks *acks)
{
    return acks->closing > 0 || first_due(acks) < acks->count;
}

enum vault_status
vault_acknowledge_wait(struct vault_client *client, int timeout_ms)
{
    struct vlt_acks *acks = &client->acks;
    int64_t deadline = vlt_client_until(timeout_ms);
    enum vault_status status = VAULT_OK;

    vlt_acks_step(client);
    while (status == VAULT_OK && is_open(acks)) {
        int left = vlt_client_left(deadline);

        if (client->state == VAULT_IDLE) {
            status = vlt_client_fault(client, VAULT_E_CONNECT, "not connected");
        } else if (left == 0) {
            status =
                vlt_client_fault(client, VAULT_E_TIMEOUT,
                                 "not acknowledged within %d ms", timeout_ms);
        } else {
            status = vlt_client_poll(client, left);
        }
    }
    if (status == VAULT_OK) {
        status = acks->refused;
        acks->refused = VAULT_OK;
    }
    return status;
}
