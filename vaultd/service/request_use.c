/*
 * request_use: uses of which each is the owner's to allow, as requests.
 */
#include <string.h>

#include "service/asks.h"
#include "service/request_internal.h"
#include "json/json_write.h"

/* ---- list ---- */

struct listing {
    struct vlt_json_out *json;
    struct service *service;
    const struct firm *firm; /* NULL: all */
};

static bool
put_use(void *ctx, const struct asks_entry *entry)
{
    const struct listing *listing = ctx;
    struct service *service = listing->service;
    const struct grant *grant =
        consent_grant_find(service->consent, entry->grant);
    const struct firm *firm =
        grant != NULL ? identity_firm_by_id(service->identity, grant->firm)
                      : NULL;

    if (firm != NULL &&
        (listing->firm == NULL ||
         memcmp(listing->firm->id, firm->id, VLT_ID_LEN) == 0)) {
        vlt_put_object(listing->json, NULL);
        vlt_put_ulid(listing->json, "id", entry->id);
        vlt_put_text(listing->json, "firm", firm->name);
        vlt_put_ulid(listing->json, "grant", entry->grant);
        vlt_put_text(listing->json, "purpose",
                     vocab_purpose(grant->terms.purpose)->id);
        vlt_put_time(listing->json, "asked", entry->since);
        vlt_put_text(listing->json, "says", entry->says);
        vlt_put_end(listing->json);
    }
    firm_release(firm);
    grant_release(grant);
    return listing->json->buf->len < NOUN_ROOM;
}

void
request_put_uses(struct vlt_json_out *json, struct service *service,
                 const struct firm *firm)
{
    struct listing listing = { json, service, firm };

    vlt_put_list(json, "uses");
    asks_each(service->asks, service_running(service), put_use, &listing);
    vlt_put_end(json);
}

/* ---- answer ---- */

struct looking {
    const uint8_t *id;
    bool found;
};

static bool
is_it(void *ctx, const struct asks_entry *entry)
{
    struct looking *looking = ctx;

    looking->found = memcmp(entry->id, looking->id, VLT_ID_LEN) == 0;
    return !looking->found;
}

bool
request_is_use(struct service *service, const uint8_t id[VLT_ID_LEN])
{
    struct looking looking = { id, false };

    asks_each(service->asks, service_running(service), is_it, &looking);
    return looking.found;
}

static enum vlt_status
log_answer(struct turn *turn, const struct asks_entry *entry)
{
    struct guard_event event = { .type = AUDIT_DECISION,
                                 .subject = entry->grant };
    struct vlt_json_out json;
    struct vlt_buf detail;
    enum vlt_status st;

    vlt_buf_init(&detail, AUDIT_DETAIL_MAX);
    json = vlt_json_out(&detail);
    vlt_put_object(&json, NULL);
    vlt_put_text(&json, "event", "use");
    vlt_put_ulid(&json, "grant", entry->grant);
    vlt_put_ulid(&json, "use", entry->id);
    vlt_put_text(&json, "says", entry->says);
    vlt_put_text(&json, "answer", entry->state == ASKS_YES ? "yes" : "no");
    vlt_put_end(&json);
    event.owner_detail = vlt_buf_slice(&detail);
    st = guard_log(turn, &event, NULL);
    vlt_buf_free(&detail);
    return st;
}

enum vlt_status
request_answer_use(struct call *call, struct turn *turn,
                   const uint8_t id[VLT_ID_LEN], bool yes)
{
    struct vlt_json_out json;
    struct asks_entry entry;
    int64_t now;
    enum vlt_status st = guard_now(turn, &now);

    if (st != VLT_OK) {
        return st;
    }
    /* The owner has said it, whatever becomes of this turn: no row leaves
     * without a commit of its own. */
    if (!asks_answer(call->service->asks, id, yes,
                     service_running(call->service), &entry)) {
        return VLT_E_NOT_FOUND;
    }
    st = log_answer(turn, &entry);
    if (st == VLT_OK) {
        json = call_result(call);
        vlt_put_ulid(&json, "request", id);
        if (yes) {
            vlt_put_ulid(&json, "grant", entry.grant);
        }
        vlt_put_text(&json, "state", yes ? "allowed" : "denied");
        vlt_put_end(&json);
    }
    return st;
}
