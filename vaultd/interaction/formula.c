#include "interaction/formula.h"

#include <assert.h>
#include <stdio.h>

#include "base/text.h"

__extension__ typedef __int128 wide;

static const int64_t PPM = 1000000;
static const int64_t NANO = 1000000000;

static const char likert[] = "likert-";

/* All scales but likert, whose word has its number of points in it. */
static const struct {
    const char *word;
    int64_t min, max;
} plain[] = {
    [FORMULA_LIKERT] = { "likert", 1, 0 },
    [FORMULA_CES1] = { "ces1", 1, 5 },
    [FORMULA_NPS] = { "nps", 0, 10 },
    [FORMULA_THUMB] = { "thumb", 0, 1 },
    [FORMULA_PLAIN] = { "q", 0, FORMULA_Q },
};

/* n / m, m > 0, rounded half away from zero. */
static int64_t
rnd(wide n, wide m)
{
    wide half = n < 0 ? -(m / 2) : m / 2;

    /* An odd m has no half: m / 2 rounded down adds just too little to tip a
     * quotient that lies below the middle. */
    return (int64_t)((n + half) / m);
}

static bool
q_valid(int32_t q)
{
    return q >= 0 && q <= FORMULA_Q;
}

static void
check(struct formula_step step)
{
    assert(q_valid(step.perceived) && q_valid(step.expected));
    assert(step.weight >= 1 && step.weight <= FORMULA_WEIGHT);
}

static enum vlt_status
parse_likert(struct vlt_slice digits, struct formula_scale *out)
{
    uint64_t points = 0;

    if (digits.len == 0 || digits.at[0] == '0' ||
        vlt_uint_parse(digits, &points) != VLT_OK || points < 2 ||
        points > 11) {
        return VLT_E_FORMAT;
    }
    *out = (struct formula_scale){ FORMULA_LIKERT, (int)points };
    return VLT_OK;
}

enum vlt_status
formula_scale_parse(struct vlt_slice word, struct formula_scale *out)
{
    const size_t len = sizeof likert - 1;

    for (size_t i = FORMULA_CES1; i < sizeof plain / sizeof plain[0]; i++) {
        if (vlt_slice_is(word, plain[i].word)) {
            *out = (struct formula_scale){ (enum formula_kind)i, 0 };
            return VLT_OK;
        }
    }
    if (word.len > len && vlt_slice_is(vlt_slice_of(word.at, len), likert)) {
        return parse_likert(vlt_slice_of(word.at + len, word.len - len), out);
    }
    return VLT_E_FORMAT;
}

const char *
formula_scale_print(struct formula_scale scale, char out[FORMULA_WORD])
{
    if (scale.kind == FORMULA_LIKERT) {
        snprintf(out, FORMULA_WORD, "%s%d", likert, scale.points);
    } else {
        snprintf(out, FORMULA_WORD, "%s", plain[scale.kind].word);
    }
    return out;
}

int64_t
formula_raw_min(struct formula_scale scale)
{
    return plain[scale.kind].min;
}

int64_t
formula_raw_max(struct formula_scale scale)
{
    return scale.kind == FORMULA_LIKERT ? scale.points : plain[scale.kind].max;
}

int32_t
formula_q(struct formula_scale scale, int64_t raw)
{
    assert(raw >= formula_raw_min(scale) && raw <= formula_raw_max(scale));
    switch (scale.kind) {
    case FORMULA_LIKERT:
        return (int32_t)rnd(1000 * (raw - 1), scale.points - 1);
    case FORMULA_CES1:
        return (int32_t)(1000 - rnd(1000 * (raw - 1), 4));
    case FORMULA_NPS:
        return (int32_t)(100 * raw);
    case FORMULA_THUMB:
        return (int32_t)(1000 * raw);
    case FORMULA_PLAIN:
        break;
    }
    return (int32_t)raw;
}

int32_t
formula_expect(int32_t expected, int32_t perceived,
               const struct constants *constants)
{
    assert(q_valid(expected) && q_valid(perceived));
    return expected +
           (int32_t)rnd((wide)(perceived - expected) * constants->update, PPM);
}

enum formula_class
formula_class(int32_t perceived, int32_t expected, struct formula_wish wish,
              const struct constants *constants)
{
    if (wish.desired != FORMULA_NONE && wish.adequate != FORMULA_NONE) {
        assert(wish.adequate <= wish.desired);
        if (perceived > wish.desired) {
            return FORMULA_DELIGHT;
        }
        return perceived < wish.adequate ? FORMULA_FAILED : FORMULA_IN_ZONE;
    }
    int32_t gap = perceived - expected;

    if (gap > constants->dead_band) {
        return FORMULA_BETTER;
    }
    return gap < -constants->dead_band ? FORMULA_WORSE : FORMULA_AS_EXPECTED;
}

const char *formula_class_word(enum formula_class class)
{
    static const char *const words[] = {
        [FORMULA_AS_EXPECTED] = "as-expected",
        [FORMULA_BETTER] = "better",
        [FORMULA_WORSE] = "worse",
        [FORMULA_DELIGHT] = "delight",
        [FORMULA_IN_ZONE] = "in-zone",
        [FORMULA_FAILED] = "failed",
    };

    return words[class];
}

int64_t
formula_share(int32_t weight, int64_t newest)
{
    int64_t rest = PPM;

    for (int32_t i = 0; i < weight; i++) {
        rest = rnd((wide)rest * (PPM - newest), PPM);
    }
    return PPM - rest;
}

int64_t
formula_score(int64_t score, struct formula_step step, int64_t newest)
{
    check(step);
    int64_t target = 1000 * ((int64_t)step.perceived - step.expected);

    return score +
           rnd((wide)(target - score) * formula_share(step.weight, newest),
               PPM);
}

int64_t
formula_level(int64_t level, struct formula_step step, int64_t newest)
{
    check(step);
    int64_t target = 1000 * (int64_t)step.perceived;

    return level +
           rnd((wide)(target - level) * formula_share(step.weight, newest),
               PPM);
}

/* What of a value is left once the step has taken its share. */
static int64_t
left_of(int64_t value, struct formula_step step, int64_t newest)
{
    return rnd((wide)value * (PPM - formula_share(step.weight, newest)), PPM);
}

int64_t
formula_unknown(int64_t unknown, struct formula_step step, int64_t newest)
{
    return left_of(unknown, step, newest);
}

int64_t
formula_contribution(struct formula_step step, int64_t newest)
{
    check(step);
    wide gap = (wide)step.perceived - step.expected;

    return rnd(gap * NANO * formula_share(step.weight, newest), PPM);
}

int64_t
formula_fade(int64_t contribution, struct formula_step step, int64_t newest)
{
    return left_of(contribution, step, newest);
}
