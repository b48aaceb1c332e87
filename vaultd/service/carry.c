/*
 * carry: every row of the lifecycle that consent took is carried out here: its
 * entries in the log, its receipt, and what the loop has to do (commit thread).
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "service/carry_internal.h"
#include "service/notices.h"
#include "json/json_write.h"

/* Rows whose entry is a decision. */
static bool
has_decision(enum consent_row row)
{
    return row == ROW_REFUSED || row == ROW_ASKED || row == ROW_PERMITTED ||
           row == ROW_OFFERED || row == ROW_APPROVED || row == ROW_DENIED ||
           row == ROW_RULED_OUT || row == ROW_LAPSED;
}

/* ---- the entries ---- */

static void
put_plain(const struct carrying *carrying, struct vlt_buf *out)
{
    const struct consent_change *change = carrying->change;
    struct vlt_json_out json = vlt_json_out(out);

    vlt_put_object(&json, NULL);
    vlt_put_ulid(&json, "request", carrying->request->id);
    vlt_put_text(
        &json, "purpose",
        vocab_purpose(carrying->request->terms->purposes[change->part].id)->id);
    if (change->grant != NULL) {
        vlt_put_ulid(&json, "grant", change->grant->id);
    }
    vlt_put_text(&json, "state", consent_state_word(change->state));
    vlt_put_end(&json);
}

static bool
is_pause(enum consent_row row)
{
    return row == ROW_SUSPENDED || row == ROW_RESUMED;
}

/* When a suspension is to begin and to end, and that it is hidden. */
static void
put_pause(struct vlt_json_out *json, const struct grant *grant)
{
    if (grant->pause_from != 0) {
        vlt_put_time(json, "from", grant->pause_from);
    }
    if (grant->pause_until != 0) {
        vlt_put_time(json, "until", grant->pause_until);
    }
    if (grant->hidden) {
        vlt_put_bool(json, "hidden", true);
    }
}

/* The same with the whole explanation, for the owner's tree. */
static void
put_owner(const struct carrying *carrying, struct vlt_buf *out)
{
    static const char *const by[] = { "", "owner", "firm", "vault", "clock" };
    const struct consent_change *change = carrying->change;
    struct vlt_json_out json = vlt_json_out(out);

    vlt_put_object(&json, NULL);
    vlt_put_ulid(&json, "request", carrying->request->id);
    vlt_put_text(&json, "firm", carrying->firm->name);
    vlt_put_text(
        &json, "purpose",
        vocab_purpose(carrying->request->terms->purposes[change->part].id)->id);
    if (change->grant != NULL) {
        vlt_put_ulid(&json, "grant", change->grant->id);
    }
    vlt_put_text(&json, "state", consent_state_word(change->state));
    vlt_put_text(&json, "by", by[change->by]);
    vlt_put_int(&json, "row", change->row);
    if (change->grant != NULL) {
        carry_put_rules(carrying, &json);
        vlt_put_uint(&json, "policy_version", change->grant->policy_version);
    }
    if (is_pause(change->row)) {
        put_pause(&json, change->grant);
    }
    if (change->event != CONSENT_NO_RECEIPT) {
        vlt_put_hex(&json, "policy_salt", carrying->policy_salt, 32);
    }
    vlt_put_end(&json);
}

static enum vlt_status
log_entry(struct carrying *carrying, enum audit_type type,
          struct vlt_slice firm_detail)
{
    const struct consent_change *change = carrying->change;
    bool of_grant = change->grant != NULL && type == AUDIT_GRANT;
    struct guard_event event = {
        .type = type,
        .subject = of_grant ? change->grant->id : carrying->request->id,
        .firm = carrying->firm,
        .of_grant = of_grant,
        .firm_detail = firm_detail,
    };
    struct vlt_buf owner;
    enum vlt_status st;

    vlt_buf_init(&owner, AUDIT_DETAIL_MAX);
    put_owner(carrying, &owner);
    event.owner_detail = vlt_buf_slice(&owner);
    st = guard_log(carrying->turn, &event, NULL);
    vlt_buf_free(&owner);
    return st;
}

/* What the firm is not told, or not yet, is in the owner's tree alone, and
 * takes no number of the grant's entries. */
static enum vlt_status
log_untold(struct carrying *carrying)
{
    struct guard_event event = { .type = AUDIT_GRANT,
                                 .subject = carrying->change->grant->id };
    struct vlt_buf owner;
    enum vlt_status st;

    vlt_buf_init(&owner, AUDIT_DETAIL_MAX);
    put_owner(carrying, &owner);
    event.owner_detail = vlt_buf_slice(&owner);
    st = guard_log(carrying->turn, &event, NULL);
    vlt_buf_free(&owner);
    return st;
}

/* The decision's entry, then the grant's; the later one carries the receipt. */
static enum vlt_status
log_change(struct carrying *carrying)
{
    const struct consent_change *change = carrying->change;
    bool receipt = change->event != CONSENT_NO_RECEIPT;
    struct vlt_buf plain;
    struct vlt_buf detail;
    enum vlt_status st = VLT_OK;

    vlt_buf_init(&plain, AUDIT_DETAIL_MAX);
    vlt_buf_init(&detail, AUDIT_DETAIL_MAX);
    put_plain(carrying, &plain);
    if (has_decision(change->row) && (change->grant != NULL || !receipt)) {
        st = log_entry(carrying, AUDIT_DECISION, vlt_buf_slice(&plain));
    } else if (change->row == ROW_CUT ||
               (!receipt &&
                (change->row == ROW_NARROWED || change->row == ROW_ADMITTED))) {
        st = log_entry(carrying, AUDIT_GRANT, vlt_buf_slice(&plain));
    } else if (!receipt && is_pause(change->row)) {
        st = log_untold(carrying);
    } else if (change->row == ROW_DROPPED) {
        st = log_entry(carrying, AUDIT_REQUEST, vlt_buf_slice(&plain));
    } else if (change->row == ROW_DEMANDED || change->row == ROW_OVERDUE) {
        st = carry_deletion_log(carrying);
    }
    if (st == VLT_OK && change->offer != NULL) {
        st = carry_offer_make(carrying);
    }
    if (st == VLT_OK && (change->offer != NULL || change->row == ROW_ACCEPTED ||
                         change->row == ROW_LEFT)) {
        st = carry_offer_log(carrying);
    }
    if (st == VLT_OK && receipt) {
        st = carry_receipt_make(carrying, &detail);
        if (st == VLT_OK) {
            st = log_entry(carrying,
                           change->grant != NULL ? AUDIT_GRANT : AUDIT_DECISION,
                           vlt_buf_slice(&detail));
        }
        if (st == VLT_OK) {
            st = carry_receipt_keep(carrying);
        }
    }
    vlt_buf_free(&plain);
    vlt_buf_free(&detail);
    return st;
}

/* ---- what the loop does ---- */

static void
notify_firm(struct carrying *carrying)
{
    const struct consent_change *change = carrying->change;
    struct after *after = after_add(carrying->turn, carrying->after,
                                    AFTER_NOTIFY_FIRM, carrying->firm->id);
    struct vlt_json_out json;

    if (after == NULL) {
        return; /* grant.receipt gives the receipt all the same */
    }
    json = vlt_rpc_begin_notification(&after->text, change->grant != NULL
                                                        ? "grant.changed"
                                                        : "request.decided");
    vlt_put_object(&json, "params");
    if (change->grant != NULL) {
        vlt_put_ulid(&json, "grant", change->grant->id);
        vlt_put_text(&json, "state", consent_state_word(change->state));
        vlt_put_text(&json, "reason", consent_event_word(change->event));
    } else {
        vlt_put_ulid(&json, "request", carrying->request->id);
        vlt_put_text(&json, "state", consent_state_word(change->state));
    }
    vlt_put_slice(&json, change->offer != NULL ? "offer" : "receipt",
                  vlt_buf_slice(&carrying->jws));
    vlt_put_end(&json);
    vlt_put_end(&json);
}

void
guard_notice(struct turn *turn, struct after **list,
             const struct guard_notice *notice)
{
    struct after *after =
        after_add(turn, list, AFTER_NOTIFY_OWNER, notice->subject);
    struct vlt_json_out json;

    if (after == NULL) {
        return; /* the lists show it all the same */
    }
    json = vlt_rpc_begin_notification(&after->text, "owner.notice");
    vlt_put_object(&json, "params");
    vlt_put_text(&json, "kind", notice->kind);
    if (notice->subject != NULL) {
        vlt_put_ulid(&json, "subject", notice->subject);
    } else {
        vlt_put_null(&json, "subject");
    }
    vlt_put_text(&json, "says", notice->says);
    vlt_put_end(&json);
    vlt_put_end(&json);
    notices_put(notice, turn->now, &after->kept);
    after->asks = strcmp(notice->kind, "request") == 0;
}

/* What waits for the owner by this row. */
static void
notify_owner(struct carrying *carrying)
{
    const struct consent_change *change = carrying->change;
    struct guard_notice notice = { .kind = "hold" };
    char says[160];

    switch (change->row) {
    case ROW_TOLD:
        (void)snprintf(says, sizeof says,
                       "%.63s has used a grant %" PRIu64
                       " times since you heard of it last.",
                       carrying->firm->name, change->uses);
        notice.kind = "use";
        notice.subject = change->grant->id;
        notice.says = says;
        break;
    case ROW_ASKED:
        notice.kind = "request";
        notice.subject = carrying->request->id;
        (void)snprintf(says, sizeof says,
                       "A request of %.63s waits for your decision.",
                       carrying->firm->name);
        notice.says = says;
        break;
    case ROW_HELD_UP:
        notice.subject = change->grant->id;
        notice.says = "A rule asks now: a grant is suspended until you "
                      "resume it.";
        break;
    case ROW_OVERDUE:
        (void)snprintf(says, sizeof says,
                       "%.63s has not said that it deleted what it was given; "
                       "that is overdue.",
                       carrying->firm->name);
        notice.kind = "deletion";
        notice.subject = change->grant->id;
        notice.says = says;
        break;
    case ROW_UNUSED:
        notice.subject = change->grant->id;
        notice.says = "A grant was not used for 60 days: it is suspended "
                      "until you resume it.";
        break;
    default:
        return;
    }
    guard_notice(carrying->turn, carrying->after, &notice);
}

/* Is what is queued or live of the grant cut, by this row?  The last use of a
 * grant is still to be delivered. */
static bool
cuts(const struct consent_change *change)
{
    if (change->grant == NULL || change->row == ROW_EXHAUSTED ||
        change->row == ROW_TOLD || change->row == ROW_DEMANDED ||
        change->row == ROW_OVERDUE) {
        return false;
    }
    return !grant_shown_active(change->grant) || change->row == ROW_NARROWED;
}

static enum vlt_status
queue_after(struct carrying *carrying)
{
    const struct consent_change *change = carrying->change;

    if (cuts(change)) {
        struct after *after = after_add(carrying->turn, carrying->after,
                                        AFTER_SILENCE, change->grant->id);

        if (after == NULL) {
            return VLT_E_NOMEM; /* without silence no end */
        }
    }
    if (change->event != CONSENT_NO_RECEIPT || change->row == ROW_COUNTERED) {
        notify_firm(carrying);
    }
    if (change->row == ROW_DEMANDED) {
        carry_deletion_ask(carrying);
    }
    notify_owner(carrying);
    return VLT_OK;
}

/* ---- one change ---- */

struct finding {
    struct carrying *carrying;
    enum vlt_status st;
};

static bool
carry_one(void *ctx, const struct consent_request *request)
{
    struct finding *finding = ctx;
    struct carrying *carrying = finding->carrying;
    struct service *service = carrying->turn->service;

    carrying->request = request;
    carrying->firm = identity_firm_now(service->identity, request->firm);
    if (carrying->firm == NULL) {
        finding->st = VLT_E_STORAGE;
        return false;
    }
    if (carrying->change->grant != NULL) {
        memcpy(carrying->policy_salt, carrying->change->grant->policy_salt,
               sizeof carrying->policy_salt);
    }
    vlt_buf_init(&carrying->payload, VLT_RECEIPT_MAX);
    vlt_buf_init(&carrying->jws, VLT_LIMIT_RECEIPT_JWS);
    finding->st = log_change(carrying);
    if (finding->st == VLT_OK) {
        finding->st = queue_after(carrying);
    }
    vlt_buf_free(&carrying->payload);
    vlt_buf_free(&carrying->jws);
    firm_release(carrying->firm);
    return false;
}

enum vlt_status
guard_carry(struct turn *turn, struct consent_changes *changes,
            struct after **after)
{
    enum vlt_status st = VLT_OK;
    int64_t now;

    if (changes->count > 0) {
        st = guard_now(turn, &now);
    }
    for (size_t i = 0; st == VLT_OK && i < changes->count; i++) {
        struct carrying carrying = { .turn = turn,
                                     .change = &changes->at[i],
                                     .after = after };
        struct finding finding = { .carrying = &carrying, .st = VLT_OK };

        st = consent_request_now(turn->service->consent, changes->at[i].request,
                                 carry_one, &finding);
        if (st == VLT_OK) {
            st = finding.st;
        }
    }
    consent_changes_free(changes);
    return st;
}
