#include "bench.h"

#include "audit/audit_internal.h"

enum { EVENTS = 40, MOST = 48 };

/* Heads of a tree at each size that it had. */
struct grown {
    uint64_t size;
    uint8_t leaf[MOST][32];
    uint8_t root[MOST + 1][32];
};

static bool
grow(void *ctx, const struct audit_entry *entry)
{
    struct grown *grown = ctx;

    assert_int_equal(entry->index, grown->size);
    vlt_tree_leaf(entry->entry, grown->leaf[grown->size++]);
    return true;
}

/* The tree anew, from what is in its entries. */
static void
take_tree(struct bench *b, const uint8_t *id, struct grown *grown)
{
    struct store_read *read = read_begin(&b->vault);
    struct vlt_tree tree;

    grown->size = 0;
    assert_int_equal(
        audit_each(b->audit, store_read_view(read), id, 0, MOST, grow, grown),
        VLT_OK);
    store_read_end(read);
    vlt_tree_init(&tree);
    for (uint64_t i = 0; i < grown->size; i++) {
        vlt_tree_append(&tree, grown->leaf[i], NULL, NULL);
        vlt_tree_root(&tree, grown->root[i + 1]);
    }
}

/* A path from lines of base64. */
static void
read_path(const struct vlt_buf *lines, struct vlt_tree_path *path)
{
    size_t at = 0;

    path->count = 0;
    while (at < lines->len) {
        const uint8_t *end = memchr(lines->at + at, '\n', lines->len - at);
        struct vlt_buf hash;

        assert_non_null(end);
        vlt_buf_init(&hash, 0);
        assert_int_equal(
            vlt_base64_get(
                vlt_slice_of(lines->at + at, (size_t)(end - lines->at) - at),
                &hash),
            VLT_OK);
        assert_int_equal(hash.len, VLT_HASH_LEN);
        memcpy(path->hash[path->count++], hash.at, VLT_HASH_LEN);
        vlt_buf_free(&hash);
        at = (size_t)(end - lines->at) + 1;
    }
}

static void
check_inclusion(struct bench *b, const struct store_view *view,
                const uint8_t *id, const struct grown *grown)
{
    for (uint64_t size = 1; size <= grown->size; size++) {
        for (uint64_t i = 0; i < size; i++) {
            struct vlt_tree_path path;
            struct vlt_buf lines;

            vlt_buf_init(&lines, 0);
            assert_int_equal(
                audit_inclusion(b->audit, view, id, i, size, &lines), VLT_OK);
            read_path(&lines, &path);
            vlt_buf_free(&lines);
            assert_int_equal(vlt_tree_verify_inclusion(grown->leaf[i], i, size,
                                                       &path,
                                                       grown->root[size]),
                             VLT_OK);
        }
    }
}

static void
check_consistency(struct bench *b, const struct store_view *view,
                  const uint8_t *id, const struct grown *grown)
{
    for (uint64_t size = 1; size <= grown->size; size++) {
        for (uint64_t from = 1; from <= size; from++) {
            struct vlt_tree_path path;
            struct vlt_buf lines;

            vlt_buf_init(&lines, 0);
            assert_int_equal(
                audit_consistency(b->audit, view, id, from, size, &lines),
                VLT_OK);
            read_path(&lines, &path);
            vlt_buf_free(&lines);
            assert_int_equal(
                vlt_tree_verify_consistency(from, grown->root[from], size,
                                            grown->root[size], &path),
                VLT_OK);
        }
    }
}

static void
every_proof_verifies(void **state)
{
    struct store_read *read;
    struct grown grown;
    struct bench b;

    bench_begin(&b);
    add_many(&b, EVENTS);
    for (size_t i = 0; i < 3; i++) {
        const uint8_t *id = i == 0 ? master : b.firm[i - 1];
        struct audit_head head = head_of(&b, id);

        take_tree(&b, id, &grown);
        assert_int_equal(grown.size, head.size);
        assert_memory_equal(grown.root[grown.size], head.root, 32);
        read = read_begin(&b.vault);
        check_inclusion(&b, store_read_view(read), id, &grown);
        check_consistency(&b, store_read_view(read), id, &grown);
        store_read_end(read);
    }
    bench_end(&b);
}

static void
nothing_is_proved_of_what_is_not_there(void **state)
{
    struct store_read *read;
    const struct store_view *view;
    struct vlt_buf out;
    struct bench b;

    bench_begin(&b);
    add_many(&b, 6);
    read = read_begin(&b.vault);
    view = store_read_view(read);
    vlt_buf_init(&out, 0);
    assert_int_equal(audit_inclusion(b.audit, view, master, 6, 6, &out),
                     VLT_E_LIMIT);
    assert_int_equal(audit_inclusion(b.audit, view, master, 2, 9, &out),
                     VLT_E_NOT_FOUND);
    assert_int_equal(audit_consistency(b.audit, view, master, 0, 6, &out),
                     VLT_E_LIMIT);
    assert_int_equal(audit_consistency(b.audit, view, master, 7, 6, &out),
                     VLT_E_LIMIT);
    assert_int_equal(audit_consistency(b.audit, view, b.firm[0], 1, 64, &out),
                     VLT_E_NOT_FOUND);
    assert_int_equal(out.len, 0);
    store_read_end(read);
    vlt_buf_free(&out);
    bench_end(&b);
}

struct seen {
    uint64_t count;
    uint64_t first;
    uint64_t of_firms;
    uint64_t stop; /* after so many; 0: never */
};

static bool
look(void *ctx, const struct audit_entry *entry)
{
    struct seen *seen = ctx;

    if (seen->count == 0) {
        seen->first = entry->index;
    }
    seen->count++;
    seen->of_firms += entry->firm != NULL;
    assert_int_equal(entry->type, AUDIT_USE);
    assert_int_equal(entry->time, 1000 + (int64_t)entry->index);
    assert_int_equal(entry->salt.len, 32);
    assert_true(vlt_slice_is(entry->detail, "{\"all\":true}"));
    return seen->count != seen->stop;
}

static struct seen
walk(struct bench *b, uint64_t from, uint64_t most, uint64_t stop)
{
    struct store_read *read = read_begin(&b->vault);
    struct seen seen = { .stop = stop };

    assert_int_equal(audit_each(b->audit, store_read_view(read), master, from,
                                most, look, &seen),
                     VLT_OK);
    store_read_end(read);
    return seen;
}

static void
entries_come_in_order_and_as_many_as_asked(void **state)
{
    struct seen seen;
    struct bench b;

    bench_begin(&b);
    add_many(&b, 9);
    seen = walk(&b, 0, UINT64_MAX, 0);
    assert_int_equal(seen.count, 9);
    assert_int_equal(seen.of_firms, 6);
    seen = walk(&b, 4, 3, 0);
    assert_int_equal(seen.count, 3);
    assert_int_equal(seen.first, 4);
    assert_int_equal(walk(&b, 4, 100, 2).count, 2);
    assert_int_equal(walk(&b, 9, 100, 0).count, 0);
    assert_int_equal(walk(&b, 0, 0, 0).count, 0);
    bench_end(&b);
}

static const struct audit_event told = {
    .type = AUDIT_SPAN_OPEN,
    .time = 77,
    .subject = { 5, 4, 3 },
    .seq = 9,
};

/* ctx: the firm of a master entry; NULL: a firm's own. */
static bool
is_told(void *ctx, const struct audit_entry *entry)
{
    const uint8_t *firm = ctx;

    assert_int_equal(entry->index, 0);
    assert_int_equal(entry->type, told.type);
    assert_int_equal(entry->time, told.time);
    assert_int_equal(entry->seq, told.seq);
    assert_memory_equal(entry->subject, told.subject, sizeof told.subject);
    assert_true(vlt_slice_is(entry->detail,
                             firm != NULL ? "{\"all\":true}" : "{\"some\":1}"));
    assert_int_equal(entry->firm != NULL, firm != NULL);
    if (firm != NULL) {
        assert_memory_equal(entry->firm, firm, AUDIT_TREE_LEN);
    }
    return true;
}

static void
an_entry_is_read_as_it_was_written(void **state)
{
    struct audit_event event = told;
    struct audit_event details;
    struct store_read *read;
    struct bench b;

    bench_begin(&b);
    details = event_of(&b, 1);
    event.firm = b.firm[1];
    event.firm_kid = b.kid[1];
    event.firm_detail = details.firm_detail;
    event.owner_detail = details.owner_detail;
    turn_begin(&b);
    assert_int_equal(audit_append(b.audit, b.txn, &event, NULL), VLT_OK);
    turn_commit(&b);
    read = read_begin(&b.vault);
    assert_int_equal(audit_each(b.audit, store_read_view(read), b.firm[1], 0, 9,
                                is_told, NULL),
                     VLT_OK);
    assert_int_equal(audit_each(b.audit, store_read_view(read), master, 0, 9,
                                is_told, b.firm[1]),
                     VLT_OK);
    store_read_end(read);
    bench_end(&b);
}

/* Nothing is taken out of it. */
static void
a_body_without_a_whole_salt_is_not_split(void **state)
{
    static const uint8_t bytes[AUDIT_MASTER_LEN + VLT_ENTRY_SALT + 3];

    for (int whole = 0; whole < 2; whole++) {
        size_t len = whole == 1 ? AUDIT_MASTER_LEN : AUDIT_ENTRY_LEN;
        size_t least = len + VLT_ENTRY_SALT;
        struct vlt_slice entry;
        struct vlt_slice salt;
        struct vlt_slice detail;

        assert_int_equal(audit_split(vlt_slice_of(bytes, least - 1), whole == 1,
                                     &entry, &salt, &detail),
                         VLT_E_FORMAT);
        for (size_t more = 0; more <= 3; more += 3) {
            assert_int_equal(audit_split(vlt_slice_of(bytes, least + more),
                                         whole == 1, &entry, &salt, &detail),
                             VLT_OK);
            assert_int_equal(entry.len, len);
            assert_int_equal(salt.len, VLT_ENTRY_SALT);
            assert_int_equal(detail.len, more);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_entry_is_read_as_it_was_written),
        cmocka_unit_test(every_proof_verifies),
        cmocka_unit_test(nothing_is_proved_of_what_is_not_there),
        cmocka_unit_test(entries_come_in_order_and_as_many_as_asked),
        cmocka_unit_test(a_body_without_a_whole_salt_is_not_split),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
