#define _GNU_SOURCE
/*
 * Receipts in the forms of others: of the specification's receipt, and of that
 * with claims put in the place of its own.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "unit.h"
#include "vaultctl/export.h"

static struct vlt_buf
file_of(const char *path)
{
    struct vlt_buf buf = { 0 };
    char name[256];
    char part[512];
    size_t len;
    FILE *file;

    (void)snprintf(name, sizeof name, VAULT_SOURCE "/tests/vectors/receipt/%s",
                   path);
    file = fopen(name, "r");
    assert_non_null(file);
    while ((len = fread(part, 1, sizeof part, file)) > 0) {
        vlt_buf_put(&buf, part, len);
    }
    fclose(file);
    return buf;
}

/* The export of a receipt and its countersignature, parsed. */
static struct vlt_json *
form_of(struct vlt_slice receipt, struct vlt_slice countersigned,
        void (*put)(const struct export *, struct vlt_buf *))
{
    struct vlt_json *document = NULL;
    struct vlt_buf text = { 0 };
    struct export export;

    assert_int_equal(export_begin(receipt, countersigned, &export), VLT_OK);
    put(&export, &text);
    export_end(&export);
    assert_int_equal(
        vlt_json_parse(vlt_buf_slice(&text), 1 << 20, 16, NULL, &document),
        VLT_OK);
    vlt_buf_free(&text);
    return document;
}

static struct vlt_json *
vector_as(void (*put)(const struct export *, struct vlt_buf *))
{
    struct vlt_buf receipt = file_of("receipt.jws");
    struct vlt_buf counter = file_of("countersignature.jws");
    struct vlt_json *document =
        form_of(vlt_buf_slice(&receipt), vlt_buf_slice(&counter), put);

    vlt_buf_free(&receipt);
    vlt_buf_free(&counter);
    return document;
}

/* The same with one text in place of another in its payload. */
static struct vlt_json *
changed_as(const char *what, const char *to,
           void (*put)(const struct export *, struct vlt_buf *))
{
    struct vlt_buf payload = file_of("payload.json");
    const char *text = vlt_buf_text(&payload);
    const char *at = strstr(text, what);
    struct vlt_buf other = { 0 };
    struct vlt_buf jws = { 0 };
    struct vlt_slice none = { .len = 0 };
    struct vlt_json *document;

    assert_non_null(at);
    vlt_buf_put(&other, text, (size_t)(at - text));
    vlt_buf_put_text(&other, to);
    vlt_buf_put_text(&other, at + strlen(what));
    vlt_buf_put_text(&jws, "e30.");
    vlt_base64url_put(&jws, vlt_buf_slice(&other));
    vlt_buf_put_text(&jws, ".AAAA");
    document = form_of(vlt_buf_slice(&jws), none, put);
    vlt_buf_free(&payload);
    vlt_buf_free(&other);
    vlt_buf_free(&jws);
    return document;
}

/* A node by members and numbers of items: "a.b.0.c", with / for a full stop
 * that is none. */
static const struct vlt_json *
node_at(const struct vlt_json *node, const char *path)
{
    char copy[160];
    char *left = copy;

    (void)snprintf(copy, sizeof copy, "%s", path);
    for (char *one; (one = strsep(&left, ">")) != NULL;) {
        bool number = one[0] >= '0' && one[0] <= '9';

        node = number ? vlt_json_item(node, (size_t)atoi(one))
                      : vlt_json_get(node, one);
    }
    return node;
}

static void
assert_says(const struct vlt_json *document, const char *path, const char *want)
{
    struct vlt_slice got = vlt_json_text_of(node_at(document, path));

    if (!vlt_slice_is(got, want)) {
        fail_msg("%s is '%.*s', not '%s'", path, (int)got.len,
                 (const char *)got.at, want);
    }
}

/* What the specification's table of exports says, claim by claim. */
static const char *const dpv[][2] = {
    { "@type", "dpv:ConsentReceipt" },
    { "@context>dpv", "https://w3id.org/dpv#" },
    { "dct:conformsTo>0>@id",
      "https://w3id.org/dpv/schema/dpv-27560#receipt-record" },
    { "dpv:hasIdentifier", "01M80XE2R0BC98HFDRDK7K7K01" },
    { "dpv:hasRecordOfActivity>dct:identifier", "01M80XE2R06J9ATSEGBABKZVWC" },
    { "dct:created>@value", "2026-11-22T06:00:00Z" },
    { "dct:language", "en" },
    { "dpv:hasJurisdiction", "GB" },
    { "dpv:hasDataSubject>dct:identifier", "ddc6e2b224d0fd821669202258386936" },
    { "dpv:hasDataController>dpv:hasName", "BrightGrid Ltd" },
    { "dpv:hasDataController>dpv:hasContact",
      "mailto:privacy@brightgrid.example" },
    { "dpv:hasNotice>@type", "dpv:ConsentNotice" },
    { "dpv:hasNotice>@id", "https://brightgrid.example/privacy/2026-10" },
    { "dpv:hasProcess>0>dpv:hasPurpose>dct:type>0>@id",
      "https://w3id.org/dpv#PaymentManagement" },
    { "dpv:hasProcess>0>dpv:hasPersonalData>0>dct:type>0>@id",
      "https://w3id.org/dpv/pd#ServiceConsumptionBehaviour" },
    { "dpv:hasProcess>0>dpv:hasPersonalData>0>@type>0", "dpv:PersonalData" },
    { "dpv:hasProcessing>0>@id", "https://w3id.org/dpv#Retrieve" },
    { "dpv:hasAutomationLevel>@id", "dpv:NotAutomated" },
    { "dpv:hasLegalBasis>0>@id", "dpv:ExpressedConsent" },
    { "dpv:hasStorageCondition>dpv:hasDuration>@value", "PT2592000S" },
    { "dpv:hasStorageCondition>dpv:hasLocation>0", "GB" },
    { "dpv:hasConsentControl>@type", "dpv:WithdrawConsent" },
    { "dpv:hasRight", "mailto:privacy@brightgrid.example" },
    { "dpv:hasAuthority", "Information Commissioner's Office" },
    { "dpv:hasConsentStatus>@type", "dpv:ConsentGiven" },
    { "dpv:hasConsentStatus>dpv:isIndicatedAtTime>@value",
      "2026-11-22T06:00:00Z" },
    { "dpv:hasConsentStatus>dpv:hasDuration>@type", "dpv:UntilTimeDuration" },
    { "dpv:hasConsentStatus>dpv:isIndicatedBy", "owner" },
    { "vault:items>0>data", "energy.electricity" },
    { "vault:policy", "hH5Dd7cAw3OWTiFl4sbdqROWJ7k42qlPmwmvvgkxt6o" },
    { "vault:log>origin",
      "vaultd.invalid/dc9c5edb8b2d479e697b4b0b8ab874f3/00000001" },
};

static const char *const kantara[][2] = {
    { "version", "KI-CR-v1.1.0" },
    { "jurisdiction", "GB" },
    { "collectionMethod", "vault.v1, data given by the person's vault" },
    { "consentReceiptID", "01M80XE2R0BC98HFDRDK7K7K01" },
    { "piiPrincipalId", "ddc6e2b224d0fd821669202258386936" },
    { "piiControllers>0>piiController", "BrightGrid Ltd" },
    { "piiControllers>0>email", "privacy@brightgrid.example" },
    { "piiControllers>0>address>addressCountry", "GB" },
    { "policyUrl", "https://brightgrid.example/privacy/2026-10" },
    { "services>0>service", "work out my bill" },
    { "services>0>purposes>0>purpose",
      "We work out your electricity bill from your quarter-hour use." },
    { "services>0>purposes>0>purposeCategory>0", "service.billing" },
    { "services>0>purposes>0>consentType", "EXPLICIT" },
    { "services>0>purposes>0>piiCategory>0", "energy.electricity" },
    { "services>0>purposes>0>termination",
      "Ends at 2027-05-21T06:00:00Z. What was given is kept for 2592000 "
      "seconds, in GB. The person ends this with one act in their vault. It "
      "binds from the moment of the successor receipt. Rights: "
      "mailto:privacy@brightgrid.example. Authority: Information "
      "Commissioner's Office." },
    { "services>0>purposes>0>thirdPartyName", "" },
};

static void
every_claim_is_where_dpv_has_it(void **state)
{
    struct vlt_json *document = vector_as(export_dpv);

    for (size_t i = 0; i < sizeof dpv / sizeof dpv[0]; i++) {
        assert_says(document, dpv[i][0], dpv[i][1]);
    }
    /* No country of the EEA: the record alone. */
    assert_int_equal(vlt_json_count(node_at(document, "dct:conformsTo")), 1);
    assert_null(node_at(document, "vault:onBehalfOf"));
    vlt_json_free(document);
}

static void
every_claim_is_where_kantara_has_it(void **state)
{
    struct vlt_json *document = vector_as(export_kantara);

    for (size_t i = 0; i < sizeof kantara / sizeof kantara[0]; i++) {
        assert_says(document, kantara[i][0], kantara[i][1]);
    }
    assert_int_equal(vlt_json_int_of(node_at(document, "consentTimestamp")),
                     1795327200);
    assert_false(vlt_json_bool_of(node_at(document, "sensitive")));
    assert_int_equal(vlt_json_count(node_at(document, "spiCat")), 0);
    assert_true(vlt_json_count(node_at(document, "vault_lost")) > 5);
    vlt_json_free(document);
}

/* Both signatures over one payload, as the vector has them. */
static void
the_signed_receipt_is_in_it_on_both_sides(void **state)
{
    struct vlt_json *dpv_form = vector_as(export_dpv);
    struct vlt_json *kantara_form = vector_as(export_kantara);
    struct vlt_buf want = file_of("two-sided.json");
    struct vlt_buf got = { 0 };

    vlt_json_print(vlt_json_get(dpv_form, "vault:receipt"), false, &got);
    assert_string_equal(vlt_buf_text(&got), vlt_buf_text(&want));
    vlt_buf_clear(&got);
    vlt_json_print(vlt_json_get(kantara_form, "vault_receipt"), false, &got);
    assert_string_equal(vlt_buf_text(&got), vlt_buf_text(&want));
    vlt_buf_free(&got);
    vlt_buf_free(&want);
    vlt_json_free(dpv_form);
    vlt_json_free(kantara_form);
}

/* What stands in place of a claim, and what comes of it in DPV. */
static const struct {
    const char *what, *to, *path, *want;
} changes[] = {
    { "\"event\":\"given\"", "\"event\":\"withdrawn\"",
      "dpv:hasConsentStatus>@type", "dpv:ConsentWithdrawn" },
    { "\"event\":\"given\"", "\"event\":\"revoked\"",
      "dpv:hasConsentStatus>@type", "dpv:ConsentRevoked" },
    { "\"event\":\"given\",\"by\":\"owner\"",
      "\"event\":\"revoked\",\"by\":\"vault\"", "dpv:hasConsentStatus>@type",
      "dpv:ConsentWithdrawn" },
    { "\"event\":\"given\"", "\"event\":\"suspended\"",
      "dpv:hasConsentStatus>@type", "dpv:ConsentGiven" },
    { "\"event\":\"given\"", "\"event\":\"renewed\"",
      "dpv:hasConsentStatus>@type", "dpv:RenewedConsentGiven" },
    { "\"event\":\"given\"", "\"event\":\"invalidated\"",
      "dpv:hasConsentStatus>@type", "dpv:ConsentInvalidated" },
    { "\"event\":\"given\"", "\"event\":\"exhausted\"",
      "dpv:hasConsentStatus>@type", "dpv:ConsentExpired" },
    { "\"explicit\":false", "\"explicit\":true", "dpv:hasLegalBasis>0>@id",
      "dpv:ExplicitlyExpressedConsent" },
    { "\"basis\":\"consent\"", "\"basis\":\"law\"", "dpv:hasLegalBasis>0>@id",
      "https://w3id.org/dpv#LegalObligation" },
    { "\"special\":false", "\"special\":true",
      "dpv:hasProcess>0>dpv:hasPersonalData>0>@type>0",
      "dpv:SpecialCategoryPersonalData" },
    { "\"automated\":false", "\"automated\":true", "dpv:hasAutomationLevel>@id",
      "dpv:FullAutomation" },
    { "\"jurisdiction\":\"GB\"", "\"jurisdiction\":\"DE\"",
      "dct:conformsTo>1>@id",
      "https://w3id.org/dpv/schema/dpv-27560#receipt-eu-gdpr" },
    { "\"onward\":[]",
      "\"onward\":[{\"name\":\"Post\",\"country\":\"GB\",\"role\":"
      "\"processor\"},{\"name\":\"Sale\",\"country\":\"US\",\"role\":"
      "\"controller\"}]",
      "dpv:hasThirdParty>0>dpv:hasName", "Sale" },
};

static void
events_bases_and_promises_have_their_classes(void **state)
{
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        struct vlt_json *document =
            changed_as(changes[i].what, changes[i].to, export_dpv);

        print_message("%s\n", changes[i].to);
        assert_says(document, changes[i].path, changes[i].want);
        vlt_json_free(document);
    }
}

static void
a_receipt_that_is_none_is_refused(void **state)
{
    static const char *const bad[] = { "",     "a",       "a.b",     "a.b.c.d",
                                       "a..c", "e30.!.c", "e30.e30." };
    struct vlt_slice none = { .len = 0 };
    struct export export = { .claims = NULL };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(export_begin(vlt_slice_text(bad[i]), none, &export),
                         VLT_E_FORMAT);
    }
    /* Signatures over another payload. */
    assert_int_equal(export_begin(vlt_slice_text("e30.e30.AA"),
                                  vlt_slice_text("e30.e31.AA"), &export),
                     VLT_E_FORMAT);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_claim_is_where_dpv_has_it),
        cmocka_unit_test(every_claim_is_where_kantara_has_it),
        cmocka_unit_test(the_signed_receipt_is_in_it_on_both_sides),
        cmocka_unit_test(events_bases_and_promises_have_their_classes),
        cmocka_unit_test(a_receipt_that_is_none_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
