#include <string.h>

#include "base/time.h"
#include "crypto/hash.h"
#include "store/idem_text.h"
#include "store/record.h"
#include "store/store_internal.h"

enum {
    DROPS = 100 /* a call, so that no turn is held up */
};

static void
key_of(const struct store_idem *idem, uint8_t out[VLT_ID_LEN])
{
    struct vlt_slice parts[] = {
        vlt_slice_of(idem->principal, sizeof idem->principal),
        vlt_slice_of(idem->ulid, sizeof idem->ulid),
    };
    uint8_t hash[VLT_HASH_LEN];

    vlt_hash(parts, 2, hash);
    memcpy(out, hash, VLT_ID_LEN);
}

static struct seal_place
place_of(const uint8_t *key)
{
    struct seal_place place = { .type = SEAL_IDEM };

    memcpy(place.subject, key, sizeof place.subject);
    return place;
}

/* The object of a key, unpadded, appended to text. */
static enum vlt_status
get_text(const struct store_view *view, const uint8_t *key,
         struct vlt_buf *text)
{
    struct vlt_slice value;
    size_t begin = text->len;
    enum vlt_status st =
        view_get(view, ENV_IDEM, vlt_slice_of(key, VLT_ID_LEN), &value);

    if (st != VLT_OK) {
        return st;
    }
    st = sealed_open_versioned(view, place_of(key), value, text);
    if (st != VLT_OK) {
        return sealed_status(st, ENV_IDEM);
    }
    sealed_unpad(text, begin);
    return VLT_OK;
}

enum vlt_status
store_idem_get(const struct store_view *view, const struct store_idem *idem,
               struct vlt_buf *answer, int64_t *when_ns)
{
    uint8_t key[VLT_ID_LEN];
    struct vlt_buf text = { 0 };
    struct vlt_slice first;
    int64_t when;

    key_of(idem, key);
    enum vlt_status st = get_text(view, key, &text);

    if (st != VLT_OK) {
        goto done;
    }
    if (idem_text_get(vlt_buf_slice(&text), &first, &when) != VLT_OK) {
        st = sealed_status(VLT_E_AUTH, ENV_IDEM);
        goto done;
    }
    vlt_buf_put_slice(answer, first);
    st = vlt_buf_status(answer);
    if (st == VLT_OK) {
        *when_ns = when;
    }

done:
    vlt_buf_free(&text);
    return st;
}

/* Is the oldest due to go?  One that does not open answers nobody, and must
 * not keep all that come from being put. */
static enum vlt_status
oldest_is_due(struct store_txn *txn, const struct idem_item *oldest, bool *due)
{
    struct vlt_buf text = { 0 };
    struct vlt_slice answer;
    int64_t when;
    enum vlt_status st = VLT_OK;

    if (idem_queue_left(&txn->view.store->idems, &txn->idems) >=
        STORE_IDEM_KEPT) {
        *due = true;
        return VLT_OK;
    }
    st = get_text(&txn->view, oldest->key, &text);
    if (st == VLT_OK &&
        idem_text_get(vlt_buf_slice(&text), &answer, &when) == VLT_OK) {
        *due = txn->root.highest_ns - when > STORE_IDEM_DAYS * VLT_DAY;
    } else if (st == VLT_OK || st == VLT_E_STORAGE) {
        *due = true;
        st = VLT_OK;
    }
    vlt_buf_free(&text);
    return st;
}

/* Drop what is due, oldest first. */
static enum vlt_status
trim(struct store_txn *txn)
{
    for (int i = 0; i < DROPS; i++) {
        const struct idem_item *oldest =
            idem_queue_oldest(&txn->view.store->idems, &txn->idems);
        bool due = false;

        if (oldest == NULL) {
            return VLT_OK;
        }
        enum vlt_status st = oldest_is_due(txn, oldest, &due);

        if (st != VLT_OK || !due) {
            return st;
        }
        st = sealed_delete(txn, ENV_IDEM, SEAL_IDEM,
                           vlt_slice_of(oldest->key, VLT_ID_LEN));
        if (st != VLT_OK) {
            return st == VLT_E_NOT_FOUND ? VLT_E_STORAGE : st;
        }
        txn->idems.dropped++;
    }
    return VLT_OK;
}

/* Put the object under its key, and note it in the queue. */
static enum vlt_status
put_text(struct store_txn *txn, const uint8_t *key, struct vlt_slice text)
{
    uint8_t kid[STORE_KID_LEN];
    struct idem_item item = { .version = txn->root.commit };
    struct sealed_draft draft = {
        .db = ENV_IDEM,
        .key = vlt_slice_of(key, VLT_ID_LEN),
        .place = place_of(key),
        .kid = kid,
        .plain = text,
    };
    enum vlt_status st = sealed_vault_kid(txn->view.store, kid);

    if (st != VLT_OK) {
        return st;
    }
    st = sealed_put_versioned(txn, &draft);
    if (st != VLT_OK) {
        return st;
    }
    memcpy(item.key, key, sizeof item.key);
    st = idem_change_add(&txn->view.store->idems, &txn->idems, &item);
    /* The record is put, but would never be dropped. */
    return st == VLT_OK ? VLT_OK : txn_fail(txn, st);
}

enum vlt_status
store_idem_put(struct store_txn *txn, const struct store_idem *idem,
               struct vlt_slice answer)
{
    uint8_t key[VLT_ID_LEN];
    struct vlt_buf text = { 0 };
    struct vlt_slice old;
    enum vlt_status st;

    if (answer.len < 1 || answer.len > STORE_IDEM_MAX) {
        return VLT_E_LIMIT;
    }
    key_of(idem, key);
    st = trim(txn);
    if (st != VLT_OK) {
        return st;
    }
    st = view_get(&txn->view, ENV_IDEM, vlt_slice_of(key, sizeof key), &old);
    if (st != VLT_E_NOT_FOUND) {
        return st == VLT_OK ? VLT_E_CONFLICT : st;
    }
    idem_text_put(&text, answer, txn->root.highest_ns);
    st = vlt_buf_status(&text);
    if (st == VLT_OK) {
        st = put_text(txn, key, vlt_buf_slice(&text));
    }
    vlt_buf_free(&text);
    return st;
}
