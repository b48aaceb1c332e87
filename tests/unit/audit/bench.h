/*
 * bench: a log in a scratch vault, with two firms.
 */
#ifndef TESTS_AUDIT_BENCH_H
#define TESTS_AUDIT_BENCH_H

#include "../store/raw.h"

#include "audit/audit.h"
#include "base/writer.h"
#include "crypto/tree.h"
#include "wire/entry.h"

enum { FIRMS = 2 };

static const uint8_t master[AUDIT_TREE_LEN];

struct bench {
    struct vault vault;
    struct audit *audit;
    struct store_txn *txn; /* between turn_begin() and its end */
    uint8_t firm[FIRMS][VLT_ID_LEN];
    uint8_t kid[FIRMS][STORE_KID_LEN];
    uint8_t count; /* events so far */
};

static inline void
turn_begin(struct bench *b)
{
    b->txn = txn_begin(&b->vault);
}

static inline void
turn_commit(struct bench *b)
{
    txn_commit(b->txn);
    b->txn = NULL;
    audit_turn_end(b->audit, true);
}

static inline void
turn_abort(struct bench *b)
{
    store_txn_abort(b->txn);
    b->txn = NULL;
    audit_turn_end(b->audit, false);
}

static inline enum vlt_status
bench_load(struct bench *b)
{
    struct store_read *read;
    enum vlt_status st;

    assert_int_equal(audit_new(b->vault.store, &b->audit), VLT_OK);
    read = read_begin(&b->vault);
    st = audit_load(b->audit, store_read_view(read));
    store_read_end(read);
    return st;
}

static inline void
bench_begin(struct bench *b)
{
    struct store_key_about about = { .type = STORE_KEY_FIRM };

    *b = (struct bench){ .txn = NULL };
    vault_begin(&b->vault);
    assert_int_equal(bench_load(b), VLT_OK);
    turn_begin(b);
    for (size_t i = 0; i < FIRMS; i++) {
        b->firm[i][0] = (uint8_t)(i + 1);
        memcpy(about.subject, b->firm[i], VLT_ID_LEN);
        assert_int_equal(store_txn_key(b->txn, &about, b->kid[i]), VLT_OK);
    }
    turn_commit(b);
}

static inline void
bench_close(struct bench *b)
{
    audit_free(b->audit);
    b->audit = NULL;
    vault_close(&b->vault);
}

static inline enum vlt_status
bench_open(struct bench *b)
{
    vault_open(&b->vault);
    return bench_load(b);
}

static inline void
bench_end(struct bench *b)
{
    audit_free(b->audit);
    vault_end(&b->vault);
}

/* ---- events ---- */

static inline struct audit_event
event_of(const struct bench *b, int firm)
{
    struct audit_event event = {
        .type = AUDIT_USE,
        .time = 1000 + b->count,
        .owner_detail = vlt_slice_text("{\"all\":true}"),
    };

    if (firm >= 0) {
        event.firm = b->firm[firm];
        event.firm_kid = b->kid[firm];
        event.firm_detail = vlt_slice_text("{\"some\":1}");
    }
    return event;
}

/* Append one in the turn under way; firm -1: of the master tree alone. */
static inline void
add(struct bench *b, int firm, struct audit_mark *mark)
{
    struct audit_event event = event_of(b, firm);

    b->count++;
    assert_int_equal(audit_append(b->audit, b->txn, &event, mark), VLT_OK);
}

/* So many events, some of the one firm, some of the other, some of none. */
static inline void
add_many(struct bench *b, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i % 4 == 0) {
            turn_begin(b);
        }
        add(b, (int)(i % 3) - 1, NULL);
        if (i % 4 == 3 || i + 1 == count) {
            turn_commit(b);
        }
    }
}

/* ---- heads ---- */

static inline struct audit_head
head_of(struct bench *b, const uint8_t *tree)
{
    struct store_read *read = read_begin(&b->vault);
    struct audit_head head;

    assert_int_equal(
        audit_committed_head(b->audit, store_read_view(read), tree, &head),
        VLT_OK);
    store_read_end(read);
    return head;
}

static inline void
assert_head(struct audit_head a, struct audit_head b)
{
    assert_int_equal(a.size, b.size);
    assert_int_equal(a.time, b.time);
    assert_memory_equal(a.root, b.root, sizeof a.root);
}

/* ---- verifying ---- */

static inline void
note_problem(void *ctx, const char *says)
{
    vlt_buf_printf(ctx, "%s\n", says);
}

/* What is wrong, a line each; the caller frees it. */
static inline struct vlt_buf
verify(struct bench *b, enum vlt_status expected)
{
    struct store_read *read = read_begin(&b->vault);
    struct audit_head head;
    struct vlt_buf says;

    vlt_buf_init(&says, 0);
    assert_int_equal(
        audit_verify(store_read_view(read), note_problem, &says, &head),
        expected);
    vlt_buf_put_u8(&says, 0);
    store_read_end(read);
    return says;
}

static inline void
assert_sound(struct bench *b)
{
    struct vlt_buf says = verify(b, VLT_OK);

    assert_string_equal((const char *)says.at, "");
    vlt_buf_free(&says);
}

static inline void
assert_problem(struct bench *b, const char *part)
{
    struct vlt_buf says = verify(b, VLT_OK);

    if (strstr((const char *)says.at, part) == NULL) {
        print_error("not \"%s\" but \"%s\"\n", part, (const char *)says.at);
    }
    assert_non_null(strstr((const char *)says.at, part));
    vlt_buf_free(&says);
}

/* ---- behind its back ---- */

static inline void
key_of(const uint8_t *tree, uint64_t index, uint8_t key[VLT_ID_LEN + 8])
{
    memcpy(key, tree, VLT_ID_LEN);
    vlt_store_be64(key + VLT_ID_LEN, index);
}

/* Change one byte of a record behind the vault's back. */
static inline void
flip(struct bench *b, const char *db, struct vlt_slice key, size_t at)
{
    struct raw raw;
    MDB_dbi dbi = raw_begin(&b->vault, db, &raw);
    MDB_val k = raw_val(key.at, key.len);
    MDB_val d;
    uint8_t copy[4096];

    assert_int_equal(mdb_get(raw.txn, dbi, &k, &d), 0);
    assert_true(d.mv_size <= sizeof copy && at < d.mv_size);
    memcpy(copy, d.mv_data, d.mv_size);
    copy[at] ^= 1;
    d.mv_data = copy;
    assert_int_equal(mdb_put(raw.txn, dbi, &k, &d, 0), 0);
    raw_end(&raw);
}

#endif
