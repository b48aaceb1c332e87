#include "store/store_internal.h"

#include "base/writer.h"

enum vlt_status
view_get(const struct store_view *view, enum env_db db, struct vlt_slice key,
         struct vlt_slice *value)
{
    MDB_val k = env_val(key);
    MDB_val v;
    int code = mdb_get(view->mdb, view->store->env.dbi[db], &k, &v);

    if (code == 0) {
        *value = env_slice(v);
    }
    return env_status(code, "read a record");
}

enum vlt_status
view_walk(const struct store_view *view, enum env_db db, struct vlt_slice from,
          view_walk_fn *fn, void *ctx)
{
    MDB_cursor *cursor;
    MDB_val k = env_val(from);
    MDB_val v;
    int code = mdb_cursor_open(view->mdb, view->store->env.dbi[db], &cursor);

    if (code != 0) {
        return env_status(code, "walk over records");
    }
    code = mdb_cursor_get(cursor, &k, &v,
                          from.len > 0 ? MDB_SET_RANGE : MDB_FIRST);
    while (code == 0 && fn(ctx, env_slice(k), env_slice(v))) {
        code = mdb_cursor_get(cursor, &k, &v, MDB_NEXT);
    }
    mdb_cursor_close(cursor);
    return code == MDB_NOTFOUND ? VLT_OK
                                : env_status(code, "walk over records");
}

enum env_db
view_slot(size_t slot)
{
    return (enum env_db)(ENV_TAIL0 + slot);
}

enum vlt_status
view_stat(const struct store_view *view, enum env_db db, MDB_stat *out)
{
    return env_status(mdb_stat(view->mdb, view->store->env.dbi[db], out),
                      "count records");
}

enum vlt_status
view_count(const struct store_view *view, enum env_db db, uint64_t *out)
{
    MDB_stat stat;
    enum vlt_status st = view_stat(view, db, &stat);

    if (st == VLT_OK) {
        *out = stat.ms_entries;
    }
    return st;
}

static enum vlt_status
open_root(const struct store_view *view, struct root *out)
{
    struct seal_place place = { .type = SEAL_ROOT };
    struct vlt_buf plain = { 0 };
    struct vlt_slice value;
    enum vlt_status st;

    st = view_get(view, ENV_MAIN, vlt_slice_text("!root"), &value);
    if (st != VLT_OK) {
        return st == VLT_E_NOT_FOUND ? VLT_E_STORAGE : st;
    }
    st = sealed_open_versioned(view, place, value, &plain);
    if (st != VLT_OK) {
        st = sealed_status(st, ENV_MAIN);
        goto done;
    }
    struct root root;

    st = root_decode(vlt_buf_slice(&plain), &root);
    if (st != VLT_OK || root.commit != vlt_load_u64(value.at)) {
        st = sealed_status(VLT_E_AUTH, ENV_MAIN);
        goto done;
    }
    *out = root;

done:
    vlt_buf_free(&plain);
    return st;
}

enum vlt_status
view_root(const struct store_view *view, struct root *out)
{
    if (view->root != NULL) {
        *out = *view->root;
        return VLT_OK;
    }
    if (view->memo != NULL && view->memo->known) {
        *out = view->memo->root;
        return VLT_OK;
    }
    enum vlt_status st = open_root(view, out);

    if (st == VLT_OK && view->memo != NULL) {
        view->memo->known = true;
        view->memo->root = *out;
    }
    return st;
}

void
view_count_opened(const struct store_view *view)
{
    if (view->memo != NULL) {
        view->memo->opened++;
    }
}

uint64_t
store_view_opened(const struct store_view *view)
{
    return view->memo != NULL ? view->memo->opened : 0;
}

uint64_t
store_view_number(const struct store_view *view)
{
    struct vlt_slice value;

    if (view->root != NULL) {
        return view->root->commit;
    }
    /* The version stands in the clear, and unlock has checked the record. */
    if (view_get(view, ENV_MAIN, vlt_slice_text("!root"), &value) != VLT_OK ||
        value.len < VERSION_LEN) {
        return 0;
    }
    return vlt_load_u64(value.at);
}

enum vlt_status
store_view_audit(const struct store_view *view, uint64_t *size,
                 uint8_t head[STORE_HASH_LEN])
{
    struct root root;
    enum vlt_status st = view_root(view, &root);

    if (st == VLT_OK) {
        *size = root.audit_size;
        for (size_t i = 0; i < STORE_HASH_LEN; i++) {
            head[i] = root.audit_head[i];
        }
    }
    return st;
}

enum vlt_status
store_key_subject(const struct store_view *view,
                  const uint8_t kid[STORE_KID_LEN], struct store_key_about *out)
{
    struct keyring_about about;
    struct vlt_key key;
    enum vlt_status st = shelf_find(view->store->shelf, kid, &about, &key);

    if (st == VLT_OK) {
        *out =
            (struct store_key_about){ .type = (enum store_key_type)about.type,
                                      .epoch = about.epoch };
        for (size_t i = 0; i < VLT_ID_LEN; i++) {
            out->subject[i] = about.subject[i];
        }
    }
    return st;
}

/* Pages on LMDB's list of free ones: each record of it begins with a count. */
enum vlt_status
view_free_pages(const struct store_view *view, uint64_t *pages)
{
    MDB_cursor *cursor;
    MDB_val k;
    MDB_val v;
    int code = mdb_cursor_open(view->mdb, 0, &cursor);
    uint64_t count = 0;

    if (code != 0) {
        return env_status(code, "count free pages");
    }
    while ((code = mdb_cursor_get(cursor, &k, &v, MDB_NEXT)) == 0) {
        if (v.mv_size >= sizeof(uint64_t)) {
            count += vlt_load_u64(env_slice(v).at);
        }
    }
    mdb_cursor_close(cursor);
    if (code != MDB_NOTFOUND) {
        return env_status(code, "count free pages");
    }
    *pages = count;
    return VLT_OK;
}

static enum vlt_status
count_records(const struct store_view *view, struct store_stat *stat)
{
    const struct {
        enum env_db db;
        uint64_t *count;
    } counted[] = {
        { ENV_CHUNK, &stat->chunks }, { ENV_HEAD, &stat->heads },
        { ENV_ROLL, &stat->rolls },   { ENV_LANE, &stat->lanes },
        { ENV_META, &stat->metas },   { ENV_DEDUP, &stat->dedups },
        { ENV_IDEM, &stat->idems },   { ENV_AUDIT, &stat->audits },
        { ENV_NODE, &stat->nodes },   { ENV_INBOX, &stat->inbox },
    };
    enum vlt_status st = VLT_OK;

    for (size_t slot = 0; st == VLT_OK && slot < ROOT_TAILS; slot++) {
        uint64_t count = 0;

        st = view_count(view, view_slot(slot), &count);
        stat->tails += count;
    }
    for (size_t i = 0; st == VLT_OK && i < sizeof counted / sizeof *counted;
         i++) {
        st = view_count(view, counted[i].db, counted[i].count);
    }
    return st;
}

enum vlt_status
store_view_stat(const struct store_view *view, struct store_stat *out)
{
    const struct env *env = &view->store->env;
    struct store_stat stat = { 0 };
    MDB_envinfo info;
    uint64_t free_pages = 0;
    int code = mdb_env_info(env->mdb, &info);
    enum vlt_status st = env_status(code, "look at the environment");

    if (st != VLT_OK) {
        return st;
    }
    st = view_free_pages(view, &free_pages);
    if (st != VLT_OK) {
        return st;
    }
    st = count_records(view, &stat);
    if (st != VLT_OK) {
        return st;
    }
    uint64_t pages = (uint64_t)info.me_last_pgno + 1;

    stat.file = pages * env->page;
    stat.used = (pages - (free_pages < pages ? free_pages : pages)) * env->page;
    stat.map = info.me_mapsize;
    stat.keys = shelf_count(view->store->shelf);
    *out = stat;
    return VLT_OK;
}

uint64_t
store_file_bytes(const struct store_view *view)
{
    const struct env *env = &view->store->env;
    MDB_envinfo info;

    if (env_status(mdb_env_info(env->mdb, &info), "look at the environment") !=
        VLT_OK) {
        return 0;
    }
    return ((uint64_t)info.me_last_pgno + 1) * env->page;
}
