/*
 * end: a grant ends, or a part that never became one (consent.h).
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "consent/granting_internal.h"

enum consent_event
event_of(const struct grant *grant, enum consent_event event)
{
    return grant->state == CONSENT_SUSPENDED && !grant->hidden
               ? CONSENT_NO_RECEIPT
               : event;
}

enum vlt_status
alter_grant(struct consent *consent, struct store_txn *txn,
            struct grant_box *copy, const struct ending *how, int64_t now,
            struct consent_changes *changes)
{
    struct consent_change change = { .row = how->row,
                                     .event = how->event,
                                     .by = how->by,
                                     .part = copy->part,
                                     .state = how->state,
                                     .grant = &copy->grant };
    enum vlt_status st;

    change.left_out = copy->request->request.part[copy->part].left_out;
    if (copy->grant.state != how->state) {
        copy->grant.state = how->state;
        copy->grant.state_by = how->by;
        copy->grant.changed = now;
    }
    memcpy(change.request, copy->grant.request, VLT_ID_LEN);
    st = ledger_put_grant(consent, txn, copy);
    if (st == VLT_OK) {
        st = change_add(changes, &change);
    }
    return st == VLT_OK ? consent_moved(consent, txn) : st;
}

enum vlt_status
end_grant(struct consent *consent, struct store_txn *txn,
          struct grant_box *grant, const struct ending *how, int64_t now,
          struct consent_changes *changes)
{
    struct grant_box *copy = grant_box_copy(grant);
    enum vlt_status st = VLT_OK;

    if (copy == NULL) {
        return VLT_E_NOMEM;
    }
    /* Pages of its last use may follow. */
    if (grant->grant.state == CONSENT_SUSPENDED && grant->grant.hidden) {
        st = grant_add_gap(copy, (struct grant_gap){ grant->grant.suspended,
                                                     INT64_MAX, true });
    }
    copy->grant.suspended = 0;
    copy->grant.pause_from = 0;
    copy->grant.pause_until = 0;
    copy->grant.hidden = false;
    if (st == VLT_OK) {
        st = alter_grant(consent, txn, copy, how, now, changes);
    }
    grant_release(&copy->grant);
    return st;
}

enum vlt_status
grant_note_ruled(struct grant_box *copy, struct vlt_slice words)
{
    free(copy->ruled);
    copy->ruled = NULL;
    copy->grant.ruled = (struct vlt_slice){ .len = 0 };
    if (words.len == 0) {
        return VLT_OK;
    }
    copy->ruled = vlt_text_copy(words);
    if (copy->ruled == NULL) {
        return VLT_E_NOMEM;
    }
    copy->grant.ruled = vlt_slice_text(copy->ruled);
    return VLT_OK;
}

static enum vlt_status
note_ruling(struct consent *consent, struct grant_box *copy,
            const struct ruling *ruling)
{
    struct vlt_buf words;
    enum vlt_status st;

    vlt_buf_init(&words, POLICY_TEXT_DECIDED);
    policy_text_refused(&words, ledger_set_now(consent)->owned,
                        ruling->decision, copy->grant.by_rule, ruling->use);
    st = vlt_buf_status(&words);
    if (st == VLT_OK) {
        st = grant_note_ruled(copy, vlt_buf_slice(&words));
    }
    vlt_buf_free(&words);
    return st;
}

enum vlt_status
rule_grant(struct consent *consent, struct store_txn *txn,
           const struct grant_box *grant, const struct ruling *ruling,
           int64_t now, struct consent_changes *changes)
{
    static const struct ending revoked = { CONSENT_REVOKED, CONSENT_EV_REVOKED,
                                           CONSENT_BY_VAULT, ROW_OVERRULED };
    static const struct ending held_up = { CONSENT_SUSPENDED,
                                           CONSENT_EV_SUSPENDED,
                                           CONSENT_BY_VAULT, ROW_HELD_UP };
    struct grant_box *copy = grant_box_copy(grant);
    enum vlt_status st =
        copy != NULL ? note_ruling(consent, copy, ruling) : VLT_E_NOMEM;

    if (st == VLT_OK) {
        st = ruling->use == POLICY_USE_ASK
                 ? suspend_grant(consent, txn, copy, &held_up, now, changes)
                 : end_grant(consent, txn, copy, &revoked, now, changes);
    }
    grant_release(copy != NULL ? &copy->grant : NULL);
    return st;
}

enum vlt_status
part_note_decided(struct kept_request *request, size_t part,
                  const struct policy_set *set,
                  const struct policy_decision *decision)
{
    struct vlt_buf words;
    char *text = NULL;

    vlt_buf_init(&words, POLICY_TEXT_DECIDED);
    policy_text_decided(&words, set, decision);
    if (vlt_buf_status(&words) == VLT_OK) {
        text = vlt_text_copy(vlt_buf_slice(&words));
    }
    vlt_buf_free(&words);
    if (text == NULL) {
        return VLT_E_NOMEM;
    }
    free(request->decided[part]);
    request->decided[part] = text;
    request->request.part[part].decided = vlt_slice_text(text);
    return VLT_OK;
}

void
part_note_end(struct kept_request *request, size_t part, enum consent_by by,
              int64_t now)
{
    request->request.part[part].ended = now;
    request->request.part[part].ended_by = by;
}

enum vlt_status
end_part(struct consent *consent, struct store_txn *txn,
         struct kept_request *request, int part, const struct ending *how,
         struct consent_changes *changes)
{
    struct consent_change change = { .row = how->row,
                                     .event = how->event,
                                     .by = how->by,
                                     .part = part,
                                     .state = how->state };
    struct terms terms;

    terms_part(&request->terms, (size_t)part, &terms);
    request->request.part[part].state = how->state;
    if (how->event != CONSENT_NO_RECEIPT) {
        request->request.part[part].left_out = items_of(&terms);
    }
    change.left_out = request->request.part[part].left_out;
    memcpy(change.request, request->request.id, VLT_ID_LEN);
    enum vlt_status st = change_add(changes, &change);

    return st == VLT_OK ? consent_moved(consent, txn) : st;
}

/* Pages of the last use may still be under way, or asked for again: the owner
 * cuts them off.  The state is final and stays. */
static enum vlt_status
cut_rest(struct consent *consent, struct store_txn *txn,
         struct grant_box *grant, struct consent_changes *changes)
{
    static const struct ending how = { CONSENT_EXHAUSTED, CONSENT_NO_RECEIPT,
                                       CONSENT_BY_OWNER, ROW_CUT };
    struct grant_box *copy = grant_box_copy(grant);
    enum vlt_status st;

    if (copy == NULL) {
        return VLT_E_NOMEM;
    }
    copy->grant.cut = true;
    st = alter_grant(consent, txn, copy, &how, copy->grant.changed, changes);
    grant_release(&copy->grant);
    return st;
}

bool
consent_has_rest(const struct grant *grant, int64_t now)
{
    return grant->state == CONSENT_EXHAUSTED && !grant->cut &&
           now - grant->last_use <= CONSENT_AGAIN_S * VLT_SECOND;
}

enum vlt_status
consent_end(struct consent *consent, struct store_txn *txn,
            const uint8_t id[VLT_ID_LEN], enum consent_state how, int64_t now,
            struct consent_changes *changes)
{
    static const struct ending endings[] = {
        { CONSENT_WITHDRAWN, CONSENT_EV_WITHDRAWN, CONSENT_BY_OWNER,
          ROW_WITHDRAWN },
        { CONSENT_REVOKED, CONSENT_EV_REVOKED, CONSENT_BY_OWNER, ROW_BLOCKED },
        { CONSENT_ENDED, CONSENT_EV_ENDED, CONSENT_BY_FIRM, ROW_ENDED },
        { CONSENT_INVALID, CONSENT_EV_INVALIDATED, CONSENT_BY_OWNER,
          ROW_INVALID },
    };
    struct grant_box *grant = ledger_grant(consent, id, true);
    enum vlt_status st = VLT_E_CONFLICT;

    if (grant == NULL) {
        return VLT_E_NOT_FOUND;
    }
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        /* What is over by time alone is over, written down or not. */
        if (endings[i].state == how && !grant_over(&grant->grant) &&
            now < grant->grant.exp) {
            st = end_grant(consent, txn, grant, &endings[i], now, changes);
        }
    }
    if (how == CONSENT_WITHDRAWN && consent_has_rest(&grant->grant, now)) {
        st = cut_rest(consent, txn, grant, changes);
    }
    grant_release(&grant->grant);
    return st;
}
