#include "wire/deletion.h"

#include <stdio.h>

#include "unit.h"
#include "with_keys.h"

/* A statement with all that one can have. */
static struct vlt_deletion
full(void)
{
    struct vlt_deletion what = { .iat = 1800000000,
                                 .from = 1,
                                 .to = 12,
                                 .deleted_at = 1799990000,
                                 .anonymised = true,
                                 .recipient_count = 1,
                                 .exception_count = 2 };

    memset(what.iss, 7, sizeof what.iss);
    memset(what.aud, 8, sizeof what.aud);
    memset(what.sub, 9, sizeof what.sub);
    what.grant[0] = 1;
    what.recipients[0] =
        (struct vlt_deletion_recipient){ .name = vlt_slice_text("Post \"Ltd\""),
                                         .deleted_at = 1799980000 };
    what.exceptions[0] =
        (struct vlt_deletion_exception){ .from = 1,
                                         .to = 3,
                                         .law = vlt_slice_text("Tax Act, §147"),
                                         .until = 1900000000 };
    what.exceptions[1] =
        (struct vlt_deletion_exception){ .from = 12,
                                         .to = 12,
                                         .law = vlt_slice_text("a claim"),
                                         .until = 1810000000 };
    return what;
}

static struct vlt_signer *
a_firm(void)
{
    return signer_of(SEED_FIRM);
}

/* The payload of a signed statement. */
static void
payload_of(const struct vlt_deletion *what, struct vlt_buf *out)
{
    struct vlt_signer *firm = a_firm();
    struct vlt_buf token = { 0 };

    vlt_buf_init(out, 0);
    assert_int_equal(vlt_deletion_sign(firm, what, &token), VLT_OK);
    assert_int_equal(vlt_jws_verify(vlt_buf_slice(&token), 65536,
                                    VLT_TYP_DELETION, vlt_signer_pk(firm), out),
                     VLT_OK);
    vlt_buf_free(&token);
    vlt_signer_free(firm);
}

static enum vlt_status
read_text(struct vlt_slice text, char at[VLT_WALK_AT])
{
    struct vlt_json *document = NULL;
    struct vlt_deletion out;
    char says[VLT_WALK_SAYS];
    enum vlt_status st = vlt_deletion_read(text, &document, &out, at, says);

    vlt_json_free(document);
    return st;
}

static void
what_is_signed_is_read_again(void **state)
{
    struct vlt_deletion what = full();
    struct vlt_json *document = NULL;
    struct vlt_deletion out;
    struct vlt_buf payload;
    char at[VLT_WALK_AT];
    char says[VLT_WALK_SAYS];

    payload_of(&what, &payload);
    assert_int_equal(
        vlt_deletion_read(vlt_buf_slice(&payload), &document, &out, at, says),
        VLT_OK);
    assert_memory_equal(out.iss, what.iss, sizeof out.iss);
    assert_memory_equal(out.aud, what.aud, sizeof out.aud);
    assert_memory_equal(out.sub, what.sub, sizeof out.sub);
    assert_memory_equal(out.grant, what.grant, sizeof out.grant);
    assert_int_equal(out.iat, what.iat);
    assert_int_equal(out.from, 1);
    assert_int_equal(out.to, 12);
    assert_int_equal(out.deleted_at, what.deleted_at);
    assert_true(out.anonymised);
    assert_int_equal(out.recipient_count, 1);
    assert_true(
        vlt_slice_equal(out.recipients[0].name, what.recipients[0].name));
    assert_int_equal(out.recipients[0].deleted_at, 1799980000);
    assert_int_equal(out.exception_count, 2);
    assert_int_equal(out.exceptions[0].to, 3);
    assert_true(vlt_slice_equal(out.exceptions[0].law, what.exceptions[0].law));
    assert_int_equal(out.exceptions[1].until, 1810000000);
    vlt_json_free(document);
    vlt_buf_free(&payload);
}

/* One piece of the payload changed: which member is told. */
static const struct {
    const char *from;
    const char *to;
    const char *at;
} spoils[] = {
    { "\"method\":\"anonymised\"", "\"method\":\"lost\"", "method" },
    { "\"method\":\"anonymised\",", "", "method" },
    { "\"uses\":[1,12]", "\"uses\":[12,1]", "uses" },
    { "\"uses\":[1,12]", "\"uses\":[0,12]", "uses" },
    { "\"uses\":[1,12]", "\"uses\":[1]", "uses" },
    { "\"uses\":[1,12]", "\"uses\":[\"1\",12]", "uses" },
    { "\"uses\":[1,12]", "\"uses\":[2,12]", "exceptions[0].uses" },
    { "\"uses\":[12,12]", "\"uses\":[12,13]", "exceptions[1].uses" },
    { "\"law\":\"a claim\"", "\"law\":\"\"", "exceptions[1].law" },
    { "\"law\":\"a claim\"", "\"law\":\"a\\u001bclaim\"", "exceptions[1].law" },
    { "\"deleted_at\":1799990000", "\"deleted_at\":-1", "deleted_at" },
    { "\"iss\":\"vf1:", "\"iss\":\"vd1:", "iss" },
    { "\"aud\":\"vr1:", "\"aud\":\"vf1:", "aud" },
    { "\"sub\":\"09", "\"sub\":\"zz", "sub" },
    { "\"iat\":1800000000", "\"iat\":1800000000,\"why\":1", "why" },
    { "\"recipients\":[{", "\"recipients\":[{\"x\":1,", "recipients[0].x" },
};

static void
each_fault_is_named(void **state)
{
    struct vlt_deletion what = full();
    struct vlt_buf payload;
    const char *text;

    payload_of(&what, &payload);
    text = vlt_buf_text(&payload);
    for (size_t i = 0; i < sizeof spoils / sizeof spoils[0]; i++) {
        const char *found = strstr(text, spoils[i].from);
        struct vlt_buf spoilt = { 0 };
        char at[VLT_WALK_AT] = "";

        print_message("%s\n", spoils[i].to);
        assert_non_null(found);
        vlt_buf_put(&spoilt, text, (size_t)(found - text));
        vlt_buf_put_text(&spoilt, spoils[i].to);
        vlt_buf_put_text(&spoilt, found + strlen(spoils[i].from));
        assert_int_equal(read_text(vlt_buf_slice(&spoilt), at), VLT_E_FORMAT);
        assert_string_equal(at, spoils[i].at);
        vlt_buf_free(&spoilt);
    }
    vlt_buf_free(&payload);
}

static void
a_statement_that_is_cut_is_none(void **state)
{
    struct vlt_deletion what = full();
    struct vlt_buf payload;
    char at[VLT_WALK_AT];

    payload_of(&what, &payload);
    for (size_t len = 0; len < payload.len; len++) {
        assert_int_equal(read_text(vlt_slice_of(payload.at, len), at),
                         VLT_E_FORMAT);
    }
    vlt_buf_free(&payload);
}

static void
one_that_is_too_long_is_not_signed(void **state)
{
    static char law[VLT_DELETION_MAX + 1];
    struct vlt_deletion what = full();
    struct vlt_signer *firm = a_firm();
    struct vlt_buf token = { 0 };

    memset(law, 'x', sizeof law - 1);
    what.exceptions[0].law = vlt_slice_text(law);
    assert_int_equal(vlt_deletion_sign(firm, &what, &token), VLT_E_LIMIT);
    vlt_buf_free(&token);
    vlt_signer_free(firm);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_signed_is_read_again),
        cmocka_unit_test(each_fault_is_named),
        cmocka_unit_test(a_statement_that_is_cut_is_none),
        cmocka_unit_test(one_that_is_too_long_is_not_signed),
    };

    if (vlt_secret_init() != VLT_OK) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
