/* Segments of tails: runs of arrivals that go as a whole. */
#include "store/record.h"
#include "store/store_internal.h"

static enum vlt_status
look(const struct store_view *view, const struct root *root, size_t slot,
     struct store_segment *out)
{
    const struct root_tail *tail = &root->tail[slot];
    MDB_stat stat;
    enum vlt_status st = view_stat(view, view_slot(slot), &stat);

    if (st == VLT_OK) {
        size_t pages =
            stat.ms_branch_pages + stat.ms_leaf_pages + stat.ms_overflow_pages;

        *out = (struct store_segment){
            .number = tail->segment,
            .first = tail->first,
            .end = root_end(root, slot),
            .bytes = (uint64_t)pages * stat.ms_psize,
            .open = tail->state == ROOT_TAIL_OPEN,
        };
    }
    return st;
}

enum vlt_status
store_segments(const struct store_view *view,
               struct store_segment out[STORE_SEGMENTS], size_t *count)
{
    struct store_segment found[STORE_SEGMENTS];
    struct root root;
    size_t n = 0;
    enum vlt_status st = view_root(view, &root);

    if (st != VLT_OK) {
        return st;
    }
    size_t oldest = root_oldest(&root);

    for (size_t i = 0; st == VLT_OK && i < ROOT_TAILS; i++) {
        size_t slot = (oldest + i) % ROOT_TAILS;

        if (root.tail[slot].state != ROOT_TAIL_FREE) {
            st = look(view, &root, slot, &found[n++]);
        }
    }
    if (st != VLT_OK) {
        return st;
    }
    for (size_t i = 0; i < n; i++) {
        out[i] = found[i];
    }
    *count = n;
    return VLT_OK;
}

enum vlt_status
store_segment_close(struct store_txn *txn)
{
    return txn->failed ? VLT_E_STORAGE : root_close(&txn->root);
}

enum vlt_status
store_segment_drop(struct store_txn *txn, uint64_t number)
{
    struct root after = txn->root;
    size_t slot;

    if (txn->failed) {
        return VLT_E_STORAGE;
    }
    enum vlt_status st = root_drop(&after, number, &slot);

    if (st != VLT_OK) {
        return st;
    }
    /* Its pages become free without a look at the records. */
    int code =
        mdb_drop(txn->view.mdb, txn->view.store->env.dbi[view_slot(slot)], 0);

    if (env_status(code, "drop a segment") != VLT_OK) {
        return txn_fail(txn, VLT_E_STORAGE);
    }
    changes_note(txn->view.store->changes, view_slot(slot),
                 vlt_slice_of(NULL, 0), 0);
    txn->root = after;
    txn->put.records++;
    return VLT_OK;
}
