#include "wire/jws.h"

#include "unit.h"
#include "with_keys.h"

enum {
    MAX = 4096,
};

static int
sign_up(void **state)
{
    static struct vlt_signer *signers[2];

    if (vlt_secret_init() != VLT_OK) {
        return -1;
    }
    signers[0] = signer_of(SEED_RFC8037);
    signers[1] = signer_of(SEED_FIRM);
    *state = signers;
    return 0;
}

static int
sign_off(void **state)
{
    struct vlt_signer **signers = *state;

    vlt_signer_free(signers[0]);
    vlt_signer_free(signers[1]);
    return 0;
}

/* A token of the first signer over a payload. */
static struct vlt_buf
token_of(void **state, const char *typ, const char *payload)
{
    struct vlt_signer **signers = *state;
    struct vlt_buf token = { 0 };

    assert_int_equal(
        vlt_jws_sign(signers[0], typ, vlt_slice_text(payload), &token), VLT_OK);
    return token;
}

static enum vlt_status
verify(void **state, struct vlt_slice token, struct vlt_buf *payload)
{
    struct vlt_signer **signers = *state;

    return vlt_jws_verify(token, MAX, VLT_TYP_STATUS, vlt_signer_pk(signers[0]),
                          payload);
}

/* A token of any header, signed all the same by the first signer. */
static struct vlt_buf
token_with(void **state, const char *header)
{
    struct vlt_signer **signers = *state;
    struct vlt_buf token = { 0 };
    uint8_t signature[VLT_SIGN_LEN];

    vlt_base64url_put(&token, vlt_slice_text(header));
    vlt_buf_put_text(&token, ".e30");
    /* A header that does not begin as JSON is not signed even here. */
    memset(signature, 0, sizeof signature);
    if (vlt_sign(signers[0], VLT_SIGN_JWS, vlt_buf_slice(&token), signature) !=
        VLT_OK) {
        print_message("(not signed)\n");
    }
    vlt_buf_put_u8(&token, '.');
    vlt_base64url_put(&token, vlt_slice_of(signature, sizeof signature));
    return token;
}

static void
the_thumbprint_is_that_of_rfc_8037(void **state)
{
    struct vlt_signer **signers = *state;
    char kid[VLT_KID_TEXT];

    assert_string_equal(vlt_jws_kid(vlt_signer_pk(signers[0]), kid),
                        "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    assert_string_equal(vlt_jws_kid(vlt_signer_pk(signers[1]), kid),
                        "1IG2tMH7J2wbJZnOf8LJzQitKf7LMvoAElsuDMVM54Y");
}

static void
what_was_signed_verifies_to_the_same_bytes(void **state)
{
    static const char *const payloads[] = { "{}", "{\"a\":\"\xE2\x82\xAC\"}",
                                            "x", "xy", "xyz" };

    for (size_t i = 0; i < sizeof payloads / sizeof payloads[0]; i++) {
        struct vlt_buf token = token_of(state, VLT_TYP_STATUS, payloads[i]);
        struct vlt_buf payload = { 0 };

        assert_int_equal(verify(state, vlt_buf_slice(&token), &payload),
                         VLT_OK);
        assert_string_equal(vlt_buf_text(&payload), payloads[i]);
        vlt_buf_free(&payload);
        vlt_buf_free(&token);
    }
}

static void
every_byte_of_a_token_counts(void **state)
{
    struct vlt_buf token =
        token_of(state, VLT_TYP_STATUS, "{\"state\":\"active\"}");
    struct vlt_buf payload = { 0 };

    for (size_t i = 0; i < token.len; i++) {
        for (int bit = 0; bit < 7; bit++) {
            token.at[i] ^= (uint8_t)(1 << bit);
            assert_int_not_equal(verify(state, vlt_buf_slice(&token), &payload),
                                 VLT_OK);
            token.at[i] ^= (uint8_t)(1 << bit);
        }
        assert_int_not_equal(verify(state, vlt_slice_of(token.at, i), &payload),
                             VLT_OK);
    }
    assert_int_equal(payload.len, 0);
    assert_int_equal(verify(state, vlt_buf_slice(&token), &payload), VLT_OK);
    vlt_buf_free(&payload);
    vlt_buf_free(&token);
}

static void
another_type_or_key_is_refused(void **state)
{
    struct vlt_signer **signers = *state;
    struct vlt_buf token = token_of(state, VLT_TYP_RECEIPT, "{}");
    struct vlt_buf payload = { 0 };

    assert_int_equal(verify(state, vlt_buf_slice(&token), &payload),
                     VLT_E_FORMAT);
    assert_int_equal(vlt_jws_verify(vlt_buf_slice(&token), MAX, VLT_TYP_RECEIPT,
                                    vlt_signer_pk(signers[1]), &payload),
                     VLT_E_AUTH);
    assert_int_equal(vlt_jws_verify(vlt_buf_slice(&token), token.len - 1,
                                    VLT_TYP_RECEIPT, vlt_signer_pk(signers[0]),
                                    &payload),
                     VLT_E_LIMIT);
    assert_int_equal(payload.len, 0);
    vlt_buf_free(&token);
}

#define KID "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
#define TYP "\"typ\":\"vault-status+jwt\""

/* Headers, all truly signed, and what they lead to. */
static const struct {
    const char *says;
    const char *header;
    enum vlt_status st;
} headers[] = {
    { "as it is", "{\"alg\":\"Ed25519\"," TYP ",\"kid\":\"" KID "\"}", VLT_OK },
    { "EdDSA", "{\"alg\":\"EdDSA\"," TYP ",\"kid\":\"" KID "\"}", VLT_OK },
    { "another order", "{\"kid\":\"" KID "\",\"alg\":\"EdDSA\"," TYP "}",
      VLT_OK },
    { "alg none", "{\"alg\":\"none\"," TYP ",\"kid\":\"" KID "\"}",
      VLT_E_FORMAT },
    { "HS256", "{\"alg\":\"HS256\"," TYP ",\"kid\":\"" KID "\"}",
      VLT_E_FORMAT },
    { "ed25519 in small", "{\"alg\":\"ed25519\"," TYP ",\"kid\":\"" KID "\"}",
      VLT_E_FORMAT },
    { "another kid",
      "{\"alg\":\"Ed25519\"," TYP
      ",\"kid\":\"1IG2tMH7J2wbJZnOf8LJzQitKf7LMvoAElsuDMVM54Y\"}",
      VLT_E_AUTH },
    { "no kid", "{\"alg\":\"Ed25519\"," TYP "}", VLT_E_FORMAT },
    { "no typ", "{\"alg\":\"Ed25519\",\"kid\":\"" KID "\"}", VLT_E_FORMAT },
    { "a jwk beside",
      "{\"alg\":\"Ed25519\"," TYP ",\"kid\":\"" KID "\",\"jwk\":{}}",
      VLT_E_FORMAT },
    { "a jku beside",
      "{\"alg\":\"Ed25519\"," TYP ",\"kid\":\"" KID "\",\"jku\":\"x\"}",
      VLT_E_FORMAT },
    { "an x5c beside",
      "{\"alg\":\"Ed25519\"," TYP ",\"kid\":\"" KID "\",\"x5c\":[]}",
      VLT_E_FORMAT },
    { "crit", "{\"alg\":\"Ed25519\"," TYP ",\"kid\":\"" KID "\",\"crit\":[]}",
      VLT_E_FORMAT },
    { "alg twice",
      "{\"alg\":\"Ed25519\",\"alg\":\"Ed25519\"," TYP ",\"kid\":\"" KID "\"}",
      VLT_E_FORMAT },
    { "alg a list", "{\"alg\":[\"Ed25519\"]," TYP ",\"kid\":\"" KID "\"}",
      VLT_E_FORMAT },
    { "bytes behind", "{\"alg\":\"Ed25519\"," TYP ",\"kid\":\"" KID "\"} {}",
      VLT_E_FORMAT },
    { "blanks are no harm",
      "{\"alg\": \"Ed25519\", " TYP ", \"kid\": \"" KID "\"}", VLT_OK },
};

static void
headers_have_three_members_and_no_key_of_their_own(void **state)
{
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        struct vlt_buf token = token_with(state, headers[i].header);
        struct vlt_buf payload = { 0 };

        print_message("%s\n", headers[i].says);
        assert_int_equal(verify(state, vlt_buf_slice(&token), &payload),
                         headers[i].st);
        vlt_buf_free(&payload);
        vlt_buf_free(&token);
    }
}

static void
parts_are_three_of_strict_base64url(void **state)
{
    struct vlt_buf token = token_of(state, VLT_TYP_STATUS, "{}");
    struct vlt_buf payload = { 0 };
    const char *good = vlt_buf_text(&token);
    char text[512];

    static const char *const forms[] = { "%s.",  ".%s",  "%s=",  "%s ", " %s",
                                         "%s\n", "%s.a", "%s..", "." };
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        size_t len = 0;

        for (const char *at = forms[i]; *at != '\0'; at++) {
            if (at[0] == '%') {
                memcpy(text + len, good, token.len);
                len += token.len;
                at++;
            } else {
                text[len++] = *at;
            }
        }
        assert_int_equal(verify(state, vlt_slice_of(text, len), &payload),
                         VLT_E_FORMAT);
    }
    vlt_buf_free(&token);
}

static void
two_sides_are_joined_and_split_again(void **state)
{
    struct vlt_signer **signers = *state;
    struct vlt_buf one = token_of(state, VLT_TYP_RECEIPT, "{\"a\":1}");
    struct vlt_buf two = { 0 };
    struct vlt_buf both = { 0 };
    struct vlt_buf first = { 0 };
    struct vlt_buf second = { 0 };

    assert_int_equal(vlt_jws_sign(signers[1], VLT_TYP_COUNTERSIGN,
                                  vlt_slice_text("{\"a\":1}"), &two),
                     VLT_OK);
    assert_int_equal(
        vlt_jws_join(vlt_buf_slice(&one), vlt_buf_slice(&two), &both), VLT_OK);
    assert_int_equal(vlt_jws_split(vlt_buf_slice(&both), &first, &second),
                     VLT_OK);
    assert_string_equal(vlt_buf_text(&first), vlt_buf_text(&one));
    assert_string_equal(vlt_buf_text(&second), vlt_buf_text(&two));
    vlt_buf_clear(&two);
    assert_int_equal(vlt_jws_sign(signers[1], VLT_TYP_COUNTERSIGN,
                                  vlt_slice_text("{\"a\":2}"), &two),
                     VLT_OK);
    assert_int_equal(
        vlt_jws_join(vlt_buf_slice(&one), vlt_buf_slice(&two), &both),
        VLT_E_FORMAT);
    vlt_buf_free(&one);
    vlt_buf_free(&two);
    vlt_buf_free(&both);
    vlt_buf_free(&first);
    vlt_buf_free(&second);
}

static void
what_is_not_two_sided_is_not_split(void **state)
{
    static const char *const texts[] = {
        "",
        "{}",
        "{\"payload\":\"e30\"}",
        "{\"payload\":\"e30\",\"signatures\":[]}",
        "{\"payload\":\"e30\",\"signatures\":[{\"protected\":\"a\","
        "\"signature\":\"b\"}]}",
        "{\"payload\":\"e30\",\"signatures\":[{\"protected\":\"a\","
        "\"signature\":\"b\"},{\"protected\":\"a\"}]}",
        "{\"payload\":\"e30\",\"signatures\":[{\"protected\":\"a\","
        "\"signature\":\"b\",\"header\":{}},{\"protected\":\"a\","
        "\"signature\":\"b\"}]}",
        "{\"payload\":\"e30\",\"x\":1,\"signatures\":[{\"protected\":\"a\","
        "\"signature\":\"b\"},{\"protected\":\"a\",\"signature\":\"b\"}]}",
    };
    struct vlt_buf first = { 0 };
    struct vlt_buf second = { 0 };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        print_message("%s\n", texts[i]);
        assert_int_equal(
            vlt_jws_split(vlt_slice_text(texts[i]), &first, &second),
            VLT_E_FORMAT);
        assert_int_equal(first.len, 0);
        assert_int_equal(second.len, 0);
    }
    vlt_buf_free(&first);
    vlt_buf_free(&second);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_thumbprint_is_that_of_rfc_8037),
        cmocka_unit_test(what_was_signed_verifies_to_the_same_bytes),
        cmocka_unit_test(every_byte_of_a_token_counts),
        cmocka_unit_test(another_type_or_key_is_refused),
        cmocka_unit_test(headers_have_three_members_and_no_key_of_their_own),
        cmocka_unit_test(parts_are_three_of_strict_base64url),
        cmocka_unit_test(two_sides_are_joined_and_split_again),
        cmocka_unit_test(what_is_not_two_sided_is_not_split),
    };

    return cmocka_run_group_tests(tests, sign_up, sign_off);
}
