#include "identity/identity.h"

#include <string.h>

#include "crypto/random.h"
#include "identity/record_internal.h"
#include "identity/roster_internal.h"
#include "store/record.h"
#include "wire/enrol.h"

/* Drop the invitation at i, from the store and the turn's roster. */
static enum vlt_status
drop(struct roster *roster, struct store_txn *txn, size_t i)
{
    enum vlt_status st =
        store_meta_delete(txn, STORE_META_INVITATION, roster->invitation[i].id);

    if (st == VLT_OK) {
        roster->invitations--;
        memmove(&roster->invitation[i], &roster->invitation[i + 1],
                (roster->invitations - i) * sizeof roster->invitation[0]);
    }
    return st;
}

static enum vlt_status
drop_expired(struct roster *roster, struct store_txn *txn)
{
    size_t i = 0;

    while (i < roster->invitations) {
        if (store_txn_now(txn) < roster->invitation[i].expires) {
            i++;
            continue;
        }
        enum vlt_status st = drop(roster, txn, i);

        if (st != VLT_OK) {
            return st;
        }
    }
    return VLT_OK;
}

static bool
name_taken(const struct roster *roster, const char *name)
{
    for (size_t i = 0; i < roster->invitations; i++) {
        if (strcmp(roster->invitation[i].name, name) == 0) {
            return true;
        }
    }
    const struct firm *firm = roster_firm_by_name(roster, name);

    return firm != NULL && firm->state != IDENTITY_FORGOTTEN;
}

/* Is it a key of somebody that the vault knows? */
static bool
key_known(const struct roster *roster, const uint8_t key[VLT_SIGN_PK])
{
    const struct firm *firm = roster_firm_by_key(roster, key);
    bool known = firm != NULL && firm->state != IDENTITY_FORGOTTEN;

    for (size_t i = 0; !known && i < roster->firms; i++) {
        known = roster->firm[i]->has_next &&
                memcmp(roster->firm[i]->next, key, VLT_SIGN_PK) == 0;
    }
    return known;
}

static enum vlt_status
put(struct roster *roster, struct store_txn *txn,
    const struct invitation *invitation, const struct vlt_secret *token)
{
    struct vlt_buf json;
    enum vlt_status st;

    vlt_buf_init_secret(&json, 0);
    record_put_invitation(&json, invitation, token);
    st = vlt_buf_status(&json);
    if (st == VLT_OK) {
        st = store_meta_put(txn, STORE_META_INVITATION, invitation->id, NULL,
                            vlt_buf_slice(&json));
    }
    if (st == VLT_OK) {
        roster->invitation[roster->invitations++] = *invitation;
    }
    vlt_buf_free(&json);
    return st;
}

enum vlt_status
identity_invite(struct identity *identity, struct store_txn *txn,
                const char *name, int64_t expires, struct vlt_secret **token)
{
    struct roster *roster = identity_turn(identity);
    struct invitation invitation = { .expires = expires };
    struct vlt_secret *secret = NULL;
    enum vlt_status st;

    if (roster == NULL) {
        return VLT_E_NOMEM;
    }
    if (!identity_name_valid(name)) {
        return VLT_E_FORMAT;
    }
    st = drop_expired(roster, txn);
    if (st != VLT_OK) {
        return st;
    }
    if (name_taken(roster, name)) {
        return VLT_E_CONFLICT;
    }
    if (roster->invitations == IDENTITY_INVITATIONS_MAX ||
        roster->firms + roster->invitations >= IDENTITY_FIRMS_MAX) {
        return VLT_E_LIMIT;
    }
    st = vlt_secret_random(VLT_INVITE_TOKEN, &secret);
    if (st != VLT_OK) {
        return st;
    }
    memcpy(invitation.name, name, strlen(name) + 1);
    vlt_random(invitation.id, sizeof invitation.id);
    vlt_invite_id(secret, invitation.public_id);
    st = put(roster, txn, &invitation, secret);
    if (st != VLT_OK) {
        vlt_secret_free(secret);
        return st;
    }
    *token = secret;
    return VLT_OK;
}

void
identity_invitations(struct identity *identity, int64_t now,
                     identity_invitation_fn *fn, void *ctx)
{
    struct roster *roster = identity_published(identity);
    bool go_on = true;

    for (size_t i = 0; go_on && i < roster->invitations; i++) {
        const struct invitation *invitation = &roster->invitation[i];

        if (invitation->expires > now) {
            go_on = fn(ctx, invitation->name, invitation->expires);
        }
    }
    roster_release(roster);
}

/* The token of an invitation, from its record. */
static enum vlt_status
read_token(struct store_txn *txn, const struct invitation *invitation,
           struct vlt_secret **token)
{
    struct vlt_buf json;
    struct invitation again;
    enum vlt_status st;

    vlt_buf_init_secret(&json, 0);
    st = store_meta_get(store_txn_view(txn), STORE_META_INVITATION,
                        invitation->id, &json);
    if (st == VLT_OK) {
        st = record_get_invitation(invitation->id, vlt_buf_slice(&json), &again,
                                   token);
    }
    vlt_buf_free(&json);
    return st;
}

/* Is this the invitation that the peer means, open, and does the MAC hold? */
static bool
spends(const struct invitation *invitation, struct store_txn *txn,
       const struct vlt_peer *peer)
{
    struct vlt_secret *token = NULL;
    uint8_t id[VLT_ENROL_ID];

    vlt_enrol_token_id(peer, id);
    if (memcmp(invitation->public_id, id, sizeof id) != 0 ||
        store_txn_now(txn) >= invitation->expires ||
        read_token(txn, invitation, &token) != VLT_OK) {
        return false;
    }
    bool holds = vlt_enrol_token_holds(VLT_ENROL_WITH_INVITE, token, peer);

    vlt_secret_free(token);
    return holds;
}

/* Where the invitation stands that the peer may spend; SIZE_MAX: nowhere. */
static size_t
find_spent(const struct roster *roster, struct store_txn *txn,
           const struct vlt_peer *peer)
{
    if (peer->enrol != VLT_ENROL_TOKEN ||
        peer->data.len != VLT_ENROL_TOKEN_LEN) {
        return SIZE_MAX;
    }
    for (size_t i = 0; i < roster->invitations; i++) {
        if (spends(&roster->invitation[i], txn, peer)) {
            return i;
        }
    }
    return SIZE_MAX;
}

enum vlt_status
identity_spend(struct identity *identity, struct store_txn *txn,
               const struct vlt_peer *peer, const struct firm **out)
{
    struct roster *roster = identity_turn(identity);
    struct store_key_about about = { .type = STORE_KEY_FIRM };
    enum vlt_status st;

    if (roster == NULL) {
        return VLT_E_NOMEM;
    }
    size_t at = find_spent(roster, txn, peer);

    if (at == SIZE_MAX || key_known(roster, peer->pk)) {
        return VLT_E_AUTH;
    }
    struct firm firm = { .state = IDENTITY_PENDING,
                         .enrolled = store_txn_now(txn),
                         .changed = store_txn_now(txn) };

    vlt_random(firm.id, sizeof firm.id);
    vlt_random(firm.subject, sizeof firm.subject);
    memcpy(firm.key, peer->pk, sizeof firm.key);
    memcpy(firm.name, roster->invitation[at].name, sizeof firm.name);
    memcpy(about.subject, firm.id, sizeof about.subject);
    st = store_txn_key(txn, &about, firm.kid);
    if (st == VLT_OK) {
        st = drop(roster, txn, at);
    }
    if (st == VLT_OK) {
        st = identity_firm_put(identity, txn, &firm, out);
    }
    return st;
}
