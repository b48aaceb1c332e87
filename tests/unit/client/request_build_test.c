/*
 * Requests from values: what is printed is what the lint reads.
 */
#include <vault/vault.h>

#include "unit.h"
#include "json/json.h"

static const struct vault_purpose billing = {
    .id = "service.billing",
    .text = "We work out your bill.",
    .lang = "en",
    .basis = "contract",
    .if_denied = "You read the meter yourself.",
};

static const struct vault_item meter = {
    .data = "energy.electricity",
    .bucket_s = 900,
    .stats = VAULT_MEAN | VAULT_MAX,
    .window_s = 86400,
    .delay_s = 86400,
};

static const char *const countries[] = { "GB", NULL };

/* One that is good. */
static struct vault_request
a_request(void)
{
    return (struct vault_request){
        .size = sizeof(struct vault_request),
        .controller = { .name = "Bright Grid Ltd",
                        .contact = "mailto:p@bg.example",
                        .address = "1 High Street, Leeds",
                        .country = "GB" },
        .notice_uri = "https://bg.example/privacy",
        .notice_sha256 = "abababababababababababababababab"
                         "abababababababababababababababab",
        .notice_lang = "en",
        .authority = "Information Commissioner's Office",
        .rights = "mailto:p@bg.example",
        .purposes = &billing,
        .purpose_count = 1,
        .items = &meter,
        .item_count = 1,
        .action = "read",
        .rate_n = 4,
        .rate_per_s = 86400,
        .life_s = 86400,
        .keep_s = 86400,
        .where = countries,
        .profiling = "none",
    };
}

static struct vault_client *
a_client(void)
{
    struct vault_client *client = NULL;

    assert_int_equal(vault_client_new(NULL, &client), VAULT_OK);
    return client;
}

static void
values_become_the_members_of_a_request(void **state)
{
    struct vault_client *client = a_client();
    struct vault_request request = a_request();
    struct vlt_json *document = NULL;
    char *text = NULL;

    assert_int_equal(vault_request_build(client, &request, &text), VAULT_OK);
    assert_int_equal(
        vlt_json_parse(vlt_slice_text(text), 65536, 8, NULL, &document),
        VLT_OK);
    const struct vlt_json *item =
        vlt_json_item(vlt_json_get(document, "items"), 0);

    assert_int_equal(vlt_json_int_of(vlt_json_get(item, "n")), 1);
    assert_int_equal(vlt_json_int_of(vlt_json_get(item, "bucket_s")), 900);
    assert_int_equal(vlt_json_count(vlt_json_get(item, "stats")), 2);
    assert_int_equal(vlt_json_kind(vlt_json_get(document, "uses")),
                     VLT_JSON_NULL);
    assert_int_equal(
        vlt_json_int_of(vlt_json_get(vlt_json_get(document, "rate"), "n")), 4);
    assert_null(vlt_json_get(document, "agreement"));
    vlt_json_free(document);
    vault_free(text);
    vault_client_free(client);
}

static void
what_is_wrong_is_named_before_anybody_sees_it(void **state)
{
    struct vault_client *client = a_client();
    struct vault_request request = a_request();
    struct vault_purpose group = billing;
    struct vault_item items[2] = { meter, meter };
    char *text = NULL;

    items[1].bucket_s = 7;
    request.items = items;
    request.item_count = 2;
    assert_int_equal(vault_request_build(client, &request, &text),
                     VAULT_E_PARAMS);
    assert_string_equal(vault_client_at(client), "items[1].bucket_s");
    assert_string_not_equal(vault_client_detail(client), "");
    request = a_request();
    group.id = "no.such";
    request.purposes = &group;
    assert_int_equal(vault_request_build(client, &request, &text),
                     VAULT_E_PARAMS);
    assert_string_equal(vault_client_at(client), "purposes[0].id");
    request = a_request();
    request.notice_uri = NULL;
    assert_int_equal(vault_request_build(client, &request, &text),
                     VAULT_E_PARAMS);
    assert_string_equal(vault_client_at(client), "notice.uri");
    assert_null(text);
    vault_client_free(client);
}

static void
another_size_is_refused(void **state)
{
    struct vault_client *client = a_client();
    struct vault_request request = a_request();
    char *text = NULL;

    request.size = 8;
    assert_int_equal(vault_request_build(client, &request, &text),
                     VAULT_E_USAGE);
    vault_client_free(client);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_become_the_members_of_a_request),
        cmocka_unit_test(what_is_wrong_is_named_before_anybody_sees_it),
        cmocka_unit_test(another_size_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
