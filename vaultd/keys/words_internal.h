/*
 * words_internal: the list of BIP-39, in order of the alphabet.
 */
#ifndef KEYS_WORDS_INTERNAL_H
#define KEYS_WORDS_INTERNAL_H

enum {
    WORDS_LISTED = 2048, /* 11 bits each */
    WORDS_LONGEST = 8,   /* letters */
};

extern const char words_list[WORDS_LISTED][WORDS_LONGEST + 1];

#endif
