#include "store/check_record.h"

#include <inttypes.h>
#include <string.h>

#include "base/writer.h"
#include "store/idem_text.h"
#include "store/record.h"

enum {
    SAID_MAX = 20, /* faults that get a line */
    META_KEY = 1 + VLT_ID_LEN,
    NUMBER_KEY = 8,
    AUDIT_KEY = VLT_ID_LEN + 8,
    NODE_KEY = VLT_ID_LEN + 1 + 8,
    TREE_LEVELS = 64,
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
    } else if (st != VLT_OK && st != VLT_E_DENIED) {
        c->st = st; /* but of a buried key, which is as it should be */
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

/* Tails, and what is written once under a number: lanes' keys all. */
static bool
check_numbered(struct checking *c, enum seal_type type, struct vlt_slice key,
               struct vlt_slice value)
{
    struct seal_place place = { .type = type };

    if (!key_has(c, key, NUMBER_KEY)) {
        return false;
    }
    place.position = vlt_load_be64(key.at);
    return opened(c, sealed_open(c->view, place, value, &c->room, NULL));
}

static void
check_tail(struct checking *c, struct vlt_slice key, struct vlt_slice value)
{
    if (check_numbered(c, SEAL_TAIL, key, value) &&
        c->room.len < STORE_TAIL_HEAD) {
        fault(c, "is too short");
    }
}

static void
check_chunk(struct checking *c, struct vlt_slice key, struct vlt_slice value)
{
    (void)check_numbered(c, SEAL_CHUNK, key, value);
}

static void
check_head(struct checking *c, struct vlt_slice key, struct vlt_slice value)
{
    (void)check_numbered(c, SEAL_HEAD, key, value);
}

static void
check_roll(struct checking *c, struct vlt_slice key, struct vlt_slice value)
{
    (void)check_numbered(c, SEAL_ROLL, key, value);
}

static void
check_lane(struct checking *c, struct vlt_slice key, struct vlt_slice value)
{
    if (key_has(c, key, STORE_KID_LEN)) {
        (void)opened(c, lane_open(c->view, key, value, &c->room, NULL));
    }
}

static void
check_dedup(struct checking *c, struct vlt_slice key, struct vlt_slice value)
{
    struct seal_place place = { .type = SEAL_DEDUP };
    uint32_t source;

    if (!key_has(c, key, VLT_ID_LEN)) {
        return;
    }
    if (!dedup_source(key, &source)) {
        fault(c, "has a key that is no source's number");
        return;
    }
    memcpy(place.subject, key.at, sizeof place.subject);
    (void)opened(c, sealed_open_versioned(c->view, place, value, &c->room));
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

static void
check_inbox(struct checking *c, struct vlt_slice key, struct vlt_slice value)
{
    if (key_has(c, key, NUMBER_KEY)) {
        (void)opened(c, inbox_open(c->view, value, &c->room));
    }
}

typedef void check_fn(struct checking *c, struct vlt_slice key,
                      struct vlt_slice value);

/* clang-format off */
static check_fn *const checks[ENV_DBS] = {
    [ENV_TAIL0] = check_tail,
    [ENV_TAIL1] = check_tail,
    [ENV_TAIL2] = check_tail,
    [ENV_TAIL3] = check_tail,
    [ENV_CHUNK] = check_chunk,
    [ENV_HEAD]  = check_head,
    [ENV_ROLL]  = check_roll,
    [ENV_LANE]  = check_lane,
    [ENV_META]  = check_meta,
    [ENV_DEDUP] = check_dedup,
    [ENV_IDEM]  = check_idem,
    [ENV_AUDIT] = check_audit,
    [ENV_NODE]  = check_node,
    [ENV_INBOX] = check_inbox,
};
/* clang-format on */

bool
check_looks_at(enum env_db db)
{
    return checks[db] != NULL;
}

void
check_record(struct checking *c, struct vlt_slice key, struct vlt_slice value)
{
    c->at++;
    c->out->records++;
    vlt_buf_clear(&c->room);
    checks[c->db](c, key, value);
}
