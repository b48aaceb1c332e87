/*
 * firm.rekey: a firm asks to be known by another key, and the owner's answer by
 * firm.confirm.
 *
 * The change is signed by both keys, and by itself does nothing: the firm is
 * known by its own until the owner has compared the other's fingerprint.  Then
 * what was given to the old key ends, since a grant is that of a key; the firm
 * keeps its name, its tree of the log and its records, and asks anew.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "service/firm_internal.h"
#include "service/guard_internal.h"
#include "wire/jws.h"
#include "wire/limits.h"
#include "wire/rekey.h"
#include "json/json_write.h"

struct rekeying {
    struct vlt_slice change, accept; /* borrowed from the call's document */
    struct vlt_rekey what;
};

enum vlt_status
firm_rekey_check(struct call *call, struct vlt_walk *params)
{
    struct rekeying *state = call_state(call, sizeof *state);

    if (state == NULL) {
        return VLT_E_NOMEM;
    }
    state->change = vlt_walk_text(params, "change", 1, VLT_LIMIT_REKEY_JWS);
    state->accept = vlt_walk_text(params, "accept", 1, VLT_LIMIT_REKEY_JWS);
    return VLT_OK;
}

/* iss and aud must be those of the session, iat near to now. */
static enum vlt_status
check_session(struct call *call)
{
    const struct rekeying *state = call->state;
    int64_t now = service_effective(call->service) / VLT_SECOND;
    const struct firm *firm = NULL;
    struct vlt_signer *signer = NULL;
    uint8_t id[VLT_IDENTITY_LEN];
    enum vlt_status st = noun_self(call, &firm);

    if (st != VLT_OK) {
        return st;
    }
    vlt_identity_of(VLT_IDENTITY_FIRM, firm->key, id);
    if (memcmp(id, state->what.iss, sizeof id) != 0) {
        firm_release(firm);
        return call_refuse_at(call, "change", "iss is not the firm that asks.");
    }
    st = noun_receipt_signer(call->service, firm, &signer);
    firm_release(firm);
    if (st != VLT_OK) {
        return st;
    }
    vlt_identity_of(VLT_IDENTITY_RECEIPT, vlt_signer_pk(signer), id);
    vlt_signer_free(signer);
    if (memcmp(id, state->what.aud, sizeof id) != 0) {
        return call_refuse_at(call, "change",
                              "aud is not this vault's receipt key for the "
                              "firm; session.info tells it.");
    }
    if (state->what.iat < now - VLT_LIMIT_IAT_S ||
        state->what.iat > now + VLT_LIMIT_IAT_S) {
        return call_refuse_at(call, "change",
                              "iat is over %d s from the vault's time; sign it "
                              "anew.",
                              VLT_LIMIT_IAT_S);
    }
    return VLT_OK;
}

enum vlt_status
firm_rekey_prepare(struct call *call)
{
    struct rekeying *state = call->state;
    const char *which = "change";

    switch (vlt_rekey_verify(state->change, state->accept, call->who.key,
                             &which, &state->what)) {
    case VLT_OK:
        return check_session(call);
    case VLT_E_NOMEM:
        return VLT_E_NOMEM;
    case VLT_E_AUTH:
        return call_refuse_at(call, which,
                              strcmp(which, "change") == 0
                                  ? "The signature is not that of the "
                                    "session's key."
                                  : "The signature is not that of the key that "
                                    "is to come.");
    default:
        return call_refuse_at(call, which,
                              "It is no JWS of type " VLT_TYP_REKEY
                              ", or not over the same payload.");
    }
}

/* ---- asking, in the turn ---- */

static void
put_id(struct vlt_json_out *json, const char *name,
       const uint8_t key[VLT_SIGN_PK])
{
    uint8_t id[VLT_IDENTITY_LEN];
    char text[VLT_IDENTITY_TEXT];

    vlt_identity_of(VLT_IDENTITY_FIRM, key, id);
    vlt_put_text(json, name, vlt_identity_print(VLT_IDENTITY_FIRM, id, text));
}

void
firm_put_next(struct vlt_json_out *json, const struct firm *firm)
{
    uint8_t id[VLT_IDENTITY_LEN];
    char text[VLT_FINGERPRINT_TEXT];

    if (!firm->has_next) {
        vlt_put_null(json, "next");
        return;
    }
    vlt_identity_of(VLT_IDENTITY_FIRM, firm->next, id);
    vlt_put_object(json, "next");
    put_id(json, "id", firm->next);
    vlt_put_text(json, "fingerprint", vlt_fingerprint_print(id, text));
    vlt_put_time(json, "asked", firm->asked);
    vlt_put_end(json);
}

/* Both signatures are kept by the log. */
static enum vlt_status
log_asked(const struct rekeying *state, struct turn *turn,
          const struct firm *firm)
{
    struct guard_event event = { .type = AUDIT_FIRM, .firm = firm };
    struct vlt_json_out json;
    struct vlt_buf detail;
    enum vlt_status st;

    vlt_buf_init(&detail, AUDIT_DETAIL_MAX);
    json = vlt_json_out(&detail);
    vlt_put_object(&json, NULL);
    vlt_put_text(&json, "event", "key.asked");
    put_id(&json, "id", firm->key);
    put_id(&json, "next", firm->next);
    vlt_put_slice(&json, "change", state->change);
    vlt_put_slice(&json, "accept", state->accept);
    vlt_put_end(&json);
    event.firm_detail = vlt_buf_slice(&detail);
    event.owner_detail = event.firm_detail;
    st = guard_log(turn, &event, NULL);
    vlt_buf_free(&detail);
    return st;
}

static void
tell_owner(struct call *call, struct turn *turn, const struct firm *firm)
{
    char says[IDENTITY_NAME_MAX + 128];
    struct guard_notice notice = { .kind = "firm", .says = says };

    (void)snprintf(says, sizeof says,
                   "%s asks to be known by another key; compare its "
                   "fingerprint, and confirm it.",
                   firm->name);
    guard_notice(turn, &call->after, &notice);
}

static enum vlt_status
ask(struct call *call, struct turn *turn, const struct firm **out)
{
    const struct rekeying *state = call->state;
    struct store_txn *txn;
    enum vlt_status st = guard_txn(turn, &txn);

    if (st == VLT_OK) {
        st = identity_firm_ask_key(call->service->identity, txn, call->who.id,
                                   state->what.next, out);
    }
    if (st == VLT_E_CONFLICT) {
        return call_refuse(call, st,
                           "That key is known to the vault already; make "
                           "another.");
    }
    if (st == VLT_OK) {
        st = log_asked(state, turn, *out);
    }
    if (st == VLT_OK) {
        tell_owner(call, turn, *out);
    }
    return st;
}

enum vlt_status
firm_rekey_commit(struct call *call, struct turn *turn)
{
    const struct rekeying *state = call->state;
    const struct firm *asked = NULL;
    const struct firm *firm =
        identity_firm_now(call->service->identity, call->who.id);
    bool waits = firm != NULL && firm->has_next &&
                 memcmp(firm->next, state->what.next, sizeof firm->next) == 0;
    enum vlt_status st = waits ? VLT_OK : ask(call, turn, &asked);

    if (st == VLT_OK) {
        struct vlt_json_out json = call_result(call);

        put_id(&json, "id", state->what.next);
        vlt_put_text(&json, "state", "waiting");
        vlt_put_end(&json);
    }
    firm_release(asked);
    firm_release(firm);
    return st;
}

/* ---- the owner's answer ---- */

static enum vlt_status
log_changed(struct turn *turn, const struct firm *firm,
            const uint8_t before[VLT_SIGN_PK])
{
    struct guard_event event = { .type = AUDIT_FIRM, .firm = firm };
    struct vlt_json_out json;
    struct vlt_buf detail;
    enum vlt_status st;

    vlt_buf_init(&detail, AUDIT_DETAIL_MAX);
    json = vlt_json_out(&detail);
    vlt_put_object(&json, NULL);
    vlt_put_text(&json, "event", "key.changed");
    put_id(&json, "before", before);
    put_id(&json, "id", firm->key);
    vlt_put_end(&json);
    event.firm_detail = vlt_buf_slice(&detail);
    event.owner_detail = event.firm_detail;
    st = guard_log(turn, &event, NULL);
    vlt_buf_free(&detail);
    return st;
}

/* Rules of the owner's files that name a key. */
static void
note_stays(const struct consent_set *set, const uint8_t key[VLT_SIGN_PK],
           struct firm_moves *out)
{
    uint8_t id[VLT_IDENTITY_LEN];

    vlt_identity_of(VLT_IDENTITY_FIRM, key, id);
    out->stays = 0;
    for (size_t i = 0; i < policy_rule_count(set->set); i++) {
        const struct policy_rule *rule = policy_rule_at(set->set, i);
        bool names = false;

        for (size_t j = 0; j < rule->firm_count; j++) {
            names = names || memcmp(rule->firms[j], id, sizeof id) == 0;
        }
        if (!names || strncmp(rule->name, "cli-", 4) == 0) {
            continue;
        }
        if (out->stays < FIRM_STAYS) {
            memcpy(out->stay[out->stays], rule->name, strlen(rule->name) + 1);
        }
        out->stays++;
    }
}

enum vlt_status
firm_moves_read(struct service *service, const struct firm *firm,
                struct firm_moves *out)
{
    const struct consent_set *set = consent_set_hold(service->consent);

    if (set == NULL) {
        return VLT_E_LOCKED;
    }
    note_stays(set, firm->key, out);
    consent_set_release(set);
    consent_policy_free(out->rules.policy);
    out->rules.policy = NULL;
    out->read = true;
    memcpy(out->next, firm->next, sizeof out->next);
    return policy_never_move(service, firm->key, firm->next, &out->rules);
}

void
firm_put_stays(struct vlt_json_out *json, const struct firm_moves *moves)
{
    size_t named = moves->stays < FIRM_STAYS ? moves->stays : FIRM_STAYS;

    vlt_put_list(json, "rules");
    for (size_t i = 0; i < named; i++) {
        vlt_put_text(json, NULL, moves->stay[i]);
    }
    vlt_put_end(json);
    if (moves->stays > named) {
        vlt_put_uint(json, "more_rules", moves->stays - named);
    }
}

/* Were the rules read for this key, and are they those in force still? */
static bool
is_outdated(const struct firm_taking *taking, const struct firm *firm)
{
    const struct firm_moves *moves = taking->moves;

    return !moves->read ||
           memcmp(moves->next, firm->next, sizeof moves->next) != 0 ||
           moves->rules.version !=
               consent_set_now(taking->call->service->consent)->version;
}

/* What was denied for good is denied to the key that the firm has now. */
static enum vlt_status
move_rules(const struct firm_taking *taking)
{
    struct consent_changes changes = { .count = 0 };
    enum vlt_status st;

    if (taking->moves->rules.policy == NULL) {
        return VLT_OK;
    }
    st = policy_force(taking->turn, taking->moves->rules.policy, &changes);
    if (st == VLT_OK) {
        st = policy_carry(taking->turn, &changes, &taking->call->after);
    }
    consent_changes_free(&changes);
    return st;
}

enum vlt_status
firm_take_key(const struct firm_taking *taking, const struct firm *firm,
              const struct firm **out)
{
    struct call *call = taking->call;
    struct turn *turn = taking->turn;
    struct store_txn *txn;
    enum vlt_status st;

    if (is_outdated(taking, firm)) {
        call->job.again = true;
        return VLT_E_CONFLICT;
    }
    /* First, so that the receipts of the ends are the old key's. */
    st = firm_cut_off(call, turn, firm, taking->ends);
    if (st == VLT_OK) {
        st = guard_txn(turn, &txn);
    }
    if (st == VLT_OK) {
        st = identity_firm_answer_key(call->service->identity, txn, firm->id,
                                      true, out);
    }
    if (st == VLT_OK) {
        st = log_changed(turn, *out, firm->key);
    }
    return st == VLT_OK ? move_rules(taking) : st;
}

enum vlt_status
firm_keep_key(struct call *call, struct turn *turn, const struct firm *firm)
{
    struct store_txn *txn;
    enum vlt_status st = guard_txn(turn, &txn);

    if (st == VLT_OK) {
        st = identity_firm_answer_key(call->service->identity, txn, firm->id,
                                      false, NULL);
    }
    return st == VLT_OK ? noun_log_firm(turn, firm, "key.refused") : st;
}
