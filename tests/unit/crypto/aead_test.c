#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/aead.h"

enum {
    TEXT = 100,
    SEALED = TEXT + VLT_TAG_LEN,
};

struct sealed {
    struct vlt_secret *secret;
    uint8_t text[TEXT];
    uint8_t nonce[VLT_NONCE_LEN];
    uint8_t bytes[SEALED];
};

static const struct vlt_slice aad = { (const uint8_t *)"row 17", 6 };

static int
set_up(void **state)
{
    static struct sealed sealed;

    if (vlt_secret_init() != VLT_OK ||
        vlt_secret_random(2 * VLT_KEY_LEN, &sealed.secret) != VLT_OK) {
        return -1;
    }
    memset(sealed.text, 'x', TEXT);
    vlt_aead_seal(vlt_key_of(sealed.secret), aad,
                  vlt_slice_of(sealed.text, TEXT), sealed.nonce, sealed.bytes);
    *state = &sealed;
    return 0;
}

static int
tear_down(void **state)
{
    struct sealed *sealed = *state;

    vlt_secret_free(sealed->secret);
    return 0;
}

static enum vlt_status
open_as(const struct sealed *sealed, struct vlt_slice with, size_t len)
{
    uint8_t text[TEXT];
    enum vlt_status st =
        vlt_aead_open(vlt_key_of(sealed->secret), with, sealed->nonce,
                      vlt_slice_of(sealed->bytes, len), text);

    if (st == VLT_OK) {
        assert_memory_equal(text, sealed->text, TEXT);
    }
    return st;
}

static void
what_was_sealed_opens(void **state)
{
    assert_int_equal(open_as(*state, aad, SEALED), VLT_OK);
}

static void
every_byte_of_nonce_and_text_counts(void **state)
{
    struct sealed *sealed = *state;

    for (size_t i = 0; i < VLT_NONCE_LEN; i++) {
        sealed->nonce[i] ^= 1;
        assert_int_equal(open_as(sealed, aad, SEALED), VLT_E_AUTH);
        sealed->nonce[i] ^= 1;
    }
    for (size_t i = 0; i < SEALED; i++) {
        sealed->bytes[i] ^= 0x80;
        assert_int_equal(open_as(sealed, aad, SEALED), VLT_E_AUTH);
        sealed->bytes[i] ^= 0x80;
    }
}

static void
no_shorter_text_opens(void **state)
{
    for (size_t len = 0; len < SEALED; len++) {
        assert_int_equal(open_as(*state, aad, len), VLT_E_AUTH);
    }
}

static void
other_associated_data_does_not_open(void **state)
{
    assert_int_equal(open_as(*state, vlt_slice_of("row 18", 6), SEALED),
                     VLT_E_AUTH);
    assert_int_equal(open_as(*state, vlt_slice_of("row 1", 5), SEALED),
                     VLT_E_AUTH);
    assert_int_equal(open_as(*state, vlt_slice_of(NULL, 0), SEALED),
                     VLT_E_AUTH);
}

static void
another_key_of_the_same_secret_does_not_open(void **state)
{
    struct sealed *sealed = *state;
    struct vlt_key other = { .in = sealed->secret, .at = VLT_KEY_LEN };
    uint8_t text[TEXT];

    assert_int_equal(vlt_aead_open(other, aad, sealed->nonce,
                                   vlt_slice_of(sealed->bytes, SEALED), text),
                     VLT_E_AUTH);
}

static void
a_refused_text_leaves_nothing_behind(void **state)
{
    struct sealed *sealed = *state;
    uint8_t text[TEXT] = { 0 };

    sealed->bytes[SEALED - 1] ^= 1;
    assert_int_equal(vlt_aead_open(vlt_key_of(sealed->secret), aad,
                                   sealed->nonce,
                                   vlt_slice_of(sealed->bytes, SEALED), text),
                     VLT_E_AUTH);
    sealed->bytes[SEALED - 1] ^= 1;
    for (size_t i = 0; i < TEXT; i++) {
        assert_int_equal(text[i], 0);
    }
}

static void
nothing_can_be_sealed_and_opened(void **state)
{
    struct sealed *sealed = *state;
    struct vlt_key key = vlt_key_of(sealed->secret);
    struct vlt_slice nothing = { NULL, 0 };
    uint8_t nonce[VLT_NONCE_LEN];
    uint8_t tag[VLT_TAG_LEN];

    vlt_aead_seal(key, nothing, nothing, nonce, tag);
    assert_int_equal(
        vlt_aead_open(key, nothing, nonce, vlt_slice_of(tag, sizeof tag), NULL),
        VLT_OK);
    tag[0] ^= 1;
    assert_int_equal(
        vlt_aead_open(key, nothing, nonce, vlt_slice_of(tag, sizeof tag), NULL),
        VLT_E_AUTH);
}

enum {
    /* More than two fillings of the buffer hold. */
    MANY = 6000
};

static int
order(const void *a, const void *b)
{
    return memcmp(a, b, VLT_NONCE_LEN);
}

static void
two_encryptions_of_the_same_bytes_differ(void **state)
{
    static uint8_t nonce[MANY][VLT_NONCE_LEN];
    struct sealed *sealed = *state;
    uint8_t first[1 + VLT_TAG_LEN];
    uint8_t bytes[1 + VLT_TAG_LEN];

    for (size_t i = 0; i < MANY; i++) {
        vlt_aead_seal(vlt_key_of(sealed->secret), aad, vlt_slice_of("x", 1),
                      nonce[i], i == 0 ? first : bytes);
        if (i > 0) {
            assert_memory_not_equal(first, bytes, sizeof bytes);
        }
        if (i == MANY / 2) {
            vlt_aead_forget();
        }
    }
    qsort(nonce, MANY, VLT_NONCE_LEN, order);
    for (size_t i = 1; i < MANY; i++) {
        assert_memory_not_equal(nonce[i - 1], nonce[i], VLT_NONCE_LEN);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_sealed_opens),
        cmocka_unit_test(every_byte_of_nonce_and_text_counts),
        cmocka_unit_test(no_shorter_text_opens),
        cmocka_unit_test(other_associated_data_does_not_open),
        cmocka_unit_test(another_key_of_the_same_secret_does_not_open),
        cmocka_unit_test(a_refused_text_leaves_nothing_behind),
        cmocka_unit_test(nothing_can_be_sealed_and_opened),
        cmocka_unit_test(two_encryptions_of_the_same_bytes_differ),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
