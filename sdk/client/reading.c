#include "client/reading.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/id.h"
#include "client/ask.h"
#include "client/client_internal.h"
#include "client/page_json.h"
#include "client/subscription.h"
#include "client/view.h"
#include "wire/block.h"

struct vlt_reading *
vlt_reading_new(enum vlt_frame_kind kind, const char *grant)
{
    struct vlt_reading *reading = calloc(1, sizeof *reading);

    if (reading == NULL) {
        return NULL;
    }
    reading->kind = kind;
    /* What is no ULID the vault refuses by itself. */
    reading->has_grant =
        grant != NULL &&
        vlt_ulid_parse(vlt_slice_text(grant), reading->grant) == VLT_OK;
    return reading;
}

void
vlt_reading_free(struct vlt_reading *reading)
{
    if (reading == NULL) {
        return;
    }
    vlt_series_free(&reading->series);
    vlt_evidence_free(&reading->evidence);
    free(reading);
}

enum vault_status
vlt_reading_begin(struct vault_client *client, struct vlt_reading *reading,
                  uint64_t ref, const struct vlt_answer *answer)
{
    enum vlt_status st = vlt_series_add_all(
        &reading->series, vlt_json_get(answer->rpc->result, "series"));

    reading->ref = ref;
    reading->next = client->readings;
    client->readings = reading;
    if (st != VLT_OK) {
        return vlt_client_fault(client, vlt_client_status(st),
                                "the answer's series are malformed");
    }
    return vlt_evidence_keep(client, &reading->evidence, answer->rpc->audit);
}

void
vlt_reading_forget(struct vlt_reading *reading)
{
    reading->over = true;
    reading->fn = NULL;
    reading->owner = NULL;
    reading->on_rows = NULL;
    reading->on_page = NULL;
    reading->on_end = NULL;
}

void
vlt_reading_end(struct vault_client *client, struct vlt_reading *reading,
                enum vault_status status)
{
    vlt_over_fn *on_end = reading->on_end;
    void *owner = reading->owner;

    if (reading->over) {
        return;
    }
    vlt_reading_forget(reading);
    if (on_end != NULL) {
        on_end(owner, client, status);
    }
}

void
vlt_reading_sweep(struct vault_client *client)
{
    struct vlt_reading **at = &client->readings;

    while (*at != NULL) {
        struct vlt_reading *reading = *at;

        if (reading->over) {
            *at = reading->next;
            vlt_acks_forget(client, reading);
            vlt_reading_free(reading);
        } else {
            at = &reading->next;
        }
    }
    vlt_subscription_sweep(client);
}

/* ---- a page ---- */

/* A page that was decoded. */
struct came {
    uint64_t seq;
    unsigned flags; /* of the frame */
    const struct vlt_one_series *one;
    const struct vlt_rows *rows;
};

static unsigned
page_flags(unsigned flags)
{
    return ((flags & VLT_FRAME_FINAL) != 0 ? VAULT_PAGE_FINAL : 0) |
           ((flags & VLT_FRAME_LATE) != 0 ? VAULT_PAGE_LATE : 0) |
           ((flags & VLT_FRAME_GAP) != 0 ? VAULT_PAGE_GAP : 0);
}

/* Give it to the caller.  *wanted: the caller goes on. */
static enum vlt_status
show(struct vault_client *client, struct vlt_reading *reading,
     const struct came *came, bool *wanted)
{
    struct vlt_view view;
    enum vlt_status st = vlt_view_make(came->rows, came->one, &view);

    if (st == VLT_OK) {
        view.page.seq = reading->before + came->seq;
        view.page.flags = page_flags(came->flags);
        client->depth++;
        *wanted = reading->fn(reading->ctx, &view.page) == 0;
        client->depth--;
    }
    vlt_view_free(&view);
    return st;
}

/* The caller may take more. */
static void
give_credit(struct vault_client *client, struct vlt_reading *reading)
{
    char params[64];

    if (++reading->taken < VLT_ASK_CREDIT / 2) {
        return;
    }
    snprintf(params, sizeof params, "{\"ref\":%llu,\"pages\":%u}",
             (unsigned long long)reading->ref, reading->taken);
    /* Without it the answer stalls, and the deadline tells. */
    (void)vlt_call_notify(client, "flow.credit", vlt_slice_text(params));
    reading->taken = 0;
}

static void
deliver(struct vault_client *client, struct vlt_reading *reading,
        const struct came *came)
{
    bool wanted = true;

    reading->seq = came->seq;
    if (reading->on_rows != NULL) {
        reading->on_rows(reading->owner, came->rows);
    }
    enum vlt_status st = show(client, reading, came, &wanted);

    if (reading->over) {
        return;
    }
    if (st != VLT_OK) {
        vlt_reading_end(
            client, reading,
            vlt_client_fault(client, VAULT_E_NOMEM, "out of memory"));
        return;
    }
    if (!wanted || (came->flags & VLT_FRAME_FINAL) != 0) {
        if (reading->kind == VLT_FRAME_PAGE &&
            (came->flags & VLT_FRAME_FINAL) != 0) {
            vlt_acks_whole(client, reading);
        }
        vlt_client_clear(client);
        vlt_reading_end(client, reading,
                        wanted && reading->kind == VLT_FRAME_LIVE
                            ? VAULT_E_ENDED
                            : VAULT_OK);
        return;
    }
    give_credit(client, reading);
    if (reading->on_page != NULL) {
        reading->on_page(reading->owner, client, came->seq);
    }
}

static struct vlt_reading *
find(struct vault_client *client, enum vlt_frame_kind kind, uint64_t ref)
{
    struct vlt_reading *at = client->readings;

    while (at != NULL && (at->over || at->kind != kind || at->ref != ref)) {
        at = at->next;
    }
    return at;
}

/* ---- pages as blocks ---- */

static enum vault_status
decode(struct vault_client *client, const struct vlt_reading *reading,
       struct vlt_slice block, struct came *came, struct vlt_rows **rows)
{
    struct vlt_block_head head;
    struct vlt_field fields[VLT_COLUMNS_MAX];
    struct vlt_schema schema = { fields, 0 };
    const char *why = "its header is malformed";
    enum vlt_status st = vlt_block_peek(block, &why, &head);

    if (st == VLT_OK) {
        came->one = vlt_series_find(&reading->series, head.ordinal);
        if (came->one != NULL) {
            schema.count = vlt_series_fields(came->one, fields);
        } else if (head.rows > 0) {
            why = "its stream was not announced";
            st = VLT_E_FORMAT;
        }
    }
    if (st == VLT_OK) {
        st = vlt_block_decode(block, VLT_BLOCK_WIRE, &schema, &why, rows);
    }
    if (st != VLT_OK) {
        return vlt_client_fault(client, vlt_client_status(st),
                                "a page cannot be read: %s", why);
    }
    if (head.rows == 0) {
        came->one = NULL;
    }
    return VAULT_OK;
}

static enum vault_status
check_seq(struct vault_client *client, const struct vlt_reading *reading,
          uint64_t seq)
{
    return seq == reading->seq + 1
               ? VAULT_OK
               : vlt_client_fault(client, VAULT_E_PROTOCOL,
                                  "page %llu came behind page %llu",
                                  (unsigned long long)seq,
                                  (unsigned long long)reading->seq);
}

enum vault_status
vlt_reading_frame(struct vault_client *client, struct vlt_slice bytes)
{
    struct vlt_frame frame;
    struct vlt_rows *rows = NULL;
    struct vlt_reading *reading;

    if (vlt_frame_decode(bytes, &frame) != VLT_OK) {
        return vlt_client_fault(client, VAULT_E_PROTOCOL,
                                "a binary message is no block frame");
    }
    reading = find(client, frame.kind, frame.ref);
    if (reading == NULL) {
        return VAULT_OK;
    }
    struct came came = { .seq = frame.seq, .flags = frame.flags };
    enum vault_status status = check_seq(client, reading, frame.seq);

    if (status == VAULT_OK) {
        status = decode(client, reading, frame.block, &came, &rows);
    }
    if (status == VAULT_OK) {
        struct vlt_evidence_page page = { frame.seq, vlt_rows_count(rows),
                                          bytes };

        came.rows = rows;
        status = vlt_evidence_check(client, reading, &page);
    }
    if (status == VAULT_OK) {
        deliver(client, reading, &came);
    } else {
        vlt_reading_end(client, reading, status);
    }
    vlt_rows_free(rows);
    return VAULT_OK;
}

/* ---- notifications ---- */

static enum vault_status
read_page(struct vault_client *client, struct vlt_reading *reading,
          const struct vlt_json *params, struct came *came,
          struct vlt_rows **rows)
{
    struct vlt_one_series none = { .stream = NULL };
    const struct vlt_json *list = vlt_json_get(params, "rows");
    int64_t ordinal = vlt_json_int_of(vlt_json_get(params, "ordinal"));
    int64_t seq = vlt_json_int_of(vlt_json_get(params, "seq"));

    came->seq = seq > 0 ? (uint64_t)seq : 0;
    came->flags =
        (vlt_json_bool_of(vlt_json_get(params, "final")) ? VLT_FRAME_FINAL
                                                         : 0) |
        (vlt_json_bool_of(vlt_json_get(params, "late")) ? VLT_FRAME_LATE : 0) |
        (vlt_json_bool_of(vlt_json_get(params, "gap")) ? VLT_FRAME_GAP : 0);
    if (vlt_json_count(list) > 0 && ordinal >= 0) {
        came->one = vlt_series_find(&reading->series, (uint64_t)ordinal);
    }
    enum vault_status status = check_seq(client, reading, came->seq);

    if (status != VAULT_OK) {
        return status;
    }
    if (vlt_page_json_read(list, came->one != NULL ? came->one : &none, rows) !=
        VLT_OK) {
        return vlt_client_fault(client, VAULT_E_PROTOCOL,
                                "a page's rows are malformed");
    }
    came->rows = *rows;
    return VAULT_OK;
}

static enum vault_status
on_page(struct vault_client *client, struct vlt_reading *reading,
        const struct vlt_rpc *rpc, struct vlt_slice text)
{
    struct vlt_rows *rows = NULL;
    struct came came = { .seq = 0 };
    enum vault_status status =
        read_page(client, reading, rpc->params, &came, &rows);

    if (status == VAULT_OK) {
        struct vlt_evidence_page page = { came.seq, vlt_rows_count(rows),
                                          text };

        status = vlt_evidence_check(client, reading, &page);
    }
    if (status == VAULT_OK) {
        deliver(client, reading, &came);
    }
    vlt_rows_free(rows);
    return status;
}

static enum vault_status
on_head(struct vault_client *client, struct vlt_reading *reading,
        const struct vlt_rpc *rpc, struct vlt_slice text)
{
    (void)text;
    return vlt_evidence_keep(client, &reading->evidence, rpc->params);
}

static enum vault_status
on_series(struct vault_client *client, struct vlt_reading *reading,
          const struct vlt_rpc *rpc, struct vlt_slice text)
{
    enum vlt_status st = vlt_series_add(&reading->series, rpc->params);

    (void)text;
    return st == VLT_OK ? VAULT_OK
                        : vlt_client_fault(client, vlt_client_status(st),
                                           "a stream was announced wrongly");
}

static const struct {
    const char *method;
    enum vault_status (*fn)(struct vault_client *client,
                            struct vlt_reading *reading,
                            const struct vlt_rpc *rpc, struct vlt_slice text);
} notices[] = {
    { "data.page", on_page },
    { "audit.head", on_head },
    { "data.series", on_series },
};

/* Requests and subscriptions are numbered apart, so one ref may be both's: then
 * the page that it is about decides. */
static struct vlt_reading *
find_noticed(struct vault_client *client, const struct vlt_json *params)
{
    uint64_t ref = (uint64_t)vlt_json_int_of(vlt_json_get(params, "ref"));
    uint64_t seq = (uint64_t)vlt_json_int_of(vlt_json_get(params, "seq"));
    struct vlt_reading *page = find(client, VLT_FRAME_PAGE, ref);
    struct vlt_reading *live = find(client, VLT_FRAME_LIVE, ref);

    if (page == NULL || live == NULL) {
        return page != NULL ? page : live;
    }
    return seq == page->seq + 1 ? page : live;
}

bool
vlt_reading_notice(struct vault_client *client, const struct vlt_rpc *rpc,
                   struct vlt_slice text)
{
    for (size_t i = 0; i < sizeof notices / sizeof *notices; i++) {
        if (!vlt_slice_is(rpc->method, notices[i].method)) {
            continue;
        }
        struct vlt_reading *reading = find_noticed(client, rpc->params);

        if (reading == NULL) {
            return false;
        }
        enum vault_status status = notices[i].fn(client, reading, rpc, text);

        if (status != VAULT_OK) {
            vlt_reading_end(client, reading, status);
        }
        return true;
    }
    return false;
}

bool
vlt_reading_error(struct vault_client *client, const struct vlt_rpc *rpc)
{
    struct vlt_reading *reading = NULL;

    if (rpc->id.kind == VLT_RPC_ID_INT) {
        reading = find(client, VLT_FRAME_PAGE, (uint64_t)rpc->id.number);
    }
    if (reading == NULL) {
        return false;
    }
    vlt_reading_end(client, reading, vlt_client_error(client, &rpc->error));
    return true;
}

/* ---- all of them ---- */

void
vlt_reading_break_all(struct vault_client *client, enum vault_status status,
                      bool again)
{
    for (struct vlt_reading *at = client->readings; at != NULL; at = at->next) {
        vlt_reading_end(client, at, status);
    }
    vlt_subscription_break_all(client, status, again);
}

void
vlt_reading_resume_all(struct vault_client *client)
{
    vlt_subscription_resume_all(client);
}

void
vlt_reading_free_all(struct vault_client *client)
{
    while (client->readings != NULL) {
        struct vlt_reading *next = client->readings->next;

        vlt_reading_free(client->readings);
        client->readings = next;
    }
    vlt_subscription_free_all(client);
}
