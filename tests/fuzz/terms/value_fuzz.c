#include <stdint.h>
#include <stdlib.h>

#include "terms/value.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* What prints must be read back as the same value. */
static void
try_detail(struct vlt_slice text)
{
    enum terms_detail_fault why;
    struct vlt_slice part;
    struct vlt_buf out = { 0 };
    unsigned stats;
    unsigned stats_again;
    int64_t bucket;
    int64_t bucket_again;

    if (terms_parse_detail(text, &stats, &bucket, &why, &part) != VLT_OK) {
        return;
    }
    terms_put_detail(&out, stats, bucket);
    if (terms_parse_detail(vlt_buf_slice(&out), &stats_again, &bucket_again,
                           &why, &part) != VLT_OK ||
        stats != stats_again || bucket != bucket_again) {
        abort();
    }
    vlt_buf_free(&out);
}

static void
try_step(struct vlt_slice text)
{
    struct vlt_buf out = { 0 };
    struct terms_step step;
    struct terms_step again;

    if (terms_parse_step(text, &step) != VLT_OK) {
        return;
    }
    terms_put_step(&out, step);
    if (step.nano <= 0 ||
        terms_parse_step(vlt_buf_slice(&out), &again) != VLT_OK ||
        step.nano != again.nano || step.length != again.length) {
        abort();
    }
    vlt_buf_free(&out);
}

static void
try_rate(struct vlt_slice text)
{
    struct vlt_buf out = { 0 };
    struct terms_rate rate;
    struct terms_rate again;

    if (terms_parse_rate(text, &rate) != VLT_OK) {
        return;
    }
    terms_put_rate(&out, rate);
    if (terms_parse_rate(vlt_buf_slice(&out), &again) != VLT_OK ||
        rate.n != again.n || rate.per_s != again.per_s) {
        abort();
    }
    vlt_buf_free(&out);
}

static void
try_times(struct vlt_slice text)
{
    struct vlt_buf out = { 0 };
    int64_t value;
    int64_t again;

    if (terms_parse_duration(text, &value) == VLT_OK) {
        terms_put_duration(&out, value);
        if (terms_parse_duration(vlt_buf_slice(&out), &again) != VLT_OK ||
            value != again) {
            abort();
        }
    }
    vlt_buf_clear(&out);
    if (terms_parse_date(text, &value) == VLT_OK) {
        terms_put_date(&out, value);
        if (terms_parse_date(vlt_buf_slice(&out), &again) != VLT_OK ||
            value != again) {
            abort();
        }
    }
    vlt_buf_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct vlt_slice text = vlt_slice_of(bytes, len);

    try_detail(text);
    try_step(text);
    try_rate(text);
    try_times(text);
    return 0;
}
