/*
 * A firm's folder, and receipts of the vectors (tests/vectors/receipt)
 * verified offline.
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vault/vault.h>

#include "client/identity.h"

enum { TEXT_MAX = 65536 };

static const char vault_key[] = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
static const char firm_key[] = "A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg";

static const int64_t in_force = INT64_C(1795327200000000000);
static const int64_t too_early = INT64_C(1795327199000000000);

static char text[TEXT_MAX];

static size_t
load(const char *name)
{
    char path[512];

    snprintf(path, sizeof path, "%s/tests/vectors/receipt/%s", VAULT_SOURCE,
             name);
    FILE *file = fopen(path, "r");

    assert_non_null(file);
    size_t len = fread(text, 1, sizeof text - 1, file);

    fclose(file);
    text[len] = '\0';
    return len;
}

static struct vault_receipt *
verify(const char *firm, size_t len, int64_t now, enum vault_status status)
{
    struct vault_receipt *receipt = NULL;

    assert_int_equal(
        vault_receipt_verify_with(vault_key, firm, text, len, now, &receipt),
        status);
    assert_int_equal(vault_receipt_ok(receipt), status == VAULT_OK);
    return receipt;
}

static size_t
unchecked(const struct vault_receipt *receipt)
{
    size_t count = 0;

    while (vault_receipt_unchecked(receipt, count) != NULL) {
        count++;
    }
    return count;
}

static void
a_receipt_holds_and_says_what_stayed_open(void **state)
{
    struct vault_receipt *receipt =
        verify(firm_key, load("receipt.jws"), in_force, VAULT_OK);

    assert_string_equal(vault_receipt_event(receipt), "given");
    assert_string_equal(vault_receipt_grant(receipt),
                        "01M80XE2R06J9ATSEGBABKZVWC");
    assert_int_equal(strlen(vault_receipt_payload(receipt)), 2083);
    assert_string_equal(vault_receipt_fault(receipt), "");
    assert_int_equal(unchecked(receipt), 3); /* proof, checkpoint, firm */
    vault_receipt_free(receipt);
}

static void
the_two_sided_form_leaves_less_open(void **state)
{
    struct vault_receipt *receipt =
        verify(firm_key, load("two-sided.json"), in_force, VAULT_OK);

    assert_int_equal(unchecked(receipt), 2);
    vault_receipt_free(receipt);
}

static void
without_the_firms_key_its_part_stays_open(void **state)
{
    struct vault_receipt *receipt =
        verify(NULL, load("two-sided.json"), in_force, VAULT_OK);

    assert_int_equal(unchecked(receipt), 4);
    vault_receipt_free(receipt);
}

static void
a_receipt_that_does_not_hold_says_why(void **state)
{
    struct vault_receipt *receipt =
        verify(firm_key, load("receipt.jws"), too_early, VAULT_E_AUTH);

    assert_string_equal(vault_receipt_fault(receipt),
                        "the grant begins at 2026-11-22T06:00:00Z");
    assert_true(vault_receipt_genuine(receipt));
    assert_int_equal(unchecked(receipt), 3);
    vault_receipt_free(receipt);
}

static void
every_byte_of_the_token_counts(void **state)
{
    size_t len = load("receipt.jws");

    for (size_t i = 0; i < len; i++) {
        char before = text[i];

        text[i] = before == 'A' ? 'B' : 'A';
        struct vault_receipt *receipt =
            verify(firm_key, len, in_force, VAULT_E_AUTH);

        assert_false(vault_receipt_genuine(receipt));
        vault_receipt_free(receipt);
        text[i] = before;
    }
}

static void
what_is_no_receipt_is_refused(void **state)
{
    static const char *const others[] = {
        "",
        "{",
        "{}",
        "{\"receipts\":[]}",
        "{\"receipts\":[{}]}",
        "{\"signatures\":[]}",
    };

    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        snprintf(text, sizeof text, "%s", others[i]);
        vault_receipt_free(
            verify(firm_key, strlen(text), in_force, VAULT_E_AUTH));
    }
}

/* ---- the folder ---- */

static void
sweep(const char *dir)
{
    static const char *const parts[] = {
        "id/key", "id/name", "id/vaults/abcd.json", "id/vaults", "id", ""
    };
    char path[128];

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, parts[i]);
        assert_int_equal(remove(path), 0);
    }
}

static void
an_identity_is_made_once_and_opens_again(void **state)
{
    char dir[] = "/tmp/identity-test-XXXXXX";
    char folder[64];
    char key[80];
    char detail[256];
    struct vault_identity *one = NULL;
    struct vault_identity *two = NULL;

    assert_non_null(mkdtemp(dir));
    snprintf(folder, sizeof folder, "%s/id", dir);
    snprintf(key, sizeof key, "%s/key", folder);
    assert_int_equal(vault_identity_make(folder, "BrightGrid"), VAULT_OK);
    assert_int_equal(vault_identity_make(folder, "BrightGrid"),
                     VAULT_E_CONFLICT);
    assert_int_equal(vault_identity_open(folder, &one, NULL, 0), VAULT_OK);
    assert_int_equal(vault_identity_open(folder, &two, NULL, 0), VAULT_OK);
    assert_string_equal(vault_identity_id(one), vault_identity_id(two));
    assert_int_equal(strlen(vault_identity_id(one)), 56);
    assert_int_equal(strlen(vault_identity_fingerprint(one)), 24);
    assert_null(vault_identity_vault(one, NULL));

    struct vlt_record record = { .name = "abcd",
                                 .address = { .host = "h", .port = 7443 },
                                 .has_key = true,
                                 .checkpoint = "kept\n" };
    struct vlt_record again;

    assert_int_equal(vlt_record_store(folder, &record), VLT_OK);
    assert_int_equal(vlt_record_find(folder, record.address.vault, &again),
                     VLT_OK);
    assert_string_equal(again.checkpoint, "kept\n");
    assert_true(again.has_key);
    assert_int_equal(vlt_identity_refresh(one), VLT_OK);
    assert_non_null(vault_identity_vault(one, "abcd"));
    assert_null(vault_identity_vault(one, "other"));
    vault_identity_free(one);
    vault_identity_free(two);

    assert_int_equal(chmod(key, 0640), 0);
    assert_int_equal(vault_identity_open(folder, &one, detail, sizeof detail),
                     VAULT_E_FILE);
    assert_non_null(strstr(detail, "0600"));
    sweep(dir);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_receipt_holds_and_says_what_stayed_open),
        cmocka_unit_test(the_two_sided_form_leaves_less_open),
        cmocka_unit_test(without_the_firms_key_its_part_stays_open),
        cmocka_unit_test(a_receipt_that_does_not_hold_says_why),
        cmocka_unit_test(every_byte_of_the_token_counts),
        cmocka_unit_test(what_is_no_receipt_is_refused),
        cmocka_unit_test(an_identity_is_made_once_and_opens_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
