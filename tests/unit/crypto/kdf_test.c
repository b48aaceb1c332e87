#include "unit.h"

#include <string.h>

#include "base/id.h"
#include "crypto/kdf.h"

enum {
    T = 1,
    M_KIB = 8,
};

/* The key 00 01 02 … 1f. */
static int
set_up(void **state)
{
    struct vlt_secret *key = NULL;

    if (vlt_secret_init() != VLT_OK ||
        vlt_secret_new(VLT_KEY_LEN, &key) != VLT_OK) {
        return -1;
    }
    for (uint8_t i = 0; i < VLT_KEY_LEN; i++) {
        vlt_secret_bytes(key)[i] = i;
    }
    *state = key;
    return 0;
}

static int
tear_down(void **state)
{
    vlt_secret_free(*state);
    return 0;
}

static void
assert_key(struct vlt_secret *key, const char *hex)
{
    char text[2 * VLT_KEY_LEN + 1];

    assert_int_equal(vlt_secret_len(key), VLT_KEY_LEN);
    assert_string_equal(vlt_hex_print(vlt_secret_peek(key), VLT_KEY_LEN, text),
                        hex);
    vlt_secret_free(key);
}

/* Made with Python's hashlib.blake2b(key=…, salt=id, person=context). */
static void
a_context_gives_the_key_that_others_compute(void **state)
{
    struct vlt_secret *key = NULL;

    assert_int_equal(vlt_kdf(vlt_key_of(*state), "vd1-test", &key), VLT_OK);
    assert_key(key, "9f22f1f2ff0d20ebc30bf24b99327851"
                    "381a1fc0fea79dbe96d846d951520bd3");
}

/* Made with Python's hashlib.blake2b(label, key=…). */
static void
a_label_gives_the_key_that_others_compute(void **state)
{
    struct vlt_secret *key = NULL;

    assert_int_equal(vlt_derive(vlt_key_of(*state), "vd1 slot wrap", &key),
                     VLT_OK);
    assert_key(key, "73718071662590197696faeec170f2c8"
                    "152fc4f7e4bb01c404173623bd3904be");
}

static void
another_context_gives_another_key(void **state)
{
    struct vlt_secret *a = NULL;
    struct vlt_secret *b = NULL;

    assert_int_equal(vlt_kdf(vlt_key_of(*state), "vd1-tes1", &a), VLT_OK);
    assert_int_equal(vlt_kdf(vlt_key_of(*state), "vd1-tes2", &b), VLT_OK);
    assert_false(
        vlt_equal(vlt_secret_peek(a), vlt_secret_peek(b), VLT_KEY_LEN));
    vlt_secret_free(a);
    vlt_secret_free(b);
}

static enum vlt_status
stretch(size_t len, uint32_t t, uint32_t m_kib, struct vlt_secret **out)
{
    static const uint8_t salt[16] = { 0, 1, 2,  3,  4,  5,  6,  7,
                                      8, 9, 10, 11, 12, 13, 14, 15 };
    struct vlt_secret *passphrase = NULL;
    enum vlt_status st;

    assert_int_equal(vlt_secret_new(len, &passphrase), VLT_OK);
    if (len == strlen("correct horse")) {
        memcpy(vlt_secret_bytes(passphrase), "correct horse", len);
    }
    st = vlt_argon2id(passphrase, salt, t, m_kib, out);
    vlt_secret_free(passphrase);
    return st;
}

/* Made with the Argon2id of Python's cryptography 48. */
static void
argon2id_gives_the_key_that_others_compute(void **state)
{
    static const struct {
        uint32_t t;
        uint32_t m_kib;
        const char *hex;
    } known[] = {
        { 1, 8,
          "3bfa796a86260b73457e1290b5169593"
          "1a17e266f601d0fb45563e282fb6865b" },
        { 3, 64,
          "a1dc6a57c61d5fb470584e24085ea321"
          "6fd369c61bcd5f845745f9cb0ed02fca" },
    };

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        struct vlt_secret *key = NULL;

        assert_int_equal(
            stretch(strlen("correct horse"), known[i].t, known[i].m_kib, &key),
            VLT_OK);
        assert_key(key, known[i].hex);
    }
}

static void
argon2id_out_of_range_is_refused(void **state)
{
    static const struct {
        const char *says;
        size_t len;
        uint32_t t;
        uint32_t m_kib;
    } refused[] = {
        { "no pass", 8, 0, M_KIB },
        { "too many passes", 8, 65, M_KIB },
        { "too little memory", 8, T, 7 },
        { "too much memory", 8, T, 2097153 },
        { "too much by far", 8, T, UINT32_MAX },
        { "a passphrase too long", 1025, T, M_KIB },
    };

    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct vlt_secret *key = NULL;

        print_message("%s\n", refused[i].says);
        assert_int_equal(
            stretch(refused[i].len, refused[i].t, refused[i].m_kib, &key),
            VLT_E_LIMIT);
        assert_null(key);
    }
}

static void
argon2id_takes_the_ends_of_its_range(void **state)
{
    struct vlt_secret *key = NULL;

    assert_int_equal(stretch(1, 64, M_KIB, &key), VLT_OK);
    vlt_secret_free(key);
    assert_int_equal(stretch(1024, T, M_KIB, &key), VLT_OK);
    vlt_secret_free(key);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_context_gives_the_key_that_others_compute),
        cmocka_unit_test(a_label_gives_the_key_that_others_compute),
        cmocka_unit_test(another_context_gives_another_key),
        cmocka_unit_test(argon2id_gives_the_key_that_others_compute),
        cmocka_unit_test(argon2id_out_of_range_is_refused),
        cmocka_unit_test(argon2id_takes_the_ends_of_its_range),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
