/*
 * policy.diff: what files permit more or less than the set in force, or other
 * files; and what they would decide otherwise of the newest requests and the
 * grants in force.
 */
#include <stdlib.h>

#include "service/policy_internal.h"
#include "wire/limits.h"
#include "json/json_write.h"

enum { RECENT_DAYS = 30 };

struct diff {
    struct policy_read after;
    struct policy_read before;
    bool has_before;
};

/* One direction: a list, or null where there is too much to compare. */
struct listing {
    struct vlt_json_out json;
    struct vlt_buf list;
    struct service *service;
    size_t told;
};

enum vlt_status
policy_diff_check(struct call *call, struct vlt_walk *params)
{
    struct diff *diff = call_state(call, sizeof *diff);

    if (diff == NULL) {
        return VLT_E_NOMEM;
    }
    policy_read_files(params, &diff->after);
    diff->has_before = vlt_walk_has(params, "old");
    if (diff->has_before) {
        policy_read_named(params, "old", &diff->before);
    } else {
        vlt_walk_null(params, "old");
    }
    return VLT_OK;
}

void
policy_diff_clear(void *state)
{
    struct diff *diff = state;

    policy_read_free(&diff->after);
    policy_read_free(&diff->before);
    free(diff);
}

static enum vlt_status
parse(struct call *call, struct policy_read *read, const char *at)
{
    enum vlt_status st = policy_parse(call->service, read);

    if (st == VLT_OK && read->policy == NULL) {
        noun_copy(call->fault.detail, sizeof call->fault.detail,
                  vlt_buf_slice(&read->lines));
        return call_refuse_at(call, at, "The files have faults.");
    }
    return st;
}

static void
take_line(void *ctx, const char *says)
{
    struct listing *listing = ctx;

    if (listing->told < VLT_LIMIT_LIST && listing->list.len < NOUN_ROOM / 4) {
        listing->told++;
        policy_widen_put(listing->service, says, &listing->json);
    }
}

static enum vlt_status
put_more(struct vlt_json_out *json, const char *name, struct service *service,
         const struct policy_two *two)
{
    struct listing listing = { .service = service };
    int64_t now = service_effective(service);
    enum vlt_status st;

    vlt_buf_init(&listing.list, 0);
    listing.json = vlt_json_out(&listing.list);
    vlt_put_list(&listing.json, NULL);
    st = policy_widens(two->before, two->after, now, take_line, &listing);
    vlt_put_end(&listing.json);
    if (st == VLT_E_LIMIT) {
        vlt_put_null(json, name);
        st = VLT_OK;
    } else if (st == VLT_OK) {
        vlt_put_raw(json, name, vlt_buf_slice(&listing.list));
    }
    vlt_buf_free(&listing.list);
    return st;
}

static enum vlt_status
compare(struct call *call, const struct policy_two *two)
{
    struct policy_two back = { two->after, two->before };
    struct vlt_json_out json = call_result(call);
    enum vlt_status st = put_more(&json, "widens", call->service, two);

    if (st == VLT_OK) {
        st = put_more(&json, "narrows", call->service, &back);
    }
    if (st == VLT_OK) {
        st = policy_put_otherwise(call, two, RECENT_DAYS, &json);
    }
    vlt_put_end(&json);
    return st == VLT_OK ? vlt_buf_status(&call->result) : st;
}

enum vlt_status
policy_diff_prepare(struct call *call)
{
    struct diff *diff = call->state;
    const struct consent_set *held = NULL;
    struct policy_two two;
    enum vlt_status st = parse(call, &diff->after, "files");

    if (st == VLT_OK && diff->has_before) {
        st = parse(call, &diff->before, "old");
    }
    if (st != VLT_OK) {
        return st;
    }
    held = consent_set_hold(call->service->consent);
    if (held == NULL) {
        return VLT_E_LOCKED;
    }
    two.before =
        diff->has_before ? consent_policy_set(diff->before.policy) : held->set;
    two.after = consent_policy_set(diff->after.policy);
    st = compare(call, &two);
    consent_set_release(held);
    return st;
}
