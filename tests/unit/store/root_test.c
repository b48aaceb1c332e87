/* Root's 256 bytes, field by field. */
#include "unit.h"

#include <string.h>

#include "base/writer.h"
#include "store/root.h"

static struct root
some_root(void)
{
    struct root root = { .commit = 9,
                         .arrival = 100,
                         .no = 7,
                         .keyring_n = 2,
                         .keyring_g = 5,
                         .set_hash = { 1, 2, 3 },
                         .audit_size = 44,
                         .audit_head = { 4, 5, 6 },
                         .highest_ns = -12,
                         .drained = 3 };

    root.tail[0] = (struct root_tail){ 1, 1, 50, ROOT_TAIL_CLOSED };
    root.tail[1] = (struct root_tail){ 2, 50, 0, ROOT_TAIL_OPEN };
    return root;
}

static enum vlt_status
decode(const uint8_t *bytes, size_t len)
{
    struct root root;

    return root_decode(vlt_slice_of(bytes, len), &root);
}

static void
all_fields_come_back(void **state)
{
    struct root root = some_root();
    struct root again;
    uint8_t bytes[ROOT_LEN];
    uint8_t twice[ROOT_LEN];

    root_encode(&root, bytes);
    assert_int_equal(root_decode(vlt_slice_of(bytes, ROOT_LEN), &again),
                     VLT_OK);
    assert_int_equal(again.highest_ns, -12);
    assert_int_equal(again.tail[1].first, 50);
    root_encode(&again, twice);
    assert_memory_equal(bytes, twice, sizeof bytes);
}

static void
fields_stand_where_the_format_says(void **state)
{
    struct root root = some_root();
    uint8_t bytes[ROOT_LEN];

    root_encode(&root, bytes);
    assert_int_equal(vlt_load_u32(bytes), 1);
    assert_int_equal(vlt_load_u64(bytes + 8), 9);
    assert_int_equal(vlt_load_u64(bytes + 16), 100);
    assert_int_equal(vlt_load_u64(bytes + 24), 7);
    assert_int_equal(vlt_load_u64(bytes + 32), 2);
    assert_int_equal(vlt_load_u64(bytes + 40), 5);
    assert_int_equal(vlt_load_u64(bytes + 48 + 28), 2);
    assert_int_equal(vlt_load_u32(bytes + 48 + 28 + 24), ROOT_TAIL_OPEN);
    assert_memory_equal(bytes + 160, root.set_hash, 32);
    assert_int_equal(vlt_load_u64(bytes + 192), 44);
    assert_memory_equal(bytes + 200, root.audit_head, 32);
    assert_int_equal((int64_t)vlt_load_u64(bytes + 232), -12);
    assert_int_equal(vlt_load_u64(bytes + 240), 3);
}

static const struct {
    const char *says;
    size_t at;
    uint8_t value;
    enum vlt_status st;
} refused[] = {
    { "a newer version", 0, 2, VLT_E_LIMIT },
    { "no version", 0, 0, VLT_E_FORMAT },
    { "a zero that is not", 4, 1, VLT_E_FORMAT },
    { "a zero at the end that is not", 255, 1, VLT_E_FORMAT },
    { "no commit", 8, 0, VLT_E_FORMAT },
    { "no next arrival", 16, 0, VLT_E_FORMAT },
    { "no next number", 24, 0, VLT_E_FORMAT },
    { "a slot in no known state", 48 + 24, 3, VLT_E_FORMAT },
    { "a closed slot that ends before it begins", 48 + 16, 0, VLT_E_FORMAT },
    { "a closed slot that ends after all", 48 + 16, 101, VLT_E_FORMAT },
    { "a closed slot that is empty", 48 + 8, 50, VLT_E_FORMAT },
    { "a first segment that does not begin at 1", 48 + 8, 2, VLT_E_FORMAT },
    { "an open slot with an end", 48 + 28 + 16, 60, VLT_E_FORMAT },
    { "an open slot that begins after all", 48 + 28 + 8, 101, VLT_E_FORMAT },
    { "a gap between slots", 48 + 28 + 8, 51, VLT_E_FORMAT },
    { "slots that overlap", 48 + 28 + 8, 49, VLT_E_FORMAT },
    { "a segment that is not the next", 48 + 28, 6, VLT_E_FORMAT },
    { "no segment's number", 48 + 28, 0, VLT_E_FORMAT },
    { "a segment in another's slot", 48, 5, VLT_E_FORMAT },
    { "two open slots", 48 + 24, 1, VLT_E_FORMAT },
    { "no open slot", 48 + 28 + 24, 2, VLT_E_FORMAT },
    { "a free slot that is not empty", 48 + 56, 1, VLT_E_FORMAT },
    { "a free slot with a first arrival", 48 + 56 + 8, 1, VLT_E_FORMAT },
    { "a free slot with an end", 48 + 56 + 16, 1, VLT_E_FORMAT },
};

static void
what_contradicts_itself_is_refused(void **state)
{
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct root root = some_root();
        uint8_t bytes[ROOT_LEN];

        print_message("%s\n", refused[i].says);
        root_encode(&root, bytes);
        bytes[refused[i].at] = refused[i].value;
        assert_int_equal(decode(bytes, sizeof bytes), refused[i].st);
    }
}

static void
every_other_length_is_refused(void **state)
{
    struct root root = some_root();
    uint8_t bytes[ROOT_LEN + 16] = { 0 };

    root_encode(&root, bytes);
    for (size_t len = 0; len <= sizeof bytes; len++) {
        assert_int_equal(decode(bytes, len),
                         len == ROOT_LEN ? VLT_OK : VLT_E_FORMAT);
    }
}

/* ---- the ring ---- */

static struct root
first_root(void)
{
    struct root root = { .commit = 1, .arrival = 1, .no = 1 };

    root.tail[0] =
        (struct root_tail){ .segment = 1, .first = 1, .state = ROOT_TAIL_OPEN };
    return root;
}

static void
assert_decodes(const struct root *root)
{
    uint8_t bytes[ROOT_LEN];

    root_encode(root, bytes);
    assert_int_equal(decode(bytes, sizeof bytes), VLT_OK);
}

/* Whatever can come of a new vault is a root; and each arrival lies where it
 * was put until its segment goes. */
static void
all_states_that_occur_decode(void **state)
{
    struct root root = first_root();
    uint64_t oldest = 1;
    uint64_t open = 1;
    uint64_t random = 7;
    size_t slot;

    assert_decodes(&root);
    for (int step = 0; step < 3000; step++) {
        random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
        switch (random >> 62) {
        case 0: {
            enum vlt_status st = root_close(&root);

            if (st == VLT_OK) {
                open++;
            } else {
                assert_int_equal(st, root.tail[root_open(&root)].first ==
                                             root.arrival
                                         ? VLT_E_CONFLICT
                                         : VLT_E_BUSY);
            }
            break;
        }
        case 1:
            assert_int_equal(root_drop(&root, oldest + 1, &slot),
                             VLT_E_NOT_FOUND);
            if (oldest == open) {
                assert_int_equal(root_drop(&root, oldest, &slot),
                                 VLT_E_NOT_FOUND);
            } else {
                assert_int_equal(root_drop(&root, oldest++, &slot), VLT_OK);
                assert_int_equal(root.tail[slot].state, ROOT_TAIL_FREE);
            }
            break;
        default:
            assert_true(!root_find(&root, root.arrival, &slot));
            root.arrival++;
            assert_true(root_find(&root, root.arrival - 1, &slot));
            assert_int_equal(slot, root_open(&root));
            break;
        }
        assert_decodes(&root);
        assert_int_equal(root.tail[root_open(&root)].segment, open);
        assert_int_equal(root.tail[root_oldest(&root)].segment, oldest);
    }
    assert_true(oldest > 20);
}

static void
a_full_ring_takes_no_more(void **state)
{
    struct root root = first_root();
    size_t slot;

    for (uint64_t n = 1; n < ROOT_TAILS; n++) {
        root.arrival += n;
        assert_int_equal(root_close(&root), VLT_OK);
    }
    assert_int_equal(root_close(&root), VLT_E_CONFLICT);
    root.arrival++;
    struct root before = root;

    assert_int_equal(root_close(&root), VLT_E_BUSY);
    assert_memory_equal(&before, &root, sizeof root);
    assert_int_equal(root_end(&root, 2), 7);
    assert_true(root_find(&root, 3, &slot));
    assert_int_equal(slot, 1);
    assert_false(root_find(&root, 0, &slot));
    assert_int_equal(root_drop(&root, 1, &slot), VLT_OK);
    assert_int_equal(slot, 0);
    assert_int_equal(root_end(&root, 0), 0);
    assert_false(root_find(&root, 1, &slot));
    assert_int_equal(root_close(&root), VLT_OK);
    assert_int_equal(root_open(&root), 0);
    assert_decodes(&root);
}

/* What no vault comes to; the next arrival is 100. */
static const struct {
    const char *says;
    struct root_tail tail[ROOT_TAILS];
} no_rings[] = {
    { "a hole",
      { { 1, 1, 10, ROOT_TAIL_CLOSED },
        { 0 },
        { 3, 20, 30, ROOT_TAIL_CLOSED },
        { 4, 30, 0, ROOT_TAIL_OPEN } } },
    { "a hole that the numbers pass over",
      { { 0 },
        { 3, 20, 30, ROOT_TAIL_CLOSED },
        { 0 },
        { 4, 30, 0, ROOT_TAIL_OPEN } } },
    { "a closed segment without a record",
      { { 1, 1, 50, ROOT_TAIL_CLOSED },
        { 2, 50, 50, ROOT_TAIL_CLOSED },
        { 3, 50, 0, ROOT_TAIL_OPEN },
        { 0 } } },
    { "the first segment in the second slot",
      { { 0 }, { 1, 1, 0, ROOT_TAIL_OPEN }, { 0 }, { 0 } } },
    { "fewer records than segments before",
      { { 0 }, { 0 }, { 7, 6, 0, ROOT_TAIL_OPEN }, { 0 } } },
    { "none", { { 0 }, { 0 }, { 0 }, { 0 } } },
};

static void
what_is_no_ring_is_refused(void **state)
{
    for (size_t i = 0; i < sizeof no_rings / sizeof *no_rings; i++) {
        struct root root = first_root();
        uint8_t bytes[ROOT_LEN];

        print_message("%s\n", no_rings[i].says);
        root.arrival = 100;
        memcpy(root.tail, no_rings[i].tail, sizeof root.tail);
        root_encode(&root, bytes);
        assert_int_equal(decode(bytes, sizeof bytes), VLT_E_FORMAT);
    }
}

static void
a_segment_may_stand_alone(void **state)
{
    struct root root = first_root();

    root.arrival = 100;
    root.tail[0] = (struct root_tail){ .state = ROOT_TAIL_FREE };
    root.tail[2] = (struct root_tail){ 7, 7, 0, ROOT_TAIL_OPEN };
    assert_decodes(&root);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_fields_come_back),
        cmocka_unit_test(fields_stand_where_the_format_says),
        cmocka_unit_test(what_contradicts_itself_is_refused),
        cmocka_unit_test(every_other_length_is_refused),
        cmocka_unit_test(all_states_that_occur_decode),
        cmocka_unit_test(a_full_ring_takes_no_more),
        cmocka_unit_test(what_is_no_ring_is_refused),
        cmocka_unit_test(a_segment_may_stand_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
