#include <string.h>

#include "store/check_record.h"

static bool
check_one(void *ctx, struct vlt_slice key, struct vlt_slice value)
{
    struct checking *c = ctx;

    check_record(c, key, value);
    return c->st == VLT_OK;
}

static enum vlt_status
check_records(struct checking *c)
{
    enum vlt_status st = VLT_OK;

    for (enum env_db db = ENV_TAIL0; st == VLT_OK && db < ENV_DBS; db++) {
        if (!check_looks_at(db)) {
            continue;
        }
        c->db = db;
        c->at = 0;
        st = view_walk(c->view, db, vlt_slice_of(NULL, 0), check_one, c);
        if (st == VLT_OK) {
            st = c->st;
        }
    }
    return st;
}

/* One of the checks of the whole: its sentence is in why already. */
static enum vlt_status
whole(struct checking *c, enum vlt_status st)
{
    if (st != VLT_E_AUTH && st != VLT_E_FORMAT) {
        return st;
    }
    c->out->bad++;
    if (c->why != NULL) {
        vlt_buf_put_text(c->why, "\n");
    }
    return VLT_OK;
}

static enum vlt_status
check_set(struct checking *c, const struct root *root)
{
    uint8_t hash[ROOT_HASH];
    enum vlt_status st = fresh_hash(c->view, hash);

    if (st == VLT_E_AUTH ||
        (st == VLT_OK && memcmp(hash, root->set_hash, sizeof hash) != 0)) {
        return store_say(VLT_E_AUTH, c->why,
                         "the records that are rewritten in place are not "
                         "those that root knows");
    }
    return st;
}

static enum vlt_status
check_root(struct checking *c, struct root *root)
{
    enum vlt_status st = view_root(c->view, root);

    return st == VLT_E_STORAGE
               ? store_say(VLT_E_AUTH, c->why, "the record !root does not open")
               : st;
}

static enum vlt_status
check_whole(struct checking *c)
{
    struct root root;
    enum vlt_status st = check_root(c, &root);

    if (st != VLT_OK) {
        return whole(c, st);
    }
    st = whole(c, kinds_check(c->view, c->why));
    if (st == VLT_OK) {
        st = whole(c, fresh_tails(c->view, &root, c->why));
    }
    if (st == VLT_OK) {
        st = whole(c, fresh_pieces(c->view, &root, c->why));
    }
    if (st == VLT_OK) {
        st = whole(c, check_set(c, &root));
    }
    if (st == VLT_OK) {
        st = whole(c, inbox_check_gate(c->view, &root, c->why));
    }
    return st;
}

enum vlt_status
store_check(const struct store_view *view, struct vlt_buf *why,
            struct store_check *out)
{
    struct store_check found = { 0 };
    struct checking c = { .view = view, .why = why, .out = &found };
    enum vlt_status st = check_whole(&c);

    if (st == VLT_OK) {
        st = check_records(&c);
    }
    vlt_buf_free(&c.room);
    if (st != VLT_OK) {
        return st;
    }
    *out = found;
    return found.bad == 0 ? VLT_OK : VLT_E_AUTH;
}
