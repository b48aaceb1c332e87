#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/hash.h"

static int
set_up(void **state)
{
    return vlt_secret_init() == VLT_OK ? 0 : -1;
}

static void
assert_hex(const uint8_t hash[VLT_HASH_LEN], const char *hex)
{
    char text[2 * VLT_HASH_LEN + 1];

    for (size_t i = 0; i < VLT_HASH_LEN; i++) {
        (void)snprintf(text + 2 * i, 3, "%02x", hash[i]);
    }
    assert_string_equal(text, hex);
}

static struct vlt_slice
text(const char *bytes)
{
    return vlt_slice_of(bytes, strlen(bytes));
}

/* FIPS 180-4's examples. */
static void
sha256_is_the_published_one(void **state)
{
    uint8_t hash[VLT_HASH_LEN];

    vlt_sha256_of(text("abc"), hash);
    assert_hex(hash, "ba7816bf8f01cfea414140de5dae2223"
                     "b00361a396177a9cb410ff61f20015ad");
    vlt_sha256(NULL, 0, hash);
    assert_hex(hash, "e3b0c44298fc1c149afbf4c8996fb924"
                     "27ae41e4649b934ca495991b7852b855");
}

/* Made with Python's hashlib.blake2b(digest_size=32). */
static void
blake2b_is_the_published_one(void **state)
{
    struct vlt_slice abc = text("abc");
    uint8_t hash[VLT_HASH_LEN];

    vlt_hash(&abc, 1, hash);
    assert_hex(hash, "bddd813c634239723171ef3fee98579b"
                     "94964e3bb1cb3e427262c8c068d52319");
}

/* Likewise, with key=bytes(range(32)). */
static void
blake2b_takes_a_key(void **state)
{
    struct vlt_slice abc = text("abc");
    struct vlt_secret *key = NULL;
    uint8_t hash[VLT_HASH_LEN];

    assert_int_equal(vlt_secret_new(VLT_KEY_LEN, &key), VLT_OK);
    for (uint8_t i = 0; i < VLT_KEY_LEN; i++) {
        vlt_secret_bytes(key)[i] = i;
    }
    vlt_hash_keyed(vlt_key_of(key), &abc, 1, hash);
    assert_hex(hash, "d63a32d3e44738d7907f964316c241ad"
                     "aba0abfeabc32349677578a15a203f7f");
    vlt_secret_free(key);
}

/* RFC 4231, 4.2 and 4.7 (a key longer than a block); and no key at all. */
static void
hmac_is_the_published_one(void **state)
{
    uint8_t key[131] = { 0 };
    struct vlt_slice hi = text("Hi There");
    struct vlt_slice test = text("Test Using Larger Than Block-Size Key - "
                                 "Hash Key First");
    uint8_t hash[VLT_HASH_LEN];

    memset(key, 0x0b, 20);
    vlt_hmac(vlt_slice_of(key, 20), &hi, 1, hash);
    assert_hex(hash, "b0344c61d8db38535ca8afceaf0bf12b"
                     "881dc200c9833da726e9376c2e32cff7");
    memset(key, 0xaa, sizeof key);
    vlt_hmac(vlt_slice_of(key, sizeof key), &test, 1, hash);
    assert_hex(hash, "60e431591ee0b67f0d8a26aacbf5b77f"
                     "8e0bc6213728c5140546040f0ee37f54");
    vlt_hmac(vlt_slice_of(NULL, 0), NULL, 0, hash);
    assert_hex(hash, "b613679a0814d9ec772f95d778c35fc5"
                     "ff1697c493715653c6c712144292c5ad");
}

/* Cut 200 bytes at every place: parts hash as if joined. */
static void
parts_hash_as_if_joined(void **state)
{
    uint8_t bytes[200] = { 0 };
    uint8_t whole[3][VLT_HASH_LEN];
    uint8_t cut[3][VLT_HASH_LEN];
    struct vlt_slice all = vlt_slice_of(bytes, sizeof bytes);

    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)(i * 7);
    }
    vlt_hash(&all, 1, whole[0]);
    vlt_sha256(&all, 1, whole[1]);
    vlt_hmac(all, &all, 1, whole[2]);
    for (size_t at = 0; at <= sizeof bytes; at++) {
        struct vlt_slice parts[] = { { bytes, at },
                                     { NULL, 0 },
                                     { bytes + at, sizeof bytes - at } };

        vlt_hash(parts, 3, cut[0]);
        vlt_sha256(parts, 3, cut[1]);
        vlt_hmac(all, parts, 3, cut[2]);
        assert_memory_equal(cut, whole, sizeof whole);
    }
}

static void
a_running_hash_may_be_cut_and_copied(void **state)
{
    const char *words = "the quick brown fox jumps over the lazy dog, twice "
                        "and once more to pass the end of a block";
    size_t len = strlen(words);
    uint8_t whole[VLT_HASH_LEN];
    uint8_t hash[VLT_HASH_LEN];

    vlt_sha256_of(text(words), whole);
    for (size_t at = 0; at <= len; at++) {
        struct vlt_sha256 running;
        struct vlt_sha256 copy;

        vlt_sha256_begin(&running);
        vlt_sha256_add(&running, vlt_slice_of(words, at));
        copy = running;
        vlt_sha256_add(&running, vlt_slice_of(words + at, len - at));
        vlt_sha256_end(&running, hash);
        assert_memory_equal(hash, whole, sizeof whole);

        uint8_t part[VLT_HASH_LEN];

        vlt_sha256_of(vlt_slice_of(words, at), part);
        vlt_sha256_end(&copy, hash);
        assert_memory_equal(hash, part, sizeof part);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_is_the_published_one),
        cmocka_unit_test(blake2b_is_the_published_one),
        cmocka_unit_test(blake2b_takes_a_key),
        cmocka_unit_test(hmac_is_the_published_one),
        cmocka_unit_test(parts_hash_as_if_joined),
        cmocka_unit_test(a_running_hash_may_be_cut_and_copied),
    };

    return cmocka_run_group_tests(tests, set_up, NULL);
}
