/*
 * What the owner changes of a source that is there.
 */
#include <string.h>

#include "base/name.h"
#include "crypto/random.h"
#include "identity/identity.h"
#include "identity/roster_internal.h"
#include "wire/address.h"

const struct source *
identity_source_now(struct identity *identity, const char *name)
{
    const struct source *found =
        roster_source_by_name(identity_now(identity), name);

    return found != NULL ? source_hold(found) : NULL;
}

static bool
patterns_valid(const struct source_change *change)
{
    for (size_t i = 0; i < change->patterns; i++) {
        if (!vlt_pattern_valid(vlt_slice_text(change->pattern[i]))) {
            return false;
        }
    }
    return true;
}

static void
apply(const struct source_change *change, struct source *source)
{
    if (change->patterns > 0) {
        source->patterns = change->patterns;
        source->pattern = change->pattern;
    }
    if (change->automatic >= 0) {
        source->automatic = change->automatic > 0;
    }
    if (change->category != NULL) {
        source->category = change->category;
    }
    if (change->window != 0) {
        source->window = change->window;
    }
    if (change->way >= 0) {
        source->way = (unsigned)change->way;
    }
    if (change->quota != NULL) {
        source->quota = *change->quota;
    }
}

enum vlt_status
identity_source_change(struct identity *identity, struct store_txn *txn,
                       const struct source_change *change,
                       const struct source **out)
{
    const struct source *found = identity_source_now(identity, change->name);
    enum vlt_status st;

    if (found == NULL) {
        return VLT_E_NOT_FOUND;
    }
    struct source source = *found;

    if (change->patterns > IDENTITY_PATTERNS_MAX) {
        st = VLT_E_LIMIT;
    } else if (!patterns_valid(change)) {
        st = VLT_E_FORMAT;
    } else {
        apply(change, &source);
        st = identity_source_put(identity, txn, &source);
    }
    source_release(found); /* what is not changed lay in it */
    if (st == VLT_OK) {
        *out = identity_source_now(identity, change->name);
    }
    return st;
}

enum vlt_status
identity_source_renew(struct identity *identity, struct store_txn *txn,
                      const char *name, char token[IDENTITY_TOKEN_TEXT],
                      const struct source **out)
{
    struct roster *roster = identity_turn(identity);
    const struct source *found = identity_source_now(identity, name);
    struct vlt_secret *secret = NULL;
    enum vlt_status st = roster == NULL ? VLT_E_NOMEM : VLT_E_NOT_FOUND;

    if (roster != NULL && found != NULL) {
        struct source source = *found;

        vlt_random(source.token_id, sizeof source.token_id);
        source.has_key = false;
        memset(source.key, 0, sizeof source.key);
        st = vlt_secret_random(VLT_KEY_LEN, &secret);
        if (st == VLT_OK) {
            st = identity_source_write(roster, txn, &source, secret);
        }
        if (st == VLT_OK) {
            vlt_source_token_print(source.token_id, secret, token);
            *out = identity_source_now(identity, name);
        }
    }
    vlt_secret_free(secret);
    source_release(found);
    return st;
}

const struct source *
identity_source_still(struct identity *identity, const uint8_t id[VLT_ID_LEN],
                      const uint8_t token[VLT_SOURCE_TOKEN_ID])
{
    const struct roster *roster = identity_now(identity);

    for (size_t i = 0; i < roster->sources; i++) {
        const struct source *source = roster->source[i];

        if (memcmp(source->id, id, VLT_ID_LEN) == 0) {
            return memcmp(source->token_id, token, VLT_SOURCE_TOKEN_ID) == 0
                       ? source_hold(source)
                       : NULL;
        }
    }
    return NULL;
}
