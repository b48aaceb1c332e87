#include "wire/address.h"

#include "unit.h"
#include "with_keys.h"

static const char *const vault_id =
    "kd52vescypp2yzywuvjxmfqojh3q6bjfy2xiptut5bpm7g6bj6iq"; /* any 52 */

static enum vlt_status
address_of(const char *text, struct vlt_address *out)
{
    return vlt_address_parse(vlt_slice_text(text), out);
}

static void
ids_of_one_key_differ_by_kind(void **state)
{
    struct vlt_signer *signer = signer_of(SEED_FIRM);
    char text[VLT_IDENTITY_TEXT];
    uint8_t id[VLT_IDENTITY_LEN];
    uint8_t other[VLT_IDENTITY_LEN];

    vlt_identity_of(VLT_IDENTITY_FIRM, vlt_signer_pk(signer), id);
    assert_string_equal(
        vlt_identity_print(VLT_IDENTITY_FIRM, id, text),
        "vf1:nyh6jdrtv5gcbnwwlrd3pvv7sx4ztrb7jkzx7e3by35jmxrap7ga");
    for (int kind = VLT_IDENTITY_VAULT; kind <= VLT_IDENTITY_RECEIPT; kind++) {
        if (kind != VLT_IDENTITY_FIRM) {
            vlt_identity_of((enum vlt_identity_kind)kind, vlt_signer_pk(signer),
                            other);
            assert_memory_not_equal(id, other, sizeof id);
        }
    }
    vlt_signer_free(signer);
}

static void
a_receipt_key_has_the_id_of_the_vector(void **state)
{
    struct vlt_signer *signer = signer_of(SEED_RFC8037);
    char text[VLT_IDENTITY_TEXT];
    uint8_t id[VLT_IDENTITY_LEN];

    vlt_identity_of(VLT_IDENTITY_RECEIPT, vlt_signer_pk(signer), id);
    assert_string_equal(
        vlt_identity_print(VLT_IDENTITY_RECEIPT, id, text),
        "vr1:jv2bc6qaxlcjqafh2lks2ipgkpsgockhaispugn6pwafstm4ohba");
    vlt_signer_free(signer);
}

static void
an_id_is_read_as_its_own_kind_only(void **state)
{
    static const char *const prefixes[] = { "vd1:", "vf1:", "vs1:", "vo1:",
                                            "vr1:" };
    char text[64];
    char again[VLT_IDENTITY_TEXT];
    uint8_t id[VLT_IDENTITY_LEN];

    for (int printed = 0; printed < 5; printed++) {
        snprintf(text, sizeof text, "%s%s", prefixes[printed], vault_id);
        for (int kind = 0; kind < 5; kind++) {
            assert_int_equal(vlt_identity_parse((enum vlt_identity_kind)kind,
                                                vlt_slice_text(text), id),
                             kind == printed ? VLT_OK : VLT_E_FORMAT);
        }
        assert_string_equal(
            vlt_identity_print((enum vlt_identity_kind)printed, id, again),
            text);
    }
}

static void
a_fingerprint_is_five_groups_of_four(void **state)
{
    char text[VLT_FINGERPRINT_TEXT];
    uint8_t id[VLT_IDENTITY_LEN];

    assert_int_equal(
        vlt_identity_parse(
            VLT_IDENTITY_FIRM,
            vlt_slice_text(
                "vf1:nyh6jdrtv5gcbnwwlrd3pvv7sx4ztrb7jkzx7e3by35jmxrap7ga"),
            id),
        VLT_OK);
    assert_string_equal(vlt_fingerprint_print(id, text),
                        "nyh6 jdrt v5gc bnww lrd3");
}

/* Places that are read and printed as they were. */
static const char *const places[] = {
    "localhost:1",        "127.0.0.1:7443",  "vault.example.org:65535",
    "[::1]:7443",         "[2001:db8::a]:1", "a-b.c:80",
    "[::ffff:1.2.3.4]:9",
};

/* What no place is. */
static const char *const no_places[] = {
    "",           ":80",         "host",     "host:",     "host:0",
    "host:080",   "host:65536",  "host:-1",  "host:8x",   "ho st:80",
    "-a:80",      "a-:80",       "a..b:80",  ".a:80",     "a.:80",
    "[::1:80",    "::1:80",      "[]:80",    "[host]:80", "[:]:80",
    "h/x:80",     "user@host:1", "host:80 ", "[::1]x:80", "h\xC3\xA9:80",
    "host:99999", "host:000080",
};

static void
addresses_are_printed_as_they_are_read(void **state)
{
    struct vlt_address address;
    char text[VLT_ADDRESS_TEXT];
    char again[VLT_ADDRESS_TEXT];

    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        snprintf(text, sizeof text, "vd1:%s@%s", vault_id, places[i]);
        print_message("%s\n", text);
        assert_int_equal(address_of(text, &address), VLT_OK);
        assert_string_equal(vlt_address_print(&address, again), text);
    }
}

static void
what_is_no_place_is_refused(void **state)
{
    struct vlt_address address;
    char text[VLT_ADDRESS_TEXT];

    for (size_t i = 0; i < sizeof no_places / sizeof no_places[0]; i++) {
        snprintf(text, sizeof text, "vd1:%s@%s", vault_id, no_places[i]);
        print_message("%s\n", text);
        assert_int_equal(address_of(text, &address), VLT_E_FORMAT);
    }
}

static void
an_address_needs_all_its_parts(void **state)
{
    struct vlt_address address;
    char text[VLT_ADDRESS_TEXT];

    snprintf(text, sizeof text, "vd1:%s@host:80", vault_id);
    size_t len = strlen(text);

    for (size_t i = 0; i < len - 1; i++) {
        assert_int_equal(vlt_address_parse(vlt_slice_of(text, i), &address),
                         VLT_E_FORMAT);
    }
    text[2] = '2';
    assert_int_equal(address_of(text, &address), VLT_E_FORMAT);
    snprintf(text, sizeof text, "vd1:%s@host:80", vault_id);
    text[4] = 'K'; /* upper case */
    assert_int_equal(address_of(text, &address), VLT_E_FORMAT);
}

static void
a_host_may_be_255_long_and_no_longer(void **state)
{
    struct vlt_address address;
    char host[300];
    char text[400];

    for (size_t i = 0; i < sizeof host; i++) {
        host[i] = i % 50 == 49 ? '.' : 'a';
    }
    snprintf(text, sizeof text, "vd1:%s@%.255s:1", vault_id, host);
    assert_int_equal(address_of(text, &address), VLT_OK);
    snprintf(text, sizeof text, "vd1:%s@%.256s:1", vault_id, host);
    assert_int_equal(address_of(text, &address), VLT_E_FORMAT);
}

static void
invitations_are_printed_as_they_are_read(void **state)
{
    struct vlt_secret *token = NULL;
    struct vlt_address address;
    char text[VLT_INVITE_TEXT];
    char again[VLT_INVITE_TEXT];

    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        snprintf(text, sizeof text, "vault://%s/%s#%s", places[i], vault_id,
                 "aaaqeayeaudaocajbifqydiob4");
        print_message("%s\n", text);
        assert_int_equal(
            vlt_invite_parse(vlt_slice_text(text), &address, &token), VLT_OK);
        assert_int_equal(vlt_secret_len(token), VLT_INVITE_TOKEN);
        assert_int_equal(vlt_secret_peek(token)[15], 15);
        assert_string_equal(vlt_invite_print(&address, token, again), text);
        vlt_secret_free(token);
    }
}

static void
a_cut_or_longer_invitation_is_refused(void **state)
{
    struct vlt_secret *token = NULL;
    struct vlt_address address;
    char text[VLT_INVITE_TEXT];

    snprintf(text, sizeof text, "vault://host:7443/%s#%s", vault_id,
             "aaaqeayeaudaocajbifqydiob4x");
    size_t len = strlen(text);

    for (size_t i = 0; i <= len; i++) {
        assert_int_equal(
            vlt_invite_parse(vlt_slice_of(text, i), &address, &token),
            i == len - 1 ? VLT_OK : VLT_E_FORMAT);
    }
    vlt_secret_free(token);
}

static void
source_tokens_are_printed_as_they_are_read(void **state)
{
    static const char text[] = "vt1:aaaqeayeaudao."
                               "aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha"
                               "5dypq";
    struct vlt_secret *secret = NULL;
    uint8_t id[VLT_SOURCE_TOKEN_ID];
    char again[VLT_SOURCE_TOKEN_TEXT];

    assert_int_equal(vlt_source_token_parse(vlt_slice_text(text), id, &secret),
                     VLT_OK);
    assert_int_equal(id[7], 7);
    assert_int_equal(vlt_secret_peek(secret)[31], 31);
    assert_string_equal(vlt_source_token_print(id, secret, again), text);
    vlt_secret_free(secret);
    for (size_t i = 0; i < sizeof text - 1; i++) {
        assert_int_equal(
            vlt_source_token_parse(vlt_slice_of(text, i), id, &secret),
            VLT_E_FORMAT);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_of_one_key_differ_by_kind),
        cmocka_unit_test(a_receipt_key_has_the_id_of_the_vector),
        cmocka_unit_test(an_id_is_read_as_its_own_kind_only),
        cmocka_unit_test(a_fingerprint_is_five_groups_of_four),
        cmocka_unit_test(addresses_are_printed_as_they_are_read),
        cmocka_unit_test(what_is_no_place_is_refused),
        cmocka_unit_test(an_address_needs_all_its_parts),
        cmocka_unit_test(a_host_may_be_255_long_and_no_longer),
        cmocka_unit_test(invitations_are_printed_as_they_are_read),
        cmocka_unit_test(a_cut_or_longer_invitation_is_refused),
        cmocka_unit_test(source_tokens_are_printed_as_they_are_read),
    };

    if (vlt_secret_init() != VLT_OK) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
