/* A slot's key follows from what the owner has, at a bounded cost. */
#include "unit.h"

#include "crypto/hash.h"
#include "keys/kek.h"

static const uint8_t salt[KEK_SALT] = "0123456789abcde";
static const uint8_t pepper[KEK_SALT] = "0123456789abcdf";
static const struct kek_cost least = { .t = KEK_T_MIN, .m_kib = KEK_M_MIN };

static struct vlt_secret *
secret_text(const char *text)
{
    struct vlt_secret *secret;

    assert_int_equal(vlt_secret_copy(vlt_slice_text(text), &secret), VLT_OK);
    return secret;
}

static struct vlt_secret *
kek(const char *passphrase, const uint8_t *with)
{
    struct vlt_secret *typed = secret_text(passphrase);
    struct vlt_secret *out;

    assert_int_equal(kek_of_passphrase(typed, with, least, &out), VLT_OK);
    assert_int_equal(vlt_secret_len(out), VLT_KEY_LEN);
    vlt_secret_free(typed);
    return out;
}

static bool
same(struct vlt_secret *a, struct vlt_secret *b)
{
    bool equal = vlt_equal(vlt_secret_peek(a), vlt_secret_peek(b), VLT_KEY_LEN);

    vlt_secret_free(a);
    vlt_secret_free(b);
    return equal;
}

static void
passphrase_and_salt_make_the_key(void **state)
{
    assert_true(same(kek("horse", salt), kek("horse", salt)));
    assert_false(same(kek("horse", salt), kek("horse ", salt)));
    assert_false(same(kek("horse", salt), kek("horse", pepper)));
}

static const struct {
    const char *says;
    struct kek_cost cost;
} refused[] = {
    { "too few passes", { 2, KEK_M_MIN } },
    { "too many passes", { 17, KEK_M_MIN } },
    { "too little memory", { 3, KEK_M_MIN - 1 } },
    { "too much memory", { 3, KEK_M_MAX + 1 } },
};

static void
costs_out_of_range_are_refused(void **state)
{
    struct vlt_secret *typed = secret_text("horse");
    struct vlt_secret *out = NULL;

    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        print_message("%s\n", refused[i].says);
        assert_int_equal(kek_of_passphrase(typed, salt, refused[i].cost, &out),
                         VLT_E_LIMIT);
        assert_null(out);
    }
    vlt_secret_free(typed);
}

static void
a_passphrase_has_at_most_1024_bytes(void **state)
{
    struct vlt_secret *typed;
    struct vlt_secret *out = NULL;

    assert_int_equal(vlt_secret_random(KEK_PASSPHRASE_MAX + 1, &typed), VLT_OK);
    assert_int_equal(kek_of_passphrase(typed, salt, least, &out), VLT_E_LIMIT);
    assert_null(out);
    vlt_secret_free(typed);
}

/* H(the 32 bytes, label), as kek.h has it. */
static void
assert_keyed(struct vlt_secret *out, const struct vlt_secret *random,
             const char *label)
{
    struct vlt_slice part = vlt_slice_text(label);
    uint8_t hash[VLT_HASH_LEN];

    vlt_hash_keyed(vlt_key_of(random), &part, 1, hash);
    assert_memory_equal(vlt_secret_peek(out), hash, sizeof hash);
    vlt_secret_free(out);
}

static void
words_and_key_files_are_hashed_apart(void **state)
{
    struct vlt_secret *random;
    struct vlt_secret *out;

    assert_int_equal(vlt_secret_random(KEK_RANDOM_LEN, &random), VLT_OK);
    assert_int_equal(kek_of_words(random, &out), VLT_OK);
    assert_keyed(out, random, "vd1 recovery");
    assert_int_equal(kek_of_credential(random, &out), VLT_OK);
    assert_keyed(out, random, "vd1 credential");
    vlt_secret_free(random);
}

static void
a_key_file_has_32_bytes(void **state)
{
    struct vlt_secret *random;
    struct vlt_secret *out = NULL;

    assert_int_equal(vlt_secret_random(KEK_RANDOM_LEN + 1, &random), VLT_OK);
    assert_int_equal(kek_of_credential(random, &out), VLT_E_LIMIT);
    assert_int_equal(kek_of_words(random, &out), VLT_E_LIMIT);
    vlt_secret_free(random);
}

static void
the_default_cost_fits_the_machine(void **state)
{
    uint64_t gib = 1 << 30;

    assert_int_equal(kek_cost_default(0).m_kib, KEK_M_DEFAULT);
    assert_int_equal(kek_cost_default(8 * gib).m_kib, KEK_M_DEFAULT);
    assert_int_equal(kek_cost_default(gib / 2).m_kib, 128 << 10);
    assert_int_equal(kek_cost_default(gib / 16).m_kib, KEK_M_MIN);
    assert_true(kek_cost_valid(kek_cost_default(1)));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passphrase_and_salt_make_the_key),
        cmocka_unit_test(costs_out_of_range_are_refused),
        cmocka_unit_test(a_passphrase_has_at_most_1024_bytes),
        cmocka_unit_test(words_and_key_files_are_hashed_apart),
        cmocka_unit_test(a_key_file_has_32_bytes),
        cmocka_unit_test(the_default_cost_fits_the_machine),
    };

    if (vlt_secret_init() != VLT_OK) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
