/* Every bit of every record of a small vault counts; each record that is put
 * back, dropped or added is found at unlock. */
#define _GNU_SOURCE /* memmem() */

#include "raw.h"

#include "pieces.h"

enum {
    RECORDS = 64, /* of the vault below, at most */
    COPIES = 16,  /* of a record's bytes in the file, old ones among them */
    VERSION = 8,  /* bytes in front of what is rewritten in place */
    LEAF = STORE_HASH_LEN,
    KID_AT = 1, /* behind the suite of a seal */
};

static const struct kind {
    const char *db;
    bool versioned;
} kinds[] = {
    { NULL, true },     { "tail0", false }, { "tail1", false },
    { "chunk", false }, { "head", false },  { "roll", false },
    { "lane", true },   { "meta", true },   { "dedup", true },
    { "idem", true },   { "audit", false },
};

struct record {
    const struct kind *kind;
    struct raw_record raw;
    size_t copies;
    off_t at[COPIES];
};

struct records {
    size_t count;
    struct record at[RECORDS];
};

/* Two lanes with all that a lane can have, a tombstone, a setting that was
 * rewritten, a source, an answer, an entry; tails in two segments. */
static void
begin_with_all(struct vault *v)
{
    struct store_lane lanes[] = { lane_of(1, 0), lane_of(2, -1) };
    struct store_idem idem = { .ulid = { 1 } };
    struct store_audit entry = { .body = vlt_slice_text("what happened") };
    uint8_t id[VLT_ID_LEN] = { 7 };

    vault_begin(v);
    put_setting(v, 1, "{\"n\":1}");
    put_setting(v, 1, "{\"n\":2}");
    put_tail(v, 1);
    assert_int_equal(close_segment(v), VLT_OK);
    put_tail(v, 2);
    struct store_txn *txn = txn_begin(v);

    for (size_t i = 0; i < 2; i++) {
        make_lane(txn, &lanes[i]);
        for (enum store_piece p = STORE_CHUNK; p <= STORE_ROLL; p++) {
            (void)put_piece(txn, p, &lanes[i], 40 + 90 * i);
        }
        put_lane(txn, &lanes[i], 72);
    }
    assert_int_equal(store_meta_put(txn, STORE_META_TOMBSTONE, id, NULL,
                                    vlt_slice_text("{\"dead\":[],\"v\":1}")),
                     VLT_OK);
    put_dedup(txn, 3, 40);
    assert_int_equal(store_idem_put(txn, &idem, vlt_slice_text("{}")), VLT_OK);
    assert_int_equal(store_audit_put(txn, &entry, NULL), VLT_OK);
    txn_commit(txn);
    vault_close(v);
}

/* Is it the record of main that is sealed, and not the head of a database? */
static bool
is_record(const struct kind *kind, const struct raw_record *r)
{
    return kind->db != NULL || vlt_slice_is(vlt_buf_slice(&r->key), "!root");
}

static void
read_all(struct vault *v, struct records *out)
{
    out->count = 0;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        struct raw_record r = { { 0 }, { 0 } };

        for (size_t i = 0; raw_copy(v, kinds[k].db, i, &r.key, &r.value); i++) {
            if (!is_record(&kinds[k], &r)) {
                continue;
            }
            assert_true(out->count < RECORDS);
            out->at[out->count++] =
                (struct record){ .kind = &kinds[k], .raw = r };
            r = (struct raw_record){ { 0 }, { 0 } };
        }
        raw_drop(&r);
    }
}

static void
drop_all(struct records *records)
{
    for (size_t i = 0; i < records->count; i++) {
        raw_drop(&records->at[i].raw);
    }
}

/* Where the record lies in the file: also in pages that are free by now. */
static void
find_copies(const struct vlt_buf *file, struct record *record)
{
    struct vlt_slice value = vlt_buf_slice(&record->raw.value);
    const uint8_t *from = file->at;
    const uint8_t *end = file->at + file->len;
    const uint8_t *found;

    record->copies = 0;
    while ((found = memmem(from, (size_t)(end - from), value.at, value.len)) !=
           NULL) {
        assert_true(record->copies < COPIES);
        record->at[record->copies++] = found - file->at;
        from = found + 1;
    }
    assert_true(record->copies > 0);
}

static void
write_byte(int fd, const struct record *record, size_t i, uint8_t byte)
{
    for (size_t c = 0; c < record->copies; c++) {
        assert_int_equal(pwrite(fd, &byte, 1, record->at[c] + (off_t)i), 1);
    }
}

static enum vlt_status
check(struct vault *v)
{
    struct store_read *read = read_begin(v);
    struct store_check found;
    enum vlt_status st = store_check(store_read_view(read), NULL, &found);

    store_read_end(read);
    return st;
}

/* What unlock itself must see: all of root, and versions. */
static bool
is_unlocks(const struct kind *kind, size_t i)
{
    return kind->db == NULL || (kind->versioned && i < VERSION);
}

static bool
is_audit(const struct kind *kind)
{
    return kind->db != NULL && strcmp(kind->db, "audit") == 0;
}

/* What the log's verification finds, and not the store: a leaf, and the name of
 * a key that is not there, as after an erasure. */
static bool
is_the_logs(const struct kind *kind, size_t i)
{
    return is_audit(kind) && (i < LEAF || (i >= LEAF + KID_AT &&
                                           i < LEAF + KID_AT + STORE_KID_LEN));
}

static void
flip_bits(struct vault *v, int fd, const struct record *record, size_t i)
{
    uint8_t was = record->raw.value.at[i];

    for (int bit = 0; bit < 8; bit++) {
        write_byte(fd, record, i, (uint8_t)(was ^ 1 << bit));
        if (check(v) == VLT_OK) {
            fail_msg("byte %zu, bit %d", i, bit);
        }
        /* Unlocking is slow: one bit of each byte. */
        if (is_unlocks(record->kind, i) && bit == (int)(i % 8)) {
            store_lock(v->store);
            assert_int_equal(vault_try_unlock(v, NULL), VLT_E_AUTH);
            write_byte(fd, record, i, was);
            assert_int_equal(vault_try_unlock(v, NULL), VLT_OK);
        }
    }
    write_byte(fd, record, i, was);
}

/* The file is changed under the open vault, which sees it at once. */
static void
every_bit_of_every_record_counts(void **state)
{
    struct vault v;
    struct records records;
    struct vlt_buf file = { 0 };
    char path[128];

    begin_with_all(&v);
    read_all(&v, &records);
    assert_true(records.count >= 16);
    file_get(&v, "data.mdb", &file);
    (void)snprintf(path, sizeof path, "%s/data.mdb", v.path);
    int fd = open(path, O_RDWR);

    assert_true(fd >= 0);
    vault_open(&v);
    assert_int_equal(check(&v), VLT_OK);
    for (size_t r = 0; r < records.count; r++) {
        struct record *record = &records.at[r];

        find_copies(&file, record);
        print_message("%s: %zu bytes\n",
                      record->kind->db != NULL ? record->kind->db : "!root",
                      record->raw.value.len);
        for (size_t i = 0; i < record->raw.value.len; i++) {
            if (!is_the_logs(record->kind, i)) {
                flip_bits(&v, fd, record, i);
            }
        }
        assert_int_equal(check(&v), VLT_OK);
    }
    assert_int_equal(close(fd), 0);
    vlt_buf_free(&file);
    drop_all(&records);
    vault_end(&v);
}

/* ---- whole records ---- */

/* Records whose number or version unlock knows, and what it says then. */
static bool
is_known(const struct record *record)
{
    const char *db = record->kind->db;

    return record->kind->versioned ||
           (db != NULL && strncmp(db, "tail", 4) == 0);
}

static void
each_record_that_is_dropped_is_found(void **state)
{
    struct vault v;
    struct records records;
    size_t tried = 0;

    begin_with_all(&v);
    read_all(&v, &records);
    for (size_t r = 0; r < records.count; r++) {
        struct record *record = &records.at[r];

        if (!is_known(record)) {
            continue;
        }
        tried++;
        raw_delete(&v, record->kind->db, vlt_buf_slice(&record->raw.key));
        assert_int_equal(raw_unlock(&v, NULL), VLT_E_AUTH);
        raw_write(&v, record->kind->db, &record->raw);
        assert_int_equal(raw_unlock(&v, NULL), VLT_OK);
    }
    assert_true(tried >= 8);
    drop_all(&records);
    vault_end(&v);
}

/* Under the next key that is free: what is numbered has one that root has not
 * given yet. */
static void
each_record_that_is_added_is_found(void **state)
{
    struct vault v;
    struct records records;
    size_t tried = 0;

    begin_with_all(&v);
    read_all(&v, &records);
    for (size_t r = 0; r < records.count; r++) {
        struct record *record = &records.at[r];
        struct vlt_buf *key = &record->raw.key;
        size_t last = key->len - 1;

        if (record->kind->db == NULL || is_audit(record->kind)) {
            continue; /* there is one root; the log counts its entries */
        }
        tried++;
        key->at[last] ^= 0x40;
        raw_write(&v, record->kind->db, &record->raw);
        assert_int_equal(raw_unlock(&v, NULL), VLT_E_AUTH);
        raw_delete(&v, record->kind->db, vlt_buf_slice(key));
        assert_int_equal(raw_unlock(&v, NULL), VLT_OK);
        key->at[last] ^= 0x40;
    }
    assert_true(tried >= 14);
    drop_all(&records);
    vault_end(&v);
}

/* All that is rewritten is, so that each has an older form. */
static void
rewrite_all(struct vault *v)
{
    struct store_lane lanes[] = { lane_of(1, 0), lane_of(2, -1) };
    uint8_t id[VLT_ID_LEN] = { 7 };

    vault_open(v);
    put_setting(v, 1, "{\"n\":3}");
    struct store_txn *txn = txn_begin(v);

    put_lane(txn, &lanes[0], 72);
    put_lane(txn, &lanes[1], 72);
    put_dedup(txn, 3, 40);
    assert_int_equal(store_meta_put(txn, STORE_META_TOMBSTONE, id, NULL,
                                    vlt_slice_text("{\"dead\":[],\"v\":1}")),
                     VLT_OK);
    txn_commit(txn);
    vault_close(v);
}

static void
each_record_that_is_put_back_is_found(void **state)
{
    struct vault v;
    struct records old;
    struct records new;
    size_t tried = 0;

    begin_with_all(&v);
    read_all(&v, &old);
    rewrite_all(&v);
    read_all(&v, &new);
    assert_int_equal(old.count, new.count);
    for (size_t r = 0; r < old.count; r++) {
        struct record *then = &old.at[r];
        struct record *now = &new.at[r];

        if (!then->kind->versioned ||
            memcmp(then->raw.value.at, now->raw.value.at, VERSION) == 0) {
            continue;
        }
        tried++;
        raw_write(&v, then->kind->db, &then->raw);
        assert_int_equal(raw_unlock(&v, NULL), VLT_E_AUTH);
        raw_write(&v, now->kind->db, &now->raw);
        assert_int_equal(raw_unlock(&v, NULL), VLT_OK);
    }
    assert_int_equal(tried, 6); /* root, two lanes, two of meta, a source */
    drop_all(&old);
    drop_all(&new);
    vault_end(&v);
}

/* Of a vault with other keys nothing opens, wherever it is put. */
static void
no_record_of_another_vault_opens(void **state)
{
    struct vault v;
    struct vault other;
    struct records mine;
    struct records strange;

    begin_with_all(&v);
    begin_with_all(&other);
    read_all(&v, &mine);
    read_all(&other, &strange);
    assert_int_equal(mine.count, strange.count);
    for (size_t r = 0; r < mine.count; r++) {
        const struct kind *kind = mine.at[r].kind;

        if (is_audit(kind)) {
            continue; /* as one whose key was erased: the log finds it */
        }
        raw_put(&v, kind->db, vlt_buf_slice(&mine.at[r].raw.key),
                vlt_buf_slice(&strange.at[r].raw.value));
        if (raw_unlock(&v, NULL) == VLT_OK) {
            vault_open(&v);
            assert_int_equal(check(&v), VLT_E_AUTH);
            vault_close(&v);
        }
        raw_write(&v, kind->db, &mine.at[r].raw);
    }
    drop_all(&mine);
    drop_all(&strange);
    vault_end(&v);
    vault_end(&other);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_bit_of_every_record_counts),
        cmocka_unit_test(each_record_that_is_dropped_is_found),
        cmocka_unit_test(each_record_that_is_added_is_found),
        cmocka_unit_test(each_record_that_is_put_back_is_found),
        cmocka_unit_test(no_record_of_another_vault_opens),
    };

    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
