/* A record opens in its own place and in no other, and takes as much room as
 * was said. */
#include "raw.h"

#include "pieces.h"

enum {
    VERSION = 8, /* bytes in front of a seal */
    LEAF = STORE_HASH_LEN,
    MORE = 49, /* bytes that a seal is longer than its text */
};

/* Where records lie, two of each kind; what stands in the clear in front is
 * left there, so that nothing but the seal can tell. */
static const struct place {
    const char *db;
    size_t i;
    size_t clear;
} places[] = {
    { "tail0", 0, 0 },       { "tail0", 1, 0 },       { "tail1", 0, 0 },
    { "chunk", 0, 0 },       { "chunk", 1, 0 },       { "chunk", 2, 0 },
    { "head", 0, 0 },        { "head", 1, 0 },        { "roll", 0, 0 },
    { "roll", 1, 0 },        { "lane", 0, VERSION },  { "lane", 1, VERSION },
    { "lane", 2, VERSION },  { "meta", 0, VERSION },  { "meta", 1, VERSION },
    { "dedup", 0, VERSION }, { "dedup", 1, VERSION }, { "idem", 0, VERSION },
    { "idem", 1, VERSION },  { "audit", 0, LEAF },    { "audit", 1, LEAF },
};

enum { PLACES = sizeof places / sizeof *places };

/* 67 bytes, and 40 that become 72 as a first answer: all are padded to 80,
 * except pieces, which are padded in their own way. */
static const char text_of_67[] =
    "{\"text\":\"seventy bytes: some more than are on one line of sixty f\"}";
static const char answer_of_40[] = "\"an answer of exactly these forty bytes\"";

/* All of one length, in one commit: version and length are the same. */
static void
put_some_of_all(struct vault *v)
{
    struct store_lane lanes[] = { lane_of(1, 0), lane_of(1, 1), lane_of(2, 0) };
    struct vlt_slice text = vlt_slice_text(text_of_67);
    struct store_txn *txn = txn_begin(v);
    uint64_t number;

    for (size_t i = 0; i < 3; i++) {
        make_lane(txn, &lanes[i]);
        assert_int_equal(
            store_tail_put(txn, lanes[i].stream, lanes[i].epoch, text, &number),
            VLT_OK);
        if (i == 1) {
            assert_int_equal(store_segment_close(txn), VLT_OK);
        }
        for (enum store_piece p = STORE_CHUNK; p <= STORE_ROLL; p++) {
            assert_int_equal(store_piece_put(txn, p, &lanes[i], text, &number),
                             VLT_OK);
        }
        assert_int_equal(store_lane_put(txn, &lanes[i], text), VLT_OK);
    }
    for (uint8_t i = 0; i < 2; i++) {
        uint8_t id[VLT_ID_LEN] = { i };
        struct store_idem idem = { .ulid = { i } };
        struct store_audit entry = { .index = i, .body = text };

        assert_int_equal(
            store_meta_put(txn, STORE_META_SETTING, id, NULL, text), VLT_OK);
        assert_int_equal(store_dedup_put(txn, i, text), VLT_OK);
        assert_int_equal(
            store_idem_put(txn, &idem, vlt_slice_text(answer_of_40)), VLT_OK);
        assert_int_equal(store_audit_put(txn, &entry, NULL), VLT_OK);
    }
    txn_commit(txn);
}

static uint64_t
bad_records(struct vault *v)
{
    struct store_check found;
    struct store_read *read;

    vault_open(v);
    read = read_begin(v);
    enum vlt_status st = store_check(store_read_view(read), NULL, &found);

    assert_int_equal(st, found.bad == 0 ? VLT_OK : VLT_E_AUTH);
    store_read_end(read);
    vault_close(v);
    return found.bad;
}

/* What is clear of one record and the seal of another. */
static void
put_into(const struct raw *raw, const struct place *where,
         const struct raw_record *there, struct vlt_slice seal)
{
    struct vlt_buf value = { 0 };
    MDB_dbi dbi;

    vlt_buf_put(&value, there->value.at, where->clear);
    vlt_buf_put_slice(&value, seal);
    MDB_val k = raw_val(there->key.at, there->key.len);
    MDB_val d = raw_val(value.at, value.len);

    assert_int_equal(mdb_dbi_open(raw->txn, where->db, 0, &dbi), 0);
    assert_int_equal(mdb_put(raw->txn, dbi, &k, &d, 0), 0);
    vlt_buf_free(&value);
}

static struct vlt_slice
seal_of(const struct raw_record *r, size_t clear)
{
    return vlt_slice_of(r->value.at + clear, r->value.len - clear);
}

/* Each in turn is put in the place of all the others. */
static void
no_record_opens_in_the_place_of_another(void **state)
{
    struct vault v;
    struct raw_record all[PLACES];

    vault_begin(&v);
    put_some_of_all(&v);
    vault_close(&v);
    for (size_t i = 0; i < PLACES; i++) {
        raw_read(&v, places[i].db, places[i].i, &all[i]);
    }
    assert_int_equal(bad_records(&v), 0);
    for (size_t from = 0; from < PLACES; from++) {
        struct raw raw;

        print_message("%s, %zu\n", places[from].db, places[from].i);
        (void)raw_begin(&v, NULL, &raw);
        for (size_t to = 0; to < PLACES; to++) {
            put_into(&raw, &places[to], &all[to],
                     seal_of(&all[from], places[from].clear));
        }
        raw_end(&raw);
        assert_int_equal(bad_records(&v), PLACES - 1);
    }
    for (size_t i = 0; i < PLACES; i++) {
        raw_write(&v, places[i].db, &all[i]);
    }
    assert_int_equal(bad_records(&v), 0);
    for (size_t i = 0; i < PLACES; i++) {
        raw_drop(&all[i]);
    }
    vault_end(&v);
}

/* Root's seal, too, is of no use elsewhere. */
static void
root_opens_nowhere_else(void **state)
{
    struct vault v;
    struct raw_record root;

    vault_begin(&v);
    put_some_of_all(&v);
    vault_close(&v);
    raw_read(&v, NULL, 0, &root);
    assert_true(vlt_slice_is(vlt_buf_slice(&root.key), "!root"));
    for (size_t i = 0; i < PLACES; i++) {
        struct raw_record there;
        struct raw raw;

        raw_read(&v, places[i].db, places[i].i, &there);
        (void)raw_begin(&v, NULL, &raw);
        put_into(&raw, &places[i], &there, seal_of(&root, VERSION));
        raw_end(&raw);
        raw_drop(&there);
    }
    assert_int_equal(bad_records(&v), PLACES);
    raw_drop(&root);
    vault_end(&v);
}

static void
rewrite(struct vault *v, size_t len)
{
    struct store_lane lane = lane_of(1, 0);
    struct store_txn *txn = txn_begin(v);

    make_lane(txn, &lane);
    put_lane(txn, &lane, len);
    put_dedup(txn, 1, len);
    txn_commit(txn);
}

/* The set hash knows the version in front; the seal knows that it is its own.
 */
static void
an_older_seal_under_the_newer_version_does_not_open(void **state)
{
    static const struct place versioned[] = { { "lane", 0, VERSION },
                                              { "dedup", 0, VERSION } };

    for (size_t i = 0; i < 2; i++) {
        struct vault v;
        struct raw_record old;
        struct raw_record new;
        struct raw raw;

        vault_begin(&v);
        rewrite(&v, 60);
        vault_close(&v);
        raw_read(&v, versioned[i].db, 0, &old);
        vault_open(&v);
        rewrite(&v, 61);
        vault_close(&v);
        raw_read(&v, versioned[i].db, 0, &new);
        (void)raw_begin(&v, NULL, &raw);
        put_into(&raw, &versioned[i], &new, seal_of(&old, VERSION));
        raw_end(&raw);
        assert_int_equal(bad_records(&v), 1);
        raw_drop(&old);
        raw_drop(&new);
        vault_end(&v);
    }
}

static bool
piece_comes(void *ctx, uint64_t no, const struct store_lane *lane,
            struct vlt_slice plain)
{
    fail_msg("number %d came", (int)no);
    return false;
}

static bool
lane_comes(void *ctx, const struct store_lane *lane, struct vlt_slice plain)
{
    return true; /* the one that was left in its place */
}

static bool
dedup_comes(void *ctx, uint32_t source, struct vlt_slice plain)
{
    fail_msg("source %d came", (int)source);
    return false;
}

/* What does not open is an error of the store to whoever asks for it. */
static void
what_lies_in_the_wrong_place_is_not_given(void **state)
{
    struct vault v;
    struct store_lane lane;
    struct store_tail tail;
    struct vlt_buf room = { 0 };
    struct raw_record one;
    struct raw_record two = { { 0 }, { 0 } };
    struct raw raw;

    vault_begin(&v);
    put_some_of_all(&v);
    vault_close(&v);
    for (size_t i = 0; i < PLACES; i++) {
        if (places[i].i > 0 || places[i].clear == LEAF) {
            continue;
        }
        raw_read(&v, places[i].db, 0, &one);
        if (raw_copy(&v, places[i].db, 1, &two.key, &two.value)) {
            (void)raw_begin(&v, NULL, &raw);
            put_into(&raw, &places[i], &one, seal_of(&two, places[i].clear));
            put_into(&raw, &places[i], &two, seal_of(&one, places[i].clear));
            raw_end(&raw);
        }
        raw_drop(&one);
    }
    raw_drop(&two);
    vault_open(&v);
    struct store_read *read = read_begin(&v);
    const struct store_view *view = store_read_view(read);

    vlt_buf_put_text(&room, "kept");
    for (enum store_piece p = STORE_CHUNK; p <= STORE_ROLL; p++) {
        assert_int_equal(store_piece_get(view, p, p + 1, &room, NULL),
                         VLT_E_STORAGE);
        assert_int_equal(store_piece_each(view, p, piece_comes, NULL),
                         VLT_E_STORAGE);
    }
    assert_int_equal(store_tail_get(view, 2, &room, &tail), VLT_E_STORAGE);
    assert_int_equal(store_lane_each(view, lane_comes, NULL), VLT_E_STORAGE);
    assert_int_equal(store_dedup_each(view, dedup_comes, NULL), VLT_E_STORAGE);
    /* One of three lanes is as it was. */
    size_t bad = 0;

    for (uint8_t i = 0; i < 3; i++) {
        lane = lane_of((uint8_t)(i / 2 + 1), i % 2);
        enum vlt_status st = store_lane_get(view, &lane, &room);

        bad += st == VLT_E_STORAGE;
        room.len = st == VLT_OK ? 4 : room.len;
    }
    assert_int_equal(bad, 2);
    assert_int_equal(room.len, 4);
    store_read_end(read);
    vlt_buf_free(&room);
    vault_end(&v);
}

/* ---- seals and their room ---- */

static void
two_seals_of_one_piece_differ(void **state)
{
    struct vault v;
    struct store_lane lane = lane_of(1, 0);
    struct raw_record one;
    struct raw_record two;

    vault_begin(&v);
    for (size_t i = 0; i < 3; i++) {
        struct store_txn *txn = txn_begin(&v);

        make_lane(txn, &lane);
        (void)put_piece(txn, STORE_CHUNK, &lane, 500);
        /* The first is undone, so the next has its number. */
        if (i == 0) {
            store_txn_abort(txn);
        } else {
            txn_commit(txn);
        }
    }
    vault_close(&v);
    raw_read(&v, "chunk", 0, &one);
    raw_read(&v, "chunk", 1, &two);
    assert_int_equal(one.value.len, two.value.len);
    assert_memory_equal(one.value.at, two.value.at, 9); /* suite, kid */
    assert_memory_not_equal(one.value.at + 9, two.value.at + 9, 24);
    assert_memory_not_equal(one.value.at + 33, two.value.at + 33, 500);
    raw_drop(&one);
    raw_drop(&two);
    vault_end(&v);
}

/* Lengths of plaintexts, of the records they make, and pages of their own. */
static const struct {
    size_t len;
    size_t record;
    size_t pages;
} rooms[] = {
    { 1, 64, 0 },
    { 64 - MORE, 64, 0 },
    { 65 - MORE, 128, 0 },
    { 1984 - MORE, 1984, 0 },
    { 1985 - MORE, 2022, 0 },
    { 2022 - MORE, 2022, 0 },
    { 2023 - MORE, 4080, 1 },
    { STORE_HEAD_FULL, 4080, 1 },
    { STORE_HEAD_FULL + 1, 8176, 2 },
    { 12272 - MORE, 12272, 3 },
    { 12273 - MORE, 16368, 4 },
    { STORE_CHUNK_FULL, 16368, 4 },
    { STORE_CHUNK_FULL + 1, 20464, 5 },
};

static size_t
overflow_pages(const struct vault *v, const char *db)
{
    struct raw raw;
    MDB_dbi dbi = raw_begin(v, db, &raw);
    MDB_stat stat;

    assert_int_equal(mdb_stat(raw.txn, dbi, &stat), 0);
    raw_end(&raw);
    return stat.ms_overflow_pages;
}

static void
pieces_fill_what_they_take(void **state)
{
    static const char *const dbs[] = { "chunk", "head", "roll" };
    struct store_lane lane = lane_of(1, 0);

    for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++) {
        struct vault v;
        struct raw_record piece;
        enum store_piece kind = (enum store_piece)(i % 3);

        print_message("%zu bytes\n", rooms[i].len);
        vault_begin(&v);
        struct store_txn *txn = txn_begin(&v);

        make_lane(txn, &lane);
        (void)put_piece(txn, kind, &lane, rooms[i].len);
        txn_commit(txn);
        vault_close(&v);
        raw_read(&v, dbs[kind], 0, &piece);
        assert_int_equal(piece.value.len, rooms[i].record);
        /* A page of another size holds more. */
        if (sysconf(_SC_PAGESIZE) == 4096) {
            assert_int_equal(overflow_pages(&v, dbs[kind]), rooms[i].pages);
        }
        raw_drop(&piece);
        vault_end(&v);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_record_opens_in_the_place_of_another),
        cmocka_unit_test(root_opens_nowhere_else),
        cmocka_unit_test(an_older_seal_under_the_newer_version_does_not_open),
        cmocka_unit_test(what_lies_in_the_wrong_place_is_not_given),
        cmocka_unit_test(two_seals_of_one_piece_differ),
        cmocka_unit_test(pieces_fill_what_they_take),
    };

    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
