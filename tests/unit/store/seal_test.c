/* A sealed record opens in its place alone. */
#include "fixture.h"

#include "store/seal.h"

static struct vlt_secret *key;
static const uint8_t vault_id[VLT_ID_LEN] = "vault-id-vault-i";
static const uint8_t kid[SEAL_KID] = "kid-kid-";

static struct seal_with
with(void)
{
    return (struct seal_with){ .key = vlt_key_of(key),
                               .kid = kid,
                               .vault_id = vault_id };
}

static struct seal_place
place(void)
{
    return (struct seal_place){ .type = SEAL_TAIL,
                                .epoch = -2,
                                .subject = "subject-subject",
                                .position = 0x0102030405060708,
                                .version = 0 };
}

static const struct {
    size_t len;
    size_t padded;
} paddings[] = {
    { 0, 0 },       { 1, 16 },        { 16, 16 },       { 17, 32 },
    { 256, 256 },   { 257, 288 },     { 288, 288 },     { 289, 320 },
    { 511, 512 },   { 512, 512 },     { 513, 576 },     { 1024, 1024 },
    { 1025, 1152 }, { 65536, 65536 }, { 65537, 73728 }, { 1048576, 1048576 },
};

static void
padding_goes_by_sixteens_then_by_eighths(void **state)
{
    for (size_t i = 0; i < sizeof paddings / sizeof *paddings; i++) {
        print_message("%zu\n", paddings[i].len);
        assert_int_equal(seal_padded(paddings[i].len), paddings[i].padded);
    }
}

static void
padding_is_never_more_than_an_eighth(void **state)
{
    for (size_t len = 257; len < 300000; len += 101) {
        size_t padded = seal_padded(len);

        assert_true(padded >= len);
        assert_true((padded - len) * 8 <= len);
        assert_int_equal(seal_padded(padded), padded);
    }
}

static void
pieces_are_padded_to_what_pages_take(void **state)
{
    for (size_t record = SEAL_MORE + 1; record < 70000; record++) {
        size_t padded = seal_padded_piece(record - SEAL_MORE) + SEAL_MORE;

        assert_true(padded >= record);
        if (record <= 2022) {
            assert_true(padded - record < 64);
            assert_true(padded == 2022 || padded % 64 == 0);
            assert_true(padded <= 2022);
        } else {
            assert_true(padded - record < 4096);
            assert_int_equal(padded % 4096, 4096 - 16);
        }
    }
}

/* Written out by hand from what seal.h says. */
static const uint8_t expected_aad[SEAL_AAD] =
    "vd1\1\2\0\0\0vault-id-vault-isubject-subject\0\376\377\377\377"
    "\140\0\0\0\10\7\6\5\4\3\2\1\0\0\0\0\0\0\0";

static void
the_bytes_that_bind_are_those_of_the_format(void **state)
{
    struct seal_place where = place();
    uint8_t aad[SEAL_AAD];

    seal_aad(&where, vault_id, 96, aad);
    assert_memory_equal(aad, expected_aad, sizeof aad);
}

static enum vlt_status
open_at(const struct seal_place *where, struct seal_with w,
        struct vlt_slice sealed)
{
    struct vlt_buf plain = { 0 };

    vlt_buf_put_text(&plain, "kept");
    enum vlt_status st = seal_open(w, where, sealed, &plain);

    assert_int_equal(plain.len, st == VLT_OK ? 4 + sealed.len - SEAL_MORE : 4);
    vlt_buf_free(&plain);
    return st;
}

static struct vlt_slice
seal(uint8_t out[48 + SEAL_MORE])
{
    struct seal_place where = place();
    uint8_t plain[48] = "some text";

    seal_make(with(), &where, vlt_slice_of(plain, sizeof plain), out);
    return vlt_slice_of(out, 48 + SEAL_MORE);
}

static void
it_opens_where_it_was_sealed(void **state)
{
    uint8_t bytes[48 + SEAL_MORE];
    struct seal_place where = place();
    struct vlt_slice sealed = seal(bytes);

    assert_int_equal(open_at(&where, with(), sealed), VLT_OK);
    assert_memory_equal(seal_kid(sealed), kid, sizeof kid);
}

static void
it_opens_nowhere_else(void **state)
{
    uint8_t bytes[48 + SEAL_MORE];
    struct vlt_slice sealed = seal(bytes);
    struct seal_place moved[] = { place(), place(), place(),
                                  place(), place(), place() };
    struct seal_with elsewhere = with();
    struct seal_place where = place();

    moved[0].type = SEAL_CHUNK;
    moved[1].meta = 1;
    moved[2].epoch++;
    moved[3].subject[15] ^= 1;
    moved[4].position++;
    moved[5].version++;
    for (size_t i = 0; i < sizeof moved / sizeof *moved; i++) {
        assert_int_equal(open_at(&moved[i], with(), sealed), VLT_E_AUTH);
    }
    elsewhere.vault_id = (const uint8_t *)"another vault id";
    assert_int_equal(open_at(&where, elsewhere, sealed), VLT_E_AUTH);
}

static void
every_byte_but_the_kid_counts(void **state)
{
    uint8_t bytes[48 + SEAL_MORE];
    struct vlt_slice sealed = seal(bytes);
    struct seal_place where = place();

    for (size_t i = 0; i < sealed.len; i++) {
        bool names_key = i >= 1 && i <= SEAL_KID;

        bytes[i] ^= 0x20;
        /* Another kid finds another key, or none; that is the caller's. */
        assert_int_equal(open_at(&where, with(), sealed),
                         names_key ? VLT_OK : VLT_E_AUTH);
        bytes[i] ^= 0x20;
    }
    for (size_t len = 0; len < sealed.len; len++) {
        assert_int_equal(open_at(&where, with(), vlt_slice_of(bytes, len)),
                         VLT_E_AUTH);
    }
}

static void
two_seals_of_one_text_differ(void **state)
{
    uint8_t a[48 + SEAL_MORE];
    uint8_t b[48 + SEAL_MORE];

    (void)seal(a);
    (void)seal(b);
    assert_memory_equal(a, b, 9);
    assert_memory_not_equal(a + 9, b + 9, 24);
    assert_memory_not_equal(a + 33, b + 33, 48);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(padding_goes_by_sixteens_then_by_eighths),
        cmocka_unit_test(padding_is_never_more_than_an_eighth),
        cmocka_unit_test(pieces_are_padded_to_what_pages_take),
        cmocka_unit_test(the_bytes_that_bind_are_those_of_the_format),
        cmocka_unit_test(it_opens_where_it_was_sealed),
        cmocka_unit_test(it_opens_nowhere_else),
        cmocka_unit_test(every_byte_but_the_kid_counts),
        cmocka_unit_test(two_seals_of_one_text_differ),
    };

    if (run_quietly() || vlt_secret_random(VLT_KEY_LEN, &key) != VLT_OK) {
        return 1;
    }
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    vlt_secret_free(key);
    return failed;
}
