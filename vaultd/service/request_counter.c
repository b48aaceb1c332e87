/*
 * request.counter: the owner offers less than was asked, to be accepted by the
 * firm, since it binds it.
 */
#include <stdlib.h>
#include <string.h>

#include "consent/counter.h"
#include "service/narrow_read.h"
#include "service/request_internal.h"
#include "json/json_write.h"

struct counter {
    uint8_t request[VLT_ID_LEN];
    uint8_t firm[VLT_ID_LEN];
    int purpose;
    unsigned items;
    struct narrow_asked narrow;
};

static void
read_items(struct vlt_walk *params, struct counter *counter)
{
    const struct vlt_json *list;

    if (!vlt_walk_has(params, "items")) {
        vlt_walk_null(params, "items");
        return;
    }
    list = vlt_walk_list(params, "items", 1, TERMS_ITEMS);
    for (size_t i = 0; i < vlt_json_count(list); i++) {
        int64_t n = vlt_json_int_of(vlt_json_item(list, i));

        if (n < 1 || n > TERMS_ITEMS) {
            vlt_walk_fault(params, "items", "must list numbers of items");
            return;
        }
        counter->items |= 1U << (n - 1);
    }
}

/* What is the vault's alone is not offered: it can be said of the grant, once
 * there is one, without the firm. */
static void
check_narrow(struct vlt_walk *params, const struct narrow_asked *asked)
{
    const struct consent_narrow *narrow = &asked->narrow;

    if (asked->there && (narrow->streams > 0 || narrow->names != NULL ||
                         narrow->new_streams != NULL || narrow->ask_each >= 0 ||
                         narrow->notify >= 0 || narrow->until != INT64_MAX)) {
        vlt_walk_fault(params, "narrow",
                       "has what the firm need not accept (streams, names, "
                       "new_streams, ask_each, notify, until); narrow the "
                       "grant when it is there");
    }
}

enum vlt_status
counter_check(struct call *call, struct vlt_walk *params)
{
    struct counter *counter = call_state(call, sizeof *counter);
    struct vlt_slice purpose;

    if (counter == NULL) {
        return VLT_E_NOMEM;
    }
    vlt_walk_ulid(params, "request", counter->request);
    purpose = vlt_walk_text(params, "part", 1, VOCAB_ID_MAX);
    counter->purpose =
        vocab_purpose_find((const char *)purpose.at, purpose.len);
    if (!vlt_walk_failed(params) && counter->purpose == VOCAB_NONE) {
        vlt_walk_fault(params, "part", "is no purpose");
    }
    read_items(params, counter);
    narrow_read_offer(params, &counter->narrow);
    check_narrow(params, &counter->narrow);
    return VLT_OK;
}

/* ---- in the turn ---- */

static bool
whose(void *ctx, const struct consent_request *request)
{
    memcpy(ctx, request->firm, VLT_ID_LEN);
    return false;
}

static enum vlt_status
refuse(struct call *call, enum vlt_status st, struct vlt_buf *why)
{
    const char *says = why->len > 0 ? vlt_buf_text(why) : NULL;

    if (says == NULL) {
        return st;
    }
    return st == VLT_E_CONFLICT ? call_refuse(call, st, "%s", says)
                                : call_refuse_at(call, "narrow", "%s", says);
}

static enum vlt_status
offer(struct call *call, struct turn *turn, const struct firm *firm)
{
    const struct counter *counter = call->state;
    struct consent_firm facts = guard_firm(firm);
    struct consent_countering countering = {
        .purpose = counter->purpose,
        .items = counter->items,
        .narrow = counter->narrow.there ? &counter->narrow.narrow : NULL,
        .firm = &facts,
        .now = turn->now,
    };
    struct consent_changes changes = { .count = 0 };
    struct store_txn *txn;
    struct vlt_buf why;
    enum vlt_status st = guard_txn(turn, &txn);

    if (st != VLT_OK) {
        return st;
    }
    memcpy(countering.request, counter->request, sizeof countering.request);
    vlt_buf_init(&why, CALL_MESSAGE);
    st = consent_counter(call->service->consent, txn, &countering, &why,
                         &changes);
    if (st == VLT_OK) {
        st = guard_carry(turn, &changes, &call->after);
    } else {
        st = refuse(call, st, &why);
    }
    consent_changes_free(&changes);
    vlt_buf_free(&why);
    return st;
}

static bool
put_offered(void *ctx, const struct consent_request *request)
{
    struct call *call = ctx;
    const struct counter *counter = call->state;
    struct vlt_json_out json = call_result(call);

    vlt_put_ulid(&json, "request", request->id);
    vlt_put_text(&json, "part", vocab_purpose(counter->purpose)->id);
    vlt_put_text(&json, "state", "countered");
    for (size_t i = 0; i < request->parts; i++) {
        if (request->part[i].purpose == counter->purpose) {
            vlt_put_time(&json, "until", request->part[i].offer_until);
            vlt_put_slice(&json, "offer", request->part[i].offer);
        }
    }
    vlt_put_end(&json);
    return false;
}

enum vlt_status
counter_commit(struct call *call, struct turn *turn)
{
    struct counter *counter = call->state;
    struct consent *consent = call->service->consent;
    const struct firm *firm;
    char text[VLT_ULID_TEXT];
    int64_t now;
    enum vlt_status st = guard_now(turn, &now);

    if (st != VLT_OK) {
        return st;
    }
    if (consent_request_now(consent, counter->request, whose, counter->firm) !=
        VLT_OK) {
        return call_not_found(call, "request", "request",
                              vlt_ulid_print(counter->request, text));
    }
    firm = identity_firm_now(call->service->identity, counter->firm);
    if (firm == NULL) {
        return VLT_E_STORAGE;
    }
    st = offer(call, turn, firm);
    firm_release(firm);
    return st == VLT_OK ? consent_request_now(consent, counter->request,
                                              put_offered, call)
                        : st;
}
