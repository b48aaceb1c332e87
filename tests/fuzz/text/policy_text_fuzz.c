#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "text/policy_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void
check_fault(void *ctx, const struct policy_fault *fault)
{
    size_t *told = ctx;

    if (fault->line < 1 || fault->column < 1 || fault->code[0] != 'P' ||
        strstr(fault->says, ", would be right: ") == NULL ||
        ++*told > POLICY_TEXT_FAULTS) {
        abort();
    }
}

static enum vlt_status
parse(struct vlt_slice text, size_t *told, struct policy_set **set)
{
    struct policy_text_file file = { .name = "fuzz.yaml", .text = text };
    struct policy_text_input input = { .files = &file,
                                       .count = 1,
                                       .home = VOCAB_NONE };

    return policy_text_parse(&input, check_fault, told, set);
}

/* What is refused has a fault with place and code; what is taken prints to
 * what is taken again and prints the same. */
int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct policy_set *set = NULL;
    struct policy_set *again = NULL;
    struct vlt_buf one = { 0 };
    struct vlt_buf other = { 0 };
    size_t told = 0;

    if (parse(vlt_slice_of(bytes, len), &told, &set) != VLT_OK) {
        if (told == 0) {
            abort();
        }
        return 0;
    }
    policy_text_print(&one, set);
    if (parse(vlt_buf_slice(&one), &told, &again) != VLT_OK) {
        abort();
    }
    policy_text_print(&other, again);
    if (!vlt_slice_equal(vlt_buf_slice(&one), vlt_buf_slice(&other))) {
        abort();
    }
    vlt_buf_free(&one);
    vlt_buf_free(&other);
    policy_set_free(set);
    policy_set_free(again);
    return 0;
}
