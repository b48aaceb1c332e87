#include "terms/terms.h"

#include <string.h>

#include "base/time.h"
#include "terms/value.h"

const struct vocab_key *
terms_axis_key(enum terms_axis axis)
{
    return vocab_cap((size_t)axis);
}

enum terms_axis
terms_axis_of(const struct vocab_key *key)
{
    for (int axis = 0; axis < TERMS_AXES; axis++) {
        if (terms_axis_key((enum terms_axis)axis) == key) {
            return (enum terms_axis)axis;
        }
    }
    return TERMS_AXES;
}

/* Words joined by + as bits. */
static int64_t
bits_of(enum vocab_kind kind, const char *text)
{
    int64_t bits = 0;

    while (*text != '\0') {
        size_t len = strcspn(text, "+");
        const struct vocab_value *value = vocab_value_find(kind, text, len);

        bits |= value != NULL ? value->value : 0;
        text += len + (text[len] == '+');
    }
    return bits;
}

static void
detail_of(const char *text, struct terms_limits *out)
{
    enum terms_detail_fault why;
    struct vlt_slice part;

    /* A default that does not parse leaves what allows nothing. */
    out->at[TERMS_DETAIL] = TERMS_UNLIMITED;
    if (terms_parse_detail(vlt_slice_text(text), &out->stats,
                           &out->at[TERMS_DETAIL], &why, &part) != VLT_OK) {
        out->stats = 0;
    }
}

static void
rate_of(const char *text, struct terms_limits *out)
{
    struct terms_rate rate = { .n = 1, .per_s = TERMS_UNLIMITED };

    if (terms_parse_rate(vlt_slice_text(text), &rate) != VLT_OK) {
        rate.n = 1;
    }
    out->at[TERMS_RATE] = rate.n;
    out->per_s = rate.per_s;
}

static int64_t
seconds_of(const char *text)
{
    int64_t seconds = 0;

    return terms_parse_duration(vlt_slice_text(text), &seconds) == VLT_OK
               ? seconds
               : 0;
}

void
terms_caps_unsaid(int home, struct terms_limits *out)
{
    const char *unsaid[TERMS_AXES];

    *out = (struct terms_limits){ 0 };
    for (int axis = 0; axis < TERMS_AXES; axis++) {
        unsaid[axis] = terms_axis_key((enum terms_axis)axis)->unsaid;
    }
    out->at[TERMS_ACTION] = bits_of(VOCAB_ACTION, unsaid[TERMS_ACTION]);
    out->at[TERMS_BASIS] = bits_of(VOCAB_BASIS, unsaid[TERMS_BASIS]);
    detail_of(unsaid[TERMS_DETAIL], out);
    rate_of(unsaid[TERMS_RATE], out);
    out->at[TERMS_WINDOW] = seconds_of(unsaid[TERMS_WINDOW]);
    out->at[TERMS_DELAY] = seconds_of(unsaid[TERMS_DELAY]);
    out->at[TERMS_EVERY] = seconds_of(unsaid[TERMS_EVERY]);
    out->at[TERMS_LIFE] = seconds_of(unsaid[TERMS_LIFE]);
    out->at[TERMS_KEEP] = seconds_of(unsaid[TERMS_KEEP]);
    /* Absent or `none` in the table: these have no limit unless written. */
    out->at[TERMS_USES] = TERMS_UNLIMITED;
    out->at[TERMS_FROM] = INT64_MIN;
    out->at[TERMS_UNTIL] = INT64_MAX;
    /* `no` and `none` are 0, as are channels and the step. */
    out->at[TERMS_ONWARDS] = TERMS_ONWARD_NO;
    terms_places_add_home(&out->where, home);
}

/* ---- places ---- */

void
terms_places_add(struct terms_places *places, int country)
{
    if (country >= 0 && country < VOCAB_PLACES * 64) {
        places->bits[country / 64] |= UINT64_C(1) << (country % 64);
    }
}

bool
terms_places_within(struct terms_places inner, struct terms_places outer)
{
    uint64_t outside = 0;

    for (size_t i = 0; i < VOCAB_PLACES; i++) {
        outside |= inner.bits[i] & ~outer.bits[i];
    }
    return outside == 0;
}

void
terms_places_add_home(struct terms_places *places, int home)
{
    terms_places_add(places, home);
    if (vocab_country_eea(home)) {
        terms_places_add_eea(places);
    }
}

void
terms_places_add_eea(struct terms_places *places)
{
    for (int country = 0; vocab_country(country) != NULL; country++) {
        if (vocab_country_eea(country)) {
            terms_places_add(places, country);
        }
    }
}

void
terms_places_add_all(struct terms_places *places)
{
    for (int country = 0; vocab_country(country) != NULL; country++) {
        terms_places_add(places, country);
    }
}
