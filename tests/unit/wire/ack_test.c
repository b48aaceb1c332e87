/*
 * A firm's signature under what it was given: the vectors, and that nothing
 * else is taken for one.
 */
#include "crypto/hash.h"
#include "unit.h"
#include "wire/ack.h"
#include "wire/jws.h"
#include "wire/limits.h"
#include "with_keys.h"

static const char grant[] = "01M80XE2R06J9ATSEGBABKZVWC";

static const struct {
    const char *file;
    const char *id;
    bool span;
} vectors[] = {
    { "vectors/ack/use.jws", "01M80XE2R0BC98HFDRDK7K7K02", false },
    { "vectors/ack/span.jws", "01M80XE2R0BC98HFDRDK7K7K03", true },
};

static struct vlt_ack
ack_of(size_t i)
{
    static const char *const messages[] = { "one", "two" };
    struct vlt_ack ack = { .span = vectors[i].span, .last_seq = 2 };
    struct vlt_sha256 hash;

    assert_int_equal(vlt_ulid_parse(vlt_slice_text(grant), ack.grant), VLT_OK);
    assert_int_equal(vlt_ulid_parse(vlt_slice_text(vectors[i].id), ack.id),
                     VLT_OK);
    vlt_sha256_begin(&hash);
    for (size_t m = 0; m < 2; m++) {
        uint8_t digest[VLT_HASH_LEN];

        vlt_sha256_of(vlt_slice_text(messages[m]), digest);
        vlt_sha256_add(&hash, vlt_slice_of(digest, sizeof digest));
    }
    vlt_sha256_end(&hash, ack.sha256);
    return ack;
}

static void
the_vectors_are_made_and_read(void **state)
{
    struct vlt_signer *firm = signer_of(SEED_FIRM);

    for (size_t i = 0; i < 2; i++) {
        struct vlt_buf want = file_of(vectors[i].file);
        struct vlt_buf got = { 0 };
        struct vlt_ack ack = ack_of(i);
        struct vlt_ack read = { .last_seq = 0 };

        assert_int_equal(vlt_ack_sign(firm, &ack, &got), VLT_OK);
        assert_string_equal(vlt_buf_text(&got), vlt_buf_text(&want));
        assert_int_equal(
            vlt_ack_verify(vlt_buf_slice(&want), vlt_signer_pk(firm), &read),
            VLT_OK);
        assert_memory_equal(read.grant, ack.grant, VLT_ID_LEN);
        assert_memory_equal(read.id, ack.id, VLT_ID_LEN);
        assert_memory_equal(read.sha256, ack.sha256, sizeof ack.sha256);
        assert_int_equal(read.last_seq, 2);
        assert_int_equal(read.span, vectors[i].span);
        vlt_buf_free(&want);
        vlt_buf_free(&got);
    }
    vlt_signer_free(firm);
}

static void
every_character_counts(void **state)
{
    struct vlt_signer *firm = signer_of(SEED_FIRM);
    struct vlt_buf token = file_of(vectors[0].file);
    struct vlt_ack read;

    for (size_t i = 0; i < token.len; i++) {
        uint8_t was = token.at[i];

        token.at[i] = was == 'A' ? 'B' : 'A';
        assert_int_not_equal(
            vlt_ack_verify(vlt_buf_slice(&token), vlt_signer_pk(firm), &read),
            VLT_OK);
        token.at[i] = was;
        assert_int_not_equal(vlt_ack_verify(vlt_slice_of(token.at, i),
                                            vlt_signer_pk(firm), &read),
                             VLT_OK);
    }
    vlt_buf_free(&token);
    vlt_signer_free(firm);
}

static void
another_key_or_type_is_refused(void **state)
{
    struct vlt_signer *firm = signer_of(SEED_FIRM);
    struct vlt_signer *other = signer_of(SEED_OTHER);
    struct vlt_buf token = file_of(vectors[0].file);
    struct vlt_buf payload = file_of("vectors/ack/use.json");
    struct vlt_buf typed = { 0 };
    struct vlt_ack read;

    assert_int_equal(
        vlt_ack_verify(vlt_buf_slice(&token), vlt_signer_pk(other), &read),
        VLT_E_AUTH);
    assert_int_equal(vlt_jws_sign(firm, VLT_TYP_COUNTERSIGN,
                                  vlt_buf_slice(&payload), &typed),
                     VLT_OK);
    assert_int_equal(
        vlt_ack_verify(vlt_buf_slice(&typed), vlt_signer_pk(firm), &read),
        VLT_E_FORMAT);
    vlt_buf_free(&token);
    vlt_buf_free(&payload);
    vlt_buf_free(&typed);
    vlt_signer_free(firm);
    vlt_signer_free(other);
}

#define GRANT "\"grant\":\"01M80XE2R06J9ATSEGBABKZVWC\""
#define USE "\"use\":\"01M80XE2R0BC98HFDRDK7K7K02\""
#define SPAN "\"span\":\"01M80XE2R0BC98HFDRDK7K7K02\""
#define D16 "0123456789abcdef"
#define DIGEST "\"sha256\":\"" D16 D16 D16 D16 "\""

static void
a_payload_has_its_members_and_no_others(void **state)
{
    static const struct {
        const char *text;
        enum vlt_status st;
    } payloads[] = {
        { "{" GRANT "," USE ",\"last_seq\":1," DIGEST "}", VLT_OK },
        { "{" GRANT "," SPAN ",\"last_seq\":9007199254740992," DIGEST "}",
          VLT_OK },
        { "{" GRANT "," USE "," SPAN ",\"last_seq\":1," DIGEST "}",
          VLT_E_FORMAT },
        { "{" GRANT ",\"last_seq\":1," DIGEST "}", VLT_E_FORMAT },
        { "{" USE ",\"last_seq\":1," DIGEST "}", VLT_E_FORMAT },
        { "{" GRANT "," USE "," DIGEST "}", VLT_E_FORMAT },
        { "{" GRANT "," USE ",\"last_seq\":1}", VLT_E_FORMAT },
        { "{" GRANT "," USE ",\"last_seq\":0," DIGEST "}", VLT_E_FORMAT },
        { "{" GRANT "," USE ",\"last_seq\":9007199254740993," DIGEST "}",
          VLT_E_FORMAT },
        { "{" GRANT "," USE ",\"last_seq\":1,\"sha256\":\"ab\"}",
          VLT_E_FORMAT },
        { "{" GRANT "," USE ",\"last_seq\":1," DIGEST ",\"x\":1}",
          VLT_E_FORMAT },
        { "[]", VLT_E_FORMAT },
        { "", VLT_E_FORMAT },
    };
    struct vlt_ack read;

    for (size_t i = 0; i < sizeof payloads / sizeof payloads[0]; i++) {
        print_message("%s\n", payloads[i].text);
        assert_int_equal(vlt_ack_read(vlt_slice_text(payloads[i].text), &read),
                         payloads[i].st);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vectors_are_made_and_read),
        cmocka_unit_test(every_character_counts),
        cmocka_unit_test(another_key_or_type_is_refused),
        cmocka_unit_test(a_payload_has_its_members_and_no_others),
    };

    assert_int_equal(vlt_secret_init(), VLT_OK);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
