/*
 * Firms: invited and confirmed, and the table (WIRE.md, 6.4).  Looking at them
 * is in firm_list.c, their end in firm_end.c, another key in firm_key.c.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "consent/lifecycle.h"
#include "crypto/secret.h"
#include "service/firm_internal.h"
#include "service/noun_internal.h"
#include "service/nouns.h"
#include "wire/address.h"
#include "wire/limits.h"
#include "json/json_write.h"

/* ---- invite ---- */

struct invite {
    char name[IDENTITY_NAME_MAX + 1];
    int64_t life; /* ns */
    struct vlt_address address;
};

/* A host that says "everywhere" leads nobody here. */
static bool
is_anywhere(const char *host)
{
    return strcmp(host, "0.0.0.0") == 0 || strcmp(host, "::") == 0;
}

static enum vlt_status
find_place(struct call *call, struct vlt_slice address, struct invite *invite)
{
    const struct service *service = call->service;
    char text[VLT_ADDRESS_TEXT + 64];
    char place[VLT_HOST_TEXT + 8];

    /* A vault that dials its firms needs no place; what it is given stands for
     * one. */
    if (service->listen == NULL && address.len == 0) {
        return call_refuse(call, VLT_E_CONFLICT,
                           "The vault does not listen for firms; start it "
                           "with --listen, or say an address.");
    }
    noun_copy(place, sizeof place,
              address.len > 0 ? address : vlt_slice_text(service->listen));
    (void)snprintf(text, sizeof text, "%s@%s", service->vault_text, place);
    if (vlt_address_parse(vlt_slice_text(text), &invite->address) != VLT_OK) {
        return call_refuse_at(call, "address",
                              "'%s' is no host and port; as "
                              "vault.example:7443.",
                              place);
    }
    if (is_anywhere(invite->address.host)) {
        return call_refuse_at(call, "address",
                              "The vault listens on every address; say which "
                              "one firms reach: address.");
    }
    return VLT_OK;
}

static enum vlt_status
invite_check(struct call *call, struct vlt_walk *params)
{
    struct invite *invite = call_state(call, sizeof *invite);
    struct vlt_slice address;

    if (invite == NULL) {
        return VLT_E_NOMEM;
    }
    noun_copy(invite->name, sizeof invite->name,
              vlt_walk_text(params, "name", 1, IDENTITY_NAME_MAX));
    invite->life = noun_duration(params, "expires", VLT_MINUTE, 30 * VLT_DAY,
                                 VLT_LIMIT_INVITATION_S * VLT_SECOND);
    address = vlt_walk_text_or(params, "address", 3, VLT_HOST_TEXT + 6,
                               vlt_slice_text(""));
    if (vlt_walk_failed(params)) {
        return VLT_E_FORMAT;
    }
    return find_place(call, address, invite);
}

static enum vlt_status
log_invited(struct turn *turn, const char *name)
{
    struct guard_event event = { .type = AUDIT_FIRM };
    struct vlt_json_out json;
    struct vlt_buf detail;
    enum vlt_status st;

    vlt_buf_init(&detail, AUDIT_DETAIL_MAX);
    json = vlt_json_out(&detail);
    vlt_put_object(&json, NULL);
    vlt_put_text(&json, "event", "invited");
    vlt_put_text(&json, "firm", name);
    vlt_put_end(&json);
    event.owner_detail = vlt_buf_slice(&detail);
    st = guard_log(turn, &event, NULL);
    vlt_buf_free(&detail);
    return st;
}

static enum vlt_status
refuse_invite(struct call *call, enum vlt_status st, const char *name)
{
    switch (st) {
    case VLT_E_FORMAT:
        return call_refuse_at(call, "name",
                              "'%s' is no name; use a-z, 0-9, full stops and "
                              "hyphens.",
                              name);
    case VLT_E_CONFLICT:
        return call_refuse(call, st,
                           "There is a firm or an open invitation '%s' "
                           "already.",
                           name);
    case VLT_E_LIMIT:
        return call_refuse(call, VLT_E_CONFLICT,
                           "%d invitations are open, or there are %d firms; "
                           "wait until one is used or over.",
                           IDENTITY_INVITATIONS_MAX, IDENTITY_FIRMS_MAX);
    default:
        return st;
    }
}

static enum vlt_status
invite_commit(struct call *call, struct turn *turn)
{
    const struct invite *invite = call->state;
    struct vlt_secret *token = NULL;
    char url[VLT_INVITE_TEXT];
    struct store_txn *txn;
    int64_t now = 0;
    enum vlt_status st = guard_txn(turn, &txn);

    if (st == VLT_OK) {
        st = guard_now(turn, &now);
    }
    if (st != VLT_OK) {
        return st;
    }
    st = identity_invite(call->service->identity, txn, invite->name,
                         now + invite->life, &token);
    if (st != VLT_OK) {
        return refuse_invite(call, st, invite->name);
    }
    st = log_invited(turn, invite->name);
    if (st == VLT_OK) {
        struct vlt_json_out json = call_result(call);

        vlt_put_text(&json, "firm", invite->name);
        vlt_put_text(&json, "url",
                     vlt_invite_print(&invite->address, token, url));
        vlt_put_time(&json, "expires", now + invite->life);
        vlt_put_end(&json);
        vlt_wipe(url, sizeof url);
    }
    vlt_secret_free(token);
    return st;
}

/* ---- confirm ---- */

struct confirm {
    char firm[NOUN_FIRM];
    char fingerprint[2 * VLT_FINGERPRINT_TEXT];
    struct noun_ends ends;   /* of what was given to a key that is changed */
    struct firm_moves moves; /* what goes with the firm to that key */
};

static void
confirm_clear(void *state)
{
    struct confirm *confirm = state;

    noun_ends_free(&confirm->ends);
    consent_policy_free(confirm->moves.rules.policy);
    free(confirm);
}

static enum vlt_status
confirm_check(struct call *call, struct vlt_walk *params)
{
    struct confirm *confirm = call_state(call, sizeof *confirm);

    if (confirm == NULL) {
        return VLT_E_NOMEM;
    }
    noun_read_firm(params, true, confirm->firm);
    noun_copy(confirm->fingerprint, sizeof confirm->fingerprint,
              vlt_walk_text_or(params, "fingerprint", 1,
                               sizeof confirm->fingerprint - 1,
                               vlt_slice_text("")));
    /* The strict setting is not there yet; what it would take is accepted. */
    (void)vlt_walk_text_or(params, "passphrase", 1, VLT_LIMIT_PASSPHRASE,
                           vlt_slice_text(""));
    return VLT_OK;
}

/* The same, blanks and hyphens apart? */
static bool
same_print(const char *given, const char *own)
{
    for (;;) {
        while (*given == ' ' || *given == '-') {
            given++;
        }
        while (*own == ' ') {
            own++;
        }
        if (tolower((unsigned char)*given) != *own) {
            return false;
        }
        if (*own == '\0') {
            return true;
        }
        given++;
        own++;
    }
}

/* What the owner says yes to. */
enum yes {
    YES_FIRM, /* the firm, by the key that it has */
    YES_KEY,  /* the key that it asks for */
    YES_STAY, /* the firm, and not the key that it asks for */
};

/* Is the fingerprint that was given this key's?  own is what it is. */
static bool
is_print_of(const struct confirm *confirm, const uint8_t key[VLT_SIGN_PK],
            char own[VLT_FINGERPRINT_TEXT])
{
    uint8_t id[VLT_IDENTITY_LEN];

    vlt_identity_of(VLT_IDENTITY_FIRM, key, id);
    return same_print(confirm->fingerprint, vlt_fingerprint_print(id, own));
}

/* What the owner denied to the firm for good is read for its other key here, on
 * a worker; what else there is to refuse is said in the turn. */
static enum vlt_status
confirm_prepare(struct call *call)
{
    struct confirm *confirm = call->state;
    char print[VLT_FINGERPRINT_TEXT];
    const struct firm *firm = NULL;
    enum vlt_status st = noun_need_firm(call, confirm->firm, &firm);

    if (st == VLT_OK && firm->has_next &&
        is_print_of(confirm, firm->next, print)) {
        st = firm_moves_read(call->service, firm, &confirm->moves);
    }
    firm_release(firm);
    return st;
}

/* A firm that asks for another key is confirmed by one of two fingerprints. */
static enum vlt_status
choose_key(struct call *call, const struct firm *firm, enum yes *out)
{
    const struct confirm *confirm = call->state;
    char own[VLT_FINGERPRINT_TEXT];
    char next[VLT_FINGERPRINT_TEXT];
    bool stays = is_print_of(confirm, firm->key, own);
    bool changes = is_print_of(confirm, firm->next, next);

    if (!stays && !changes) {
        return call_refuse(call, VLT_E_CONFLICT,
                           "'%s' asks to be known by another key: say its "
                           "fingerprint, %s, if the firm says the same, or "
                           "%s to leave all as it is.",
                           firm->name, next, own);
    }
    *out = changes ? YES_KEY : YES_STAY;
    return VLT_OK;
}

static enum vlt_status
check_confirm(struct call *call, const struct firm *firm, enum yes *out)
{
    const struct confirm *confirm = call->state;
    char own[VLT_FINGERPRINT_TEXT];

    *out = YES_FIRM;
    if (firm->state == IDENTITY_BLOCKED || firm->state == IDENTITY_FORGOTTEN) {
        return call_refuse(
            call, VLT_E_CONFLICT, "'%s' is %s.", firm->name,
            firm->state == IDENTITY_BLOCKED
                ? "blocked; a blocked firm stays so"
                : "forgotten; invite it, if it is to come again");
    }
    if (firm->has_next) {
        return choose_key(call, firm, out);
    }
    bool same = is_print_of(confirm, firm->key, own);

    if (confirm->fingerprint[0] != '\0' && !same) {
        return call_refuse(call, VLT_E_CONFLICT,
                           "The fingerprint of '%s' is %s, not that; do not "
                           "confirm it unless the firm says the same.",
                           firm->name, own);
    }
    return VLT_OK;
}

/* Confirmed again: it is said anew, and what was denied to it before may be
 * asked for. */
static enum vlt_status
set_confirmed(struct turn *turn, const struct firm *firm, enum yes yes)
{
    struct service *service = turn->service;
    const struct firm *changed = NULL;
    struct store_txn *txn;
    enum vlt_status st = guard_txn(turn, &txn);

    if (st == VLT_OK && firm->state != IDENTITY_CONFIRMED) {
        st = identity_firm_set(service->identity, txn, firm->name,
                               IDENTITY_CONFIRMED, &changed);
    }
    if (st == VLT_OK) {
        st = noun_log_firm(turn, changed != NULL ? changed : firm, "confirmed");
    }
    /* Another key, which the firm asked for itself, undoes no denial. */
    if (st == VLT_OK && yes == YES_FIRM) {
        st = consent_lift_quiet(service->consent, txn, firm->id);
    }
    if (st == VLT_OK) {
        st = consent_moved(service->consent, txn);
    }
    firm_release(changed);
    return st;
}

static enum vlt_status
say_yes(struct call *call, struct turn *turn, const struct firm **firm)
{
    struct confirm *confirm = call->state;
    const struct firm *changed = NULL;
    enum yes yes;
    enum vlt_status st = check_confirm(call, *firm, &yes);

    noun_ends_free(&confirm->ends); /* of a turn that was undone */
    confirm->ends = (struct noun_ends){ .count = 0 };
    if (st == VLT_OK && yes == YES_KEY) {
        struct firm_taking taking = { call, turn, &confirm->moves,
                                      &confirm->ends };

        st = firm_take_key(&taking, *firm, &changed);
    } else if (st == VLT_OK && yes == YES_STAY) {
        return firm_keep_key(call, turn, *firm);
    }
    if (changed != NULL) {
        firm_release(*firm);
        *firm = changed;
    }
    return st == VLT_OK ? set_confirmed(turn, *firm, yes) : st;
}

static enum vlt_status
confirm_commit(struct call *call, struct turn *turn)
{
    const struct confirm *confirm = call->state;
    const struct firm *found = NULL;
    const struct firm *firm;
    enum vlt_status st = noun_need_firm(call, confirm->firm, &found);

    if (st != VLT_OK) {
        return st;
    }
    firm = identity_firm_now(call->service->identity, found->id);
    firm_release(found);
    st = say_yes(call, turn, &firm);
    if (st == VLT_OK) {
        struct vlt_json_out json = call_result(call);
        uint8_t id[VLT_IDENTITY_LEN];
        char text[VLT_IDENTITY_TEXT];

        vlt_identity_of(VLT_IDENTITY_FIRM, firm->key, id);
        vlt_put_text(&json, "firm", firm->name);
        vlt_put_text(&json, "id",
                     vlt_identity_print(VLT_IDENTITY_FIRM, id, text));
        vlt_put_text(&json, "state", "confirmed");
        vlt_put_list(&json, "grants");
        for (size_t i = 0; i < confirm->ends.count; i++) {
            vlt_put_ulid(&json, NULL, confirm->ends.at[i].grant);
        }
        vlt_put_end(&json);
        firm_put_stays(&json, &confirm->moves);
        vlt_put_end(&json);
    }
    firm_release(firm);
    return st;
}

const struct method op_firm[] = {
    { .name = "firm.invite",
      .roles = ROLE_OWNER,
      .flags = METHOD_CHANGES,
      .check = invite_check,
      .commit = invite_commit },
    { .name = "firm.list",
      .roles = ROLE_OWNER,
      .check = firm_list_check,
      .prepare = firm_list_prepare },
    { .name = "firm.show",
      .roles = ROLE_OWNER,
      .check = firm_show_check,
      .prepare = firm_show_prepare },
    { .name = "firm.confirm",
      .roles = ROLE_OWNER,
      .flags = METHOD_CHANGES,
      .check = confirm_check,
      .prepare = confirm_prepare,
      .commit = confirm_commit,
      .clear = confirm_clear },
    { .name = "firm.block",
      .roles = ROLE_OWNER,
      .flags = METHOD_CHANGES | METHOD_FIRST,
      .check = firm_block_check,
      .commit = firm_part_commit,
      .done = firm_part_done,
      .clear = firm_part_clear },
    { .name = "firm.forget",
      .roles = ROLE_OWNER,
      .flags = METHOD_CHANGES | METHOD_FIRST,
      .check = firm_forget_check,
      .commit = firm_part_commit,
      .done = firm_part_done,
      .clear = firm_part_clear },
    { .name = "firm.rekey",
      .roles = ROLE_FIRM,
      .check = firm_rekey_check,
      .prepare = firm_rekey_prepare,
      .commit = firm_rekey_commit },
    { .name = NULL },
};
