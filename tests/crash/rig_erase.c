/* The operations that erase. */
#include <string.h>

#include "rig_internal.h"
#include "store/compact.h"

static enum vlt_status
no_word(void *ctx, const struct series_erased *erased)
{
    (void)ctx;
    (void)erased;
    return VLT_OK;
}

/* The turn that says which keys go. */
static enum vlt_status
say_erased(struct rig *rig, unsigned op)
{
    struct script_erase erase;
    struct series_erased wish = { .at = script_now(op) };
    struct series_erased done;
    const struct stream *stream;
    struct store_txn *txn;
    enum vlt_status st = rig_begin(rig, op, &txn);

    if (st != VLT_OK) {
        return st;
    }
    script_erase(op, &erase);
    wish.from = erase.from;
    wish.to = erase.to;
    stream = rig_stream(rig, erase.stream);
    if (stream == NULL) {
        return rig_end(rig, txn, VLT_E_NOT_FOUND);
    }
    memcpy(wish.stream, stream->id, sizeof wish.stream);
    stream_release(stream);
    return rig_end(rig, txn, series_erase(rig->series, txn, &wish, &done));
}

/* The keys, and the turn that says that they are gone. */
static enum vlt_status
destroy_keys(struct rig *rig, unsigned op)
{
    struct store_txn *txn;
    enum vlt_status st = series_erase_keys(rig->series, NULL);

    if (st == VLT_OK) {
        st = rig_begin(rig, op, &txn);
    }
    if (st == VLT_OK) {
        st = rig_end(rig, txn,
                     series_erase_note(rig->series, txn, no_word, NULL));
    }
    return st;
}

enum vlt_status
rig_do_erase(struct rig *rig, unsigned op)
{
    enum vlt_status st = rig_anchored(rig, say_erased(rig, op));

    if (st != VLT_OK) {
        return st;
    }
    /* From here on it stands, but is not acknowledged before the keys are
     * gone. */
    st = rig_anchored(rig, destroy_keys(rig, op));
    return st == VLT_OK ? st : VLT_E_UNKNOWN;
}

static enum vlt_status
sweep(struct rig *rig, unsigned op)
{
    struct store_txn *txn;
    enum vlt_status st = rig_begin(rig, op, &txn);

    return st == VLT_OK
               ? rig_end(rig, txn, series_erase_sweep(rig->series, txn))
               : st;
}

/* What others commit meanwhile: nothing of its own. */
static enum vlt_status
commit_beside(struct rig *rig, unsigned op)
{
    struct store_txn *txn;
    enum vlt_status st = rig_begin(rig, op, &txn);

    return st == VLT_OK ? rig_end(rig, txn, VLT_OK) : st;
}

static enum vlt_status
change_files(struct rig *rig, unsigned op)
{
    struct store_compaction *c = NULL;
    bool more = false;
    enum vlt_status st = series_erase_compact(rig->series, NULL, NULL, &c);

    if (st == VLT_OK) {
        st = commit_beside(rig, op);
    }
    if (st == VLT_OK) {
        st = store_compact_work(c, NULL);
    }
    if (st == VLT_OK) {
        st = commit_beside(rig, op);
    }
    if (st == VLT_OK) {
        st = series_erase_compacted(rig->series, c, NULL, &more);
    }
    store_compact_free(c);
    return st;
}

static enum vlt_status
compact(struct rig *rig, unsigned op)
{
    struct store_txn *txn;
    enum vlt_status st = change_files(rig, op);

    if (st == VLT_OK) {
        st = rig_begin(rig, op, &txn);
    }
    if (st == VLT_OK) {
        st = rig_end(rig, txn,
                     series_erase_complete(rig->series, txn, no_word, NULL));
    }
    return st;
}

enum vlt_status
rig_do_finish(struct rig *rig, unsigned op)
{
    enum vlt_status st = VLT_OK;

    while (st == VLT_OK) {
        switch (series_erase_next(rig->series)) {
        case SERIES_ERASE_NOTHING:
            return VLT_OK;
        case SERIES_ERASE_KEYS:
            st = destroy_keys(rig, op);
            break;
        case SERIES_ERASE_SWEEP:
            st = sweep(rig, op);
            break;
        case SERIES_ERASE_COMPACT:
            st = compact(rig, op);
            break;
        }
    }
    return st;
}

/* Without an erase, as where much of the file is free; a batch comes while the
 * copy is there.  From then on the operation is done: a compaction that is
 * given up has lost nothing. */
enum vlt_status
rig_do_compact(struct rig *rig, unsigned op)
{
    const struct store_compact_wish wish = { .spare = true };
    struct store_compaction *c = NULL;
    bool more = false;
    enum vlt_status st = store_compact_begin(rig->store, &wish, NULL, &c);

    if (st == VLT_OK) {
        st = store_compact_work(c, NULL);
    }
    if (st == VLT_OK) {
        st = rig_do_append(rig, op);
    }
    if (st == VLT_OK && store_compact_finish(c, NULL, &more) == VLT_E_UNKNOWN) {
        st = VLT_E_UNKNOWN;
    }
    store_compact_free(c);
    return st;
}
