#include "unit.h"

#include <string.h>

#include "base/id.h"
#include "crypto/sign.h"
#include "crypto/sign_internal.h"

/* RFC 8037, A.1 and A.4. */
static const char seed_hex[] =
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
static const char pk_hex[] =
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
static const char jws[] =
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
static const char jws_hex[] =
    "860c98d2297f3060a33f42739672d61b53cf3adefed3d3c672f320dc021b411e"
    "9d59b8628dc351e248b88b29468e0e41855b0fb7d83bb15be902bfccb8cd0a02";

/* 32 times x, made with the Ed25519 of Python's cryptography 48 over 64 spaces
 * and "vd1 server auth" 00, or "vd1 head" 00, in front. */
static const char message[] = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
static const char server_hex[] =
    "bbc03e797d5be28aa8e7b846016516002642f61f11a19eb924749226463dc2ff"
    "e4380d69fef2800b6426770486aefa2a4174833e9b2938f99a78e09f74679c05";
static const char head_hex[] =
    "f1947153cd51209dcc4f8184b84769eaf3436eec856cc5e824e7c97e3d5a7224"
    "31664a8a7c62358f0dabfef2b27f325382aefc8fb83b933429e247984c2b9f00";

static const char checkpoint[] = "vaultd.invalid/log\n12\nAAAA\n";

/* A message that each place takes. */
static const struct {
    enum vlt_sign_as as;
    const char *message;
} places[] = {
    { VLT_SIGN_SERVER_AUTH, message },   { VLT_SIGN_CLIENT_AUTH, message },
    { VLT_SIGN_HEAD, message },          { VLT_SIGN_JWS, jws },
    { VLT_SIGN_CHECKPOINT, checkpoint },
};

enum { PLACES = sizeof places / sizeof places[0] };

static struct vlt_slice
text(const char *at)
{
    return vlt_slice_of(at, strlen(at));
}

static void
unhex(const char *hex, uint8_t *out, size_t len)
{
    assert_int_equal(vlt_hex_parse(text(hex), out, len), VLT_OK);
}

static int
set_up(void **state)
{
    struct vlt_secret *seed = NULL;
    struct vlt_signer *signer = NULL;

    if (vlt_secret_init() != VLT_OK ||
        vlt_secret_new(VLT_SIGN_SEED, &seed) != VLT_OK) {
        return -1;
    }
    unhex(seed_hex, vlt_secret_bytes(seed), VLT_SIGN_SEED);
    if (vlt_signer_new(vlt_key_of(seed), &signer) != VLT_OK) {
        return -1;
    }
    vlt_secret_free(seed); /* the signer needs it no longer */
    *state = signer;
    return 0;
}

static int
tear_down(void **state)
{
    vlt_signer_free(*state);
    vlt_signer_free(NULL);
    return 0;
}

static void
sign_in(const struct vlt_signer *signer, size_t place,
        uint8_t out[VLT_SIGN_LEN])
{
    assert_int_equal(
        vlt_sign(signer, places[place].as, text(places[place].message), out),
        VLT_OK);
}

static void
a_seed_gives_the_published_key_and_signature(void **state)
{
    uint8_t pk[VLT_SIGN_PK];
    uint8_t known[VLT_SIGN_LEN];
    uint8_t signature[VLT_SIGN_LEN];

    unhex(pk_hex, pk, sizeof pk);
    unhex(jws_hex, known, sizeof known);
    assert_memory_equal(vlt_signer_pk(*state), pk, sizeof pk);
    assert_int_equal(vlt_sign(*state, VLT_SIGN_JWS, text(jws), signature),
                     VLT_OK);
    assert_memory_equal(signature, known, sizeof known);
}

static void
contexts_are_put_in_front_as_the_format_says(void **state)
{
    uint8_t known[VLT_SIGN_LEN];
    uint8_t signature[VLT_SIGN_LEN];

    unhex(server_hex, known, sizeof known);
    sign_in(*state, 0, signature);
    assert_memory_equal(signature, known, sizeof known);
    unhex(head_hex, known, sizeof known);
    sign_in(*state, 2, signature);
    assert_memory_equal(signature, known, sizeof known);
}

static void
a_signature_holds_in_its_own_place_alone(void **state)
{
    const uint8_t *pk = vlt_signer_pk(*state);
    uint8_t signature[VLT_SIGN_LEN];

    for (size_t i = 0; i < PLACES; i++) {
        sign_in(*state, i, signature);
        for (size_t j = 0; j < PLACES; j++) {
            assert_int_equal(vlt_verify(pk, places[j].as,
                                        text(places[i].message), signature),
                             i == j ? VLT_OK : VLT_E_AUTH);
        }
    }
}

static void
every_bit_of_key_message_and_signature_counts(void **state)
{
    uint8_t pk[VLT_SIGN_PK];
    uint8_t signature[VLT_SIGN_LEN];
    uint8_t bytes[32];

    memcpy(pk, vlt_signer_pk(*state), sizeof pk);
    memcpy(bytes, message, sizeof bytes);
    sign_in(*state, 2, signature);

    struct {
        uint8_t *at;
        size_t len;
    } parts[] = { { pk, sizeof pk },
                  { signature, sizeof signature },
                  { bytes, sizeof bytes } };

    for (size_t i = 0; i < 3; i++) {
        for (size_t bit = 0; bit < 8 * parts[i].len; bit++) {
            parts[i].at[bit / 8] ^= (uint8_t)(1u << bit % 8);
            assert_int_equal(vlt_verify(pk, VLT_SIGN_HEAD,
                                        vlt_slice_of(bytes, sizeof bytes),
                                        signature),
                             VLT_E_AUTH);
            parts[i].at[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
    }
    assert_int_equal(vlt_verify(pk, VLT_SIGN_HEAD,
                                vlt_slice_of(bytes, sizeof bytes), signature),
                     VLT_OK);
}

static void
a_message_that_is_not_of_its_place_is_not_signed(void **state)
{
    static const struct {
        enum vlt_sign_as as;
        const char *message;
    } refused[] = {
        { VLT_SIGN_JWS, "" },
        { VLT_SIGN_JWS, "ey" },
        { VLT_SIGN_JWS, "eyJhbGciOiJFZERTQSJ9" },
        { VLT_SIGN_JWS, "eyJhbGciOiJFZERTQSJ9.a.b" },
        { VLT_SIGN_JWS, "xeyJ.a" },
        { VLT_SIGN_CHECKPOINT, "" },
        { VLT_SIGN_CHECKPOINT, "vaultd.invalid/log\n12\nAAAA" },
        { VLT_SIGN_CHECKPOINT, "vaultd.valid/log\n12\nAAAA\n" },
        { VLT_SIGN_CHECKPOINT, "vaultd.invalid" },
    };
    uint8_t signature[VLT_SIGN_LEN];

    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        print_message("\"%s\"\n", refused[i].message);
        assert_int_equal(vlt_sign(*state, refused[i].as,
                                  text(refused[i].message), signature),
                         VLT_E_FORMAT);
    }
}

static void
a_framed_message_has_a_longest_length(void **state)
{
    uint8_t bytes[VLT_SIGN_FRAMED_MAX + 1] = { 0 };
    uint8_t signature[VLT_SIGN_LEN];
    const uint8_t *pk = vlt_signer_pk(*state);

    for (enum vlt_sign_as as = VLT_SIGN_SERVER_AUTH; as <= VLT_SIGN_HEAD;
         as++) {
        assert_int_equal(
            vlt_sign(*state, as, vlt_slice_of(bytes, sizeof bytes), signature),
            VLT_E_LIMIT);
        assert_int_equal(vlt_sign(*state, as,
                                  vlt_slice_of(bytes, VLT_SIGN_FRAMED_MAX),
                                  signature),
                         VLT_OK);
        assert_int_equal(vlt_verify(pk, as,
                                    vlt_slice_of(bytes, VLT_SIGN_FRAMED_MAX),
                                    signature),
                         VLT_OK);
        assert_int_equal(
            vlt_verify(pk, as, vlt_slice_of(bytes, sizeof bytes), signature),
            VLT_E_AUTH);
    }
    assert_int_equal(
        vlt_sign(*state, VLT_SIGN_HEAD, vlt_slice_of(NULL, 0), signature),
        VLT_OK);
}

/* The points of order 1, 2, 4 and 8, and other encodings of some. */
static const char *const small_order[] = {
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
};

enum { SMALL_ORDER = sizeof small_order / sizeof small_order[0] };

/* With such a key, R of small order and S = 0 hold for one message in eight
 * under a check that does not look at orders. */
static void
keys_of_small_order_are_refused(void **state)
{
    uint8_t pk[VLT_SIGN_PK];
    uint8_t signature[VLT_SIGN_LEN] = { 0 };

    for (size_t i = 0; i < SMALL_ORDER * SMALL_ORDER; i++) {
        unhex(small_order[i / SMALL_ORDER], pk, sizeof pk);
        unhex(small_order[i % SMALL_ORDER], signature, sizeof pk);
        for (uint8_t m = 0; m < 32; m++) {
            assert_false(vlt_sign_holds(pk, vlt_slice_of(&m, 1), signature));
        }
    }
}

/* S and S + L are the same scalar; only the smaller one is accepted. */
static void
a_signature_that_is_not_canonical_is_refused(void **state)
{
    uint8_t order[32];
    uint8_t signature[VLT_SIGN_LEN];
    unsigned carry = 0;

    unhex("edd3f55c1a631258d69cf7a2def9de14"
          "00000000000000000000000000000010",
          order, sizeof order);
    sign_in(*state, 2, signature);
    for (size_t i = 0; i < sizeof order; i++) {
        carry += (unsigned)signature[32 + i] + order[i];
        signature[32 + i] = (uint8_t)carry;
        carry >>= 8;
    }
    assert_int_equal(carry, 0);
    assert_int_equal(vlt_verify(vlt_signer_pk(*state), VLT_SIGN_HEAD,
                                text(message), signature),
                     VLT_E_AUTH);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_seed_gives_the_published_key_and_signature),
        cmocka_unit_test(contexts_are_put_in_front_as_the_format_says),
        cmocka_unit_test(a_signature_holds_in_its_own_place_alone),
        cmocka_unit_test(every_bit_of_key_message_and_signature_counts),
        cmocka_unit_test(a_message_that_is_not_of_its_place_is_not_signed),
        cmocka_unit_test(a_framed_message_has_a_longest_length),
        cmocka_unit_test(keys_of_small_order_are_refused),
        cmocka_unit_test(a_signature_that_is_not_canonical_is_refused),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
