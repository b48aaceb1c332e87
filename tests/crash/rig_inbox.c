/* A vault that is locked takes an entry, and drains it when it is unlocked. */
#include <stdio.h>

#include "rig_internal.h"
#include "store/inbox.h"
#include "store/record.h"

/* What is in the entry of an operation. */
static struct vlt_slice
text_of(unsigned op, char out[16])
{
    (void)snprintf(out, 16, "op %u", op);
    return vlt_slice_text(out);
}

static struct store_idem
answer_of(unsigned op)
{
    struct store_idem idem = { .principal = { RIG_FIRM } };

    rig_id(idem.ulid, RIG_ANSWER, op);
    return idem;
}

/* Was it drained before?  VLT_E_NOT_FOUND: no. */
static enum vlt_status
was_drained(const struct store_view *view, unsigned op)
{
    struct store_idem idem = answer_of(op);
    struct vlt_buf answer = { 0 };
    int64_t when;
    enum vlt_status st = store_idem_get(view, &idem, &answer, &when);

    vlt_buf_free(&answer);
    return st;
}

static enum vlt_status
look(struct rig *rig, unsigned op, bool *drained)
{
    struct store_read *read = NULL;
    enum vlt_status st = store_read_begin(rig->store, &read);

    if (st != VLT_OK) {
        return st;
    }
    st = was_drained(store_read_view(read), op);
    store_read_end(read);
    *drained = st == VLT_OK;
    return st == VLT_E_NOT_FOUND ? VLT_OK : st;
}

/* Unless it is there from a first try. */
static enum vlt_status
take_entry(struct rig *rig, unsigned op)
{
    struct store_turn turn = { .now_ns = script_now(op), .keyless = true };
    struct store_txn *txn;
    char text[16];
    enum vlt_status st;

    if (store_inbox_count(rig->store) > 0) {
        return VLT_OK;
    }
    st = store_txn_begin(rig->store, turn, &txn);
    if (st != VLT_OK) {
        return st;
    }
    st = store_inbox_put(txn, text_of(op, text));
    if (st != VLT_OK) {
        store_txn_abort(txn);
        return st;
    }
    return store_txn_commit(txn);
}

static enum vlt_status
drain(struct rig *rig, struct store_txn *txn, unsigned op)
{
    struct store_idem idem = answer_of(op);
    struct vlt_buf plain = { 0 };
    uint64_t number = 0;
    char text[16];
    enum vlt_status st =
        store_inbox_open(store_txn_view(txn), 0, &number, &plain);

    (void)rig;
    if (st == VLT_OK && (plain.len != text_of(op, text).len ||
                         !vlt_slice_is(vlt_buf_slice(&plain), text))) {
        st = VLT_E_FORMAT; /* another's: an earlier one was not drained */
    }
    vlt_buf_free(&plain);
    if (st == VLT_OK) {
        st = store_idem_put(txn, &idem, vlt_slice_text("{\"ok\":true}"));
    }
    return st == VLT_OK ? store_inbox_drop(txn, number) : st;
}

static enum vlt_status
lock_and_unlock(struct rig *rig, unsigned op, bool drained)
{
    enum vlt_status st = VLT_OK;

    series_clear(rig->series);
    audit_clear(rig->audit);
    store_lock(rig->store);
    rig->loaded = false;
    if (!drained) {
        st = take_entry(rig, op);
    }
    return st == VLT_OK ? rig_open(rig) : st;
}

enum vlt_status
rig_do_lock(struct rig *rig, unsigned op)
{
    struct store_txn *txn;
    bool drained = false;
    enum vlt_status st = look(rig, op, &drained);

    if (st == VLT_OK) {
        st = lock_and_unlock(rig, op, drained);
    }
    if (st != VLT_OK || drained) {
        return st;
    }
    st = rig_begin(rig, op, &txn);
    return st == VLT_OK ? rig_end(rig, txn, drain(rig, txn, op)) : st;
}
