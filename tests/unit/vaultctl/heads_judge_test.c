/*
 * A head that was kept against one that is shown: what goes on from it, and
 * what does not.
 */
#include "unit.h"

#include <string.h>

#include "base/id.h"
#include "vaultctl/heads_judge.h"
#include "json/json_write.h"

enum { LEAVES = 40 };

/* A log of so many entries, its nodes by level and index. */
struct log {
    struct vlt_tree tree;
    uint8_t node[8][LEAVES][VLT_HASH_LEN];
    uint8_t root[LEAVES + 1][VLT_HASH_LEN]; /* by size */
};

static void
note_node(void *ctx, unsigned level, uint64_t index,
          const uint8_t hash[VLT_HASH_LEN])
{
    struct log *log = ctx;

    memcpy(log->node[level][index], hash, VLT_HASH_LEN);
}

static bool
get_node(void *ctx, unsigned level, uint64_t index, uint8_t out[VLT_HASH_LEN])
{
    struct log *log = ctx;

    memcpy(out, log->node[level][index], VLT_HASH_LEN);
    return true;
}

/* From entry `odd` on it is another log. */
static void
make_log(struct log *log, int odd)
{
    vlt_tree_init(&log->tree);
    for (int i = 0; i < LEAVES; i++) {
        uint8_t entry[2] = { (uint8_t)i, i >= odd };
        uint8_t leaf[VLT_HASH_LEN];

        vlt_tree_leaf(vlt_slice_of(entry, sizeof entry), leaf);
        vlt_tree_append(&log->tree, leaf, note_node, log);
        vlt_tree_root(&log->tree, log->root[i + 1]);
    }
}

static struct vlt_checkpoint
head_of(const struct log *log, uint64_t size)
{
    struct vlt_checkpoint head = { .origin = { .instance = 7 }, .size = size };

    memcpy(head.root, log->root[size], sizeof head.root);
    return head;
}

/* The proof as audit.prove gives it; the caller frees it. */
static struct vlt_json *
proof_of(struct log *log, uint64_t from, uint64_t size)
{
    struct vlt_json *list = NULL;
    struct vlt_tree_path path;
    struct vlt_json_out json;
    struct vlt_buf text = { 0 };

    assert_int_equal(vlt_tree_consistency(from, size, get_node, log, &path),
                     VLT_OK);
    json = vlt_json_out(&text);
    vlt_put_list(&json, NULL);
    for (size_t i = 0; i < path.count; i++) {
        vlt_put_base64(&json, NULL, vlt_slice_of(path.hash[i], VLT_HASH_LEN));
    }
    vlt_put_end(&json);
    assert_int_equal(
        vlt_json_parse(vlt_buf_slice(&text), text.len, 2, NULL, &list), VLT_OK);
    vlt_buf_free(&text);
    return list;
}

static bool
extends(struct log *log, const struct vlt_checkpoint *kept,
        const struct vlt_checkpoint *shown)
{
    struct vlt_json *proof = proof_of(log, kept->size, shown->size);
    bool does = heads_extends(kept, shown, proof);

    vlt_json_free(proof);
    return does;
}

static void
what_was_appended_to_goes_on(void **state)
{
    struct log log;

    make_log(&log, LEAVES);
    for (uint64_t from = 1; from < LEAVES; from++) {
        for (uint64_t size = from + 1; size <= LEAVES; size++) {
            struct vlt_checkpoint kept = head_of(&log, from);
            struct vlt_checkpoint shown = head_of(&log, size);

            assert_int_equal(heads_compare(&kept, &shown), HEADS_GREW);
            assert_true(extends(&log, &kept, &shown));
        }
    }
}

static void
what_was_put_back_or_rewritten_does_not(void **state)
{
    struct log log;
    struct log other;

    make_log(&log, LEAVES);
    make_log(&other, 20);
    struct vlt_checkpoint kept = head_of(&log, 30);
    struct vlt_checkpoint shown = head_of(&log, 29);

    assert_int_equal(heads_compare(&kept, &shown), HEADS_BACK);
    shown = head_of(&log, 30);
    assert_int_equal(heads_compare(&kept, &shown), HEADS_SAME);
    shown = head_of(&other, 30);
    assert_int_equal(heads_compare(&kept, &shown), HEADS_FORKED);
    /* Put back and grown beyond what it was. */
    shown = head_of(&other, 35);
    assert_int_equal(heads_compare(&kept, &shown), HEADS_GREW);
    assert_false(extends(&other, &kept, &shown));
    /* Up to where they are the same it is the same log. */
    kept = head_of(&log, 20);
    assert_true(extends(&other, &kept, &shown));
}

static void
another_origin_is_told_apart(void **state)
{
    struct log log;

    make_log(&log, LEAVES);
    struct vlt_checkpoint kept = head_of(&log, 10);
    struct vlt_checkpoint shown = head_of(&log, 20);

    shown.origin.instance = 8;
    assert_int_equal(heads_compare(&kept, &shown), HEADS_OTHER);
    shown.origin.instance = 7;
    shown.origin.tree[3] = 1;
    assert_int_equal(heads_compare(&kept, &shown), HEADS_OTHER);
}

static void
what_is_no_proof_proves_nothing(void **state)
{
    static const char *const texts[] = { "null",       "[]",        "[1]",
                                         "[\"AAAA\"]", "{\"a\":1}", "\"x\"" };
    struct log log;

    make_log(&log, LEAVES);
    struct vlt_checkpoint kept = head_of(&log, 11);
    struct vlt_checkpoint shown = head_of(&log, 20);

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct vlt_json *path = NULL;
        struct vlt_slice text = vlt_slice_text(texts[i]);

        assert_int_equal(vlt_json_parse(text, text.len, 3, NULL, &path),
                         VLT_OK);
        assert_false(heads_extends(&kept, &shown, path));
        vlt_json_free(path);
    }
    assert_false(heads_extends(&kept, &shown, NULL));
}

static void
a_restore_names_the_instance_that_it_goes_on_from(void **state)
{
    static const char entries[] =
        "[{\"type\":\"run\",\"detail\":\"{\\\"event\\\":\\\"restored\\\","
        "\\\"instance\\\":\\\"00000009\\\",\\\"size\\\":1}\"},"
        "{\"type\":\"restore\",\"detail\":null},"
        "{\"type\":\"restore\",\"detail\":\"no JSON\"},"
        "{\"type\":\"restore\",\"detail\":\"{\\\"event\\\":\\\"restored\\\","
        "\\\"head\\\":\\\"00\\\",\\\"instance\\\":\\\"0000000a\\\","
        "\\\"size\\\":12}\"}]";
    struct vlt_json *list = NULL;
    uint64_t size = 0;

    assert_int_equal(
        vlt_json_parse(vlt_slice_text(entries), sizeof entries, 4, NULL, &list),
        VLT_OK);
    assert_true(heads_carried_on(list, 10, &size));
    assert_int_equal(size, 12);
    assert_false(heads_carried_on(list, 9, &size)); /* of another type */
    assert_false(heads_carried_on(list, 11, &size));
    assert_false(heads_carried_on(NULL, 10, &size));
    vlt_json_free(list);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_appended_to_goes_on),
        cmocka_unit_test(what_was_put_back_or_rewritten_does_not),
        cmocka_unit_test(another_origin_is_told_apart),
        cmocka_unit_test(what_is_no_proof_proves_nothing),
        cmocka_unit_test(a_restore_names_the_instance_that_it_goes_on_from),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
