#include <stdlib.h>
#include <string.h>

#include "service/guard_internal.h"
#include "service/hold.h"
#include "service/intake.h"
#include "service/owed.h"
#include "service/page_internal.h"
#include "service/reauth.h"
#include "service/shared.h"
#include "util/log.h"
#include "util/stack.h"
#include "json/json_write.h"

/* Between two looks at the ballast while turns leave no idle moment. */
#define TEND_EVERY (5 * VLT_SECOND)

enum vlt_status
guard_new(struct service *service)
{
    service->turn = calloc(1, sizeof *service->turn);
    if (service->turn == NULL) {
        return VLT_E_NOMEM;
    }
    service->turn->service = service;
    return VLT_OK;
}

void
guard_free(struct service *service)
{
    free(service->turn);
    service->turn = NULL;
}

struct service *
guard_service(struct turn *turn)
{
    return turn->service;
}

static enum vlt_status
begin(struct turn *turn, struct store_txn **out)
{
    struct service *service = turn->service;

    if (turn->txn == NULL) {
        struct store_turn want = { .now_ns = service_wall(service),
                                   .control = turn->control,
                                   .keyless = turn->keyless };
        enum vlt_status st = store_txn_begin(service->store, want, &turn->txn);

        if (st != VLT_OK) {
            return st;
        }
        if (!turn->keyless) {
            turn->now = store_txn_now(turn->txn);
            turn->running = service_reckon(service, turn->now);
            hold_clock_first(service, turn->now);
            turn->sure = service_sure(service);
        }
    }
    *out = turn->txn;
    return VLT_OK;
}

enum vlt_status
guard_keyless(struct turn *turn, struct store_txn **out)
{
    turn->keyless =
        turn->txn == NULL ? store_locked(turn->service->store) : turn->keyless;
    return begin(turn, out);
}

enum vlt_status
guard_txn(struct turn *turn, struct store_txn **out)
{
    return turn->keyless ? VLT_E_LOCKED : begin(turn, out);
}

enum vlt_status
guard_now(struct turn *turn, int64_t *out)
{
    struct store_txn *txn;
    enum vlt_status st = guard_txn(turn, &txn);

    if (st == VLT_OK) {
        *out = turn->now;
    }
    return st;
}

enum vlt_status
guard_rows(struct turn *turn, struct call *call)
{
    static const char *const says[] = {
        [STORE_STOP_QUOTA] = "The vault's quota is used up; no rows are taken.",
        [STORE_STOP_DISK] = "The vault's disk is nearly full; no rows are "
                            "taken until there is room.",
    };
    struct store_txn *txn;
    enum vlt_status st = guard_txn(turn, &txn);

    if (st != VLT_OK || store_txn_stop(txn) == STORE_STOP_NONE) {
        return st;
    }
    return call != NULL ? call_refuse(call, VLT_E_STORAGE, "%s",
                                      says[store_txn_stop(txn)])
                        : VLT_E_STORAGE;
}

void
guard_then(struct turn *turn, struct call *call,
           enum vlt_status (*then)(struct call *call))
{
    turn->then_of = call;
    turn->then = then;
}

void
guard_lock_after(struct turn *turn)
{
    turn->lock_after = true;
}

void
guard_unlocks(struct turn *turn)
{
    turn->unlocks = true;
}

/* ---- the turn, as exec runs it ---- */

void
guard_idle(void *ctx)
{
    struct service *service = ctx;

    store_tend(service->store);
    hold_idle(service);
    service->tend_due = service_boot(service) + TEND_EVERY;
}

enum vlt_status
guard_turn_begin(void *ctx, enum exec_turn kind, struct turn **out)
{
    struct service *service = ctx;
    struct turn *turn = service->turn;

    turn->control = kind != EXEC_TURN_MIXED;
    turn->txn = NULL;
    turn->keyless = false;
    turn->now = 0;
    turn->lock_after = false;
    turn->unlocks = false;
    turn->anchors = false;
    turn->hold_ends = 0;
    turn->hold_logged = false;
    turn->pages = NULL;
    turn->afters = NULL;
    turn->then_of = NULL;
    turn->put = 0;
    hold_clock_look(service);
    *out = turn;
    return VLT_OK;
}

static void
note_touched(void *ctx, const uint8_t id[VLT_ID_LEN], int64_t first,
             int64_t last)
{
    struct service *service = ctx;

    (void)first;
    (void)last;
    atomic_set(&service->appended, (uint64_t)service_boot(service));
    if (service->touched_count == service->touched_cap) {
        size_t cap = service->touched_cap == 0 ? 64 : 2 * service->touched_cap;
        struct touched *more = realloc(service->touched, cap * sizeof *more);

        if (more == NULL) {
            return; /* the subscriber catches up with the stream's next row */
        }
        service->touched = more;
        service->touched_cap = cap;
    }
    memcpy(service->touched[service->touched_count++].stream, id, VLT_ID_LEN);
}

/* Memory follows the disk: the consent epoch first, since it is what makes a
 * page that is under way be decided again. */
static void
rooms_end(struct service *service, bool committed)
{
    consent_turn_end(service->consent, committed);
    identity_turn_end(service->identity, committed);
    audit_turn_end(service->audit, committed);
    if (committed) {
        lock_take(service->touch_lock);
        series_touched(service->series, note_touched, service);
        lock_drop(service->touch_lock);
    }
    series_turn_end(service->series, committed);
}

static void
rooms_clear(struct service *service)
{
    hold_drop(service, HOLD_ROLLBACK); /* it is judged at each unlock */
    service->reckoning.known = false;
    store_lock(service->store); /* waits for the readers: they have the rooms */
    shared_clear(service->shared);
    consent_clear(service->consent);
    identity_clear(service->identity);
    audit_clear(service->audit);
    series_clear(service->series);
    stack_wipe();
}

void
guard_lock_now(struct turn *turn)
{
    store_txn_abort(turn->txn);
    turn->txn = NULL;
    rooms_end(turn->service, false);
    rooms_clear(turn->service);
}

/* The answer is kept when the thing is done, so that a repetition of a call
 * that a crash cut short does it. */
static enum vlt_status
run_then(struct service *service, struct turn *turn)
{
    struct call *call = turn->then_of;
    enum vlt_status st = turn->then(call);
    struct store_txn *txn = NULL;

    if (st != VLT_OK) {
        return st == VLT_E_UNKNOWN ? st : VLT_OK;
    }
    st = guard_txn(turn, &txn);
    if (st == VLT_OK && call->has_idem) {
        st = guard_keep_answer(turn, call);
    }
    if (st == VLT_OK) {
        st = store_txn_commit(turn->txn);
    } else {
        store_txn_abort(turn->txn);
    }
    turn->txn = NULL;
    rooms_end(service, st == VLT_OK);
    if (st != VLT_OK) {
        log_error("service", "what was done is not noted: %s",
                  vlt_status_word(st));
    }
    return st == VLT_E_UNKNOWN ? st : VLT_OK;
}

enum vlt_status
guard_turn_commit(void *ctx, struct turn *turn)
{
    struct service *service = ctx;
    enum vlt_status st = VLT_OK;

    if (turn->txn != NULL) {
        if (!turn->keyless) {
            hold_clock_log(turn);
        }
        st = page_sign_all(turn);
        if (st == VLT_OK) {
            st = intake_put_gate(turn);
        }
        if (st == VLT_OK && !turn->unlocks) {
            st = series_pack(service->series, turn->txn);
        }
        if (st == VLT_OK) {
            st = store_txn_commit(turn->txn);
        } else {
            store_txn_abort(turn->txn);
            st = VLT_E_STORAGE;
        }
        turn->txn = NULL;
        rooms_end(service, st == VLT_OK);
        if (st == VLT_OK && turn->then_of != NULL) {
            st = run_then(service, turn);
        }
        if (st == VLT_OK && !turn->keyless) {
            hold_clock_logged(turn);
            hold_committed(service, turn);
        }
    }
    if (st == VLT_OK) {
        after_durable(turn);
    }
    if (service_boot(service) >= service->tend_due) {
        guard_idle(service);
    }
    if (turn->lock_after) {
        hold_before_lock(service);
        rooms_clear(service); /* with or without its entry */
    } else if (turn->unlocks && st != VLT_OK) {
        rooms_clear(service);
    }
    return st;
}

void
guard_turn_abort(void *ctx, struct turn *turn)
{
    store_txn_abort(turn->txn);
    turn->txn = NULL;
    rooms_end(ctx, false);
    if (turn->unlocks) {
        rooms_clear(ctx);
    }
}

/* ---- logging ---- */

enum vlt_status
guard_log(struct turn *turn, const struct guard_event *event,
          struct audit_mark *mark)
{
    struct service *service = turn->service;
    struct audit_event entry = {
        .type = event->type,
        .firm_detail = event->firm_detail,
        .owner_detail = event->owner_detail,
    };
    struct store_txn *txn;
    enum vlt_status st = guard_txn(turn, &txn);

    if (st != VLT_OK) {
        return st;
    }
    turn->anchors = turn->anchors || hold_must_know(event->type);
    entry.time = turn->now;
    if (event->subject != NULL) {
        memcpy(entry.subject, event->subject, sizeof entry.subject);
    }
    if (event->firm != NULL) {
        entry.firm = event->firm->id;
        entry.firm_kid = event->firm->kid;
    }
    entry.seq = event->seq;
    if (event->of_grant && event->seq == 0) {
        st = consent_event_seq(service->consent, txn, event->subject,
                               &entry.seq);
        if (st != VLT_OK) {
            return st;
        }
    }
    return audit_append(service->audit, txn, &entry, mark);
}

/* ---- the commit step of every call ---- */

/* A firm must be confirmed now, under the key that it proved. */
static enum vlt_status
firm_may(struct turn *turn, const struct principal *who,
         const struct firm **out)
{
    const struct firm *firm =
        identity_firm_now(turn->service->identity, who->id);

    if (hold_on(turn->service) || firm == NULL ||
        firm->state != IDENTITY_CONFIRMED ||
        memcmp(firm->key, who->key, sizeof firm->key) != 0) {
        firm_release(firm);
        return VLT_E_DENIED;
    }
    *out = firm;
    return VLT_OK;
}

static enum vlt_status
log_owner_read(struct turn *turn, const struct call *call)
{
    struct guard_event event = { .type = AUDIT_OWNER };
    struct vlt_json_out json;
    struct vlt_buf detail;
    enum vlt_status st;

    vlt_buf_init(&detail, AUDIT_DETAIL_MAX);
    json = vlt_json_out(&detail);
    vlt_put_object(&json, NULL);
    vlt_put_text(&json, "read", call->method->name);
    vlt_put_end(&json);
    event.owner_detail = vlt_buf_slice(&detail);
    st = guard_log(turn, &event, NULL);
    vlt_buf_free(&detail);
    return st;
}

enum vlt_status
guard_log_denied(struct turn *turn, const struct firm *firm, const char *method,
                 const char *why)
{
    struct guard_event event = { .type = AUDIT_DENIED, .firm = firm };
    struct vlt_json_out json;
    struct vlt_buf firm_detail;
    struct vlt_buf owner_detail;
    enum vlt_status st;

    vlt_buf_init(&firm_detail, AUDIT_DETAIL_MAX);
    vlt_buf_init(&owner_detail, AUDIT_DETAIL_MAX);
    json = vlt_json_out(&firm_detail);
    vlt_put_object(&json, NULL);
    vlt_put_text(&json, "method", method);
    vlt_put_end(&json);
    json = vlt_json_out(&owner_detail);
    vlt_put_object(&json, NULL);
    vlt_put_text(&json, "method", method);
    vlt_put_text(&json, "why", why);
    vlt_put_end(&json);
    event.firm_detail = vlt_buf_slice(&firm_detail);
    event.owner_detail = vlt_buf_slice(&owner_detail);
    st = guard_log(turn, &event, NULL);
    vlt_buf_free(&firm_detail);
    vlt_buf_free(&owner_detail);
    return st;
}

/* A use that is refused, whatever it is called to the firm; refusals for the
 * rate are counted by the rate itself. */
static bool
is_denial(const struct call *call, enum vlt_status st)
{
    switch (call->fault.code) {
    case 0:
    case VLT_RPC_DENIED:
    case VLT_RPC_PENDING:
    case VLT_RPC_ENDED:
    case VLT_RPC_SCOPE:
        return st == VLT_E_NOT_FOUND || st == VLT_E_DENIED;
    default:
        return false;
    }
}

static enum vlt_status
once_only(struct turn *turn, struct call *call)
{
    enum vlt_status st = VLT_OK;

    if (call->has_idem) {
        st = guard_first_answer(turn, call);
        if (st != VLT_OK || call->repeated) {
            return st;
        }
    }
    if (call->logs_read) {
        st = log_owner_read(turn, call);
        if (st == VLT_E_STORAGE && turn->control && turn->txn == NULL) {
            owed_read(turn->service, call->method->name);
            st = VLT_OK;
        }
    }
    if (st == VLT_OK && call->reauth != NULL) {
        st = reauth_still(call);
    }
    if (st == VLT_OK && call->method->commit != NULL) {
        st = call->method->commit(call, turn);
    }
    if (st == VLT_OK && call->has_idem && turn->then_of == NULL) {
        st = guard_keep_answer(turn, call);
    }
    return st;
}

enum vlt_status
guard_call(struct job *job, struct turn *turn)
{
    struct call *call = (struct call *)job;
    const struct firm *firm = NULL;
    enum vlt_status st = VLT_OK;

    if (call->who.role == ROLE_FIRM) {
        st = firm_may(turn, &call->who, &firm);
    }
    if (st == VLT_OK) {
        st = once_only(turn, call);
    }
    if (firm != NULL && is_denial(call, st)) {
        const char *why = call->fault.detail[0] != '\0' ? call->fault.detail
                                                        : call->fault.message;
        call->denied = true;

        enum vlt_status logged =
            guard_log_denied(turn, firm, call->method->name, why);

        if (logged != VLT_OK) {
            log_error("service", "a refusal was not logged: %s",
                      vlt_status_word(logged));
        }
    }
    firm_release(firm);
    return st;
}
