#include <inttypes.h>
#include <string.h>

#include "base/time.h"
#include "terms/say.h"
#include "terms/value.h"

#define NANO INT64_C(1000000000)

void
terms_put_duration(struct vlt_buf *out, int64_t seconds)
{
    static const struct {
        const char *unit;
        int64_t seconds;
    } units[] = { { "d", 86400 }, { "h", 3600 }, { "min", 60 } };

    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (seconds != 0 && seconds % units[i].seconds == 0) {
            vlt_buf_put_int(out, seconds / units[i].seconds);
            vlt_buf_put_text(out, units[i].unit);
            return;
        }
    }
    vlt_buf_put_int(out, seconds);
    vlt_buf_put_text(out, "s");
}

/* The words of the bits that are set, in the order of the vocabulary. */
static void
put_bits(struct vlt_buf *out, enum vocab_kind kind, int64_t bits,
         const char *between)
{
    const struct vocab_value *value;
    bool first = true;

    for (size_t i = 0; (value = vocab_value_at(kind, i)) != NULL; i++) {
        if ((bits & value->value) == 0) {
            continue;
        }
        vlt_buf_put_text(out, first ? "" : between);
        vlt_buf_put_text(out, value->id);
        first = false;
    }
    if (first) {
        vlt_buf_put_text(out, "none");
    }
}

void
terms_put_detail(struct vlt_buf *out, unsigned stats, int64_t bucket_s)
{
    const struct vocab_value *bucket = vocab_value(VOCAB_BUCKET, bucket_s);

    if (bucket_s == 0) {
        vlt_buf_put_text(out, "raw");
        return;
    }
    if (bucket == NULL) {
        vlt_buf_put_text(out, "none");
        return;
    }
    if (stats == VOCAB_STATS_ALL) {
        vlt_buf_put_text(out, "any");
    } else {
        put_bits(out, VOCAB_STAT, stats, "+");
    }
    vlt_buf_put_texts(out, "/", bucket->id, NULL);
}

void
terms_put_step(struct vlt_buf *out, struct terms_step step)
{
    int64_t scale = step.length && step.nano % (1000 * NANO) == 0 ? 1000 : 1;
    int64_t nano = step.nano / scale;
    int64_t fraction = nano % NANO;
    int decimals = fraction == 0 ? 0 : 9;

    while (decimals > 0 && fraction % 10 == 0) {
        fraction /= 10;
        decimals--;
    }
    vlt_buf_put_int(out, nano / NANO);
    if (decimals > 0) {
        vlt_buf_printf(out, ".%0*" PRId64, decimals, fraction);
    }
    if (step.length) {
        vlt_buf_put_text(out, scale == 1000 ? "km" : "m");
    }
}

void
terms_put_rate(struct vlt_buf *out, struct terms_rate rate)
{
    const char *period = rate.per_s == 60      ? "min"
                         : rate.per_s == 3600  ? "h"
                         : rate.per_s == 86400 ? "day"
                                               : "week";

    if (rate.n == 0) {
        vlt_buf_put_text(out, "none");
        return;
    }
    vlt_buf_put_int(out, rate.n);
    vlt_buf_put_texts(out, "/", period, NULL);
}

void
terms_put_date(struct vlt_buf *out, int64_t ns)
{
    char text[VLT_TIME_TEXT];

    if (vlt_floor_div(ns, VLT_DAY) * VLT_DAY == ns) {
        struct vlt_civil day = vlt_civil_of(ns);

        vlt_buf_printf(out, "%04" PRId64 "-%02d-%02d", day.year, day.month,
                       day.day);
        return;
    }
    vlt_buf_put_text(out, vlt_time_print(ns, text));
}

/* ---- an axis ---- */

/* All of the EEA is said in one word. */
static void
put_places(struct vlt_buf *out, const struct terms_places *places)
{
    struct terms_places eea = { { 0 } };
    const char *between = "";

    terms_places_add_eea(&eea);
    bool whole = terms_places_within(eea, *places);

    if (whole) {
        vlt_buf_put_text(out, "EEA");
        between = ", ";
    }
    for (int i = 0; vocab_country(i) != NULL; i++) {
        if ((places->bits[i / 64] >> (i % 64) & 1) != 0 &&
            !(whole && vocab_country_eea(i))) {
            vlt_buf_put_texts(out, between, vocab_country(i), NULL);
            between = ", ";
        }
    }
    if (*between == '\0') {
        vlt_buf_put_text(out, "none");
    }
}

/* put: vlt_buf_put_slice(), or terms_put_claim() */
static void
put_recipients(struct vlt_buf *out, const struct terms_limits *limits,
               void (*put)(struct vlt_buf *out, struct vlt_slice name))
{
    for (size_t i = 0; i < limits->onward_count; i++) {
        vlt_buf_put_text(out, i > 0 ? ", " : "");
        put(out, limits->onward[i].name);
        vlt_buf_put_text(out, limits->onward[i].controller ? " (controller)"
                                                           : " (processor)");
    }
    for (size_t i = 0; i < limits->name_count; i++) {
        vlt_buf_put_text(out, i > 0 ? ", " : "");
        put(out, limits->names[i]);
    }
    if (limits->onward_count + limits->name_count == 0) {
        vlt_buf_put_text(out,
                         limits->at[TERMS_ONWARDS] == TERMS_ONWARD_PROCESSORS
                             ? "processors"
                             : "no");
    }
}

static void
put_seconds(struct vlt_buf *out, int64_t value)
{
    if (value == TERMS_WINDOW_NEW) {
        vlt_buf_put_text(out, "new");
    } else if (value == TERMS_UNLIMITED) {
        vlt_buf_put_text(out, "none");
    } else {
        terms_put_duration(out, value);
    }
}

static void
put_time(struct vlt_buf *out, int64_t value)
{
    if (value == INT64_MAX || value == INT64_MIN) {
        vlt_buf_put_text(out, "none");
    } else {
        terms_put_date(out, value);
    }
}

static void
put_count(struct vlt_buf *out, int64_t value)
{
    if (value == TERMS_UNLIMITED) {
        vlt_buf_put_text(out, "none");
    } else {
        vlt_buf_put_int(out, value);
    }
}

static void
put_profiling(struct vlt_buf *out, int64_t value)
{
    const struct vocab_value *word = vocab_value(VOCAB_PROFILING, value);

    vlt_buf_put_text(out, word == NULL ? "none" : word->id);
}

static void
put_step(struct vlt_buf *out, const struct terms_limits *limits)
{
    struct terms_step step = { .nano = limits->at[TERMS_ROUND],
                               .length = limits->length };

    if (step.nano == 0) {
        vlt_buf_put_text(out, "none");
    } else {
        terms_put_step(out, step);
    }
}

void
terms_put_axis(struct vlt_buf *out, enum terms_axis axis,
               const struct terms_limits *limits)
{
    int64_t value = limits->at[axis < TERMS_AXES ? axis : 0];

    switch (axis) {
    case TERMS_ACTION:
        put_bits(out, VOCAB_ACTION, value, "+");
        return;
    case TERMS_CHANNELS:
        put_bits(out, VOCAB_CHANNEL, value, "+");
        return;
    case TERMS_BASIS:
        put_bits(out, VOCAB_BASIS, value, "+");
        return;
    case TERMS_DETAIL:
        terms_put_detail(out, limits->stats, value);
        return;
    case TERMS_ROUND:
        put_step(out, limits);
        return;
    case TERMS_WINDOW:
    case TERMS_DELAY:
    case TERMS_EVERY:
    case TERMS_LIFE:
    case TERMS_KEEP:
        put_seconds(out, value);
        return;
    case TERMS_RATE:
        terms_put_rate(
            out, (struct terms_rate){ .n = value, .per_s = limits->per_s });
        return;
    case TERMS_USES:
        put_count(out, value);
        return;
    case TERMS_FROM:
    case TERMS_UNTIL:
        put_time(out, value);
        return;
    case TERMS_ONWARDS:
        put_recipients(out, limits, terms_put_claim);
        return;
    case TERMS_WHERES:
        put_places(out, &limits->where);
        return;
    case TERMS_PROFILING:
        put_profiling(out, value);
        return;
    case TERMS_AUTOMATED:
    case TERMS_TRAINING:
    case TERMS_GATEKEEPER:
        vlt_buf_put_text(out, value != 0 ? "yes" : "no");
        return;
    case TERMS_AXES:
        return;
    }
}

void
terms_put_axis_bare(struct vlt_buf *out, enum terms_axis axis,
                    const struct terms_limits *limits)
{
    if (axis == TERMS_ONWARDS) {
        put_recipients(out, limits, vlt_buf_put_slice);
    } else {
        terms_put_axis(out, axis, limits);
    }
}
