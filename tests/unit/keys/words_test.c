/* Words stand for bytes, exactly as BIP-39 has it. */
#include "unit.h"

#include <string.h>

#include "base/buf.h"
#include "keys/words.h"
#include "keys/words_internal.h"

#define TIMES_23(word)                                                         \
    word " " word " " word " " word " " word " " word " " word " " word        \
         " " word " " word " " word " " word " " word " " word " " word        \
         " " word " " word " " word " " word " " word " " word " " word        \
         " " word

/* From the test vectors of BIP-39: entropy of one byte 32 times. */
static const struct {
    uint8_t byte;
    const char *words;
} vectors[] = {
    { 0x00, TIMES_23("abandon") " art" },
    { 0xff, TIMES_23("zoo") " vote" },
    { 0x7f, "legal winner thank year wave sausage worth useful "
            "legal winner thank year wave sausage worth useful "
            "legal winner thank year wave sausage worth title" },
    { 0x80, "letter advice cage absurd amount doctor acoustic avoid "
            "letter advice cage absurd amount doctor acoustic avoid "
            "letter advice cage absurd amount doctor acoustic bless" },
};

static struct vlt_secret *
secret_text(const char *text)
{
    struct vlt_secret *secret;

    assert_int_equal(vlt_secret_copy(vlt_slice_text(text), &secret), VLT_OK);
    return secret;
}

static enum vlt_status
parse(const char *text, uint8_t out[WORDS_ENTROPY])
{
    struct vlt_secret *typed = secret_text(text);
    struct vlt_secret *entropy = NULL;
    enum vlt_status st = words_parse(typed, &entropy);

    if (st == VLT_OK) {
        memcpy(out, vlt_secret_peek(entropy), WORDS_ENTROPY);
    } else {
        assert_null(entropy);
    }
    vlt_secret_free(entropy);
    vlt_secret_free(typed);
    return st;
}

static void
known_bytes_have_known_words(void **state)
{
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        struct vlt_secret *entropy;
        struct vlt_secret *text;
        uint8_t bytes[WORDS_ENTROPY];
        uint8_t again[WORDS_ENTROPY];

        memset(bytes, vectors[i].byte, sizeof bytes);
        assert_int_equal(
            vlt_secret_copy(vlt_slice_of(bytes, sizeof bytes), &entropy),
            VLT_OK);
        assert_int_equal(words_print(entropy, &text), VLT_OK);
        assert_int_equal(vlt_secret_len(text), strlen(vectors[i].words));
        assert_memory_equal(vlt_secret_peek(text), vectors[i].words,
                            strlen(vectors[i].words));
        assert_int_equal(parse(vectors[i].words, again), VLT_OK);
        assert_memory_equal(again, bytes, sizeof bytes);
        vlt_secret_free(text);
        vlt_secret_free(entropy);
    }
}

static void
any_bytes_come_back(void **state)
{
    for (int i = 0; i < 200; i++) {
        struct vlt_secret *entropy;
        struct vlt_secret *text;
        struct vlt_secret *again;

        assert_int_equal(vlt_secret_random(WORDS_ENTROPY, &entropy), VLT_OK);
        assert_int_equal(words_print(entropy, &text), VLT_OK);
        assert_int_equal(words_parse(text, &again), VLT_OK);
        assert_true(vlt_equal(vlt_secret_peek(entropy), vlt_secret_peek(again),
                              WORDS_ENTROPY));
        vlt_secret_free(entropy);
        vlt_secret_free(text);
        vlt_secret_free(again);
    }
}

static void
blanks_and_capitals_do_not_matter(void **state)
{
    uint8_t bytes[WORDS_ENTROPY];

    assert_int_equal(
        parse("  Legal WINNER thank\tyear wave sausage worth useful\n"
              "legal winner thank year wave sausage worth useful\r\n"
              "legal winner thank year wave sausage worth title\n\n",
              bytes),
        VLT_OK);
    assert_int_equal(bytes[31], 0x7f);
}

static const struct {
    const char *says;
    const char *typed;
    enum vlt_status st;
} refused[] = {
    { "nothing", " ", VLT_E_FORMAT },
    { "23 words", TIMES_23("abandon"), VLT_E_FORMAT },
    { "25 words", TIMES_23("abandon") " art art", VLT_E_FORMAT },
    { "a word that is not listed", TIMES_23("abandon") " arts", VLT_E_FORMAT },
    { "a word cut short", TIMES_23("abandon") " ar", VLT_E_FORMAT },
    { "a longer word", TIMES_23("abandon") " abandoned", VLT_E_FORMAT },
    { "no blanks but commas", TIMES_23("abandon") ",art", VLT_E_FORMAT },
    { "another checksum", TIMES_23("abandon") " zoo", VLT_E_AUTH },
};

static void
anything_else_is_refused(void **state)
{
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        uint8_t bytes[WORDS_ENTROPY];

        print_message("%s\n", refused[i].says);
        assert_int_equal(parse(refused[i].typed, bytes), refused[i].st);
    }
}

/* Of the 2,048 last words, 8 have the right checksum. */
static void
the_checksum_lets_one_in_256_through(void **state)
{
    int right = 0;

    for (size_t i = 0; i < WORDS_LISTED; i++) {
        struct vlt_buf text = { 0 };
        uint8_t bytes[WORDS_ENTROPY];

        vlt_buf_put_text(&text, TIMES_23("ability") " ");
        vlt_buf_put_text(&text, words_list[i]);
        right += parse(vlt_buf_text(&text), bytes) == VLT_OK;
        vlt_buf_free(&text);
    }
    assert_int_equal(right, 8);
}

static void
too_much_text_is_no_words(void **state)
{
    char text[WORDS_TYPED_MAX + 2];
    uint8_t bytes[WORDS_ENTROPY];

    memset(text, ' ', sizeof text);
    text[sizeof text - 1] = '\0';
    assert_int_equal(parse(text, bytes), VLT_E_FORMAT);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_bytes_have_known_words),
        cmocka_unit_test(any_bytes_come_back),
        cmocka_unit_test(blanks_and_capitals_do_not_matter),
        cmocka_unit_test(anything_else_is_refused),
        cmocka_unit_test(the_checksum_lets_one_in_256_through),
        cmocka_unit_test(too_much_text_is_no_words),
    };

    if (vlt_secret_init() != VLT_OK) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
