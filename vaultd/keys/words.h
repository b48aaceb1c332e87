/*
 * words: 32 bytes as 24 words that a person can write down.
 *
 * BIP-39 with its English list and its checksum: 256 bits and the first byte
 * of their SHA-256 are cut into 24 pieces of 11 bits, highest bit first; each
 * names a word.  BIP-39's own way from words to a seed is not used.
 */
#ifndef KEYS_WORDS_H
#define KEYS_WORDS_H

#include "crypto/secret.h"

enum {
    WORDS_COUNT = 24,
    WORDS_ENTROPY = 32,           /* bytes that they stand for */
    WORDS_TEXT_MAX = 24 * 8 + 23, /* characters as we print them */
    WORDS_TYPED_MAX = 1024,       /* characters as a person types */
};

/*
 * The words of 32 bytes, in lower case with single spaces, without a
 * terminating zero.  The caller owns *out.
 * VLT_E_NOMEM as vlt_secret_new().
 */
VLT_MUST_USE enum vlt_status words_print(const struct vlt_secret *entropy,
                                         struct vlt_secret **out);

/*
 * The 32 bytes of 24 words in either case, with blanks or line ends around
 * them.  The caller owns *out.
 *
 * VLT_E_FORMAT  not 24 words of the list
 * VLT_E_AUTH    24 words of the list, but the checksum is wrong
 * VLT_E_NOMEM   as vlt_secret_new()
 */
VLT_MUST_USE enum vlt_status words_parse(const struct vlt_secret *typed,
                                         struct vlt_secret **out);

#endif
