/* Nothing was put back, dropped or added while nobody looked. */
#include "store/store_internal.h"

#include "base/writer.h"
#include "store/sethash.h"

struct hashing {
    struct vlt_key set_key;
    enum seal_type type;
    uint8_t *hash;
    bool strange;
};

static bool
hash_one(void *ctx, struct vlt_slice key, struct vlt_slice value)
{
    struct hashing *h = ctx;

    if (key.len > SETHASH_KEY_MAX) {
        h->strange = true; /* the vault makes no such key */
        return false;
    }
    /* Too short for a version: no version can be right. */
    uint64_t version =
        value.len >= VERSION_LEN ? vlt_load_u64(value.at) : UINT64_MAX;

    sethash_toggle(h->hash, h->set_key, h->type, key, version);
    return true;
}

enum vlt_status
fresh_hash(const struct store_view *view, uint8_t out[ROOT_HASH])
{
    static const struct {
        enum env_db db;
        enum seal_type type;
    } sets[] = {
        { ENV_LANE, SEAL_LANE },
        { ENV_META, SEAL_META },
        { ENV_DEDUP, SEAL_DEDUP },
        { ENV_IDEM, SEAL_IDEM },
    };
    struct hashing h = { .set_key = shelf_set_key(view->store->shelf),
                         .hash = out };
    enum vlt_status st = VLT_OK;

    for (size_t i = 0; i < ROOT_HASH; i++) {
        out[i] = 0;
    }
    for (size_t i = 0; st == VLT_OK && i < sizeof sets / sizeof *sets; i++) {
        h.type = sets[i].type;
        st = view_walk(view, sets[i].db, vlt_slice_of(NULL, 0), hash_one, &h);
    }
    if (st == VLT_OK && h.strange) {
        st = VLT_E_AUTH;
    }
    return st;
}

struct counting {
    uint64_t next; /* arrival that must come */
    bool broken;
};

static bool
count_tail(void *ctx, struct vlt_slice key, struct vlt_slice value)
{
    struct counting *c = ctx;

    (void)value;
    c->broken = key.len != sizeof c->next || vlt_load_be64(key.at) != c->next;
    c->next++;
    return !c->broken;
}

enum vlt_status
fresh_tails(const struct store_view *view, const struct root *root,
            struct vlt_buf *why)
{
    /* That the slots' arrivals follow each other, root_decode() has seen. */
    for (size_t slot = 0; slot < ROOT_TAILS; slot++) {
        struct counting c = { .next = root->tail[slot].first };
        enum vlt_status st = view_walk(view, view_slot(slot),
                                       vlt_slice_of(NULL, 0), count_tail, &c);

        if (st != VLT_OK) {
            return st;
        }
        if (c.broken || c.next != root_end(root, slot)) {
            return store_say(VLT_E_AUTH, why,
                             "batches are missing, or were added from outside");
        }
    }
    return VLT_OK;
}

static bool
any(void *ctx, struct vlt_slice key, struct vlt_slice value)
{
    (void)key;
    (void)value;
    *(bool *)ctx = true;
    return false;
}

enum vlt_status
fresh_pieces(const struct store_view *view, const struct root *root,
             struct vlt_buf *why)
{
    static const enum env_db dbs[] = { ENV_CHUNK, ENV_HEAD, ENV_ROLL };
    uint8_t next[8];

    vlt_store_be64(next, root->no);
    for (size_t i = 0; i < sizeof dbs / sizeof *dbs; i++) {
        bool found = false;
        enum vlt_status st = view_walk(
            view, dbs[i], vlt_slice_of(next, sizeof next), any, &found);

        if (st != VLT_OK) {
            return st;
        }
        if (found) {
            return store_say(VLT_E_AUTH, why,
                             "a record of \"%s\" was added from outside",
                             env_db_name(dbs[i]));
        }
    }
    return VLT_OK;
}
