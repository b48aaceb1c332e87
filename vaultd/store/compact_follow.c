/*
 * compact_follow: a copy that was made goes after what was committed since.
 *
 * Each record that changed gets the value that it has in the view, or goes.
 * Whether a value was overwritten in between does not matter; nor does when a
 * database was emptied: what it has in the view was put later, and is noted
 * behind that.
 */
#include <string.h>

#include "store/compact_internal.h"

static enum vlt_status
not_the_same(struct vlt_buf *why)
{
    return store_say(VLT_E_STORAGE, why,
                     "cannot compact: the copy did not become the same as "
                     "data.mdb");
}

/* ---- putting ---- */

static int
follow_one(const struct store_compaction *c, MDB_txn *copy,
           const struct change *change)
{
    MDB_val key = env_val(vlt_slice_of(change->key, change->len));
    MDB_val value;
    int code;

    if (change->len == 0) {
        return mdb_drop(copy, c->copy.dbi[change->db], 0);
    }
    code = mdb_get(c->view, c->store->env.dbi[change->db], &key, &value);
    if (code == 0) {
        return mdb_put(copy, c->copy.dbi[change->db], &key, &value, 0);
    }
    if (code == MDB_NOTFOUND) {
        code = mdb_del(copy, c->copy.dbi[change->db], &key, NULL);
    }
    return code == MDB_NOTFOUND ? 0 : code;
}

static enum vlt_status
follow_all(const struct store_compaction *c, struct vlt_buf *why)
{
    MDB_txn *copy = NULL;
    int code = mdb_txn_begin(c->copy.mdb, NULL, 0, &copy);

    for (size_t i = 0; code == 0 && i < c->todo.count; i++) {
        code = follow_one(c, copy, &c->todo.change[i]);
    }
    if (code == 0) {
        code = mdb_txn_commit(copy);
    } else {
        mdb_txn_abort(copy);
    }
    if (code != 0) {
        (void)store_say(VLT_OK, why, "cannot compact: %s", mdb_strerror(code));
    }
    return env_status(code, "follow in the copy");
}

/* ---- comparing ---- */

/* Has the copy of this record what the view has? */
static bool
same_one(const struct store_compaction *c, MDB_txn *copy,
         const struct change *change)
{
    MDB_val key = env_val(vlt_slice_of(change->key, change->len));
    MDB_val value[2];
    int code = mdb_get(c->view, c->store->env.dbi[change->db], &key, &value[0]);

    if (code != mdb_get(copy, c->copy.dbi[change->db], &key, &value[1])) {
        return false;
    }
    return code == MDB_NOTFOUND ||
           (code == 0 &&
            vlt_slice_equal(env_slice(value[0]), env_slice(value[1])));
}

static enum vlt_status
compare(const struct store_compaction *c, struct vlt_buf *why)
{
    MDB_txn *copy = NULL;
    bool good = mdb_txn_begin(c->copy.mdb, NULL, MDB_RDONLY, &copy) == 0;

    for (size_t i = 0; good && i < c->todo.count; i++) {
        const struct change *change = &c->todo.change[i];

        good = change->len == 0 || same_one(c, copy, change);
    }
    mdb_txn_abort(copy);
    return good ? VLT_OK : not_the_same(why);
}

enum vlt_status
compact_follow(struct store_compaction *c, struct vlt_buf *why)
{
    enum vlt_status st = follow_all(c, why);

    if (st == VLT_OK) {
        st = compare(c, why);
    }
    changes_free(&c->todo);
    return st;
}

/* ---- the whole of it ---- */

/* Databases were opened in the same order, so a view of the store reads the
 * copy, too. */
static bool
same_counts(const struct store_compaction *c, const struct store_view view[2])
{
    bool good = memcmp(c->copy.dbi, c->store->env.dbi, sizeof c->copy.dbi) == 0;

    for (enum env_db db = 0; good && db < ENV_DBS; db++) {
        uint64_t count[2] = { 0, 1 };

        good = view_count(&view[0], db, &count[0]) == VLT_OK &&
               view_count(&view[1], db, &count[1]) == VLT_OK &&
               count[0] == count[1];
    }
    return good;
}

static bool
same_root(const struct store_view view[2])
{
    struct root root[2];
    uint8_t hash[ROOT_HASH];

    return view_root(&view[0], &root[0]) == VLT_OK &&
           view_root(&view[1], &root[1]) == VLT_OK &&
           root[0].commit == root[1].commit &&
           fresh_hash(&view[1], hash) == VLT_OK &&
           memcmp(hash, root[0].set_hash, sizeof hash) == 0;
}

enum vlt_status
compact_judge(const struct store_compaction *c, struct vlt_buf *why)
{
    struct store_view view[2] = { { .store = c->store, .mdb = c->view },
                                  { .store = c->store } };
    bool good = mdb_txn_begin(c->copy.mdb, NULL, MDB_RDONLY, &view[1].mdb) == 0;

    good = good && same_counts(c, view) && same_root(view);
    mdb_txn_abort(view[1].mdb);
    return good ? VLT_OK : not_the_same(why);
}
