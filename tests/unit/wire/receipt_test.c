#include "wire/receipt.h"

#include "unit.h"
#include "with_keys.h"

static struct vlt_buf
payload_of(void)
{
    return file_of("vectors/receipt/payload.json");
}

static void
read_vector(struct vlt_json **document, struct vlt_receipt *out)
{
    struct vlt_buf payload = payload_of();
    char says[VLT_WALK_SAYS];
    enum vlt_status st =
        vlt_receipt_read(vlt_buf_slice(&payload), document, out, says);

    if (st != VLT_OK) {
        fail_msg("%s", says);
    }
    vlt_buf_free(&payload);
}

static void
id_of(const char *seed, enum vlt_identity_kind kind,
      uint8_t out[VLT_IDENTITY_LEN])
{
    struct vlt_signer *signer = signer_of(seed);

    vlt_identity_of(kind, vlt_signer_pk(signer), out);
    vlt_signer_free(signer);
}

static void
bytes_of(const char *hex, uint8_t *out)
{
    assert_int_equal(vlt_hex_parse(vlt_slice_text(hex), out, strlen(hex) / 2),
                     VLT_OK);
}

static void
base64_of(const char *text, bool url, uint8_t out[32])
{
    struct vlt_buf bytes = { 0 };
    enum vlt_status st = url ? vlt_base64url_get(vlt_slice_text(text), &bytes)
                             : vlt_base64_get(vlt_slice_text(text), &bytes);

    assert_int_equal(st, VLT_OK);
    assert_int_equal(bytes.len, 32);
    memcpy(out, bytes.at, 32);
    vlt_buf_free(&bytes);
}

static void
fill_ids(struct vlt_receipt *r)
{
    id_of(SEED_RFC8037, VLT_IDENTITY_RECEIPT, r->iss);
    id_of(SEED_FIRM, VLT_IDENTITY_FIRM, r->aud);
    bytes_of("ddc6e2b224d0fd821669202258386936", r->sub);
    assert_int_equal(
        vlt_ulid_parse(vlt_slice_text("01M80XE2R0BC98HFDRDK7K7K01"), r->jti),
        VLT_OK);
    r->iat = 1795327200;
    r->nbf = 1795327200;
    r->exp = 1810879200;
    r->fresh_until = 1795932000;
    r->event = VLT_RECEIPT_GIVEN;
    r->by = VLT_RECEIPT_BY_OWNER;
    r->has_grant = true;
    assert_int_equal(
        vlt_ulid_parse(vlt_slice_text("01M80XE2R06J9ATSEGBABKZVWC"), r->grant),
        VLT_OK);
    r->seq = 1;
    assert_int_equal(
        vlt_ulid_parse(vlt_slice_text("01M80XBAVGRFVVVX9QRHKJ8E9C"),
                       r->request),
        VLT_OK);
    bytes_of("f98aac4f00bb49f73feb4e4cd1e09626e467b9c7a27050d6478d1c5350300246",
             r->request_sha256);
}

static void
fill_firm(struct vlt_receipt *r)
{
    r->controller_name = vlt_slice_text("BrightGrid Ltd");
    r->controller_contact = vlt_slice_text("mailto:privacy@brightgrid.example");
    r->controller_address = vlt_slice_text("1 Mill Lane, Leeds LS1 1AA");
    r->controller_country = vocab_country_find("GB", 2);
    r->purpose_text = vlt_slice_text(
        "We work out your electricity bill from your quarter-hour use.");
    r->lang = vlt_slice_text("en");
    r->notice_uri =
        vlt_slice_text("https://brightgrid.example/privacy/2026-10");
    bytes_of("9368a7d21e018f64ae3327d2f25cd4d7693b2d85328e4bb680bcfcbd4c26b90e",
             r->notice_sha256);
    r->notice_lang = vlt_slice_text("en");
    r->rights = vlt_slice_text("mailto:privacy@brightgrid.example");
    r->authority = vlt_slice_text("Information Commissioner's Office");
    r->jurisdiction = vocab_country_find("GB", 2);
}

static void
fill_terms(struct terms *terms)
{
    terms->purpose = vocab_purpose_find("service.billing", 15);
    terms->basis = VOCAB_BY_CONSENT;
    terms->common.action = VOCAB_READ;
    terms->common.rate.n = 4;
    terms->common.rate.per_s = 86400;
    terms->common.uses = TERMS_UNLIMITED;
    terms->common.keep_s = 2592000;
    terms->common.where_count = 1;
    terms->common.where[0] = vocab_country_find("GB", 2);
    terms->item_count = 1;
    terms->items[0].n = 1;
    terms->items[0].data = vocab_category_find("energy.electricity", 18);
    terms->items[0].stats = 1;
    terms->items[0].bucket_s = 900;
    terms->items[0].window_s = 7776000;
    terms->items[0].delay_s = 86400;
}

/* The receipt of the vector, from its parts. */
static void
build(struct vlt_receipt *r)
{
    memset(r, 0, sizeof *r);
    fill_ids(r);
    fill_firm(r);
    fill_terms(&r->terms);
    r->min_readings = 2;
    r->gpc = true;
    base64_of("hH5Dd7cAw3OWTiFl4sbdqROWJ7k42qlPmwmvvgkxt6o", true, r->policy);
    assert_int_equal(
        vlt_origin_parse(
            vlt_slice_text(
                "vaultd.invalid/dc9c5edb8b2d479e697b4b0b8ab874f3/00000001"),
            &r->log),
        VLT_OK);
    r->log_size = 3;
    base64_of("jhaAxC7SdH5Bn641vK+k9opVZnwP8h2wG1WaMQvHvXQ=", false,
              r->log_root);
}

static void
the_payload_of_the_vector_is_built_from_its_parts(void **state)
{
    struct vlt_buf want = payload_of();
    struct vlt_buf got = { 0 };
    struct vlt_receipt receipt;
    uint8_t digest[VLT_HASH_LEN];
    char hex[2 * VLT_HASH_LEN + 1];

    build(&receipt);
    vlt_receipt_put(&receipt, &got);
    assert_string_equal(vlt_buf_text(&got), vlt_buf_text(&want));
    assert_int_equal(got.len, 2083);
    vlt_sha256_of(vlt_buf_slice(&got), digest);
    assert_string_equal(
        vlt_hex_print(digest, sizeof digest, hex),
        "efa91cb79e0fa2ddf821ab299517ae409f918408f6ff7aa4f71e59983d8c173a");
    vlt_buf_free(&want);
    vlt_buf_free(&got);
}

static void
both_signatures_of_the_vector_are_made(void **state)
{
    static const struct {
        const char *seed;
        const char *file;
    } sides[] = {
        { SEED_RFC8037, "vectors/receipt/receipt.jws" },
        { SEED_FIRM, "vectors/receipt/countersignature.jws" },
    };
    struct vlt_buf payload = payload_of();

    for (size_t i = 0; i < 2; i++) {
        struct vlt_signer *signer = signer_of(sides[i].seed);
        struct vlt_buf want = file_of(sides[i].file);
        struct vlt_buf got = { 0 };

        assert_int_equal(
            i == 0 ? vlt_receipt_sign(signer, vlt_buf_slice(&payload), &got)
                   : vlt_receipt_countersign(signer, vlt_buf_slice(&payload),
                                             &got),
            VLT_OK);
        assert_string_equal(vlt_buf_text(&got), vlt_buf_text(&want));
        vlt_buf_free(&want);
        vlt_buf_free(&got);
        vlt_signer_free(signer);
    }
    vlt_buf_free(&payload);
}

static void
the_two_sided_vector_is_both_of_them(void **state)
{
    struct vlt_buf one = file_of("vectors/receipt/receipt.jws");
    struct vlt_buf two = file_of("vectors/receipt/countersignature.jws");
    struct vlt_buf want = file_of("vectors/receipt/two-sided.json");
    struct vlt_buf got = { 0 };

    assert_int_equal(
        vlt_jws_join(vlt_buf_slice(&one), vlt_buf_slice(&two), &got), VLT_OK);
    assert_string_equal(vlt_buf_text(&got), vlt_buf_text(&want));
    vlt_buf_free(&one);
    vlt_buf_free(&two);
    vlt_buf_free(&want);
    vlt_buf_free(&got);
}

static void
what_is_read_is_written_again(void **state)
{
    struct vlt_buf payload = payload_of();
    struct vlt_buf again = { 0 };
    struct vlt_json *document;
    struct vlt_receipt receipt;

    read_vector(&document, &receipt);
    vlt_receipt_put(&receipt, &again);
    assert_string_equal(vlt_buf_text(&again), vlt_buf_text(&payload));
    vlt_json_free(document);
    vlt_buf_free(&payload);
    vlt_buf_free(&again);
}

static void
every_part_that_may_be_there_survives(void **state)
{
    struct vlt_receipt r;
    struct vlt_receipt s;
    struct vlt_json *document;
    struct vlt_buf one = { 0 };
    struct vlt_buf two = { 0 };
    char says[VLT_WALK_SAYS];

    build(&r);
    r.event = VLT_RECEIPT_WITHDRAWN;
    r.by_hand = true;
    r.seq = 7;
    r.has_prev = true;
    memset(r.prev, 0x5A, sizeof r.prev);
    r.has_agreement = true;
    r.agreement_id = vlt_slice_text("p7012:NoStalking");
    r.has_behalf = true;
    r.behalf_name = vlt_slice_text("Grid \"Holding\" \xE2\x82\xAC");
    r.behalf_country = vocab_country_find("IE", 2);
    r.terms.common.uses = 5;
    r.terms.common.rate = (struct terms_rate){ 0 };
    r.terms.common.onward_count = 1;
    r.terms.common.onward[0].name = vlt_slice_text("Cloud");
    r.terms.common.onward[0].country = vocab_country_find("DE", 2);
    r.terms.item_count = 2;
    r.terms.items[1].n = 8;
    r.terms.items[1].data = vocab_category_find("location.precise", 16);
    r.terms.items[1].raw = true;
    r.terms.items[1].round =
        (struct terms_step){ .nano = INT64_C(1000000000000), .length = true };
    r.terms.items[1].window_s = TERMS_WINDOW_NEW;
    r.terms.items[1].every_s = 60;
    r.refused_count = 2;
    r.refused[0] = (struct vlt_receipt_refused){ r.terms.purpose, 3 };
    r.refused[1] = (struct vlt_receipt_refused){ r.terms.purpose, 0 };
    r.benefit = vlt_slice_text("Free");
    r.has_deletion = true;
    r.deletion_count = 1;
    r.deletion[0] = (struct vlt_receipt_deletion){ 1, 12, 1800000000 };
    vlt_receipt_put(&r, &one);
    enum vlt_status st =
        vlt_receipt_read(vlt_buf_slice(&one), &document, &s, says);

    if (st != VLT_OK) {
        fail_msg("%s", says);
    }
    vlt_receipt_put(&s, &two);
    assert_string_equal(vlt_buf_text(&one), vlt_buf_text(&two));
    vlt_json_free(document);
    vlt_buf_free(&one);
    vlt_buf_free(&two);
}

/* One change of the vector each, and what is said. */
static const struct {
    const char *from;
    const char *to;
    const char *says; /* how it begins */
} faults[] = {
    { "{\"iss\"", "{\"more\":1,\"iss\"", "more" },
    { ",\"gpc\":1", "", "gpc" },
    { ",\"gpc\":1", ",\"gpc\":1,\"gpc\":1", "" },
    { "\"gpc\":1", "\"gpc\":2", "gpc" },
    { "vr1:", "vf1:", "iss" },
    { "\"aud\":\"vf1:", "\"aud\":\"vr1:", "aud" },
    { "\"sub\":\"dd", "\"sub\":\"", "sub" },
    { "\"event\":\"given\"", "\"event\":\"taken\"", "event" },
    { "\"event\":\"given\"", "\"event\":\"refused\"", "grant" },
    { "\"event\":\"given\"", "\"event\":\"renewed\"", "prev" },
    { "\"by\":\"owner\"", "\"by\":\"nobody\"", "by" },
    { "\"method\":\"rule\"", "\"method\":\"luck\"", "method" },
    { "\"grant\":\"01M8", "\"grant\":\"U1M8", "grant" },
    { "\"seq\":1", "\"seq\":0", "seq" },
    { "\"seq\":1", "\"seq\":2", "prev" },
    { "\"agreement\":null", "\"agreement\":{}", "agreement.id" },
    { ",\"on_behalf_of\":null", "", "on_behalf_of" },
    { "service.billing", "service.bill", "purpose" },
    { "\"basis\":\"consent\"", "\"basis\":\"x\"", "basis" },
    { "\"special\":false,", "", "items[0].special" },
    { "\"round\":null,", "", "items[0].round" },
    { "\"bucket_s\":900", "\"bucket_s\":null", "items[0].bucket_s" },
    { "\"every_s\":null", "\"every_s\":0", "items[0].every_s" },
    { "\"refused\":[]", "\"refused\":[{\"purpose\":\"service\"}]",
      "refused[0].n" },
    { "\"names\":\"hide\"", "\"names\":\"seek\"", "obligations.names" },
    { "hH5Dd7cAw3OW", "hH5Dd7cAw3O=", "policy" },
    { "vault-receipt/1", "vault-receipt/2", "schema" },
    { "vaultd.invalid/dc", "vaultd.invalid/DC", "log.origin" },
    { "\"root\":\"jh", "\"root\":\"", "log.root" },
    { "\"size\":3", "\"size\":-3", "log.size" },
};

static void
each_claim_is_required_and_no_other_taken(void **state)
{
    struct vlt_json *document = NULL;
    struct vlt_receipt receipt;
    char says[VLT_WALK_SAYS];

    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        struct vlt_buf payload = payload_of();
        struct vlt_buf bad = { 0 };
        const char *text = vlt_buf_text(&payload);
        const char *at = strstr(text, faults[i].from);

        print_message("%s -> %s\n", faults[i].from, faults[i].to);
        assert_non_null(at);
        vlt_buf_put(&bad, text, (size_t)(at - text));
        vlt_buf_put_text(&bad, faults[i].to);
        vlt_buf_put_text(&bad, at + strlen(faults[i].from));
        assert_int_equal(
            vlt_receipt_read(vlt_buf_slice(&bad), &document, &receipt, says),
            VLT_E_FORMAT);
        if (strncmp(says, faults[i].says, strlen(faults[i].says)) != 0) {
            fail_msg("said: %s", says);
        }
        assert_null(document);
        vlt_buf_free(&payload);
        vlt_buf_free(&bad);
    }
}

static void
the_detail_is_that_of_the_vector(void **state)
{
    struct vlt_buf want = file_of("vectors/receipt/detail.json");
    struct vlt_buf payload = payload_of();
    struct vlt_buf got = { 0 };
    struct vlt_receipt receipt;
    uint8_t digest[VLT_HASH_LEN];

    build(&receipt);
    vlt_sha256_of(vlt_buf_slice(&payload), digest);
    vlt_receipt_detail(&receipt, digest, "active", &got);
    assert_string_equal(vlt_buf_text(&got), vlt_buf_text(&want));
    vlt_buf_free(&want);
    vlt_buf_free(&payload);
    vlt_buf_free(&got);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_payload_of_the_vector_is_built_from_its_parts),
        cmocka_unit_test(both_signatures_of_the_vector_are_made),
        cmocka_unit_test(the_two_sided_vector_is_both_of_them),
        cmocka_unit_test(what_is_read_is_written_again),
        cmocka_unit_test(every_part_that_may_be_there_survives),
        cmocka_unit_test(each_claim_is_required_and_no_other_taken),
        cmocka_unit_test(the_detail_is_that_of_the_vector),
    };

    if (vlt_secret_init() != VLT_OK) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
