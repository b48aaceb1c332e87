/* Words that parse print as words that parse to the same bytes. */
#include <stdlib.h>

#include "keys/words.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct vlt_secret *typed = NULL;
    struct vlt_secret *entropy = NULL;
    struct vlt_secret *text = NULL;
    struct vlt_secret *again = NULL;

    if (len < 1 || len > WORDS_TYPED_MAX || vlt_secret_init() != VLT_OK ||
        vlt_secret_copy(vlt_slice_of(bytes, len), &typed) != VLT_OK) {
        return 0;
    }
    if (words_parse(typed, &entropy) == VLT_OK &&
        (words_print(entropy, &text) != VLT_OK ||
         words_parse(text, &again) != VLT_OK ||
         !vlt_equal(vlt_secret_peek(entropy), vlt_secret_peek(again),
                    WORDS_ENTROPY))) {
        abort();
    }
    vlt_secret_free(typed);
    vlt_secret_free(entropy);
    vlt_secret_free(text);
    vlt_secret_free(again);
    return 0;
}
