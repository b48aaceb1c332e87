/*
 * request.approve: what the owner picks, and how much narrower.
 */
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "service/request_internal.h"
#include "terms/value.h"
#include "wire/limits.h"
#include "json/json_write.h"

enum {
    PICKS = 32,
    CONTACT = 31, /* the bit of `contact` in a pick */
};

/* An atom that was named; purposes become parts once the request is known. */
struct named {
    int purpose;
    int bit;
};

struct approve {
    uint8_t request[VLT_ID_LEN];
    bool all;
    size_t count;
    struct named named[PICKS];
    bool narrows;
    struct consent_narrow narrow;
    struct consent_pick pick;
    struct consent_firm facts;
    int missing; /* a purpose that is not its; VOCAB_NONE: none */
};

/* ---- reading ---- */

static void
read_only(struct vlt_walk *params, struct approve *approve)
{
    const struct vlt_json *list;

    if (!vlt_walk_has(params, "only")) {
        vlt_walk_null(params, "only");
        return;
    }
    list = vlt_walk_list(params, "only", 1, PICKS);
    for (size_t i = 0; i < vlt_json_count(list); i++) {
        struct named *named = &approve->named[approve->count];
        struct vlt_walk item;
        struct vlt_slice purpose;
        int64_t n;

        vlt_walk_item(&item, params, "only", list, i);
        purpose = vlt_walk_text(&item, "purpose", 1, VOCAB_ID_MAX);
        n = vlt_walk_int_or(&item, "n", 1, TERMS_ITEMS, 0);
        named->purpose =
            vocab_purpose_find((const char *)purpose.at, purpose.len);
        if (!vlt_walk_failed(&item) && named->purpose == VOCAB_NONE) {
            vlt_walk_fault(&item, "purpose", "is no purpose");
        }
        named->bit = n > 0 ? (int)n - 1 : CONTACT;
        if (vlt_walk_end(&item) != VLT_OK) {
            return;
        }
        approve->count++;
    }
}

/* Text of a member of `narrow`; false: it is absent. */
static bool
narrow_text(struct vlt_walk *walk, const char *name, struct vlt_slice *out)
{
    if (!vlt_walk_has(walk, name)) {
        vlt_walk_null(walk, name);
        return false;
    }
    *out = vlt_walk_text(walk, name, 1, 64);
    return !vlt_walk_failed(walk);
}

static void
narrow_seconds(struct vlt_walk *walk, const char *name, enum terms_axis axis,
               struct consent_narrow *narrow)
{
    struct vlt_slice text;

    if (!narrow_text(walk, name, &text)) {
        return;
    }
    if (axis == TERMS_WINDOW && vlt_slice_is(text, "new")) {
        narrow->limits.at[axis] = TERMS_WINDOW_NEW;
    } else if (terms_parse_duration(text, &narrow->limits.at[axis]) != VLT_OK) {
        vlt_walk_fault(walk, name, "is no duration, must be as 30d");
    }
    narrow->axes |= 1U << axis;
}

static void
narrow_counts(struct vlt_walk *walk, struct consent_narrow *narrow)
{
    struct terms_rate rate;
    struct vlt_slice text;

    if (narrow_text(walk, "rate", &text)) {
        if (terms_parse_rate(text, &rate) != VLT_OK) {
            vlt_walk_fault(walk, "rate", "is no rate, must be as 4/day");
            return;
        }
        narrow->limits.at[TERMS_RATE] = rate.n;
        narrow->limits.per_s = rate.per_s;
        narrow->axes |= 1U << TERMS_RATE;
    }
    if (vlt_json_kind(vlt_walk_any(walk, "uses")) == VLT_JSON_TEXT) {
        if (!vlt_slice_is(vlt_walk_text(walk, "uses", 1, 8), "none")) {
            vlt_walk_fault(walk, "uses", "must be a number, or none");
        }
        narrow->limits.at[TERMS_USES] = TERMS_UNLIMITED;
        narrow->axes |= 1U << TERMS_USES;
    } else if (vlt_walk_has(walk, "uses")) {
        narrow->limits.at[TERMS_USES] = vlt_walk_int(walk, "uses", 1, 1000000);
        narrow->axes |= 1U << TERMS_USES;
    }
}

static void
narrow_rest(struct vlt_walk *walk, struct consent_narrow *narrow)
{
    static const char *const later[] = { "streams", "detail",      "round",
                                         "notify",  "new_streams", "ask_each" };
    static const char *const names[] = { "hide", "show", NULL };
    struct vlt_slice text;

    narrow->until = INT64_MAX;
    narrow->ask_each = -1;
    if (narrow_text(walk, "until", &text) &&
        terms_parse_date(text, &narrow->until) != VLT_OK) {
        vlt_walk_fault(walk, "until", "is no date, must be as 2027-06-30");
    }
    if (vlt_walk_has(walk, "names")) {
        narrow->names = names[vlt_walk_word(walk, "names", names)];
    } else {
        vlt_walk_null(walk, "names");
    }
    for (size_t i = 0; i < sizeof later / sizeof later[0]; i++) {
        if (vlt_walk_has(walk, later[i])) {
            vlt_walk_fault(walk, later[i], "cannot be narrowed yet");
        }
        vlt_walk_null(walk, later[i]);
    }
}

static void
read_narrow(struct vlt_walk *params, struct approve *approve)
{
    struct consent_narrow *narrow = &approve->narrow;
    struct vlt_walk walk;

    if (!vlt_walk_has(params, "narrow")) {
        vlt_walk_null(params, "narrow");
        return;
    }
    approve->narrows = true;
    vlt_walk_into(&walk, params, "narrow");
    narrow_seconds(&walk, "delay", TERMS_DELAY, narrow);
    narrow_seconds(&walk, "every", TERMS_EVERY, narrow);
    narrow_seconds(&walk, "window", TERMS_WINDOW, narrow);
    narrow_seconds(&walk, "life", TERMS_LIFE, narrow);
    narrow_counts(&walk, narrow);
    narrow_rest(&walk, narrow);
    /* The outermost walker keeps the fault, and is asked by the caller. */
    if (vlt_walk_end(&walk) != VLT_OK) {
        return;
    }
}

enum vlt_status
approve_check(struct call *call, struct vlt_walk *params)
{
    struct approve *approve = call_state(call, sizeof *approve);

    if (approve == NULL) {
        return VLT_E_NOMEM;
    }
    vlt_walk_ulid(params, "request", approve->request);
    approve->all = vlt_walk_bool_or(params, "all", false);
    read_only(params, approve);
    read_narrow(params, approve);
    /* The strict setting is not there yet; what it would take is accepted. */
    (void)vlt_walk_text_or(params, "passphrase", 1, VLT_LIMIT_PASSPHRASE,
                           vlt_slice_text(""));
    if (approve->all && approve->count > 0) {
        vlt_walk_fault(params, "all", "stands beside only; give one of them");
    }
    return VLT_OK;
}

/* ---- in the turn ---- */

/* What was named, by part; and whose the request is. */
static bool
resolve(void *ctx, const struct consent_request *request)
{
    struct approve *approve = ctx;

    approve->missing = VOCAB_NONE;
    approve->pick.all = approve->all;
    for (size_t i = 0; i < approve->count; i++) {
        const struct named *named = &approve->named[i];
        size_t part = 0;

        while (part < request->parts &&
               request->part[part].purpose != named->purpose) {
            part++;
        }
        if (part == request->parts) {
            approve->missing = named->purpose;
        } else {
            approve->pick.items[part] |= 1U << named->bit;
        }
    }
    memcpy(approve->facts.id, request->firm, sizeof approve->facts.id);
    return false;
}

static bool
put_granted(void *ctx, const struct consent_request *request)
{
    struct vlt_json_out *json = ctx;
    bool first = true;

    vlt_put_ulid(json, "request", request->id);
    for (size_t i = 0; first && i < request->parts; i++) {
        if (request->part[i].state >= CONSENT_ACTIVE) {
            vlt_put_ulid(json, "grant", request->part[i].grant);
            vlt_put_text(json, "state",
                         consent_state_word(request->part[i].state));
            first = false;
        }
    }
    vlt_put_list(json, "grants");
    for (size_t i = 0; i < request->parts; i++) {
        if (request->part[i].state >= CONSENT_ACTIVE) {
            vlt_put_object(json, NULL);
            vlt_put_text(json, "purpose",
                         vocab_purpose(request->part[i].purpose)->id);
            vlt_put_ulid(json, "grant", request->part[i].grant);
            vlt_put_end(json);
        }
    }
    vlt_put_end(json);
    return false;
}

static enum vlt_status
refuse(struct call *call, enum vlt_status st, struct vlt_buf *why)
{
    const char *says = why->len > 0 ? vlt_buf_text(why) : NULL;

    if (st == VLT_E_CONFLICT) {
        noun_copy(call->fault.detail, sizeof call->fault.detail,
                  vlt_buf_slice(why));
        return call_refuse(call, st, "%s",
                           says != NULL ? says
                                        : "The request cannot be approved.");
    }
    if (st == VLT_E_LIMIT || st == VLT_E_FORMAT) {
        const struct approve *approve = call->state;
        bool narrow = st == VLT_E_FORMAT && approve->narrows;

        return call_refuse_at(call, narrow ? "narrow" : "only", "%s",
                              says != NULL ? says : "It cannot be so.");
    }
    return st;
}

static enum vlt_status
approve_it(struct call *call, struct turn *turn)
{
    struct approve *approve = call->state;
    struct consent_world world = guard_world(turn);
    struct consent_approval approval = {
        .pick = approve->pick,
        .narrow = approve->narrows ? &approve->narrow : NULL,
        .firm = &approve->facts,
        .world = &world,
        .now = turn->now,
    };
    struct consent_changes changes = { .count = 0 };
    struct store_txn *txn;
    struct vlt_buf why;
    enum vlt_status st = guard_txn(turn, &txn);

    if (st != VLT_OK) {
        return st;
    }
    vlt_buf_init(&why, CALL_DETAIL);
    memcpy(approval.request, approve->request, sizeof approval.request);
    st =
        consent_approve(call->service->consent, txn, &approval, &why, &changes);
    if (st == VLT_OK) {
        st = guard_carry(turn, &changes, &call->after);
    } else {
        st = refuse(call, st, &why);
    }
    consent_changes_free(&changes);
    vlt_buf_free(&why);
    return st;
}

static enum vlt_status
tell_granted(struct call *call)
{
    struct approve *approve = call->state;
    struct vlt_json_out json = call_result(call);
    enum vlt_status st = consent_request_now(
        call->service->consent, approve->request, put_granted, &json);

    vlt_put_end(&json);
    return st;
}

enum vlt_status
approve_commit(struct call *call, struct turn *turn)
{
    struct approve *approve = call->state;
    struct service *service = call->service;
    const struct firm *firm;
    char text[VLT_ULID_TEXT];
    int64_t now;
    enum vlt_status st = guard_now(turn, &now);

    if (st != VLT_OK) {
        return st;
    }
    if (consent_request_now(service->consent, approve->request, resolve,
                            approve) != VLT_OK) {
        return call_not_found(call, "request", "request",
                              vlt_ulid_print(approve->request, text));
    }
    if (approve->missing != VOCAB_NONE) {
        return call_refuse_at(call, "only", "The request has no purpose '%s'.",
                              vocab_purpose(approve->missing)->id);
    }
    firm = identity_firm_now(service->identity, approve->facts.id);
    if (firm == NULL) {
        return VLT_E_STORAGE;
    }
    approve->facts = guard_firm(firm);
    st = approve_it(call, turn);
    firm_release(firm);
    return st == VLT_OK ? tell_granted(call) : st;
}
