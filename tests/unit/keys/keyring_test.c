/* Every key is found by its kid and by its use, and none outlives a change. */
#include "unit.h"

#include <string.h>

#include "base/writer.h"
#include "crypto/aead.h"
#include "crypto/hash.h"
#include "crypto/kdf.h"
#include "keys/keyring.h"

enum {
    N = 5,
    G = 77,
    SEALED_MORE = 16,
};

static struct vlt_secret *wrap;

static struct keyring_about
lane(uint8_t stream, int32_t epoch)
{
    return (struct keyring_about){ .type = KEYRING_LANE,
                                   .epoch = epoch,
                                   .subject = { stream, 1, 2, 3 } };
}

static void
add(struct keyring *ring, const struct keyring_about *about,
    uint8_t kid[KEYRING_KID])
{
    if (keyring_full(ring)) {
        assert_int_equal(keyring_grow(ring), VLT_OK);
    }
    assert_int_equal(keyring_add(ring, about, NULL, kid), VLT_OK);
}

static struct keyring *
ring_of(int lanes)
{
    struct keyring *ring;
    uint8_t kid[KEYRING_KID];
    struct keyring_about vault = { .type = KEYRING_VAULT };

    assert_int_equal(keyring_new(&ring), VLT_OK);
    add(ring, &vault, kid);
    for (int i = 1; i < lanes; i++) {
        struct keyring_about about = lane((uint8_t)i, i / 256 - 3);

        add(ring, &about, kid);
    }
    return ring;
}

static void
seal(const struct keyring *ring, struct vlt_buf *file)
{
    struct keyring_head head = { .n = N, .g = G };

    keyring_seal(ring, wrap, &head, file);
    assert_false(vlt_buf_failed(file));
}

static enum vlt_status
open_bytes(struct vlt_slice file)
{
    struct keyring *ring = NULL;
    struct keyring_head head;
    enum vlt_status st = keyring_open(file, wrap, N, &head, &ring);

    keyring_free(ring);
    return st;
}

static void
a_key_is_found_by_kid_and_by_use(void **state)
{
    struct keyring *ring = ring_of(5);
    struct keyring_about about = lane(200, -40);
    struct keyring_about found;
    struct vlt_key by_kid;
    struct vlt_key by_use;
    uint8_t kid[KEYRING_KID];
    uint8_t again[KEYRING_KID];

    assert_int_equal(keyring_lookup(ring, &about, again, NULL),
                     VLT_E_NOT_FOUND);
    add(ring, &about, kid);
    assert_int_equal(keyring_find(ring, kid, &found, &by_kid), VLT_OK);
    assert_int_equal(found.type, KEYRING_LANE);
    assert_int_equal(found.epoch, -40);
    assert_memory_equal(found.subject, about.subject, VLT_ID_LEN);
    assert_int_equal(keyring_lookup(ring, &about, again, &by_use), VLT_OK);
    assert_memory_equal(again, kid, sizeof kid);
    assert_int_equal(by_kid.at, by_use.at);
    keyring_free(ring);
}

static void
a_stranger_is_not_found(void **state)
{
    struct keyring *ring = ring_of(300);
    uint8_t kid[KEYRING_KID] = "strange";
    struct keyring_about other = lane(1, 12345);
    struct keyring_about firm = lane(1, -3);

    firm.type = KEYRING_FIRM;
    assert_int_equal(keyring_find(ring, kid, NULL, NULL), VLT_E_NOT_FOUND);
    assert_int_equal(keyring_lookup(ring, &other, kid, NULL), VLT_E_NOT_FOUND);
    assert_int_equal(keyring_lookup(ring, &firm, kid, NULL), VLT_E_NOT_FOUND);
    keyring_free(ring);
}

static void
a_second_key_for_one_use_is_refused(void **state)
{
    struct keyring *ring = ring_of(5);
    struct keyring_about about = lane(3, -3);
    uint8_t kid[KEYRING_KID];

    assert_int_equal(keyring_add(ring, &about, NULL, kid), VLT_E_CONFLICT);
    assert_int_equal(keyring_count(ring), 5);
    keyring_free(ring);
}

static void
only_lanes_have_epochs(void **state)
{
    struct keyring *ring = ring_of(1);
    uint8_t kid[KEYRING_KID];
    struct keyring_about about = lane(3, -3);

    about.type = KEYRING_FIRM;
    assert_int_equal(keyring_add(ring, &about, NULL, kid), VLT_E_FORMAT);
    about = (struct keyring_about){ .type = KEYRING_INBOX, .subject = { 1 } };
    assert_int_equal(keyring_add(ring, &about, NULL, kid), VLT_E_FORMAT);
    about.type = (enum keyring_type)7;
    assert_int_equal(keyring_add(ring, &about, NULL, kid), VLT_E_LIMIT);
    keyring_free(ring);
}

static void
a_given_key_is_the_key(void **state)
{
    struct keyring *ring = ring_of(1);
    struct keyring_about about = { .type = KEYRING_INBOX };
    struct vlt_secret *given;
    struct vlt_key key;
    uint8_t kid[KEYRING_KID];

    assert_int_equal(vlt_secret_random(VLT_KEY_LEN, &given), VLT_OK);
    assert_int_equal(keyring_add(ring, &about, given, kid), VLT_OK);
    assert_int_equal(keyring_find(ring, kid, NULL, &key), VLT_OK);
    assert_memory_equal(vlt_secret_peek(key.in) + key.at,
                        vlt_secret_peek(given), VLT_KEY_LEN);
    vlt_secret_free(given);
    keyring_free(ring);
}

/* Growing moves keys and loses none. */
static void
a_ring_grows_and_comes_back_from_its_file(void **state)
{
    struct keyring *ring = ring_of(1000);
    struct keyring *again = NULL;
    struct vlt_buf file = { 0 };
    struct keyring_head head;

    seal(ring, &file);
    assert_int_equal(file.len,
                     KEYRING_HEAD + 1000 * KEYRING_ENTRY + SEALED_MORE);
    assert_int_equal(keyring_open(vlt_buf_slice(&file), wrap, N, &head, &again),
                     VLT_OK);
    assert_int_equal(head.g, G);
    assert_int_equal(head.n, N);
    assert_int_equal(head.entries, 1000);
    for (int i = 1; i < 1000; i++) {
        struct keyring_about about = lane((uint8_t)i, i / 256 - 3);
        uint8_t kid[KEYRING_KID];
        struct vlt_key old;
        struct vlt_key new;

        assert_int_equal(keyring_lookup(ring, &about, kid, &old), VLT_OK);
        assert_int_equal(keyring_find(again, kid, NULL, &new), VLT_OK);
        assert_memory_equal(vlt_secret_peek(old.in) + old.at,
                            vlt_secret_peek(new.in) + new.at, VLT_KEY_LEN);
    }
    keyring_free(ring);
    keyring_free(again);
    vlt_buf_free(&file);
}

static void
every_byte_of_the_file_counts(void **state)
{
    struct keyring *ring = ring_of(6);
    struct vlt_buf file = { 0 };

    seal(ring, &file);
    for (size_t i = 0; i < file.len; i++) {
        file.at[i] ^= 0x10;
        assert_int_not_equal(open_bytes(vlt_buf_slice(&file)), VLT_OK);
        file.at[i] ^= 0x10;
    }
    assert_int_equal(open_bytes(vlt_buf_slice(&file)), VLT_OK);
    keyring_free(ring);
    vlt_buf_free(&file);
}

static void
every_length_but_its_own_is_refused(void **state)
{
    struct keyring *ring = ring_of(3);
    struct vlt_buf file = { 0 };

    seal(ring, &file);
    for (size_t len = 0; len < file.len; len++) {
        assert_int_equal(open_bytes(vlt_slice_of(file.at, len)), VLT_E_FORMAT);
    }
    vlt_buf_put_u8(&file, 0);
    assert_int_equal(open_bytes(vlt_buf_slice(&file)), VLT_E_FORMAT);
    keyring_free(ring);
    vlt_buf_free(&file);
}

static void
more_entries_than_the_limit_are_refused_by_the_head(void **state)
{
    struct keyring *ring = ring_of(3);
    struct vlt_buf file = { 0 };

    seal(ring, &file);
    vlt_store_u32(file.at + 24, KEYRING_ENTRIES_MAX + 1);
    assert_int_equal(open_bytes(vlt_buf_slice(&file)), VLT_E_LIMIT);
    vlt_store_u32(file.at + 24, 3);
    vlt_store_u32(file.at + 28, 2);
    assert_int_equal(open_bytes(vlt_buf_slice(&file)), VLT_E_LIMIT);
    keyring_free(ring);
    vlt_buf_free(&file);
}

static void
another_generation_does_not_open(void **state)
{
    struct keyring *ring = ring_of(3);
    struct keyring *again = NULL;
    struct vlt_buf file = { 0 };
    struct keyring_head head;

    seal(ring, &file);
    assert_int_equal(
        keyring_open(vlt_buf_slice(&file), wrap, N + 1, &head, &again),
        VLT_E_AUTH);
    assert_null(again);
    keyring_free(ring);
    vlt_buf_free(&file);
}

static void
two_files_of_one_ring_differ(void **state)
{
    struct keyring *ring = ring_of(3);
    struct vlt_buf one = { 0 };
    struct vlt_buf two = { 0 };

    seal(ring, &one);
    seal(ring, &two);
    assert_memory_equal(one.at, two.at, 32);
    assert_memory_not_equal(one.at + 32, two.at + 32, 24);
    assert_memory_not_equal(one.at + 96, two.at + 96, one.len - 96);
    keyring_free(ring);
    vlt_buf_free(&one);
    vlt_buf_free(&two);
}

/* A file made by hand, straight from keyring.h, of one entry. */
static void
forge(const uint8_t *entry, size_t count, struct vlt_buf *file)
{
    uint8_t head[KEYRING_HEAD] = "vdkeyr01";
    uint8_t sealed[8 * KEYRING_ENTRY + SEALED_MORE];
    struct vlt_secret *key;

    head[8] = N;
    head[16] = G;
    vlt_store_u32(head + 24, (uint32_t)count);
    head[28] = 1;
    assert_int_equal(vlt_derive(vlt_key_of(wrap), "vd1 keyring", &key), VLT_OK);
    vlt_aead_seal(vlt_key_of(key), vlt_slice_of(head, 64),
                  vlt_slice_of(entry, count * KEYRING_ENTRY), head + 32,
                  sealed);
    struct vlt_slice parts[] = { vlt_slice_text("vd1 keyring commit"),
                                 vlt_slice_of(head, 64) };

    vlt_hash_keyed(vlt_key_of(wrap), parts, 2, head + 64);
    vlt_buf_put(file, head, sizeof head);
    vlt_buf_put(file, sealed, count * KEYRING_ENTRY + SEALED_MORE);
    vlt_secret_free(key);
}

static const struct {
    const char *says;
    size_t at;
    uint8_t value;
    enum vlt_status st;
} entries[] = {
    { "as it should be", 8, 1, VLT_OK },
    { "staged", 9, 2, VLT_OK },
    { "a type that is not known", 8, 7, VLT_E_LIMIT },
    { "no type", 8, 0, VLT_E_LIMIT },
    { "a state that is not known", 9, 3, VLT_E_LIMIT },
    { "a zero that is not", 10, 1, VLT_E_FORMAT },
    { "another zero that is not", 11, 1, VLT_E_FORMAT },
    { "the vault's key with a subject", 8, 3, VLT_E_FORMAT },
    { "a firm's key with an epoch", 8, 2, VLT_E_FORMAT },
};

static void
entries_are_checked_one_by_one(void **state)
{
    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++) {
        uint8_t entry[KEYRING_ENTRY] = "the-kid\0\1\1";
        struct vlt_buf file = { 0 };

        print_message("%s\n", entries[i].says);
        entry[12] = 9;  /* epoch */
        entry[16] = 42; /* subject */
        entry[entries[i].at] = entries[i].value;
        forge(entry, 1, &file);
        assert_int_equal(open_bytes(vlt_buf_slice(&file)), entries[i].st);
        vlt_buf_free(&file);
    }
}

static void
one_kid_or_use_twice_is_refused(void **state)
{
    uint8_t twice[2 * KEYRING_ENTRY] = "the-kid\0\1\1";
    struct vlt_buf file = { 0 };

    memcpy(twice + KEYRING_ENTRY, "the-kid\0\1\1", 10);
    twice[KEYRING_ENTRY + 12] = 1; /* another epoch, but the same kid */
    forge(twice, 2, &file);
    assert_int_equal(open_bytes(vlt_buf_slice(&file)), VLT_E_FORMAT);
    vlt_buf_free(&file);

    twice[KEYRING_ENTRY + 12] = 0; /* another kid, but the same use */
    twice[KEYRING_ENTRY] = 'T';
    forge(twice, 2, &file);
    assert_int_equal(open_bytes(vlt_buf_slice(&file)), VLT_E_FORMAT);
    vlt_buf_free(&file);

    twice[KEYRING_ENTRY + 9] = 2; /* which a staged key may have */
    forge(twice, 2, &file);
    assert_int_equal(open_bytes(vlt_buf_slice(&file)), VLT_OK);
    vlt_buf_free(&file);
}

static bool
same_wrap(const struct vlt_secret *rk, const struct vlt_secret *erase,
          uint64_t n)
{
    struct vlt_secret *base;
    struct vlt_secret *key;
    struct vlt_secret *usual;

    assert_int_equal(keyring_wrap_base(rk, &base), VLT_OK);
    assert_int_equal(keyring_wrap_key(base, erase, n, &key), VLT_OK);
    vlt_secret_free(base);
    assert_int_equal(keyring_wrap_base(wrap, &base), VLT_OK);
    assert_int_equal(keyring_wrap_key(base, wrap, N, &usual), VLT_OK);
    vlt_secret_free(base);
    bool same =
        vlt_equal(vlt_secret_peek(key), vlt_secret_peek(usual), VLT_KEY_LEN);

    vlt_secret_free(key);
    vlt_secret_free(usual);
    return same;
}

static void
the_wrap_key_hangs_on_all_three(void **state)
{
    struct vlt_secret *other;

    assert_int_equal(vlt_secret_random(VLT_KEY_LEN, &other), VLT_OK);
    assert_true(same_wrap(wrap, wrap, N));
    assert_false(same_wrap(other, wrap, N));
    assert_false(same_wrap(wrap, other, N));
    assert_false(same_wrap(wrap, wrap, N + 1));
    vlt_secret_free(other);
}

/* ---- staged keys, and keys that go ---- */

static bool
has(const struct keyring *ring, const uint8_t kid[KEYRING_KID])
{
    return keyring_find(ring, kid, NULL, NULL) == VLT_OK;
}

static void
a_staged_key_is_found_by_kid_alone_until_it_is_live(void **state)
{
    struct keyring *ring = ring_of(5);
    struct keyring *heir;
    struct keyring_about about = lane(100, 7);
    uint8_t old[1][KEYRING_KID];
    uint8_t staged[1][KEYRING_KID];
    uint8_t found[KEYRING_KID];
    struct keyring_change change = {
        .dead = old[0], .dead_count = 1, .live = staged[0], .live_count = 1
    };

    add(ring, &about, old[0]);
    assert_int_equal(keyring_stage(ring, &about, staged[0]), VLT_OK);
    assert_true(has(ring, staged[0]));
    assert_int_equal(keyring_lookup(ring, &about, found, NULL), VLT_OK);
    assert_memory_equal(found, old[0], sizeof found);

    assert_int_equal(keyring_heir(ring, &change, &heir), VLT_OK);
    assert_false(has(heir, old[0]));
    assert_int_equal(keyring_lookup(heir, &about, found, NULL), VLT_OK);
    assert_memory_equal(found, staged[0], sizeof found);
    assert_int_equal(keyring_count(heir), keyring_count(ring) - 1);
    keyring_free(heir);
    keyring_free(ring);
}

static void
an_heir_has_all_that_was_not_to_go_and_nothing_else(void **state)
{
    struct keyring *ring = ring_of(300);
    struct keyring *heir;
    uint8_t dead[150][KEYRING_KID];
    struct keyring_change change = { .dead = dead[0], .dead_count = 150 };
    uint8_t kid[KEYRING_KID];
    struct vlt_key a;
    struct vlt_key b;

    for (int i = 0; i < 150; i++) {
        struct keyring_about about = lane((uint8_t)(2 * i), 2 * i / 256 - 3);

        if (i == 0) {
            about = (struct keyring_about){ .type = KEYRING_VAULT };
        }
        assert_int_equal(keyring_lookup(ring, &about, dead[i], NULL), VLT_OK);
    }
    assert_int_equal(keyring_heir(ring, &change, &heir), VLT_OK);
    assert_int_equal(keyring_count(heir), 150);
    for (int i = 1; i < 300; i++) {
        struct keyring_about about = lane((uint8_t)i, i / 256 - 3);
        enum vlt_status st = keyring_lookup(heir, &about, kid, &a);

        assert_int_equal(st, i % 2 == 0 ? VLT_E_NOT_FOUND : VLT_OK);
        if (st == VLT_OK) {
            assert_int_equal(keyring_lookup(ring, &about, kid, &b), VLT_OK);
            assert_memory_equal(vlt_secret_peek(a.in) + a.at,
                                vlt_secret_peek(b.in) + b.at, VLT_KEY_LEN);
        }
    }
    keyring_free(heir);
    keyring_free(ring);
}

static void
two_live_keys_for_one_thing_make_no_heir(void **state)
{
    struct keyring *ring = ring_of(5);
    struct keyring *heir = NULL;
    struct keyring_about about = lane(100, 7);
    uint8_t old[KEYRING_KID];
    uint8_t staged[1][KEYRING_KID];
    struct keyring_change change = { .live = staged[0], .live_count = 1 };

    add(ring, &about, old);
    assert_int_equal(keyring_stage(ring, &about, staged[0]), VLT_OK);
    assert_int_equal(keyring_heir(ring, &change, &heir), VLT_E_CONFLICT);
    assert_null(heir);
    keyring_free(ring);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_found_by_kid_and_by_use),
        cmocka_unit_test(a_stranger_is_not_found),
        cmocka_unit_test(a_staged_key_is_found_by_kid_alone_until_it_is_live),
        cmocka_unit_test(an_heir_has_all_that_was_not_to_go_and_nothing_else),
        cmocka_unit_test(two_live_keys_for_one_thing_make_no_heir),
        cmocka_unit_test(a_second_key_for_one_use_is_refused),
        cmocka_unit_test(only_lanes_have_epochs),
        cmocka_unit_test(a_given_key_is_the_key),
        cmocka_unit_test(a_ring_grows_and_comes_back_from_its_file),
        cmocka_unit_test(every_byte_of_the_file_counts),
        cmocka_unit_test(every_length_but_its_own_is_refused),
        cmocka_unit_test(more_entries_than_the_limit_are_refused_by_the_head),
        cmocka_unit_test(another_generation_does_not_open),
        cmocka_unit_test(two_files_of_one_ring_differ),
        cmocka_unit_test(entries_are_checked_one_by_one),
        cmocka_unit_test(one_kid_or_use_twice_is_refused),
        cmocka_unit_test(the_wrap_key_hangs_on_all_three),
    };

    if (vlt_secret_init() != VLT_OK ||
        vlt_secret_random(VLT_KEY_LEN, &wrap) != VLT_OK) {
        return 1;
    }
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    vlt_secret_free(wrap);
    return failed;
}
