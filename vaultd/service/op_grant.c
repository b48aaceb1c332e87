/*
 * Grants: the list, one of them, and the table (WIRE.md, 6.6).
 */
#include <stdlib.h>
#include <string.h>

#include "service/grant_internal.h"
#include "service/nouns.h"
#include "wire/limits.h"
#include "json/json_write.h"

enum vlt_status
grant_ask(struct call *call, bool now, const uint8_t id[VLT_ID_LEN],
          const struct grant **out)
{
    struct consent *consent = call->service->consent;
    const struct grant *grant =
        now ? consent_grant_now(consent, id) : consent_grant_find(consent, id);
    char text[VLT_ULID_TEXT];

    if (grant != NULL && call->who.role == ROLE_FIRM &&
        memcmp(grant->firm, call->who.id, VLT_ID_LEN) != 0) {
        grant_release(grant);
        grant = NULL;
    }
    if (grant == NULL) {
        return call_not_found(call, "grant", "grant", vlt_ulid_print(id, text));
    }
    *out = grant;
    return VLT_OK;
}

/* A firm's session is looked at anew where no guard does it. */
static enum vlt_status
may(struct call *call)
{
    const struct firm *firm = NULL;
    enum vlt_status st = VLT_OK;

    if (call->who.role == ROLE_FIRM) {
        st = noun_self(call, &firm);
    }
    firm_release(firm);
    return st;
}

/* ---- list ---- */

static const char *const state_words[] = { "active",    "suspended", "expired",
                                           "exhausted", "withdrawn", "revoked",
                                           "ended",     "invalid",   "replaced",
                                           NULL };

struct list {
    struct call *call;
    int state; /* of state_words; -1: active and suspended */
    char firm[NOUN_FIRM];
    uint8_t of[VLT_ID_LEN]; /* only this firm's */
    bool of_firm;
    bool after; /* there is a cursor */
    uint8_t cursor[VLT_ID_LEN];
    struct vlt_json_out json;
    size_t count;
    bool more;
};

static enum vlt_status
list_check(struct call *call, struct vlt_walk *params)
{
    struct list *list = call_state(call, sizeof *list);

    if (list == NULL) {
        return VLT_E_NOMEM;
    }
    list->state = vlt_walk_word_or(params, "state", state_words, -1);
    if (call->who.role == ROLE_OWNER) {
        noun_read_firm(params, false, list->firm);
    }
    list->after = noun_ulid(params, "cursor", list->cursor);
    return VLT_OK;
}

static bool
wanted(const struct list *list, const struct grant *grant)
{
    if (list->of_firm && memcmp(grant->firm, list->of, VLT_ID_LEN) != 0) {
        return false;
    }
    if (list->after && memcmp(grant->id, list->cursor, VLT_ID_LEN) >= 0) {
        return false; /* newest first: it stood before the cursor */
    }
    enum consent_state state = noun_grant_state(
        list->call->service, grant, list->call->who.role == ROLE_OWNER);

    return list->state >= 0 ? strcmp(consent_state_word(state),
                                     state_words[list->state]) == 0
                            : !grant_over(grant) && state != CONSENT_EXPIRED;
}

static bool
list_one(void *ctx, const struct grant *grant)
{
    struct list *list = ctx;

    if (!wanted(list, grant)) {
        return true;
    }
    if (list->count == VLT_LIMIT_LIST || list->json.buf->len > NOUN_ROOM) {
        list->more = true;
        return false;
    }
    noun_put_grant(&list->json, NULL, list->call->service, grant,
                   list->call->who.role == ROLE_OWNER);
    memcpy(list->cursor, grant->id, sizeof list->cursor);
    list->after = true; /* what comes is older */
    list->count++;
    return true;
}

static enum vlt_status
list_prepare(struct call *call)
{
    struct list *list = call->state;
    const struct firm *firm = NULL;
    enum vlt_status st = may(call);

    if (st == VLT_OK && call->who.role == ROLE_FIRM) {
        list->of_firm = true;
        memcpy(list->of, call->who.id, sizeof list->of);
    } else if (st == VLT_OK && list->firm[0] != '\0') {
        st = noun_need_firm(call, list->firm, &firm);
    }
    if (st != VLT_OK) {
        return st;
    }
    if (firm != NULL) {
        list->of_firm = true;
        memcpy(list->of, firm->id, sizeof list->of);
        firm_release(firm);
    }
    list->call = call;
    list->json = call_result(call);
    vlt_put_list(&list->json, "grants");
    consent_grants(call->service->consent, list_one, list);
    vlt_put_end(&list->json);
    if (list->more) {
        vlt_put_ulid(&list->json, "cursor", list->cursor);
    }
    vlt_put_end(&list->json);
    return vlt_buf_status(&call->result);
}

/* ---- show ---- */

static enum vlt_status
show_check(struct call *call, struct vlt_walk *params)
{
    struct grant_asked *asked = call_state(call, sizeof *asked);

    if (asked == NULL) {
        return VLT_E_NOMEM;
    }
    vlt_walk_ulid(params, "grant", asked->grant);
    return VLT_OK;
}

static enum vlt_status
show_prepare(struct call *call)
{
    const struct grant_asked *asked = call->state;
    const struct grant *grant = NULL;
    enum vlt_status st = may(call);

    if (st == VLT_OK) {
        st = grant_ask(call, false, asked->grant, &grant);
    }
    if (st == VLT_OK) {
        struct vlt_json_out json = call_result(call);

        noun_put_grant(&json, "grant", call->service, grant,
                       call->who.role == ROLE_OWNER);
        noun_put_held(&json, grant);
        vlt_put_ulid(&json, "request", grant->request);
        vlt_put_uint(&json, "receipts", grant->receipt_seq);
        vlt_put_end(&json);
    }
    grant_release(grant);
    return st;
}

const struct method op_grant[] = {
    { .name = "grant.list",
      .roles = ROLE_OWNER | ROLE_FIRM,
      .check = list_check,
      .prepare = list_prepare },
    { .name = "grant.show",
      .roles = ROLE_OWNER | ROLE_FIRM,
      .check = show_check,
      .prepare = show_prepare },
    { .name = "grant.receipt",
      .roles = ROLE_OWNER | ROLE_FIRM,
      .check = grant_receipt_check,
      .prepare = grant_receipt_prepare },
    { .name = "grant.revoke",
      .roles = ROLE_OWNER,
      .flags = METHOD_CHANGES | METHOD_FIRST,
      .check = revoke_check,
      .commit = revoke_commit,
      .done = revoke_done,
      .clear = revoke_clear },
    { .name = "grant.suspend",
      .roles = ROLE_OWNER,
      .flags = METHOD_CHANGES | METHOD_FIRST,
      .check = suspend_check,
      .commit = suspend_commit,
      .clear = pause_clear },
    { .name = "grant.resume",
      .roles = ROLE_OWNER,
      .flags = METHOD_CHANGES,
      .check = resume_check,
      .commit = resume_commit,
      .clear = pause_clear },
    { .name = "grant.narrow",
      .roles = ROLE_OWNER,
      .flags = METHOD_CHANGES | METHOD_FIRST,
      .check = narrow_check,
      .commit = narrow_commit },
    { .name = "grant.renew",
      .roles = ROLE_OWNER,
      .flags = METHOD_CHANGES,
      .check = end_check,
      .commit = renew_commit },
    { .name = "grant.admit",
      .roles = ROLE_OWNER,
      .flags = METHOD_CHANGES,
      .check = admit_check,
      .commit = admit_commit },
    { .name = "grant.invalidate",
      .roles = ROLE_OWNER,
      .flags = METHOD_CHANGES | METHOD_FIRST,
      .check = end_check,
      .commit = invalidate_commit },
    { .name = "grant.end",
      .roles = ROLE_FIRM,
      .flags = METHOD_CHANGES,
      .check = end_check,
      .commit = end_commit },
    { .name = "grant.countersign",
      .roles = ROLE_FIRM,
      .check = countersign_check,
      .prepare = countersign_prepare,
      .commit = countersign_commit },
    { .name = "grant.deleted",
      .roles = ROLE_FIRM,
      .flags = METHOD_CHANGES,
      .check = deleted_check,
      .prepare = deleted_prepare,
      .commit = deleted_commit,
      .clear = deleted_clear },
    { .name = "grant.held",
      .roles = ROLE_OWNER,
      .check = held_check,
      .prepare = held_prepare },
    { .name = "grant.ack",
      .roles = ROLE_FIRM,
      .check = ack_grant_check,
      .prepare = ack_grant_prepare,
      .commit = ack_grant_commit,
      .done = ack_grant_done },
    { .name = NULL },
};
