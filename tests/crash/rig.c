#include "rig.h"

#include <stdio.h>
#include <string.h>

#include "keys/words.h"
#include "series/series_internal.h"

enum { MAP = 256 << 20 };

/* Small, so that a few hundred operations close some, and pack and merge what
 * is in them. */
static const struct pack_limits limits_of_segments = { .least = 64 << 10,
                                                       .most = 64 << 10,
                                                       .records = 16 };

void
rig_init(struct rig *rig, const char *folder, uint64_t seed)
{
    *rig = (struct rig){ .seed = seed };
    (void)snprintf(rig->folder, sizeof rig->folder, "%s", folder);
    (void)snprintf(rig->path, sizeof rig->path, "%.3700s/vault", folder);
    (void)snprintf(rig->anchor, sizeof rig->anchor, "%.3700s/anchor", folder);
}

enum vlt_status
rig_key(struct vlt_secret **out)
{
    return vlt_secret_copy(vlt_slice_text("key-file-key-file-key-file-key-f"),
                           out);
}

enum vlt_status
rig_words(unsigned op, struct vlt_secret **out)
{
    struct vlt_secret *entropy = NULL;
    char bytes[WORDS_ENTROPY + 1];

    (void)snprintf(bytes, sizeof bytes, "words-of-operation-%013u", op);
    enum vlt_status st =
        vlt_secret_copy(vlt_slice_of(bytes, WORDS_ENTROPY), &entropy);

    if (st == VLT_OK) {
        st = words_print(entropy, out);
    }
    vlt_secret_free(entropy);
    return st;
}

void
rig_id(uint8_t out[VLT_ID_LEN], uint8_t kind, unsigned number)
{
    memset(out, 0, VLT_ID_LEN);
    out[0] = kind;
    out[1] = (uint8_t)(number >> 8);
    out[2] = (uint8_t)number;
}

static void
keep_why(struct rig *rig, struct vlt_buf *why)
{
    const char *text = vlt_buf_text(why);

    (void)snprintf(rig->why, sizeof rig->why, "%s", text != NULL ? text : "");
    vlt_buf_free(why);
}

enum vlt_status
rig_root(const struct rig *rig, struct vlt_secret **out)
{
    struct vlt_secret *key = NULL;
    enum vlt_status st = rig_key(&key);

    if (st == VLT_OK) {
        st = store_root_key(rig->store, STORE_KEY_FILE, key, out);
    }
    vlt_secret_free(key);
    return st;
}

static enum vlt_status
unlock(struct rig *rig)
{
    struct vlt_secret *root = NULL;
    struct vlt_buf why = { 0 };
    enum vlt_status st = rig_root(rig, &root);

    if (st == VLT_OK) {
        st = store_unlock(rig->store, root, &why);
    }
    keep_why(rig, &why);
    vlt_secret_free(root);
    return st;
}

static enum vlt_status
load(struct rig *rig)
{
    struct store_read *read = NULL;
    enum vlt_status st = series_load_tombs(rig->series);

    if (st == VLT_OK) {
        st = store_read_begin(rig->store, &read);
    }
    if (st == VLT_OK) {
        st = series_load(rig->series, store_read_view(read));
    }
    if (st == VLT_OK) {
        st = audit_load(rig->audit, store_read_view(read));
    }
    store_read_end(read);
    return st;
}

/* What of it there is not yet. */
static enum vlt_status
make_rooms(struct rig *rig)
{
    struct store_limits limits = { .map = MAP };
    struct vlt_buf why = { 0 };
    enum vlt_status st = VLT_OK;

    if (rig->store == NULL) {
        st = store_open(rig->path, &limits, &why, &rig->store);
    }
    if (st == VLT_OK && !store_anchor_kept(rig->store)) {
        st = store_anchor_keep(rig->store, rig->anchor, &why);
    }
    keep_why(rig, &why);
    if (st == VLT_OK && rig->series == NULL) {
        st = series_new(rig->store, &rig->series);
        if (st == VLT_OK) {
            rig->series->limits = limits_of_segments;
        }
    }
    if (st == VLT_OK && rig->audit == NULL) {
        st = audit_new(rig->store, &rig->audit);
    }
    return st;
}

enum vlt_status
rig_open(struct rig *rig)
{
    enum vlt_status st;

    if (rig->loaded) {
        return VLT_OK;
    }
    st = make_rooms(rig);
    if (st != VLT_OK) {
        return st;
    }
    st = unlock(rig);
    if (st == VLT_OK) {
        st = load(rig);
    }
    if (st != VLT_OK) {
        /* Half of it is as none. */
        series_clear(rig->series);
        audit_clear(rig->audit);
        store_lock(rig->store);
        return st;
    }
    rig->loaded = true;
    return VLT_OK;
}

void
rig_close(struct rig *rig)
{
    audit_free(rig->audit);
    series_free(rig->series);
    store_close(rig->store);
    rig->audit = NULL;
    rig->series = NULL;
    rig->store = NULL;
    rig->failed = false;
    rig->loaded = false;
}
