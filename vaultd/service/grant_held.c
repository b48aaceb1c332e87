/*
 * grant.held: what a firm still holds of what it was given, by its own
 * statements.
 */
#include <string.h>

#include "base/time.h"
#include "consent/deletion.h"
#include "service/grant_internal.h"
#include "json/json_write.h"

struct held {
    char name[NOUN_FIRM];
    uint8_t firm[VLT_ID_LEN];
    int64_t now;
    struct service *service;
    struct vlt_json_out json;
    bool more;
};

enum vlt_status
held_check(struct call *call, struct vlt_walk *params)
{
    struct held *held = call_state(call, sizeof *held);

    if (held == NULL) {
        return VLT_E_NOMEM;
    }
    noun_read_firm(params, true, held->name);
    return VLT_OK;
}

static void
put_exceptions(struct vlt_json_out *json, const struct grant *grant,
               int64_t now)
{
    vlt_put_list(json, "exceptions");
    for (size_t i = 0; i < grant->exception_count; i++) {
        const struct grant_exception *exception = &grant->exception[i];

        vlt_put_object(json, NULL);
        vlt_put_list(json, "uses");
        vlt_put_uint(json, NULL, exception->from);
        vlt_put_uint(json, NULL, exception->to);
        vlt_put_end(json);
        vlt_put_text(json, "law", exception->law);
        vlt_put_time(json, "until", exception->until);
        vlt_put_bool(json, "over", exception->until <= now);
        vlt_put_end(json);
    }
    vlt_put_end(json);
}

static bool
put_one(void *ctx, const struct grant *grant)
{
    struct held *held = ctx;
    struct consent_held list[CONSENT_HELD];

    if (memcmp(grant->firm, held->firm, VLT_ID_LEN) != 0 ||
        (consent_held(grant, list) == 0 && grant->exception_count == 0)) {
        return true;
    }
    if (held->json.buf->len > NOUN_ROOM) {
        held->more = true;
        return false;
    }
    vlt_put_object(&held->json, NULL);
    vlt_put_ulid(&held->json, "id", grant->id);
    vlt_put_text(
        &held->json, "state",
        consent_state_word(noun_grant_state(held->service, grant, true)));
    vlt_put_text(&held->json, "purpose",
                 vocab_purpose(grant->terms.purpose)->id);
    vlt_put_bool(&held->json, "overdue", consent_overdue(grant, held->now));
    noun_put_acknowledged(&held->json, grant);
    noun_put_held(&held->json, grant);
    put_exceptions(&held->json, grant, held->now);
    vlt_put_end(&held->json);
    return true;
}

enum vlt_status
held_prepare(struct call *call)
{
    struct held *held = call->state;
    const struct firm *firm = NULL;
    enum vlt_status st = noun_need_firm(call, held->name, &firm);

    if (st != VLT_OK) {
        return st;
    }
    memcpy(held->firm, firm->id, VLT_ID_LEN);
    held->service = call->service;
    held->now = service_effective(call->service);
    held->json = call_result(call);
    vlt_put_text(&held->json, "firm", firm->name);
    vlt_put_list(&held->json, "grants");
    consent_grants(call->service->consent, put_one, held);
    vlt_put_end(&held->json);
    vlt_put_bool(&held->json, "more", held->more);
    vlt_put_end(&held->json);
    firm_release(firm);
    return vlt_buf_status(&call->result);
}
