#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void
must(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* What is shown is printable, whatever came. */
static void
try_escapes(struct vlt_slice text)
{
    struct vlt_buf shown = { 0 };

    vlt_text_put_escaped(&shown, text);
    must(vlt_text_printable(vlt_buf_slice(&shown)));
    vlt_buf_free(&shown);
}

/* A number is what the library reads, and its print reads back the same. */
static void
try_double(struct vlt_slice text)
{
    char print[VLT_DOUBLE_TEXT];
    double value;
    double again;

    if (vlt_double_parse(text, &value) != VLT_OK) {
        return;
    }
    char *copy = vlt_text_copy(text);

    must(copy != NULL);
    again = strtod(copy, NULL);
    must(memcmp(&again, &value, sizeof value) == 0);
    free(copy);
    must(vlt_double_parse(vlt_slice_text(vlt_double_print(value, print)),
                          &again) == VLT_OK);
    must(memcmp(&again, &value, sizeof value) == 0);
}

/* Any eight bytes are a double too. */
static void
try_print(struct vlt_slice bytes)
{
    char print[VLT_DOUBLE_TEXT];
    double value;
    double again;

    if (bytes.len < sizeof value) {
        return;
    }
    memcpy(&value, bytes.at, sizeof value);
    vlt_double_print(value, print);
    must(strlen(print) < sizeof print);
    if (isfinite(value)) {
        must(vlt_double_parse(vlt_slice_text(print), &again) == VLT_OK);
        must(memcmp(&again, &value, sizeof value) == 0);
    }
}

static void
try_integers(struct vlt_slice text)
{
    int64_t value;
    uint64_t size;

    if (vlt_uint_parse(text, &size) == VLT_OK && size <= INT64_MAX) {
        must(vlt_int_parse(text, &value) == VLT_OK);
        must((uint64_t)value == size);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct vlt_slice text = vlt_slice_of(bytes, len);

    must(!vlt_text_printable(text) || vlt_utf8_valid(text));
    must(vlt_utf8_count(text) <= len);
    try_escapes(text);
    try_double(text);
    try_print(text);
    try_integers(text);
    return 0;
}
