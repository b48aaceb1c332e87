/*
 * Requests: status, withdraw, deny, and the table (WIRE.md, 6.5).
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "service/nouns.h"
#include "service/policy_internal.h"
#include "service/request_internal.h"
#include "json/json_write.h"

bool
request_tell_outcome(void *ctx, const struct consent_request *request)
{
    struct request_telling *telling = ctx;

    telling->st = VLT_E_NOT_FOUND;
    if (telling->firm == NULL ||
        memcmp(request->firm, telling->firm, VLT_ID_LEN) == 0) {
        telling->st = noun_put_outcome(telling->json, telling->service,
                                       telling->view, request);
    }
    return false;
}

struct asking {
    uint8_t request[VLT_ID_LEN];
};

static enum vlt_status
id_check(struct call *call, struct vlt_walk *params)
{
    struct asking *asking = call_state(call, sizeof *asking);

    if (asking == NULL) {
        return VLT_E_NOMEM;
    }
    vlt_walk_ulid(params, "request", asking->request);
    return VLT_OK;
}

/* ---- status ---- */

static enum vlt_status
tell_committed(struct call *call, const struct asking *asking)
{
    struct service *service = call->service;
    struct store_read *read = NULL;
    struct vlt_json_out json;
    struct request_telling telling = { .service = service,
                                       .json = &json,
                                       .firm = call->who.id };
    enum vlt_status st = store_read_begin(service->store, &read);

    if (st != VLT_OK) {
        return st;
    }
    telling.view = store_read_view(read);
    json = call_result(call);
    st = consent_request_find(service->consent, asking->request,
                              request_tell_outcome, &telling);
    if (st == VLT_OK) {
        st = telling.st;
    }
    vlt_put_end(&json);
    store_read_end(read);
    return st;
}

static enum vlt_status
status_prepare(struct call *call)
{
    const struct firm *firm = NULL;
    enum vlt_status st = noun_self(call, &firm);

    if (st == VLT_OK) {
        st = tell_committed(call, call->state);
    }
    firm_release(firm);
    return st;
}

/* ---- withdraw ---- */

enum vlt_status
request_tell_turn(struct call *call, struct turn *turn,
                  const uint8_t request[VLT_ID_LEN])
{
    struct service *service = call->service;
    struct vlt_json_out json;
    struct request_telling telling = { .service = service,
                                       .json = &json,
                                       .firm = call->who.id };
    struct store_txn *txn;
    enum vlt_status st = guard_txn(turn, &txn);

    if (st != VLT_OK) {
        return st;
    }
    telling.view = store_txn_view(txn);
    json = call_result(call);
    st = consent_request_now(service->consent, request, request_tell_outcome,
                             &telling);
    vlt_put_end(&json);
    return st == VLT_OK ? telling.st : st;
}

static enum vlt_status
withdraw_commit(struct call *call, struct turn *turn)
{
    const struct asking *asking = call->state;
    struct consent_changes changes = { .count = 0 };
    struct store_txn *txn;
    enum vlt_status st = guard_txn(turn, &txn);

    if (st == VLT_OK) {
        st = consent_withdraw(call->service->consent, txn, asking->request,
                              call->who.id, turn->now, &changes);
    }
    if (st == VLT_E_CONFLICT) {
        st = call_refuse(call, st, "The request is no longer pending.");
    }
    if (st == VLT_OK) {
        st = guard_carry(turn, &changes, &call->after);
    }
    consent_changes_free(&changes);
    return st == VLT_OK ? request_tell_turn(call, turn, asking->request) : st;
}

/* ---- deny ---- */

struct deny {
    uint8_t request[VLT_ID_LEN];
    char reason[CONSENT_REASON + 1];
    bool never;
    struct policy_never rules; /* with `never`: the set that has them */
    struct noun_ends ended; /* what these ended beside the request: grants, */
    struct vlt_buf denied;  /* and requests that waited: their ids */
};

static void
deny_clear(void *state)
{
    struct deny *deny = state;

    consent_policy_free(deny->rules.policy);
    noun_ends_free(&deny->ended);
    vlt_buf_free(&deny->denied);
    free(deny);
}

static enum vlt_status
deny_check(struct call *call, struct vlt_walk *params)
{
    struct deny *deny = call_state(call, sizeof *deny);
    struct vlt_slice reason;

    if (deny == NULL) {
        return VLT_E_NOMEM;
    }
    vlt_walk_ulid(params, "request", deny->request);
    reason = vlt_walk_text_or(params, "reason", 1, CONSENT_REASON,
                              vlt_slice_text(""));
    if (!vlt_text_printable(reason) ||
        vlt_utf8_count(reason) > CONSENT_REASON / 4) {
        vlt_walk_fault(params, "reason",
                       "must be at most %d characters, none of them for "
                       "control",
                       CONSENT_REASON / 4);
    }
    deny->never = vlt_walk_bool_or(params, "never", false);
    noun_copy(deny->reason, sizeof deny->reason, reason);
    return VLT_OK;
}

static enum vlt_status
deny_prepare(struct call *call)
{
    struct deny *deny = call->state;
    enum vlt_status st;

    if (!deny->never) {
        return VLT_OK;
    }
    consent_policy_free(deny->rules.policy);
    deny->rules.policy = NULL;
    st = policy_never_add(call->service, deny->request, &deny->rules);
    if (st == VLT_E_FORMAT || st == VLT_E_LIMIT) {
        return call_refuse(call, VLT_E_CONFLICT,
                           "There is no room for another rule; take some away "
                           "(policy forget, or policy apply).");
    }
    return st == VLT_E_NOT_FOUND ? VLT_OK : st; /* said in the turn */
}

/* Was the set that its rules are for replaced meanwhile? */
static bool
is_outdated(struct call *call)
{
    const struct deny *deny = call->state;

    return deny->rules.policy != NULL &&
           consent_set_now(call->service->consent)->version !=
               deny->rules.version;
}

/* What else the rules denied, each request once. */
static void
note_denied(struct deny *deny, const struct consent_changes *changes)
{
    vlt_buf_clear(&deny->denied); /* of a turn that was undone */
    for (size_t i = 0; i < changes->count; i++) {
        const struct consent_change *change = &changes->at[i];
        const struct vlt_buf *denied = &deny->denied;
        bool said = denied->len >= VLT_ID_LEN &&
                    memcmp(denied->at + denied->len - VLT_ID_LEN,
                           change->request, VLT_ID_LEN) == 0;

        if (change->row == ROW_RULED_OUT && !said) {
            vlt_buf_put(&deny->denied, change->request, VLT_ID_LEN);
        }
    }
}

static enum vlt_status
note_others(struct deny *deny, const struct consent_changes *changes)
{
    noun_ends_free(&deny->ended);
    deny->ended = (struct noun_ends){ .count = 0 };
    note_denied(deny, changes);

    enum vlt_status st = vlt_buf_status(&deny->denied);

    return st == VLT_OK ? noun_note_ends(&deny->ended, changes) : st;
}

static void
put_others(struct vlt_json_out *json, const struct deny *deny)
{
    vlt_put_list(json, "denied");
    for (size_t i = 0; i < deny->denied.len; i += VLT_ID_LEN) {
        vlt_put_ulid(json, NULL, deny->denied.at + i);
    }
    vlt_put_end(json);
    vlt_put_list(json, "ended");
    for (size_t i = 0; i < deny->ended.count; i++) {
        vlt_put_ulid(json, NULL, deny->ended.at[i].grant);
    }
    vlt_put_end(json);
}

/* With `never` the rules come in force beside it, and cut what they cut. */
static enum vlt_status
carry_denied(struct call *call, struct turn *turn,
             struct consent_changes *changes)
{
    struct deny *deny = call->state;
    enum vlt_status st;

    if (deny->rules.policy == NULL) {
        return guard_carry(turn, changes, &call->after);
    }
    st = policy_force(turn, deny->rules.policy, changes);
    if (st == VLT_OK) {
        st = note_others(deny, changes);
    }
    return st == VLT_OK ? policy_carry(turn, changes, &call->after) : st;
}

static enum vlt_status
deny_commit(struct call *call, struct turn *turn)
{
    const struct deny *deny = call->state;
    struct consent_changes changes = { .count = 0 };
    char text[VLT_ULID_TEXT];
    struct store_txn *txn;
    enum vlt_status st = guard_txn(turn, &txn);

    if (st == VLT_OK && is_outdated(call)) {
        call->job.again = true;
        return VLT_E_CONFLICT;
    }
    if (st == VLT_OK) {
        st = consent_deny(call->service->consent, txn, deny->request,
                          vlt_slice_text(deny->reason), turn->now, &changes);
    }
    if (st == VLT_E_NOT_FOUND) {
        if (deny->reason[0] != '\0' &&
            request_is_use(call->service, deny->request)) {
            return call_refuse_at(call, "reason",
                                  "It is a use of a grant: the firm is told "
                                  "that it was denied, and no reason.");
        }
        st = request_answer_use(call, turn, deny->request, false);
        if (st == VLT_OK) {
            return st;
        }
    }
    if (st == VLT_E_NOT_FOUND) {
        st = call_not_found(call, "request", "request",
                            vlt_ulid_print(deny->request, text));
    } else if (st == VLT_E_CONFLICT) {
        st = call_refuse(call, st, "The request does not wait for an answer.");
    }
    if (st == VLT_OK) {
        st = carry_denied(call, turn, &changes);
    }
    consent_changes_free(&changes);
    if (st == VLT_OK) {
        struct vlt_json_out json = call_result(call);

        vlt_put_ulid(&json, "request", deny->request);
        vlt_put_text(&json, "state", "denied");
        if (deny->never) {
            put_others(&json, deny);
        }
        vlt_put_end(&json);
    }
    return st;
}

const struct method op_request[] = {
    { .name = "request.submit",
      .roles = ROLE_FIRM,
      .check = submit_check,
      .prepare = submit_prepare,
      .commit = submit_commit,
      .clear = submit_clear },
    { .name = "request.status",
      .roles = ROLE_FIRM,
      .check = id_check,
      .prepare = status_prepare },
    { .name = "request.withdraw",
      .roles = ROLE_FIRM,
      .flags = METHOD_CHANGES,
      .check = id_check,
      .commit = withdraw_commit },
    { .name = "request.list",
      .roles = ROLE_OWNER,
      .check = request_list_check,
      .prepare = request_list_prepare,
      .clear = request_list_clear },
    { .name = "request.show",
      .roles = ROLE_OWNER,
      .check = request_show_check,
      .prepare = request_show_prepare },
    { .name = "request.preview",
      .roles = ROLE_OWNER,
      .flags = METHOD_READS,
      .check = preview_check,
      .prepare = preview_prepare,
      .clear = preview_clear },
    { .name = "request.approve",
      .roles = ROLE_OWNER,
      .flags = METHOD_CHANGES,
      .check = approve_check,
      .commit = approve_commit },
    { .name = "request.counter",
      .roles = ROLE_OWNER,
      .flags = METHOD_CHANGES,
      .check = counter_check,
      .commit = counter_commit },
    { .name = "request.answer",
      .roles = ROLE_FIRM,
      .flags = METHOD_CHANGES,
      .check = answer_check,
      .prepare = answer_prepare,
      .commit = answer_commit,
      .clear = answer_clear },
    { .name = "request.deny",
      .roles = ROLE_OWNER,
      .flags = METHOD_CHANGES,
      .check = deny_check,
      .prepare = deny_prepare,
      .commit = deny_commit,
      .clear = deny_clear },
    { .name = NULL },
};
