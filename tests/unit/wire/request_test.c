#include "wire/request.h"

#include "unit.h"
#include "wire/limits.h"
#include "with_keys.h"

static const struct vlt_request_fill fill = {
    .jti = { 1, 0xa2, 1, 0xd7, 0x0b },
    .iss = { 1, 2, 3 },
    .aud = { 4, 5, 6 },
    .iat = 1795327200,
};

static enum vlt_status
read_file(const char *text, struct terms_request *out,
          struct vlt_json **document, struct terms_fault *fault)
{
    memset(fault, 0, sizeof *fault);
    return vlt_request_read_file(vlt_slice_text(text), &fill, document, out,
                                 fault);
}

/* The example file with one text in it replaced by another. */
static char *
changed(const char *from, const char *to)
{
    struct vlt_buf file = file_of("vectors/receipt/request-file.json");
    const char *text = vlt_buf_text(&file);
    const char *at = strstr(text, from);
    struct vlt_buf out = { 0 };

    if (at == NULL) {
        fail_msg("%s is not in the file", from);
    }
    vlt_buf_put(&out, text, (size_t)(at - text));
    vlt_buf_put_text(&out, to);
    vlt_buf_put_text(&out, at + strlen(from));
    vlt_buf_free(&file);
    assert_non_null(vlt_buf_text(&out));
    return (char *)out.at; /* the caller frees it */
}

static void
the_example_is_read_member_by_member(void **state)
{
    struct vlt_json *document;
    struct terms_request r;
    struct terms_fault fault;
    char *text = changed("", "");

    assert_int_equal(read_file(text, &r, &document, &fault), VLT_OK);
    assert_true(vlt_slice_is(r.controller_name, "BrightGrid Ltd"));
    assert_string_equal(vocab_country(r.controller_country), "GB");
    assert_false(r.has_behalf);
    assert_int_equal(r.notice_sha256[0], 0x93);
    assert_int_equal(r.reply_by_s, 604800);
    assert_int_equal(r.purpose_count, 1);
    assert_string_equal(vocab_purpose(r.purposes[0].id)->id, "service.billing");
    assert_int_equal(r.purposes[0].basis, VOCAB_BY_CONSENT);
    assert_int_equal(r.item_count, 1);
    assert_string_equal(vocab_category(r.items[0].data)->id,
                        "energy.electricity");
    assert_int_equal(r.items[0].bucket_s, 900);
    assert_int_equal(r.items[0].window_s, 7776000);
    assert_int_equal(r.items[0].delay_s, 86400);
    assert_false(r.items[0].needed);
    assert_int_equal(r.common.action, VOCAB_READ);
    assert_int_equal(r.common.rate.n, 4);
    assert_int_equal(r.common.rate.per_s, 86400);
    assert_true(r.common.uses == TERMS_UNLIMITED);
    assert_int_equal(r.common.life_s, 15552000);
    assert_int_equal(r.common.keep_s, 2592000);
    assert_int_equal(r.common.onward_count, 0);
    assert_int_equal(r.common.where_count, 1);
    assert_false(r.has_replaces);
    vlt_json_free(document);
    free(text);
}

/* A request with everything that a request can have. */
static const char whole[] =
    "{\"reply_by_s\":86400,\"controller\":{\"name\":\"A\",\"contact\":"
    "\"https://a.example\",\"address\":\"B\",\"country\":\"DE\"},"
    "\"on_behalf_of\":{\"name\":\"C\",\"country\":\"FR\"},"
    "\"notice\":{\"uri\":\"https://a.example/n\",\"sha256\":"
    "\"9368a7d21e018f64ae3327d2f25cd4d7693b2d85328e4bb680bcfcbd4c26b90e\","
    "\"lang\":\"en\"},\"authority\":\"D\",\"rights\":\"mailto:d@e.example\","
    "\"purposes\":[{\"id\":\"service.delivery\",\"text\":\"To the door\","
    "\"lang\":\"en\",\"basis\":\"contract\",\"if_denied\":\"You fetch it\","
    "\"benefit\":\"Free\"},{\"id\":\"service.advice\",\"text\":\"Advice\","
    "\"lang\":\"en\",\"basis\":\"consent\",\"if_denied\":\"None\"}],"
    "\"items\":[{\"n\":2,\"data\":\"location.precise\",\"for\":"
    "[\"service.delivery\"],\"stats\":\"raw\",\"round\":\"1.5km\","
    "\"window_s\":\"new\",\"delay_s\":0,\"every_s\":60,\"needed\":true,"
    "\"needed_why\":\"To find the door\"},{\"n\":1,\"data\":\"energy.heat\","
    "\"stats\":[\"mean\",\"max\"],\"bucket_s\":3600,\"round\":\"0.25\","
    "\"window_s\":0,\"delay_s\":60,\"every_s\":10}],\"action\":\"live\","
    "\"rate\":null,\"uses\":9,\"life_s\":86400,\"keep_s\":0,\"onward\":["
    "{\"name\":\"F\",\"country\":\"GB\",\"role\":\"controller\"},{\"name\":"
    "\"G\",\"country\":\"AT\",\"role\":\"processor\"}],\"where\":[\"DE\","
    "\"FR\"],\"profiling\":\"service\",\"automated\":true,\"training\":false,"
    "\"gatekeeper\":true,\"agreement\":{\"id\":\"p7012:NoStalking\",\"sha256\":"
    "\"0000000000000000000000000000000000000000000000000000000000000001\"},"
    "\"replaces\":\"01M80XE2R06J9ATSEGBABKZVWC\"}";

static void
a_whole_request_survives_printing_and_reading(void **state)
{
    struct vlt_json *document;
    struct vlt_json *second;
    struct terms_request r;
    struct terms_request s;
    struct terms_fault fault;
    struct vlt_buf one = { 0 };
    struct vlt_buf two = { 0 };
    char iss[VLT_IDENTITY_TEXT];
    char aud[VLT_IDENTITY_TEXT];

    enum vlt_status st = read_file(whole, &r, &document, &fault);

    if (st != VLT_OK) {
        fail_msg("%s %s", fault.at, fault.says);
    }
    assert_int_equal(r.items[0].purposes, 1);
    assert_int_equal(r.items[1].purposes, 0);
    assert_true(r.items[0].raw);
    assert_true(r.items[0].round.length);
    assert_int_equal(r.items[0].window_s, TERMS_WINDOW_NEW);
    assert_int_equal(r.common.onward_count, 2);
    assert_true(r.common.onward[0].controller);
    assert_false(r.common.onward[1].controller);
    r.iss =
        vlt_slice_text(vlt_identity_print(VLT_IDENTITY_FIRM, fill.iss, iss));
    r.aud =
        vlt_slice_text(vlt_identity_print(VLT_IDENTITY_RECEIPT, fill.aud, aud));
    vlt_request_put(&r, &one);
    st = vlt_request_read(vlt_buf_slice(&one), &second, &s, &fault);
    if (st != VLT_OK) {
        fail_msg("%s %s", fault.at, fault.says);
    }
    vlt_request_put(&s, &two);
    assert_string_equal(vlt_buf_text(&one), vlt_buf_text(&two));
    assert_int_equal(s.iat, fill.iat);
    assert_memory_equal(s.jti, fill.jti, sizeof s.jti);
    vlt_buf_free(&one);
    vlt_buf_free(&two);
    vlt_json_free(document);
    vlt_json_free(second);
}

/* One change of the example each, and where the fault is seen. */
static const struct {
    const char *from;
    const char *to;
    const char *at;
    const char *code;
} faults[] = {
    { "\"uses\":null", "\"uses\":null,\"extra\":1", "extra", "" },
    { "\"uses\":null", "\"uses\":null,\"auto_renew\":true", "auto_renew",
      "R5" },
    { "\"uses\":null", "\"uses\":null,\"preselected\":true", "preselected",
      "R1" },
    { "\"delay_s\":86400", "\"delay_s\":86400,\"default_on\":true",
      "items[0].default_on", "R1" },
    { "\"uses\":null,", "", "uses", "" },
    { "\"uses\":null", "\"uses\":0", "uses", "" },
    { "\"uses\":null", "\"uses\":1000001", "uses", "" },
    { "\"n\":4", "\"n\":1001", "rate.n", "" },
    { "\"per_s\":86400", "\"per_s\":61", "rate.per_s", "" },
    { "\"n\":4,", "\"n\":4,\"m\":4,", "rate.m", "" },
    { "\"n\":1,", "\"n\":9,", "items[0].n", "" },
    { "energy.electricity", "energy.electric", "items[0].data", "" },
    { "\"energy.electricity\"", "\"energy\"", "items[0].data", "" },
    { "\"energy.electricity\"", "\"interaction.score\"", "items[0].data", "" },
    { "[\"mean\"]", "[\"mean\",\"mean\"]", "items[0].stats", "" },
    { "[\"mean\"]", "[]", "items[0].stats", "" },
    { "[\"mean\"]", "[\"median\"]", "items[0].stats", "" },
    { "[\"mean\"]", "\"raw\"", "items[0].bucket_s", "" },
    { "\"bucket_s\":900,", "", "items[0].bucket_s", "" },
    { "\"bucket_s\":900", "\"bucket_s\":901", "items[0].bucket_s", "" },
    { "\"window_s\":7776000,", "", "items[0].window_s", "" },
    { "\"window_s\":7776000", "\"window_s\":-1", "items[0].window_s", "" },
    { "\"window_s\":7776000", "\"window_s\":630720001", "items[0].window_s",
      "" },
    { "\"delay_s\":86400", "\"delay_s\":31536001", "items[0].delay_s", "" },
    { "\"delay_s\":86400", "\"delay_s\":1.5", "items[0].delay_s", "" },
    { "\"delay_s\":86400", "\"delay_s\":0,\"every_s\":5", "items[0].every_s",
      "" },
    { "\"delay_s\":86400", "\"delay_s\":0,\"round\":\"1.0000000001\"",
      "items[0].round", "" },
    { "\"delay_s\":86400", "\"delay_s\":0,\"needed\":true",
      "items[0].needed_why", "R10" },
    { "\"delay_s\":86400", "\"delay_s\":0,\"for\":[\"service.repair\"]",
      "items[0].for", "" },
    { "\"life_s\":15552000", "\"life_s\":59", "life_s", "" },
    { "\"life_s\":15552000", "\"life_s\":31536001", "life_s", "" },
    { "\"keep_s\":2592000", "\"keep_s\":315360001", "keep_s", "" },
    { "\"where\":[\"GB\"]", "\"where\":[]", "where", "" },
    { "\"where\":[\"GB\"]", "\"where\":[\"XX\"]", "where", "" },
    { "\"country\":\"GB\"", "\"country\":\"gb\"", "controller.country", "" },
    { "\"address\":\"1 Mill Lane, Leeds LS1 1AA\",", "", "controller.address",
      "" },
    { "mailto:privacy@brightgrid.example\",\"address\"",
      "ftp:privacy\",\"address\"", "controller.contact", "" },
    { "\"basis\":\"consent\"", "\"basis\":\"whim\"", "purposes[0].basis", "" },
    { "service.billing", "service.bill", "purposes[0].id", "" },
    { "\"text\":\"We work out your electricity bill from your quarter-hour "
      "use.\",",
      "", "purposes[0].text", "R11" },
    { "\"lang\":\"en\",\"basis\"", "\"basis\"", "purposes[0].lang", "R11" },
    { "9368a7", "9368A7", "notice.sha256", "" },
    { "9368a7", "", "notice.sha256", "" },
    { "\"onward\":[]", "\"onward\":[{\"name\":\"A\",\"country\":\"GB\"}]",
      "onward[0].role", "" },
    { "\"action\":\"read\"", "\"action\":\"write\"", "action", "" },
    { "\"action\":\"read\"", "\"action\":\"read\",\"channels\":[\"phone\"]",
      "channels", "" },
    { "\"profiling\":\"none\"", "\"profiling\":\"some\"", "profiling", "" },
    { "\"training\":false", "\"training\":0", "training", "" },
    { "\"training\":false", "\"training\":false,\"replaces\":\"x\"", "replaces",
      "" },
    { "{\"controller\"", "{\"v\":1,\"controller\"", "v", "" },
    { "{\"controller\"", "{\"iat\":1,\"controller\"", "iat", "" },
};

static void
each_fault_is_named_by_its_member(void **state)
{
    struct vlt_json *document = NULL;
    struct terms_request r;
    struct terms_fault fault;

    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        char *text = changed(faults[i].from, faults[i].to);

        print_message("%s -> %s\n", faults[i].from, faults[i].to);
        assert_int_equal(read_file(text, &r, &document, &fault), VLT_E_FORMAT);
        assert_null(document);
        assert_string_equal(fault.at, faults[i].at);
        assert_string_equal(fault.code, faults[i].code);
        assert_true(fault.says[0] != '\0');
        free(text);
    }
}

static void
a_member_twice_or_bytes_behind_are_refused(void **state)
{
    static const char *const tos[] = {
        "\"uses\":null,\"uses\":null",
        "\"uses\":null}{",
    };
    struct vlt_json *document = NULL;
    struct terms_request r;
    struct terms_fault fault;

    for (size_t i = 0; i < sizeof tos / sizeof tos[0]; i++) {
        char *text = changed("\"uses\":null", tos[i]);

        assert_int_equal(read_file(text, &r, &document, &fault), VLT_E_FORMAT);
        free(text);
    }
}

static void
contact_has_channels_and_no_items(void **state)
{
    struct vlt_json *document = NULL;
    struct terms_request r;
    struct terms_fault fault;
    char *text =
        changed("\"items\":[{\"n\":1,\"data\":\"energy.electricity\",\"stats\":"
                "[\"mean\"],\"bucket_s\":900,\"window_s\":7776000,\"delay_s\":"
                "86400}],\n \"action\":\"read\"",
                "\"action\":\"contact\",\"channels\":[\"email\",\"phone\"]");

    enum vlt_status st = read_file(text, &r, &document, &fault);

    if (st != VLT_OK) {
        fail_msg("%s %s", fault.at, fault.says);
    }
    assert_int_equal(r.item_count, 0);
    struct vlt_buf printed = { 0 };

    vlt_request_put(&r, &printed);
    assert_non_null(strstr(vlt_buf_text(&printed), "\"channels\":["));
    assert_null(strstr(vlt_buf_text(&printed), "\"items\""));
    vlt_buf_free(&printed);
    vlt_json_free(document);
    free(text);
}

static void
a_signed_request_is_what_the_vault_reads(void **state)
{
    struct vlt_signer *firm = signer_of(SEED_FIRM);
    struct vlt_request_fill with = fill;
    struct vlt_buf file = file_of("vectors/receipt/request-file.json");
    struct vlt_buf token = { 0 };
    struct vlt_buf payload = { 0 };
    struct vlt_json *document = NULL;
    struct terms_request r;
    struct terms_fault fault;
    char iss[VLT_IDENTITY_TEXT];

    vlt_identity_of(VLT_IDENTITY_FIRM, vlt_signer_pk(firm), with.iss);
    assert_int_equal(
        vlt_request_sign(vlt_buf_slice(&file), &with, firm, &token, &fault),
        VLT_OK);
    assert_int_equal(vlt_jws_verify(vlt_buf_slice(&token),
                                    VLT_LIMIT_REQUEST_JWS, VLT_TYP_REQUEST,
                                    vlt_signer_pk(firm), &payload),
                     VLT_OK);
    assert_int_equal(
        vlt_request_read(vlt_buf_slice(&payload), &document, &r, &fault),
        VLT_OK);
    assert_true(vlt_slice_is(
        r.iss, vlt_identity_print(VLT_IDENTITY_FIRM, with.iss, iss)));
    assert_int_equal(r.iat, with.iat);
    vlt_json_free(document);
    vlt_buf_free(&file);
    vlt_buf_free(&token);
    vlt_buf_free(&payload);
    vlt_signer_free(firm);
}

static void
a_payload_needs_its_head(void **state)
{
    static const char *const heads[] = {
        "\"v\":1,",
        "\"jti\":\"01M80XE2R06J9ATSEGBABKZVWC\",",
        "\"iss\":\"vf1:nyh6jdrtv5gcbnwwlrd3pvv7sx4ztrb7jkzx7e3by35jmxrap7ga\",",
        "\"aud\":\"vr1:jv2bc6qaxlcjqafh2lks2ipgkpsgockhaispugn6pwafstm4ohba\",",
        "\"iat\":1795327200,",
    };
    static const char *const at[] = { "v", "jti", "iss", "aud", "iat" };
    struct vlt_json *document = NULL;
    struct terms_request r;
    struct terms_fault fault;

    for (size_t without = 0; without <= 5; without++) {
        struct vlt_buf payload = { 0 };
        char *rest = changed("{", "");

        vlt_buf_put_u8(&payload, '{');
        for (size_t i = 0; i < 5; i++) {
            if (i != without) {
                vlt_buf_put_text(&payload, heads[i]);
            }
        }
        vlt_buf_put_text(&payload, rest);
        assert_int_equal(
            vlt_request_read(vlt_buf_slice(&payload), &document, &r, &fault),
            without == 5 ? VLT_OK : VLT_E_FORMAT);
        if (without < 5) {
            assert_string_equal(fault.at, at[without]);
        }
        free(rest);
        vlt_buf_free(&payload);
    }
    vlt_json_free(document);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_is_read_member_by_member),
        cmocka_unit_test(a_whole_request_survives_printing_and_reading),
        cmocka_unit_test(each_fault_is_named_by_its_member),
        cmocka_unit_test(a_member_twice_or_bytes_behind_are_refused),
        cmocka_unit_test(contact_has_channels_and_no_items),
        cmocka_unit_test(a_signed_request_is_what_the_vault_reads),
        cmocka_unit_test(a_payload_needs_its_head),
    };

    if (vlt_secret_init() != VLT_OK) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
