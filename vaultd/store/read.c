#include "store/store_internal.h"

#include <stdlib.h>

static enum vlt_status
begin(struct store *store, bool loads, struct store_read **out)
{
    struct store_read *read = calloc(1, sizeof *read);
    enum vlt_status st;

    if (read == NULL) {
        return VLT_E_NOMEM;
    }
    st = shelf_enter(store->shelf, loads);
    if (st != VLT_OK) {
        free(read);
        return st;
    }
    read->view.store = store;
    read->view.memo = &read->memo;
    st = env_status(
        mdb_txn_begin(store->env.mdb, NULL, MDB_RDONLY, &read->view.mdb),
        "begin to read");
    if (st != VLT_OK) {
        shelf_leave(store->shelf);
        free(read);
        return st;
    }
    *out = read;
    return VLT_OK;
}

enum vlt_status
store_read_begin(struct store *store, struct store_read **out)
{
    return begin(store, false, out);
}

enum vlt_status
store_read_loading(struct store *store, struct store_read **out)
{
    return begin(store, true, out);
}

void
store_hold_readers(struct store *store, bool held)
{
    shelf_hold(store->shelf, held);
}

void
store_read_end(struct store_read *read)
{
    if (read != NULL) {
        mdb_txn_abort(read->view.mdb);
        shelf_leave(read->view.store->shelf);
        free(read);
    }
}

const struct store_view *
store_read_view(const struct store_read *read)
{
    return &read->view;
}
