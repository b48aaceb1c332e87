#include "terms/value.h"

#include <string.h>

#include "base/text.h"
#include "base/time.h"

enum {
    STEP_DECIMALS = 9,
    STEP_WHOLE_MAX = 10, /* digits before the point */
};

#define NANO INT64_C(1000000000)
#define STEP_MOST INT64_C(9000000000)

/* Split at the first mark; false: there is none. */
static bool
split(struct vlt_slice text, char mark, struct vlt_slice *before,
      struct vlt_slice *after)
{
    const uint8_t *at = text.len > 0 ? memchr(text.at, mark, text.len) : NULL;

    if (at == NULL) {
        return false;
    }
    size_t len = (size_t)(at - text.at);

    *before = vlt_slice_of(text.at, len);
    *after = vlt_slice_of(at + 1, text.len - len - 1);
    return true;
}

static const struct vocab_value *
word(enum vocab_kind kind, struct vlt_slice text)
{
    return vocab_value_find(kind, (const char *)text.at, text.len);
}

enum vlt_status
terms_parse_duration(struct vlt_slice text, int64_t *out)
{
    int64_t ns;
    enum vlt_status st = vlt_duration_parse(text, &ns);

    if (st != VLT_OK) {
        return st;
    }
    *out = ns / VLT_SECOND;
    return VLT_OK;
}

/* ---- detail ---- */

/* One word more of the statistics. */
static enum vlt_status
add_stat(struct vlt_slice text, unsigned *stats, enum terms_detail_fault *why)
{
    if (vlt_slice_is(text, "any")) {
        *why = TERMS_DETAIL_TWICE;
        if (*stats != 0) {
            return VLT_E_FORMAT;
        }
        *stats = VOCAB_STATS_ALL;
        return VLT_OK;
    }
    const struct vocab_value *stat = word(VOCAB_STAT, text);

    if (stat == NULL) {
        *why = TERMS_DETAIL_STAT;
        return VLT_E_FORMAT;
    }
    if ((*stats & (unsigned)stat->value) != 0) {
        *why = TERMS_DETAIL_TWICE;
        return VLT_E_FORMAT;
    }
    *stats |= (unsigned)stat->value;
    return VLT_OK;
}

enum vlt_status
terms_parse_detail(struct vlt_slice text, unsigned *stats, int64_t *bucket_s,
                   enum terms_detail_fault *why, struct vlt_slice *part)
{
    struct vlt_slice words;
    struct vlt_slice bucket;
    struct vlt_slice rest;
    unsigned found = 0;

    if (vlt_slice_is(text, "raw")) {
        *stats = 0;
        *bucket_s = 0;
        return VLT_OK;
    }
    *part = text;
    *why = TERMS_DETAIL_FORM;
    if (!split(text, '/', &words, &bucket)) {
        return VLT_E_FORMAT;
    }
    for (bool more = true; more;) {
        more = split(words, '+', part, &rest);
        if (!more) {
            *part = words;
        }
        if (add_stat(*part, &found, why) != VLT_OK) {
            return VLT_E_FORMAT;
        }
        words = rest;
    }
    const struct vocab_value *size = word(VOCAB_BUCKET, bucket);

    if (size == NULL) {
        *why = TERMS_DETAIL_BUCKET;
        *part = bucket;
        return VLT_E_FORMAT;
    }
    *stats = found;
    *bucket_s = size->value;
    return VLT_OK;
}

void
terms_buckets_near(int64_t seconds, int64_t *below, int64_t *above)
{
    const struct vocab_value *value;

    *below = 0;
    *above = 0;
    for (size_t i = 0; (value = vocab_value_at(VOCAB_BUCKET, i)) != NULL; i++) {
        if (value->value < seconds) {
            *below = value->value;
        } else if (*above == 0) {
            *above = value->value;
        }
    }
}

/* ---- step ---- */

static bool
digits(struct vlt_slice text, size_t most)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9') {
            return false;
        }
    }
    return text.len > 0 && text.len <= most;
}

/* Digits as a number; at most 18 of them. */
static int64_t
number(struct vlt_slice text)
{
    int64_t value = 0;

    for (size_t i = 0; i < text.len; i++) {
        value = value * 10 + (text.at[i] - '0');
    }
    return value;
}

/* Take m or km off the end; gives 1, 1000, or 0 for a step without unit. */
static int64_t
take_unit(struct vlt_slice *text)
{
    if (text->len == 0 || text->at[text->len - 1] != 'm') {
        return 0;
    }
    text->len--;
    if (text->len == 0 || text->at[text->len - 1] != 'k') {
        return 1;
    }
    text->len--;
    return 1000;
}

enum vlt_status
terms_parse_step(struct vlt_slice text, struct terms_step *out)
{
    int64_t unit = take_unit(&text);
    struct vlt_slice whole = text;
    struct vlt_slice part = { NULL, 0 };
    bool point = split(text, '.', &whole, &part);

    if (!digits(whole, STEP_WHOLE_MAX) ||
        (point && !digits(part, STEP_DECIMALS))) {
        return VLT_E_FORMAT;
    }
    int64_t fraction = number(part);

    for (size_t i = part.len; i < STEP_DECIMALS; i++) {
        fraction *= 10;
    }
    int64_t scale = unit == 0 ? 1 : unit;
    int64_t most = STEP_MOST / scale;

    if (number(whole) >= most) {
        return VLT_E_LIMIT;
    }
    int64_t nano = (number(whole) * NANO + fraction) * scale;

    if (nano == 0) {
        return VLT_E_LIMIT;
    }
    *out = (struct terms_step){ .nano = nano, .length = unit != 0 };
    return VLT_OK;
}

/* ---- rate, date ---- */

static const struct {
    const char *word;
    int64_t seconds;
} periods[] = {
    { "min", 60 },
    { "h", 3600 },
    { "day", 86400 },
    { "week", 604800 },
};

enum vlt_status
terms_parse_rate(struct vlt_slice text, struct terms_rate *out)
{
    struct vlt_slice count;
    struct vlt_slice period;
    int64_t n;

    if (vlt_slice_is(text, "none")) {
        *out = (struct terms_rate){ 0 };
        return VLT_OK;
    }
    if (!split(text, '/', &count, &period) ||
        vlt_int_parse(count, &n) != VLT_OK) {
        return VLT_E_FORMAT;
    }
    for (size_t i = 0; i < sizeof periods / sizeof periods[0]; i++) {
        if (!vlt_slice_is(period, periods[i].word)) {
            continue;
        }
        if (n < 1 || n > 1000) {
            return VLT_E_LIMIT;
        }
        *out = (struct terms_rate){ .n = n, .per_s = periods[i].seconds };
        return VLT_OK;
    }
    return VLT_E_FORMAT;
}

enum vlt_status
terms_parse_date(struct vlt_slice text, int64_t *out)
{
    static const char midnight[] = "T00:00:00Z";
    uint8_t whole[10 + sizeof midnight];

    if (text.len != 10) {
        return vlt_time_parse(text, out);
    }
    memcpy(whole, text.at, 10);
    memcpy(whole + 10, midnight, sizeof midnight - 1);
    return vlt_time_parse(vlt_slice_of(whole, 10 + sizeof midnight - 1), out);
}
