/*
 * Sources with a key of their own, which they prove in the handshake.
 */
#include <string.h>

#include "identity/identity.h"
#include "identity/roster_internal.h"
#include "store/record.h"

static const struct source *
by_key(const struct roster *roster, const uint8_t key[VLT_SIGN_PK])
{
    for (size_t i = 0; i < roster->sources; i++) {
        const struct source *source = roster->source[i];

        if (source->has_key && memcmp(source->key, key, VLT_SIGN_PK) == 0) {
            return source;
        }
    }
    return NULL;
}

const struct source *
identity_source_now_by_key(struct identity *identity,
                           const uint8_t key[VLT_SIGN_PK])
{
    const struct source *source = by_key(identity_now(identity), key);

    return source != NULL ? source_hold(source) : NULL;
}

static const struct source *
by_token_id(const struct roster *roster, const uint8_t id[VLT_SOURCE_TOKEN_ID])
{
    for (size_t i = 0; i < roster->sources; i++) {
        if (memcmp(roster->source[i]->token_id, id, VLT_SOURCE_TOKEN_ID) == 0) {
            return roster->source[i];
        }
    }
    return NULL;
}

/* Has the peer the token of this source?  NULL is nobody's. */
static enum vlt_status
check_token(const struct store_view *view, const struct source *source,
            const struct vlt_peer *peer)
{
    struct vlt_secret *secret = NULL;
    enum vlt_status st = source != NULL
                             ? identity_source_secret(view, source->id, &secret)
                             : vlt_secret_random(VLT_KEY_LEN, &secret);

    if (st == VLT_OK &&
        !vlt_enrol_token_holds(VLT_ENROL_WITH_SOURCE, secret, peer)) {
        st = VLT_E_AUTH;
    }
    vlt_secret_free(secret);
    return st;
}

enum vlt_status
identity_source_enrol(struct identity *identity, struct store_txn *txn,
                      const struct vlt_peer *peer, unsigned way,
                      const struct source **out)
{
    const struct roster *roster = identity_now(identity);
    uint8_t id[VLT_SOURCE_TOKEN_ID];
    enum vlt_status st;

    if (peer->enrol != VLT_ENROL_TOKEN) {
        return VLT_E_AUTH;
    }
    vlt_enrol_token_id(peer, id);

    const struct source *found = by_token_id(roster, id);

    st = check_token(store_txn_view(txn), found, peer);
    if (st != VLT_OK) {
        return st;
    }
    if (found == NULL || found->state != IDENTITY_CONFIRMED || found->has_key ||
        (found->way != 0 && found->way != way + 1) ||
        by_key(roster, peer->pk) != NULL ||
        roster_firm_by_key(roster, peer->pk) != NULL) {
        return VLT_E_AUTH;
    }
    struct source source = *found;

    source.has_key = true;
    memcpy(source.key, peer->pk, sizeof source.key);
    source.way = way + 1;
    source.over |= SOURCE_OVER_TLS;
    st = identity_source_put(identity, txn, &source);
    if (st == VLT_OK) {
        *out = identity_source_now_by_key(identity, peer->pk);
    }
    return st;
}
