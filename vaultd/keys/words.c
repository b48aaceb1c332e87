#include "keys/words.h"

#include <string.h>

#include "crypto/hash.h"
#include "keys/words_internal.h"

enum {
    BITS = 11,                  /* of a word */
    SUMMED = WORDS_ENTROPY + 1, /* bytes with the checksum */
};

/* The n-th piece of 11 bits, highest bit first. */
static unsigned
piece(const uint8_t *bytes, size_t n)
{
    unsigned value = 0;

    for (size_t bit = n * BITS; bit < (n + 1) * BITS; bit++) {
        value = value << 1 | (bytes[bit / 8] >> (7 - bit % 8) & 1U);
    }
    return value;
}

static void
put_piece(uint8_t *bytes, size_t n, unsigned value)
{
    for (size_t i = 0; i < BITS; i++) {
        size_t bit = n * BITS + i;
        unsigned one = value >> (BITS - 1 - i) & 1U;

        bytes[bit / 8] = (uint8_t)(bytes[bit / 8] | one << (7 - bit % 8));
    }
}

static uint8_t
checksum(const uint8_t *entropy)
{
    uint8_t hash[VLT_HASH_LEN];

    vlt_sha256_of(vlt_slice_of(entropy, WORDS_ENTROPY), hash);
    uint8_t sum = hash[0];

    vlt_wipe(hash, sizeof hash);
    return sum;
}

enum vlt_status
words_print(const struct vlt_secret *entropy, struct vlt_secret **out)
{
    struct vlt_secret *summed = NULL;
    struct vlt_secret *text = NULL;
    char line[WORDS_TEXT_MAX + 1];
    size_t len = 0;
    enum vlt_status st;

    if (vlt_secret_len(entropy) != WORDS_ENTROPY) {
        return VLT_E_LIMIT;
    }
    st = vlt_secret_new(SUMMED, &summed);
    if (st != VLT_OK) {
        return st;
    }
    uint8_t *bytes = vlt_secret_bytes(summed);

    memcpy(bytes, vlt_secret_peek(entropy), WORDS_ENTROPY);
    bytes[WORDS_ENTROPY] = checksum(bytes);
    for (size_t i = 0; i < WORDS_COUNT; i++) {
        const char *word = words_list[piece(bytes, i)];

        for (; *word != '\0'; word++) {
            line[len++] = *word;
        }
        line[len++] = ' ';
    }
    st = vlt_secret_copy(vlt_slice_of(line, len - 1), &text);
    if (st == VLT_OK) {
        *out = text;
    }
    vlt_wipe(line, sizeof line);
    vlt_secret_free(summed);
    return st;
}

static bool
blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/*
 * Take the next word off the text, in lower case.  False: none is left, or it
 * cannot be of the list.
 */
static bool
next_word(struct vlt_slice *text, char word[WORDS_LONGEST + 1])
{
    size_t len = 0;

    while (text->len > 0 && blank(text->at[0])) {
        *text = vlt_slice_of(text->at + 1, text->len - 1);
    }
    while (text->len > 0 && !blank(text->at[0])) {
        uint8_t c = text->at[0];

        if (len == WORDS_LONGEST) {
            return false;
        }
        word[len++] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
        *text = vlt_slice_of(text->at + 1, text->len - 1);
    }
    word[len] = '\0';
    return len > 0;
}

/* Where a word stands in the list; WORDS_LISTED when it does not. */
static unsigned
find(const char *word)
{
    unsigned low = 0;
    unsigned high = WORDS_LISTED;

    while (low < high) {
        unsigned middle = (low + high) / 2;
        int order = strcmp(words_list[middle], word);

        if (order == 0) {
            return middle;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return WORDS_LISTED;
}

/* 24 words and nothing behind them, into 33 bytes that are zero. */
static bool
read_words(struct vlt_slice text, uint8_t *bytes)
{
    char word[WORDS_LONGEST + 1];
    bool good = true;

    for (size_t i = 0; good && i < WORDS_COUNT; i++) {
        unsigned at = next_word(&text, word) ? find(word) : WORDS_LISTED;

        good = at < WORDS_LISTED;
        if (good) {
            put_piece(bytes, i, at);
        }
    }
    while (good && text.len > 0) {
        good = blank(text.at[0]);
        text = vlt_slice_of(text.at + 1, text.len - 1);
    }
    vlt_wipe(word, sizeof word);
    return good;
}

enum vlt_status
words_parse(const struct vlt_secret *typed, struct vlt_secret **out)
{
    struct vlt_secret *summed = NULL;
    enum vlt_status st;

    if (vlt_secret_len(typed) > WORDS_TYPED_MAX) {
        return VLT_E_FORMAT;
    }
    st = vlt_secret_new(SUMMED, &summed);
    if (st != VLT_OK) {
        return st;
    }
    uint8_t *bytes = vlt_secret_bytes(summed);

    if (!read_words(vlt_slice_of(vlt_secret_peek(typed), vlt_secret_len(typed)),
                    bytes)) {
        st = VLT_E_FORMAT;
        goto done;
    }
    if (bytes[WORDS_ENTROPY] != checksum(bytes)) {
        st = VLT_E_AUTH;
        goto done;
    }
    st = vlt_secret_copy(vlt_slice_of(bytes, WORDS_ENTROPY), out);

done:
    vlt_secret_free(summed);
    return st;
}
