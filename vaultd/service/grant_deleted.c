/*
 * grant.deleted: a firm says, signed, that it has deleted what it was given.
 *
 * The statement is kept in the log: its entry has it whole.
 */
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "consent/deletion.h"
#include "service/grant_internal.h"
#include "wire/deletion.h"
#include "wire/limits.h"
#include "json/json_write.h"

struct deleted {
    uint8_t grant[VLT_ID_LEN];
    struct vlt_slice jws;      /* borrowed from the call's document */
    struct vlt_json *document; /* owned: the payload */
    struct vlt_deletion said;  /* borrows from document */
    struct grant_exception exception[VLT_DELETION_EXCEPTIONS];
};

void
deleted_clear(void *state)
{
    struct deleted *deleted = state;

    vlt_json_free(deleted->document);
    free(deleted);
}

enum vlt_status
deleted_check(struct call *call, struct vlt_walk *params)
{
    struct deleted *deleted = call_state(call, sizeof *deleted);

    if (deleted == NULL) {
        return VLT_E_NOMEM;
    }
    vlt_walk_ulid(params, "grant", deleted->grant);
    deleted->jws =
        vlt_walk_text(params, "statement", 1, VLT_LIMIT_DELETION_JWS);
    return VLT_OK;
}

/* ---- is it this firm's, to this vault, about this grant? ---- */

static enum vlt_status
check_vault(struct call *call, const struct firm *firm)
{
    const struct deleted *deleted = call->state;
    struct vlt_signer *signer = NULL;
    uint8_t id[VLT_IDENTITY_LEN];
    enum vlt_status st = noun_receipt_signer(call->service, firm, &signer);

    if (st != VLT_OK) {
        return st;
    }
    vlt_identity_of(VLT_IDENTITY_RECEIPT, vlt_signer_pk(signer), id);
    vlt_signer_free(signer);
    if (memcmp(deleted->said.aud, id, sizeof id) != 0) {
        return call_refuse_at(call, "aud",
                              "aud is not this vault's receipt key for the "
                              "firm; session.info tells it.");
    }
    return VLT_OK;
}

static enum vlt_status
check_whose(struct call *call)
{
    const struct deleted *deleted = call->state;
    const struct firm *firm = NULL;
    uint8_t id[VLT_IDENTITY_LEN];
    enum vlt_status st = noun_self(call, &firm);

    if (st != VLT_OK) {
        return st;
    }
    vlt_identity_of(VLT_IDENTITY_FIRM, firm->key, id);
    if (memcmp(deleted->said.iss, id, sizeof id) != 0) {
        st = call_refuse_at(call, "iss",
                            "iss is not the firm of this "
                            "session.");
    } else if (memcmp(deleted->said.sub, firm->subject,
                      sizeof deleted->said.sub) != 0) {
        st = call_refuse_at(call, "sub", "sub is not that of your receipts.");
    } else if (memcmp(deleted->said.grant, deleted->grant, VLT_ID_LEN) != 0) {
        st = call_refuse_at(call, "grant",
                            "The statement is about another "
                            "grant.");
    } else {
        st = check_vault(call, firm);
    }
    firm_release(firm);
    return st;
}

static void
take_exceptions(struct deleted *deleted)
{
    for (size_t i = 0; i < deleted->said.exception_count; i++) {
        const struct vlt_deletion_exception *said =
            &deleted->said.exceptions[i];

        deleted->exception[i] =
            (struct grant_exception){ .from = said->from,
                                      .to = said->to,
                                      .until = said->until * VLT_SECOND };
        noun_copy(deleted->exception[i].law, sizeof deleted->exception[i].law,
                  said->law);
    }
}

enum vlt_status
deleted_prepare(struct call *call)
{
    struct deleted *deleted = call->state;
    char at[VLT_WALK_AT];
    char says[VLT_WALK_SAYS];
    struct vlt_buf payload;
    enum vlt_status st;

    vlt_buf_init(&payload, VLT_DELETION_MAX);
    st = vlt_jws_verify(deleted->jws, VLT_LIMIT_DELETION_JWS, VLT_TYP_DELETION,
                        call->who.key, &payload);
    if (st == VLT_E_AUTH) {
        st = call_refuse_at(call, "statement",
                            "The signature is not that of the session's key.");
    } else if (st == VLT_E_FORMAT || st == VLT_E_LIMIT) {
        st = call_refuse_at(call, "statement",
                            "It is no JWS of type " VLT_TYP_DELETION ".");
    }
    if (st == VLT_OK) {
        st = vlt_deletion_read(vlt_buf_slice(&payload), &deleted->document,
                               &deleted->said, at, says);
        if (st == VLT_E_FORMAT || st == VLT_E_LIMIT) {
            st = call_refuse_at(call, at[0] != '\0' ? at : "statement",
                                "The statement: %s.", says);
        }
    }
    vlt_buf_free(&payload);
    if (st == VLT_OK) {
        take_exceptions(deleted);
        st = check_whose(call);
    }
    return st;
}

/* ---- in the turn ---- */

static void
put_detail(const struct deleted *deleted, const struct firm *firm,
           struct vlt_buf *out)
{
    struct vlt_json_out json;

    vlt_buf_init(out, AUDIT_DETAIL_MAX);
    json = vlt_json_out(out);
    vlt_put_object(&json, NULL);
    vlt_put_text(&json, "event", "stated");
    if (firm != NULL) {
        vlt_put_text(&json, "firm", firm->name);
    }
    vlt_put_ulid(&json, "grant", deleted->grant);
    vlt_put_list(&json, "uses");
    vlt_put_uint(&json, NULL, deleted->said.from);
    vlt_put_uint(&json, NULL, deleted->said.to);
    vlt_put_end(&json);
    vlt_put_slice(&json, "statement", deleted->jws);
    vlt_put_end(&json);
}

static enum vlt_status
log_stated(struct call *call, struct turn *turn)
{
    const struct deleted *deleted = call->state;
    const struct firm *firm =
        identity_firm_now(call->service->identity, call->who.id);
    struct guard_event event = { .type = AUDIT_DELETION,
                                 .subject = deleted->grant,
                                 .firm = firm,
                                 .of_grant = true };
    struct guard_notice notice = { .kind = "deletion",
                                   .subject = deleted->grant,
                                   .says = "A firm says that it deleted what "
                                           "it was given." };
    struct vlt_buf plain;
    struct vlt_buf owner;
    enum vlt_status st;

    if (firm == NULL) {
        return VLT_E_DENIED;
    }
    put_detail(deleted, NULL, &plain);
    put_detail(deleted, firm, &owner);
    event.firm_detail = vlt_buf_slice(&plain);
    event.owner_detail = vlt_buf_slice(&owner);
    st = guard_log(turn, &event, NULL);
    guard_notice(turn, &call->after, &notice);
    vlt_buf_free(&plain);
    vlt_buf_free(&owner);
    firm_release(firm);
    return st;
}

static enum vlt_status
refuse(struct call *call, enum vlt_status st, struct vlt_buf *why)
{
    const char *says = why->len > 0 ? vlt_buf_text(why) : NULL;

    if (says == NULL) {
        return st;
    }
    return st == VLT_E_CONFLICT ? call_refuse(call, st, "%s", says)
                                : call_refuse_at(call, "statement", "%s", says);
}

/* Said just now, as a request is. */
static bool
in_time(const struct deleted *deleted, int64_t now)
{
    int64_t off = deleted->said.iat - vlt_floor_div(now, VLT_SECOND);

    return off <= VLT_LIMIT_IAT_S && off >= -VLT_LIMIT_IAT_S;
}

static enum vlt_status
take(struct call *call, struct turn *turn)
{
    const struct deleted *deleted = call->state;
    struct consent_statement statement = {
        .at = { .now = turn->now },
        .from = deleted->said.from,
        .to = deleted->said.to,
        .deleted_at = deleted->said.deleted_at * VLT_SECOND,
        .exceptions = deleted->said.exception_count,
        .exception = deleted->exception,
    };
    struct store_txn *txn;
    struct vlt_buf why;
    enum vlt_status st = guard_txn(turn, &txn);

    if (st != VLT_OK) {
        return st;
    }
    memcpy(statement.at.grant, deleted->grant, VLT_ID_LEN);
    vlt_buf_init(&why, CALL_MESSAGE);
    st = consent_deleted(call->service->consent, txn, &statement, &why);
    if (st != VLT_OK) {
        st = refuse(call, st, &why);
    }
    vlt_buf_free(&why);
    return st == VLT_OK ? log_stated(call, turn) : st;
}

enum vlt_status
deleted_commit(struct call *call, struct turn *turn)
{
    const struct deleted *deleted = call->state;
    const struct grant *grant = NULL;
    int64_t now = 0;
    enum vlt_status st = guard_now(turn, &now);

    if (st == VLT_OK) {
        st = grant_ask(call, true, deleted->grant, &grant);
    }
    grant_release(grant);
    grant = NULL;
    if (st == VLT_OK && !in_time(deleted, now)) {
        st = call_refuse_at(call, "iat",
                            "iat is more than 300 s from the vault's time.");
    }
    if (st == VLT_OK) {
        st = take(call, turn);
    }
    if (st == VLT_OK) {
        st = grant_ask(call, true, deleted->grant, &grant);
    }
    if (st == VLT_OK) {
        struct vlt_json_out json = call_result(call);

        vlt_put_ulid(&json, "grant", grant->id);
        noun_put_held(&json, grant);
        vlt_put_end(&json);
    }
    grant_release(grant);
    return st;
}
