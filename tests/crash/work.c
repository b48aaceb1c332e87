#include "work.h"

#include <stdio.h>
#include <string.h>

enum { MAP = 256 << 20 };

void
work_init(struct work *work, const char *folder, uint64_t seed)
{
    *work = (struct work){ .seed = seed };
    (void)snprintf(work->folder, sizeof work->folder, "%s", folder);
    (void)snprintf(work->path, sizeof work->path, "%.3700s/vault", folder);
}

enum vlt_status
work_key(struct vlt_secret **out)
{
    return vlt_secret_copy(vlt_slice_text("key-file-key-file-key-file-key-f"),
                           out);
}

void
work_id(uint8_t out[VLT_ID_LEN], uint8_t kind, unsigned number)
{
    memset(out, 0, VLT_ID_LEN);
    out[0] = kind;
    out[1] = (uint8_t)(number >> 8);
    out[2] = (uint8_t)number;
}

static void
keep_why(struct work *work, struct vlt_buf *why)
{
    const char *text = vlt_buf_text(why);

    (void)snprintf(work->why, sizeof work->why, "%s", text != NULL ? text : "");
    vlt_buf_free(why);
}

static enum vlt_status
unlock(struct work *work)
{
    struct vlt_secret *key = NULL;
    struct vlt_secret *root = NULL;
    struct vlt_buf why = { 0 };
    enum vlt_status st = work_key(&key);

    if (st == VLT_OK) {
        st = store_root_key(work->store, STORE_KEY_FILE, key, &root);
    }
    if (st == VLT_OK) {
        st = store_unlock(work->store, root, &why);
    }
    keep_why(work, &why);
    vlt_secret_free(key);
    vlt_secret_free(root);
    return st;
}

static enum vlt_status
load(struct work *work)
{
    struct store_read *read = NULL;
    enum vlt_status st = store_read_begin(work->store, &read);

    if (st == VLT_OK) {
        st = series_load(work->series, store_read_view(read));
    }
    if (st == VLT_OK) {
        st = audit_load(work->audit, store_read_view(read));
    }
    store_read_end(read);
    return st;
}

/* What of it there is not yet. */
static enum vlt_status
make_rooms(struct work *work)
{
    struct store_limits limits = { .map = MAP };
    struct vlt_buf why = { 0 };
    enum vlt_status st = VLT_OK;

    if (work->store == NULL) {
        st = store_open(work->path, &limits, &why, &work->store);
    }
    keep_why(work, &why);
    if (st == VLT_OK && work->series == NULL) {
        st = series_new(work->store, &work->series);
    }
    if (st == VLT_OK && work->audit == NULL) {
        st = audit_new(work->store, &work->audit);
    }
    return st;
}

enum vlt_status
work_open(struct work *work)
{
    enum vlt_status st;

    if (work->loaded) {
        return VLT_OK;
    }
    st = make_rooms(work);
    if (st != VLT_OK) {
        return st;
    }
    st = unlock(work);
    if (st == VLT_OK) {
        st = load(work);
    }
    if (st != VLT_OK) {
        /* Half of it is as none. */
        series_clear(work->series);
        audit_clear(work->audit);
        store_lock(work->store);
        return st;
    }
    work->loaded = true;
    return VLT_OK;
}

void
work_close(struct work *work)
{
    audit_free(work->audit);
    series_free(work->series);
    store_close(work->store);
    work->audit = NULL;
    work->series = NULL;
    work->store = NULL;
    work->failed = false;
    work->loaded = false;
}
