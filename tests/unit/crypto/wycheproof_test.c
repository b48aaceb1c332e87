/* The published vectors of the Wycheproof project. */
#include "unit.h"

#include <sodium.h>

#include "base/id.h"
#include "crypto/aead.h"
#include "crypto/hash.h"
#include "crypto/sealbox.h"
#include "crypto/sign_internal.h"
#include "data.h"

enum { BYTES_MAX = 4096 };

struct bytes {
    size_t len;
    uint8_t at[BYTES_MAX];
};

static int
set_up(void **state)
{
    return vlt_secret_init() == VLT_OK ? 0 : -1;
}

static struct bytes
bytes_of(const json_t *object, const char *member)
{
    struct bytes bytes = { .len = 0 };
    const char *hex = data_text(object, member);

    bytes.len = strlen(hex) / 2;
    assert_true(bytes.len <= BYTES_MAX);
    assert_int_equal(
        vlt_hex_parse(vlt_slice_of(hex, strlen(hex)), bytes.at, bytes.len),
        VLT_OK);
    return bytes;
}

static struct vlt_slice
slice(const struct bytes *bytes)
{
    return vlt_slice_of(bytes->at, bytes->len);
}

static bool
has_flag(const json_t *test, const char *flag)
{
    json_t *flags = json_object_get(test, "flags");

    for (size_t i = 0; i < json_array_size(flags); i++) {
        if (strcmp(json_string_value(json_array_get(flags, i)), flag) == 0) {
            return true;
        }
    }
    return false;
}

/* Does one test behave as it should?  Its group is given as well. */
typedef bool judge_fn(const json_t *group, const json_t *test);

static void
check_group(const json_t *group, judge_fn *judge, unsigned *count)
{
    json_t *tests = json_object_get(group, "tests");

    for (size_t i = 0; i < json_array_size(tests); i++) {
        json_t *test = json_array_get(tests, i);

        if (!judge(group, test)) {
            print_message(
                "tcId %d: %s\n",
                (int)json_integer_value(json_object_get(test, "tcId")),
                data_text(test, "comment"));
            fail();
        }
        *count += 1;
    }
}

static void
check_file(const char *name, judge_fn *judge)
{
    json_t *file = data_json(name);
    json_t *groups = json_object_get(file, "testGroups");
    unsigned count = 0;

    for (size_t i = 0; i < json_array_size(groups); i++) {
        check_group(json_array_get(groups, i), judge, &count);
    }
    print_message("%s: %u tests\n", name, count);
    assert_int_equal(
        count, json_integer_value(json_object_get(file, "numberOfTests")));
    json_decref(file);
}

static bool
is_valid(const json_t *test)
{
    return strcmp(data_text(test, "result"), "valid") == 0;
}

static bool
judge_signature(const json_t *group, const json_t *test)
{
    struct bytes pk = bytes_of(json_object_get(group, "publicKey"), "pk");
    struct bytes message = bytes_of(test, "msg");
    struct bytes signature = bytes_of(test, "sig");

    assert_int_equal(pk.len, VLT_SIGN_PK);
    /* Our signatures have one length; no other reaches the check. */
    bool holds = signature.len == VLT_SIGN_LEN &&
                 vlt_sign_holds(pk.at, slice(&message), signature.at);

    return holds == is_valid(test);
}

static void
ed25519_signatures_are_judged_as_published(void **state)
{
    check_file("wycheproof/ed25519_test.json", judge_signature);
}

static bool
judge_sealed(const json_t *group, const json_t *test)
{
    struct bytes key = bytes_of(test, "key");
    struct bytes nonce = bytes_of(test, "iv");
    struct bytes aad = bytes_of(test, "aad");
    struct bytes text = bytes_of(test, "msg");
    struct bytes sealed = bytes_of(test, "ct");
    struct bytes tag = bytes_of(test, "tag");
    struct vlt_secret *secret = NULL;
    uint8_t plain[BYTES_MAX];

    if (nonce.len != VLT_NONCE_LEN) {
        return !is_valid(test);
    }
    assert_true(sealed.len + tag.len <= BYTES_MAX);
    memcpy(sealed.at + sealed.len, tag.at, tag.len);
    sealed.len += tag.len;
    assert_int_equal(vlt_secret_copy(slice(&key), &secret), VLT_OK);
    enum vlt_status st = vlt_aead_open(vlt_key_of(secret), slice(&aad),
                                       nonce.at, slice(&sealed), plain);

    vlt_secret_free(secret);
    return (st == VLT_OK) == is_valid(test) &&
           (st != VLT_OK || memcmp(plain, text.at, text.len) == 0);
}

static void
sealed_texts_are_judged_as_published(void **state)
{
    check_file("wycheproof/xchacha20_poly1305_test.json", judge_sealed);
}

static bool
judge_hmac(const json_t *group, const json_t *test)
{
    struct bytes key = bytes_of(test, "key");
    struct bytes message = bytes_of(test, "msg");
    struct bytes tag = bytes_of(test, "tag");
    struct vlt_slice part = slice(&message);
    uint8_t out[VLT_HASH_LEN];

    assert_true(tag.len <= sizeof out);
    vlt_hmac(slice(&key), &part, 1, out);
    return vlt_equal(out, tag.at, tag.len) == is_valid(test);
}

static void
hmacs_are_judged_as_published(void **state)
{
    check_file("wycheproof/hmac_sha256_test.json", judge_hmac);
}

/*
 * A sealed box whose sender's one-time key is the vector's public key: its
 * secretbox key is HSalsa20 of the shared secret, its nonce BLAKE2b-192 of
 * both public keys.
 */
static void
seal_by_hand(const struct bytes *sender, const uint8_t pk[VLT_BOX_PK],
             const struct bytes *shared, uint8_t out[VLT_BOX_MORE + 1])
{
    static const uint8_t zero[crypto_core_hsalsa20_INPUTBYTES];
    uint8_t both[2 * VLT_BOX_PK];
    uint8_t nonce[crypto_box_NONCEBYTES];
    uint8_t key[crypto_secretbox_KEYBYTES];

    memcpy(both, sender->at, VLT_BOX_PK);
    memcpy(both + VLT_BOX_PK, pk, VLT_BOX_PK);
    crypto_generichash(nonce, sizeof nonce, both, sizeof both, NULL, 0);
    crypto_core_hsalsa20(key, zero, shared->at, NULL);
    memcpy(out, sender->at, VLT_BOX_PK);
    crypto_secretbox_easy(out + VLT_BOX_PK, (const uint8_t *)"x", 1, nonce,
                          key);
}

/* "Acceptable" points of the twist or in another encoding may open; those of
 * small order must not, nor may anything be sealed to them. */
static bool
judge_box(const json_t *group, const json_t *test)
{
    struct bytes sender = bytes_of(test, "public");
    struct bytes private = bytes_of(test, "private");
    struct bytes shared = bytes_of(test, "shared");
    struct vlt_secret *secret = NULL;
    uint8_t pk[VLT_BOX_PK];
    uint8_t sealed[VLT_BOX_MORE + 1];
    uint8_t text[1];
    bool small = has_flag(test, "ZeroSharedSecret");

    crypto_scalarmult_base(pk, private.at);
    seal_by_hand(&sender, pk, &shared, sealed);
    assert_int_equal(vlt_secret_copy(slice(&private), &secret), VLT_OK);
    enum vlt_status opened = vlt_box_open(
        vlt_key_of(secret), pk, vlt_slice_of(sealed, sizeof sealed), text);
    enum vlt_status closed =
        vlt_box_seal(sender.at, vlt_slice_of("x", 1), sealed);

    vlt_secret_free(secret);
    return opened == (small ? VLT_E_AUTH : VLT_OK) &&
           closed == (small ? VLT_E_FORMAT : VLT_OK);
}

static void
boxes_are_judged_as_published_and_small_orders_refused(void **state)
{
    check_file("wycheproof/x25519_test.json", judge_box);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ed25519_signatures_are_judged_as_published),
        cmocka_unit_test(sealed_texts_are_judged_as_published),
        cmocka_unit_test(hmacs_are_judged_as_published),
        cmocka_unit_test(
            boxes_are_judged_as_published_and_small_orders_refused),
    };

    if (!data_there("wycheproof/ed25519_test.json")) {
        return DATA_SKIP;
    }
    return cmocka_run_group_tests(tests, set_up, NULL);
}
