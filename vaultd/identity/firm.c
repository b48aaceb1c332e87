#include "identity/identity.h"

#include <stdlib.h>
#include <string.h>

#include "identity/record_internal.h"
#include "identity/roster_internal.h"
#include "store/record.h"

/* A look-up among what is committed, held. */
static const struct firm *
held(struct roster *roster, const struct firm *found)
{
    const struct firm *firm = found != NULL ? firm_hold(found) : NULL;

    roster_release(roster);
    return firm;
}

const struct firm *
identity_firm_by_key(struct identity *identity, const uint8_t key[VLT_SIGN_PK])
{
    struct roster *roster = identity_published(identity);

    return held(roster, roster_firm_by_key(roster, key));
}

const struct firm *
identity_firm_by_name(struct identity *identity, const char *name)
{
    struct roster *roster = identity_published(identity);

    return held(roster, roster_firm_by_name(roster, name));
}

const struct firm *
identity_firm_by_id(struct identity *identity, const uint8_t id[VLT_ID_LEN])
{
    struct roster *roster = identity_published(identity);

    return held(roster, roster_firm_by_id(roster, id));
}

void
identity_firms(struct identity *identity, identity_firm_fn *fn, void *ctx)
{
    struct roster *roster = identity_published(identity);

    for (size_t i = 0; i < roster->firms && fn(ctx, roster->firm[i]); i++) {
    }
    roster_release(roster);
}

const struct firm *
identity_firm_now(struct identity *identity, const uint8_t id[VLT_ID_LEN])
{
    const struct firm *firm = roster_firm_by_id(identity_now(identity), id);

    return firm != NULL ? firm_hold(firm) : NULL;
}

const struct firm *
identity_firm_now_by_key(struct identity *identity,
                         const uint8_t key[VLT_SIGN_PK])
{
    const struct firm *firm = roster_firm_by_key(identity_now(identity), key);

    return firm != NULL ? firm_hold(firm) : NULL;
}

enum vlt_status
identity_firm_put(struct identity *identity, struct store_txn *txn,
                  const struct firm *firm, const struct firm **out)
{
    struct roster *roster = identity_turn(identity);
    struct firm_box *box = calloc(1, sizeof *box);
    struct vlt_buf json;
    enum vlt_status st = VLT_E_NOMEM;

    vlt_buf_init(&json, 0);
    if (roster == NULL || box == NULL) {
        goto done;
    }
    box->firm = *firm;
    ref_init(&box->ref);
    record_put_firm(&json, firm);
    st = vlt_buf_status(&json);
    if (st == VLT_OK) {
        st = store_meta_put(txn, STORE_META_FIRM, firm->id, NULL,
                            vlt_buf_slice(&json));
    }
    if (st != VLT_OK) {
        goto done;
    }
    if (out != NULL) {
        *out = firm_hold(&box->firm);
    }
    st = roster_put_firm(roster, &box->firm);
    box = NULL; /* the roster's now */
    if (st != VLT_OK && out != NULL) {
        firm_release(*out);
        *out = NULL;
    }

done:
    free(box);
    vlt_buf_free(&json);
    return st;
}

enum vlt_status
identity_firm_set(struct identity *identity, struct store_txn *txn,
                  const char *name, enum identity_state state,
                  const struct firm **out)
{
    const struct firm *found =
        roster_firm_by_name(identity_now(identity), name);

    if (found == NULL) {
        return VLT_E_NOT_FOUND;
    }
    /* Nobody becomes pending again, or is remembered. */
    if (found->state == state || state == IDENTITY_PENDING ||
        found->state == IDENTITY_FORGOTTEN) {
        return VLT_E_CONFLICT;
    }
    struct firm firm = *found;

    firm.state = state;
    firm.has_next = firm.has_next && state == IDENTITY_CONFIRMED;
    firm.changed = store_txn_now(txn);
    return identity_firm_put(identity, txn, &firm, out);
}

/* Is it a firm's key, or one that a firm asks for, but for this firm's wish? */
static bool
key_taken(const struct roster *roster, const struct firm *but,
          const uint8_t key[VLT_SIGN_PK])
{
    for (size_t i = 0; i < roster->firms; i++) {
        const struct firm *firm = roster->firm[i];

        if (memcmp(firm->key, key, VLT_SIGN_PK) == 0 ||
            (firm != but && firm->has_next &&
             memcmp(firm->next, key, VLT_SIGN_PK) == 0)) {
            return true;
        }
    }
    return false;
}

enum vlt_status
identity_firm_ask_key(struct identity *identity, struct store_txn *txn,
                      const uint8_t id[VLT_ID_LEN],
                      const uint8_t key[VLT_SIGN_PK], const struct firm **out)
{
    const struct roster *roster = identity_now(identity);
    const struct firm *found = roster_firm_by_id(roster, id);

    if (found == NULL) {
        return VLT_E_NOT_FOUND;
    }
    if (key_taken(roster, found, key)) {
        return VLT_E_CONFLICT;
    }
    struct firm firm = *found;

    firm.has_next = true;
    memcpy(firm.next, key, sizeof firm.next);
    firm.asked = store_txn_now(txn);
    return identity_firm_put(identity, txn, &firm, out);
}

enum vlt_status
identity_firm_answer_key(struct identity *identity, struct store_txn *txn,
                         const uint8_t id[VLT_ID_LEN], bool yes,
                         const struct firm **out)
{
    const struct firm *found = roster_firm_by_id(identity_now(identity), id);

    if (found == NULL) {
        return VLT_E_NOT_FOUND;
    }
    if (!found->has_next) {
        return VLT_E_CONFLICT;
    }
    struct firm firm = *found;

    if (yes) {
        memcpy(firm.key, firm.next, sizeof firm.key);
        firm.changed = store_txn_now(txn);
    }
    firm.has_next = false;
    return identity_firm_put(identity, txn, &firm, out);
}
