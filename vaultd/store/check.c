#include <inttypes.h>
#include <string.h>

#include "base/writer.h"
#include "store/idem_text.h"
#include "store/record.h"
#include "store/store_internal.h"

enum {
    SAID_MAX = 20, /* faults that get a line */
    META_KEY = 1 + VLT_ID_LEN,
    TAIL_KEY = 8,
    AUDIT_KEY = VLT_ID_LEN + 8,
    NODE_KEY = VLT_ID_LEN + 1 + 8,
    TREE_LEVELS = 64,
};

struct checking {
    const struct store_view *view;
    struct vlt_buf *why;
    struct store_check *out;
    enum env_db db; /* under way */
    uint64_t at;    /* which record of it, from 1 */
    struct vlt_buf room;
    enum vlt_status st; /* no memory */
};

static void
fault(struct checking *c, const char *what)
{
    c->out->bad++;
    if (c->why != NULL && c->out->bad <= SAID_MAX) {
        vlt_buf_printf(c->why, "record %" PRIu64 " of \"%s\" %s\n", c->at,
                       env_db_name(c->db), what);
    }
}

/* An opening's status, as a finding.  True: it opened. */
static bool
opened(struct checking *c, enum vlt_status st)
{
    if (st == VLT_E_AUTH) {
        fault(c, "does not open");
    } else if (st == VLT_E_NOT_FOUND) {
        fault(c, "lies under a key that is not there");
    } else if (st != VLT_OK) {
        c->st = st;
    }
    return st == VLT_OK;
}

static bool
key_has(struct checking *c, struct vlt_slice key, size_t len)
{
    if (key.len != len) {
        fault(c, "has a key of another length");
    }
    return key.len == len;
}

/* JSON is the owner's business; but an object it must be. */
static void
check_object(struct checking *c)
{
    sealed_unpad(&c->room, 0);
    if (c->room.len < 2 || c->room.at[0] != '{' ||
        c->room.at[c->room.len - 1] != '}') {
        fault(c, "is no object");
    }
}

static void
check_meta(struct checking *c, struct vlt_slice key, struct vlt_slice value)
{
    struct seal_place place = { .type = SEAL_META };

    if (!key_has(c, key, META_KEY)) {
        return;
    }
    place.meta = key.at[0];
    memcpy(place.subject, key.at + 1, sizeof place.subject);
    if (place.meta < 1 || place.meta >= STORE_META_END) {
        fault(c, "is of a kind that is not known");
    }
    if (opened(c, sealed_open_versioned(c->view, place, value, &c->room))) {
        check_object(c);
    }
}

static void
check_idem(struct checking *c, struct vlt_slice key, struct vlt_slice value)
{
    struct seal_place place = { .type = SEAL_IDEM };
    struct vlt_slice answer;
    int64_t when;

    if (!key_has(c, key, VLT_ID_LEN)) {
        return;
    }
    memcpy(place.subject, key.at, sizeof place.subject);
    if (!opened(c, sealed_open_versioned(c->view, place, value, &c->room))) {
        return;
    }
    sealed_unpad(&c->room, 0);
    if (idem_text_get(vlt_buf_slice(&c->room), &answer, &when) != VLT_OK) {
        fault(c, "is no first answer");
    }
}

static void
check_tail(struct checking *c, struct vlt_slice key, struct vlt_slice value)
{
    struct seal_place place = { .type = SEAL_TAIL };

    if (!key_has(c, key, TAIL_KEY)) {
        return;
    }
    place.position = vlt_load_be64(key.at);
    if (opened(c, sealed_open(c->view, place, value, &c->room, NULL)) &&
        c->room.len < STORE_TAIL_HEAD) {
        fault(c, "is too short");
    }
}

/* A body whose key is destroyed is shredded, not damaged. */
static void
check_audit(struct checking *c, struct vlt_slice key, struct vlt_slice value)
{
    struct seal_place place = { .type = SEAL_AUDIT };

    if (!key_has(c, key, AUDIT_KEY)) {
        return;
    }
    if (value.len < STORE_HASH_LEN) {
        fault(c, "has no leaf");
        return;
    }
    memcpy(place.subject, key.at, sizeof place.subject);
    place.position = vlt_load_be64(key.at + VLT_ID_LEN);
    enum vlt_status st = sealed_open(
        c->view, place,
        vlt_slice_of(value.at + STORE_HASH_LEN, value.len - STORE_HASH_LEN),
        &c->room, NULL);

    if (st != VLT_E_NOT_FOUND) {
        (void)opened(c, st);
    }
}

static void
check_node(struct checking *c, struct vlt_slice key, struct vlt_slice value)
{
    if (!key_has(c, key, NODE_KEY)) {
        return;
    }
    if (key.at[VLT_ID_LEN] >= TREE_LEVELS) {
        fault(c, "is of a level that no tree has");
    }
    if (value.len != STORE_HASH_LEN) {
        fault(c, "is no hash");
    }
}

static const struct {
    enum env_db db;
    void (*check)(struct checking *c, struct vlt_slice key,
                  struct vlt_slice value);
} checks[] = {
    { ENV_TAIL0, check_tail }, { ENV_META, check_meta },
    { ENV_IDEM, check_idem },  { ENV_AUDIT, check_audit },
    { ENV_NODE, check_node },
};

struct check_walk {
    struct checking *c;
    size_t i; /* row of the table */
};

static bool
check_one(void *ctx, struct vlt_slice key, struct vlt_slice value)
{
    struct check_walk *walk = ctx;
    struct checking *c = walk->c;

    c->at++;
    c->out->records++;
    vlt_buf_clear(&c->room);
    checks[walk->i].check(c, key, value);
    return c->st == VLT_OK;
}

static enum vlt_status
check_records(struct checking *c)
{
    enum vlt_status st = VLT_OK;

    for (size_t i = 0; st == VLT_OK && i < sizeof checks / sizeof *checks;
         i++) {
        struct check_walk walk = { .c = c, .i = i };

        c->db = checks[i].db;
        c->at = 0;
        st = view_walk(c->view, c->db, vlt_slice_of(NULL, 0), check_one, &walk);
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

    if (st == VLT_OK && memcmp(hash, root->set_hash, sizeof hash) != 0) {
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
        st = whole(c, check_set(c, &root));
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
