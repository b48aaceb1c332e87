/*
 * Firms as objects: the list, and one with what it has.
 */
#include <stdlib.h>
#include <string.h>

#include "consent/deletion.h"
#include "service/firm_internal.h"
#include "service/noun_internal.h"
#include "wire/address.h"
#include "wire/limits.h"
#include "json/json_write.h"

static const char *const state_words[] = { "invited", "pending",   "confirmed",
                                           "blocked", "forgotten", NULL };

static const char *
state_of(const struct firm *firm)
{
    switch (firm->state) {
    case IDENTITY_PENDING:
        return "pending";
    case IDENTITY_CONFIRMED:
        return "confirmed";
    case IDENTITY_BLOCKED:
        return "blocked";
    case IDENTITY_FORGOTTEN:
        return "forgotten";
    }
    return "forgotten";
}

/* ---- what a firm has, counted over all grants and requests at once ---- */

enum {
    NAME_TEXT = 512, /* bytes of a controller's name or contact */
};

struct tally {
    const struct firm *firm; /* held */
    unsigned grants, pending;
    int64_t last; /* use, ns; 0: none */
    bool overdue; /* a statement of deletion is */
    bool claimed;
    char name[NAME_TEXT];
    char contact[NAME_TEXT];
};

struct tallies {
    size_t count;
    struct tally *at; /* owned; IDENTITY_FIRMS_MAX of them */
    int64_t now;
};

static struct tally *
find_tally(struct tallies *tallies, const uint8_t firm[VLT_ID_LEN])
{
    for (size_t i = 0; i < tallies->count; i++) {
        if (memcmp(tallies->at[i].firm->id, firm, VLT_ID_LEN) == 0) {
            return &tallies->at[i];
        }
    }
    return NULL;
}

static bool
tally_grant(void *ctx, const struct grant *grant)
{
    const struct tallies *tallies = ctx;
    struct tally *tally = find_tally(ctx, grant->firm);

    if (tally != NULL) {
        tally->grants += grant->state == CONSENT_ACTIVE;
        tally->overdue = tally->overdue || consent_overdue(grant, tallies->now);
        if (grant->last_use > tally->last) {
            tally->last = grant->last_use;
        }
    }
    return true;
}

static bool
tally_request(void *ctx, const struct consent_request *request)
{
    struct tally *tally = find_tally(ctx, request->firm);

    if (tally == NULL) {
        return true;
    }
    tally->pending += consent_request_has(request, CONSENT_PENDING_STATE);
    if (!tally->claimed) { /* newest first */
        tally->claimed = true;
        noun_copy(tally->name, sizeof tally->name,
                  request->terms->controller_name);
        noun_copy(tally->contact, sizeof tally->contact,
                  request->terms->controller_contact);
    }
    return true;
}

static void
tally_all(struct service *service, struct tallies *tallies)
{
    tallies->now = service_effective(service);
    consent_grants(service->consent, tally_grant, tallies);
    consent_requests(service->consent, tally_request, tallies);
}

static void
free_tallies(struct tallies *tallies)
{
    for (size_t i = 0; i < tallies->count; i++) {
        firm_release(tallies->at[i].firm);
    }
    free(tallies->at);
}

/* ---- the object ---- */

static void
put_time_or_null(struct vlt_json_out *json, const char *name, int64_t time)
{
    if (time == 0) {
        vlt_put_null(json, name);
    } else {
        vlt_put_time(json, name, time);
    }
}

static void
put_claims(struct vlt_json_out *json, const struct tally *tally)
{
    if (!tally->claimed) {
        vlt_put_null(json, "claims");
        return;
    }
    vlt_put_object(json, "claims");
    vlt_put_text(json, "name", tally->name);
    vlt_put_text(json, "contact", tally->contact);
    vlt_put_end(json);
}

static void
put_firm(struct vlt_json_out *json, const char *name, const struct tally *tally)
{
    const struct firm *firm = tally->firm;
    uint8_t id[VLT_IDENTITY_LEN];
    char text[VLT_IDENTITY_TEXT];
    char print[VLT_FINGERPRINT_TEXT];

    vlt_identity_of(VLT_IDENTITY_FIRM, firm->key, id);
    vlt_put_object(json, name);
    vlt_put_text(json, "name", firm->name);
    vlt_put_text(json, "id", vlt_identity_print(VLT_IDENTITY_FIRM, id, text));
    vlt_put_text(json, "fingerprint", vlt_fingerprint_print(id, print));
    vlt_put_text(json, "state", state_of(firm));
    firm_put_next(json, firm);
    put_claims(json, tally);
    vlt_put_null(json, "invited"); /* not kept once it is spent */
    put_time_or_null(json, "enrolled", firm->enrolled);
    put_time_or_null(json, "confirmed",
                     firm->state == IDENTITY_CONFIRMED ? firm->changed : 0);
    put_time_or_null(json, "last", tally->last);
    vlt_put_uint(json, "grants", tally->grants);
    vlt_put_uint(json, "pending", tally->pending);
    vlt_put_bool(json, "overdue", tally->overdue);
    vlt_put_end(json);
}

/* ---- list ---- */

struct list {
    struct service *service;
    int state; /* of state_words; -1: all */
    char after[IDENTITY_NAME_MAX + 1];
    struct tallies tallies;
    struct vlt_json_out json;
};

enum vlt_status
firm_list_check(struct call *call, struct vlt_walk *params)
{
    struct list *list = call_state(call, sizeof *list);

    if (list == NULL) {
        return VLT_E_NOMEM;
    }
    list->state = vlt_walk_word_or(params, "state", state_words, -1);
    noun_copy(list->after, sizeof list->after,
              vlt_walk_text_or(params, "cursor", 1, IDENTITY_NAME_MAX,
                               vlt_slice_text("")));
    return VLT_OK;
}

static bool
wanted(const struct list *list, const char *state, const char *name)
{
    return strcmp(name, list->after) > 0 &&
           (list->state < 0 || strcmp(state, state_words[list->state]) == 0);
}

static bool
take_firm(void *ctx, const struct firm *firm)
{
    struct list *list = ctx;

    if (wanted(list, state_of(firm), firm->name) &&
        list->tallies.count < IDENTITY_FIRMS_MAX) {
        const struct firm *held =
            identity_firm_by_id(list->service->identity, firm->id);

        if (held != NULL) {
            list->tallies.at[list->tallies.count++].firm = held;
        }
    }
    return true;
}

/* An invitation that nobody used yet is a firm without a key. */
static bool
put_invited(void *ctx, const char *name, int64_t expires)
{
    struct list *list = ctx;
    struct vlt_json_out *json = &list->json;

    if (!wanted(list, "invited", name)) {
        return true;
    }
    vlt_put_object(json, NULL);
    vlt_put_text(json, "name", name);
    vlt_put_null(json, "id");
    vlt_put_null(json, "fingerprint");
    vlt_put_text(json, "state", "invited");
    vlt_put_null(json, "next");
    vlt_put_null(json, "claims");
    vlt_put_null(json, "invited");
    vlt_put_null(json, "enrolled");
    vlt_put_null(json, "confirmed");
    vlt_put_null(json, "last");
    vlt_put_int(json, "grants", 0);
    vlt_put_int(json, "pending", 0);
    vlt_put_bool(json, "overdue", false);
    vlt_put_time(json, "expires", expires);
    vlt_put_end(json);
    return true;
}

enum vlt_status
firm_list_prepare(struct call *call)
{
    struct list *list = call->state;
    struct service *service = call->service;
    const char *last = NULL;
    size_t i;

    list->service = service;
    list->tallies.at = calloc(IDENTITY_FIRMS_MAX, sizeof *list->tallies.at);
    if (list->tallies.at == NULL) {
        return VLT_E_NOMEM;
    }
    identity_firms(service->identity, take_firm, list);
    tally_all(service, &list->tallies);
    list->json = call_result(call);
    vlt_put_list(&list->json, "firms");
    for (i = 0; i < list->tallies.count && i < VLT_LIMIT_LIST &&
                call->result.len < NOUN_ROOM;
         i++) {
        put_firm(&list->json, NULL, &list->tallies.at[i]);
        last = list->tallies.at[i].firm->name;
    }
    if (list->after[0] == '\0') {
        identity_invitations(service->identity, service_effective(service),
                             put_invited, list);
    }
    vlt_put_end(&list->json);
    if (i < list->tallies.count) {
        vlt_put_text(&list->json, "cursor", last);
    }
    vlt_put_end(&list->json);
    free_tallies(&list->tallies);
    return vlt_buf_status(&call->result);
}

/* ---- show ---- */

struct show {
    char firm[NOUN_FIRM];
    struct vlt_json_out json;
    const struct firm *found;
};

enum vlt_status
firm_show_check(struct call *call, struct vlt_walk *params)
{
    struct show *show = call_state(call, sizeof *show);

    if (show == NULL) {
        return VLT_E_NOMEM;
    }
    noun_read_firm(params, true, show->firm);
    return VLT_OK;
}

static bool
put_grant_id(void *ctx, const struct grant *grant)
{
    struct show *show = ctx;

    if (memcmp(grant->firm, show->found->id, VLT_ID_LEN) == 0) {
        vlt_put_ulid(&show->json, NULL, grant->id);
    }
    return show->json.buf->len < NOUN_ROOM;
}

static bool
put_request_id(void *ctx, const struct consent_request *request)
{
    struct show *show = ctx;

    if (memcmp(request->firm, show->found->id, VLT_ID_LEN) == 0) {
        vlt_put_ulid(&show->json, NULL, request->id);
    }
    return show->json.buf->len < NOUN_ROOM;
}

/* What it holds of a grant, in one line: the uses, and by when the last of what
 * they gave is to be gone. */
static bool
put_held(void *ctx, const struct grant *grant)
{
    struct show *show = ctx;
    struct consent_held held[CONSENT_HELD];
    size_t count = 0;

    if (memcmp(grant->firm, show->found->id, VLT_ID_LEN) == 0) {
        count = consent_held(grant, held);
    }
    if (count > 0) {
        vlt_put_object(&show->json, NULL);
        vlt_put_ulid(&show->json, "grant", grant->id);
        vlt_put_uint(&show->json, "uses", held[count - 1].to - grant->stated);
        vlt_put_uint(&show->json, "acknowledged", grant->acks);
        vlt_put_time(&show->json, "delete_by", held[count - 1].delete_by);
        vlt_put_end(&show->json);
    }
    return show->json.buf->len < NOUN_ROOM;
}

enum vlt_status
firm_show_prepare(struct call *call)
{
    struct show *show = call->state;
    struct service *service = call->service;
    struct tally tally = { .grants = 0 };
    struct tallies tallies = { .count = 1, .at = &tally };
    enum vlt_status st = noun_need_firm(call, show->firm, &tally.firm);

    if (st != VLT_OK) {
        return st;
    }
    show->found = tally.firm;
    tally_all(service, &tallies);
    show->json = call_result(call);
    put_firm(&show->json, "firm", &tally);
    vlt_put_list(&show->json, "grants");
    consent_grants(service->consent, put_grant_id, show);
    vlt_put_end(&show->json);
    vlt_put_list(&show->json, "requests");
    consent_requests(service->consent, put_request_id, show);
    vlt_put_end(&show->json);
    vlt_put_list(&show->json, "held");
    consent_grants(service->consent, put_held, show);
    vlt_put_end(&show->json);
    vlt_put_end(&show->json);
    firm_release(tally.firm);
    return vlt_buf_status(&call->result);
}
