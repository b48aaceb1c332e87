#include "store/inbox.h"

#include <stdlib.h>
#include <string.h>

#include "base/writer.h"
#include "crypto/sealbox.h"
#include "store/gate.h"
#include "store/store_internal.h"
#include "util/log.h"

enum { KEY_LEN = 8 };

static const char gate_key[] = "!gate";

/* ---- the gate ---- */

static enum vlt_status
get_gate(const struct store_view *view, struct store_gate *out)
{
    struct vlt_slice value;
    enum vlt_status st =
        view_get(view, ENV_MAIN, vlt_slice_text(gate_key), &value);

    if (st == VLT_OK) {
        st = gate_decode(value, out);
    }
    return st == VLT_E_FORMAT || st == VLT_E_LIMIT ? VLT_E_STORAGE : st;
}

enum vlt_status
store_gate_read(struct store *store, struct store_gate *out)
{
    struct store_view view = { .store = store };
    enum vlt_status st;

    shelf_come_in(store->shelf);
    st = env_status(mdb_txn_begin(store->env.mdb, NULL, MDB_RDONLY, &view.mdb),
                    "begin");
    if (st == VLT_OK) {
        st = get_gate(&view, out);
        mdb_txn_abort(view.mdb);
    }
    shelf_leave(store->shelf);
    return st;
}

static enum vlt_status
put_gate(struct store_txn *txn, struct store_gate *gate)
{
    struct vlt_buf bytes;
    enum vlt_status st;

    vlt_buf_init(&bytes, GATE_LEN_MAX);
    gate_encode(gate, &bytes);
    st = vlt_buf_status(&bytes);
    if (st == VLT_OK) {
        st = txn_put_raw(txn, ENV_MAIN, vlt_slice_text(gate_key),
                         vlt_buf_slice(&bytes), 0);
    }
    vlt_buf_free(&bytes);
    return st;
}

enum vlt_status
store_gate_put(struct store_txn *txn, struct store_gate *gate)
{
    gate->drained = txn->root.drained;
    return put_gate(txn, gate);
}

/* What was drained, where nobody can read root. */
static enum vlt_status
note_drained(struct store_txn *txn)
{
    struct store_gate gate = { .count = 0 };
    enum vlt_status st = get_gate(&txn->view, &gate);

    if (st != VLT_OK && st != VLT_E_NOT_FOUND && st != VLT_E_STORAGE) {
        return st;
    }
    st = store_gate_put(txn, &gate);
    store_gate_free(&gate);
    return st;
}

enum vlt_status
inbox_check_gate(const struct store_view *view, const struct root *root,
                 struct vlt_buf *why)
{
    struct store_gate gate = { .count = 0 };
    enum vlt_status st = get_gate(view, &gate);
    bool knows = gate.drained == root->drained;

    store_gate_free(&gate);
    if (st == VLT_E_NOT_FOUND || (st == VLT_OK && knows)) {
        return VLT_OK;
    }
    return st == VLT_OK || st == VLT_E_STORAGE
               ? store_say(VLT_E_AUTH, why,
                           "the record !gate was changed from outside")
               : st;
}

/* ---- entries ---- */

struct counting {
    uint64_t bytes;
    uint64_t count;
};

static bool
count_one(void *ctx, struct vlt_slice key, struct vlt_slice value)
{
    struct counting *counting = ctx;

    (void)key;
    counting->bytes += value.len;
    counting->count++;
    return true;
}

enum vlt_status
inbox_count(struct store *store)
{
    struct store_view view = { .store = store };
    struct counting counting = { .count = 0 };
    enum vlt_status st = env_status(
        mdb_txn_begin(store->env.mdb, NULL, MDB_RDONLY, &view.mdb), "begin");

    if (st != VLT_OK) {
        return st;
    }
    st = view_walk(&view, ENV_INBOX, vlt_slice_of(NULL, 0), count_one,
                   &counting);
    mdb_txn_abort(view.mdb);
    if (st == VLT_OK) {
        atomic_set(&store->inbox_bytes, counting.bytes);
        atomic_set(&store->inbox_entries, counting.count);
    }
    return st;
}

uint64_t
store_inbox_bytes(const struct store *store)
{
    return atomic_get(&store->inbox_bytes);
}

uint64_t
store_inbox_count(const struct store *store)
{
    return atomic_get(&store->inbox_entries);
}

/* The last number there is, or 0. */
static enum vlt_status
last_number(const struct store_view *view, uint64_t *number)
{
    MDB_cursor *cursor;
    MDB_val k;
    MDB_val v;
    int code =
        mdb_cursor_open(view->mdb, view->store->env.dbi[ENV_INBOX], &cursor);

    if (code != 0) {
        return env_status(code, "look into the inbox");
    }
    code = mdb_cursor_get(cursor, &k, &v, MDB_LAST);
    *number =
        code == 0 && k.mv_size == KEY_LEN ? vlt_load_be64(env_slice(k).at) : 0;
    mdb_cursor_close(cursor);
    return code == MDB_NOTFOUND ? VLT_OK
                                : env_status(code, "look into the inbox");
}

enum vlt_status
store_inbox_next(const struct store_txn *txn, uint64_t *number)
{
    struct store_gate gate = { .count = 0 };
    uint64_t last = 0;
    enum vlt_status st = get_gate(&txn->view, &gate);
    uint64_t drained = st == VLT_OK ? gate.drained : 0;

    store_gate_free(&gate);
    if (st == VLT_OK || st == VLT_E_NOT_FOUND) {
        st = last_number(&txn->view, &last);
    }
    if (st == VLT_OK) {
        *number = (last > drained ? last : drained) + 1;
    }
    return st;
}

static enum vlt_status
seal(struct store_txn *txn, struct vlt_slice plain, struct vlt_slice *out)
{
    struct store *store = txn->view.store;
    uint8_t *at;

    vlt_buf_clear(&txn->scratch);
    at = vlt_buf_extend(&txn->scratch, plain.len + VLT_BOX_MORE);
    if (at == NULL) {
        return vlt_buf_status(&txn->scratch);
    }
    *out = vlt_buf_slice(&txn->scratch);

    enum vlt_status st = vlt_box_seal(store->dir.header.inbox_pk, plain, at);

    return st == VLT_E_FORMAT ? VLT_E_STORAGE : st; /* the header is damaged */
}

enum vlt_status
store_inbox_put(struct store_txn *txn, struct vlt_slice plain)
{
    uint8_t key[KEY_LEN];
    struct vlt_slice sealed;
    uint64_t number;

    if (plain.len == 0 || plain.len > STORE_INBOX_BOX) {
        return VLT_E_LIMIT;
    }
    if (store_inbox_bytes(txn->view.store) + txn->inbox.more + plain.len +
            VLT_BOX_MORE >
        STORE_INBOX_MAX) {
        return VLT_E_QUOTA;
    }
    enum vlt_status st = store_inbox_next(txn, &number);

    if (st == VLT_OK) {
        st = seal(txn, plain, &sealed);
    }
    if (st != VLT_OK) {
        return st;
    }
    vlt_store_be64(key, number);
    st = txn_put_raw(txn, ENV_INBOX, vlt_slice_of(key, sizeof key), sealed,
                     MDB_APPEND);
    if (st == VLT_OK) {
        txn->inbox.more += sealed.len;
        txn->inbox.came++;
    }
    return st;
}

struct finding {
    bool found;
    struct vlt_slice key, value;
};

static bool
take_first(void *ctx, struct vlt_slice key, struct vlt_slice value)
{
    struct finding *finding = ctx;

    *finding = (struct finding){ .found = true, .key = key, .value = value };
    return false;
}

enum vlt_status
inbox_open(const struct store_view *view, struct vlt_slice value,
           struct vlt_buf *plain)
{
    struct store *store = view->store;
    struct keyring_about about = { .type = KEYRING_INBOX };
    uint8_t kid[KEYRING_KID];
    size_t before = plain->len;
    struct vlt_key key;
    enum vlt_status st = shelf_lookup(store->shelf, &about, kid, &key);

    if (st != VLT_OK || value.len <= VLT_BOX_MORE) {
        return st == VLT_OK ? VLT_E_AUTH : st;
    }
    uint8_t *at = vlt_buf_extend(plain, value.len - VLT_BOX_MORE);

    if (at == NULL) {
        return vlt_buf_status(plain);
    }
    st = vlt_box_open(key, store->dir.header.inbox_pk, value, at);
    if (st != VLT_OK) {
        plain->len = before;
    }
    return st;
}

enum vlt_status
store_inbox_open(const struct store_view *view, uint64_t from, uint64_t *number,
                 struct vlt_buf *plain)
{
    struct finding finding = { .found = false };
    uint8_t key[KEY_LEN];
    enum vlt_status st;

    vlt_store_be64(key, from);
    st = view_walk(view, ENV_INBOX, vlt_slice_of(key, sizeof key), take_first,
                   &finding);
    if (st != VLT_OK || !finding.found) {
        return st == VLT_OK ? VLT_E_NOT_FOUND : st;
    }
    if (finding.key.len != KEY_LEN) {
        return VLT_E_STORAGE;
    }
    *number = vlt_load_be64(finding.key.at);
    return inbox_open(view, finding.value, plain);
}

enum vlt_status
store_inbox_drained(const struct store_view *view, uint64_t *number)
{
    struct root root;
    enum vlt_status st = view_root(view, &root);

    if (st == VLT_OK) {
        *number = root.drained;
    }
    return st;
}

enum vlt_status
store_inbox_drop(struct store_txn *txn, uint64_t number)
{
    uint8_t key[KEY_LEN];
    struct vlt_slice value;

    vlt_store_be64(key, number);
    enum vlt_status st =
        view_get(&txn->view, ENV_INBOX, vlt_slice_of(key, sizeof key), &value);

    if (st != VLT_OK) {
        return st;
    }
    uint64_t bytes = value.len;

    st = txn_delete_raw(txn, ENV_INBOX, vlt_slice_of(key, sizeof key));
    if (st != VLT_OK) {
        return st;
    }
    txn->inbox.less += bytes;
    txn->inbox.went++;
    if (number > txn->root.drained) {
        txn->root.drained = number;
    }
    return note_drained(txn);
}

void
inbox_committed(struct store *store, const struct inbox_change *change)
{
    (void)atomic_add(&store->inbox_bytes, change->more - change->less);
    (void)atomic_add(&store->inbox_entries, change->came - change->went);
}
