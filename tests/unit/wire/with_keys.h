/*
 * with_keys: fixed keys and files for tests of the wire.
 */
#ifndef TESTS_WITH_KEYS_H
#define TESTS_WITH_KEYS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/id.h"
#include "crypto/sign.h"

/* Seed of the key of RFC 8037, appendix A.1. */
#define SEED_RFC8037                                                           \
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
/* 00 01 … 1f: the firm of the vectors. */
#define SEED_FIRM                                                              \
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define SEED_OTHER                                                             \
    "505152535455565758595a5b5c5d5e5f606162636465666768696a6b6c6d6e6f"

/* A secret of hex digits.  The caller frees it. */
static inline struct vlt_secret *
secret_of(const char *hex)
{
    uint8_t bytes[64];
    struct vlt_secret *secret = NULL;
    size_t len = strlen(hex) / 2;

    if (len > sizeof bytes ||
        vlt_hex_parse(vlt_slice_text(hex), bytes, len) != VLT_OK ||
        vlt_secret_copy(vlt_slice_of(bytes, len), &secret) != VLT_OK) {
        abort();
    }
    return secret;
}

/* A signer of a seed.  The caller frees it. */
static inline struct vlt_signer *
signer_of(const char *hex)
{
    struct vlt_secret *seed = secret_of(hex);
    struct vlt_signer *signer = NULL;

    if (vlt_signer_new(vlt_key_of(seed), &signer) != VLT_OK) {
        abort();
    }
    vlt_secret_free(seed);
    return signer;
}

/* A whole file below tests/.  The caller frees it with vlt_buf_free(). */
static inline struct vlt_buf
file_of(const char *name)
{
    struct vlt_buf buf = { 0 };
    char path[1024];
    char part[4096];
    size_t len;

    snprintf(path, sizeof path, "%s/tests/%s", VAULT_SOURCE, name);
    FILE *file = fopen(path, "rb");

    if (file == NULL) {
        perror(path);
        abort();
    }
    while ((len = fread(part, 1, sizeof part, file)) > 0) {
        vlt_buf_put(&buf, part, len);
    }
    fclose(file);
    return buf;
}

#endif
