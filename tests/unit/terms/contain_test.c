#include <string.h>

#include "unit.h"

#include "base/time.h"
#include "requests.h"
#include "terms/terms.h"

/* A permit that writes nothing, and an atom that asks for exactly that. */
static struct terms_limits
unsaid(void)
{
    struct terms_limits caps;

    terms_caps_unsaid(vocab_country_find("GB", 2), &caps);
    return caps;
}

static void
the_axes_are_the_caps_of_the_table(void **state)
{
    static const char *const names[TERMS_AXES] = {
        "action", "channels",  "detail",    "round",    "window",
        "delay",  "every",     "rate",      "uses",     "life",
        "from",   "until",     "keep",      "onward",   "where",
        "basis",  "profiling", "automated", "training", "gatekeeper",
    };

    for (int axis = 0; axis < TERMS_AXES; axis++) {
        const struct vocab_key *key = terms_axis_key((enum terms_axis)axis);

        assert_string_equal(key->name, names[axis]);
        assert_int_equal(terms_axis_of(key), axis);
    }
    assert_null(terms_axis_key(TERMS_AXES));
    assert_int_equal(terms_axis_of(vocab_key_find(false, "note", 4)),
                     TERMS_AXES);
}

static void
defaults_are_those_of_the_specification(void **state)
{
    struct terms_limits caps = unsaid();

    assert_int_equal(caps.at[TERMS_ACTION], VOCAB_ONCE | VOCAB_READ);
    assert_int_equal(caps.at[TERMS_CHANNELS], 0);
    assert_int_equal(caps.at[TERMS_DETAIL], 3600);
    assert_int_equal(caps.stats, VOCAB_STATS_ALL);
    assert_int_equal(caps.at[TERMS_ROUND], 0);
    assert_int_equal(caps.at[TERMS_WINDOW], 90 * 86400);
    assert_int_equal(caps.at[TERMS_DELAY], 0);
    assert_int_equal(caps.at[TERMS_EVERY], 10);
    assert_int_equal(caps.at[TERMS_RATE], 24);
    assert_int_equal(caps.per_s, 86400);
    assert_true(caps.at[TERMS_USES] == TERMS_UNLIMITED);
    assert_int_equal(caps.at[TERMS_LIFE], 90 * 86400);
    assert_true(caps.at[TERMS_FROM] == INT64_MIN);
    assert_true(caps.at[TERMS_UNTIL] == INT64_MAX);
    assert_int_equal(caps.at[TERMS_KEEP], 30 * 86400);
    assert_int_equal(caps.at[TERMS_ONWARDS], TERMS_ONWARD_NO);
    assert_int_equal(caps.at[TERMS_BASIS], VOCAB_BY_CONSENT |
                                               VOCAB_BY_CONTRACT |
                                               VOCAB_BY_PRECONTRACT);
    assert_int_equal(caps.at[TERMS_PROFILING], VOCAB_PROFILING_NONE);
    assert_int_equal(caps.at[TERMS_AUTOMATED], 0);
    assert_int_equal(caps.at[TERMS_TRAINING], 0);
    assert_int_equal(caps.at[TERMS_GATEKEEPER], 0);
}

/* One axis, what is asked and what is allowed on it. */
/* clang-format off */
static const struct {
    enum terms_axis axis;
    int64_t asked, cap;
    bool holds;
} rows[] = {
    { TERMS_ACTION, VOCAB_ONCE, VOCAB_READ, true },
    { TERMS_ACTION, VOCAB_READ, VOCAB_ONCE, false },
    { TERMS_ACTION, VOCAB_READ, VOCAB_LIVE, true },
    { TERMS_ACTION, VOCAB_ONCE, VOCAB_LIVE, true },
    { TERMS_ACTION, VOCAB_LIVE, VOCAB_READ | VOCAB_ONCE, false },
    { TERMS_ACTION, VOCAB_CONTACT, VOCAB_LIVE, false },
    { TERMS_ACTION, VOCAB_ONCE, VOCAB_CONTACT, false },
    { TERMS_CHANNELS, 3, 7, true },
    { TERMS_CHANNELS, 8, 7, false },
    { TERMS_CHANNELS, 0, 0, true },
    { TERMS_DETAIL, 3600, 900, true },
    { TERMS_DETAIL, 900, 900, true },
    { TERMS_DETAIL, 900, 600, false },
    { TERMS_DETAIL, 900, 3600, false },
    { TERMS_DETAIL, 0, 900, false },
    { TERMS_DETAIL, 900, 0, true },
    { TERMS_DETAIL, 0, 0, true },
    { TERMS_DETAIL, 2419200, 604800, true },
    { TERMS_DETAIL, 604800, 21600, true },
    { TERMS_DETAIL, TERMS_UNLIMITED, 3600, true },
    { TERMS_ROUND, 0, 0, true },
    { TERMS_ROUND, 0, 5, false },
    { TERMS_ROUND, 10, 5, true },
    { TERMS_ROUND, 7, 5, false },
    { TERMS_WINDOW, 60, 60, true },
    { TERMS_WINDOW, 61, 60, false },
    { TERMS_WINDOW, TERMS_WINDOW_NEW, 0, true },
    { TERMS_WINDOW, 0, TERMS_WINDOW_NEW, false },
    { TERMS_DELAY, 60, 60, true },
    { TERMS_DELAY, 59, 60, false },
    { TERMS_EVERY, 10, 10, true },
    { TERMS_EVERY, 9, 10, false },
    { TERMS_EVERY, TERMS_UNLIMITED, 10, true },
    { TERMS_RATE, 24, 24, true },
    { TERMS_RATE, 25, 24, false },
    { TERMS_RATE, 0, 24, false },
    { TERMS_RATE, 0, 0, true },
    { TERMS_RATE, 1000, 0, true },
    { TERMS_USES, 5, 5, true },
    { TERMS_USES, 6, 5, false },
    { TERMS_USES, TERMS_UNLIMITED, 5, false },
    { TERMS_USES, TERMS_UNLIMITED, TERMS_UNLIMITED, true },
    { TERMS_LIFE, 60, 60, true },
    { TERMS_LIFE, 61, 60, false },
    { TERMS_FROM, 100, 100, true },
    { TERMS_FROM, 99, 100, false },
    { TERMS_UNTIL, 100, 100, true },
    { TERMS_UNTIL, 101, 100, false },
    { TERMS_KEEP, 0, 0, true },
    { TERMS_KEEP, 1, 0, false },
    { TERMS_BASIS, VOCAB_BY_CONSENT, VOCAB_BY_CONSENT | VOCAB_BY_CONTRACT, true },
    { TERMS_BASIS, VOCAB_BY_PRECONTRACT, VOCAB_BY_CONTRACT, false },
    { TERMS_PROFILING, VOCAB_PROFILING_SERVICE, VOCAB_PROFILING_ANY, true },
    { TERMS_PROFILING, VOCAB_PROFILING_ANY, VOCAB_PROFILING_SERVICE, false },
    { TERMS_AUTOMATED, 1, 0, false },
    { TERMS_TRAINING, 0, 1, true },
    { TERMS_GATEKEEPER, 1, 1, true },
};
/* clang-format on */

static void
each_axis_has_its_order(void **state)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct terms_limits asked = { .stats = 1, .per_s = 86400 };
        struct terms_limits cap = { .stats = 1, .per_s = 86400 };

        asked.at[rows[i].axis] = rows[i].asked;
        cap.at[rows[i].axis] = rows[i].cap;
        print_message("%s %lld %lld\n", terms_axis_key(rows[i].axis)->name,
                      (long long)rows[i].asked, (long long)rows[i].cap);
        assert_int_equal(terms_axis_holds(rows[i].axis, &asked, &cap),
                         rows[i].holds);
    }
}

static void
what_an_axis_has_beside_counts_too(void **state)
{
    struct terms_limits asked = unsaid();
    struct terms_limits cap = unsaid();

    asked.stats = 1 | 2;
    cap.stats = 1;
    assert_false(terms_axis_holds(TERMS_DETAIL, &asked, &cap));
    cap.stats = 1 | 2 | 4;
    assert_true(terms_axis_holds(TERMS_DETAIL, &asked, &cap));
    asked.per_s = 3600;
    assert_false(terms_axis_holds(TERMS_RATE, &asked, &cap));
    asked.per_s = 604800;
    assert_true(terms_axis_holds(TERMS_RATE, &asked, &cap));
    asked.at[TERMS_ROUND] = cap.at[TERMS_ROUND] = 5;
    asked.length = true;
    assert_false(terms_axis_holds(TERMS_ROUND, &asked, &cap));
}

/* At the instant of `until` the rule stops, even for what has ended. */
static void
until_is_half_open(void **state)
{
    struct terms_limits asked = { .stats = 0 };
    struct terms_limits cap = { .stats = 0 };

    cap.at[TERMS_UNTIL] = 100;
    asked.at[TERMS_UNTIL] = 100;
    asked.at[TERMS_FROM] = 99;
    assert_true(terms_axis_holds(TERMS_UNTIL, &asked, &cap));
    asked.at[TERMS_FROM] = 100;
    assert_false(terms_axis_holds(TERMS_UNTIL, &asked, &cap));
}

static void
recipients_are_allowed_by_role_or_name(void **state)
{
    struct vlt_slice names[] = { vlt_slice_text("Post") };
    struct terms_recipient post = { .name = vlt_slice_text("Post") };
    struct terms_recipient sale = { .name = vlt_slice_text("Sale"),
                                    .controller = true };
    struct terms_limits asked = { .onward = &post, .onward_count = 1 };
    struct terms_limits cap = { .names = names, .name_count = 1 };

    assert_false(terms_axis_holds(TERMS_ONWARDS, &asked, &cap));
    cap.at[TERMS_ONWARDS] = TERMS_ONWARD_PROCESSORS;
    assert_true(terms_axis_holds(TERMS_ONWARDS, &asked, &cap));
    cap.at[TERMS_ONWARDS] = TERMS_ONWARD_NAMES;
    assert_true(terms_axis_holds(TERMS_ONWARDS, &asked, &cap));
    asked.onward = &sale;
    assert_false(terms_axis_holds(TERMS_ONWARDS, &asked, &cap));
    cap.at[TERMS_ONWARDS] = TERMS_ONWARD_PROCESSORS;
    assert_false(terms_axis_holds(TERMS_ONWARDS, &asked, &cap));
    asked.onward_count = 0;
    cap.at[TERMS_ONWARDS] = TERMS_ONWARD_NO;
    assert_true(terms_axis_holds(TERMS_ONWARDS, &asked, &cap));
}

static void
home_is_the_country_and_its_union(void **state)
{
    struct terms_places austria = { { 0 } };
    struct terms_places norway = { { 0 } };
    struct terms_places britain = { { 0 } };
    struct terms_places nowhere = { { 0 } };

    terms_places_add_home(&austria, vocab_country_find("AT", 2));
    terms_places_add(&norway, vocab_country_find("NO", 2));
    terms_places_add_home(&britain, vocab_country_find("GB", 2));
    terms_places_add_home(&nowhere, VOCAB_NONE);
    assert_true(terms_places_within(norway, austria));
    assert_false(terms_places_within(norway, britain));
    assert_false(terms_places_within(britain, austria));
    assert_true(terms_places_within(nowhere, britain));
    assert_false(terms_places_within(britain, nowhere));
}

/* ---- two whole terms ---- */

static struct terms
terms_now(void)
{
    struct terms_request r = brightgrid_request();
    struct terms part;

    terms_part(&r, 0, &part);
    return part;
}

static void
equal_terms_ask_no_more(void **state)
{
    struct terms held = terms_now();

    assert_int_equal(terms_asks_more(&held, &held), TERMS_AXES);
}

/* One change to equal terms that makes them ask for more, and on which axis. */
struct widening {
    enum terms_axis axis;
    void (*widen)(struct terms *terms);
    void (*narrow)(struct terms *terms);
};

static void
finer(struct terms *terms)
{
    terms->items[0].bucket_s = 300;
}

static void
coarser(struct terms *terms)
{
    terms->items[0].bucket_s = 3600;
}

static void
longer(struct terms *terms)
{
    terms->common.life_s++;
}

static void
shorter(struct terms *terms)
{
    terms->common.life_s--;
}

static void
sooner(struct terms *terms)
{
    terms->items[0].delay_s--;
}

static void
later(struct terms *terms)
{
    terms->items[0].delay_s++;
}

static void
oftener(struct terms *terms)
{
    terms->common.rate.n++;
}

static void
rarer(struct terms *terms)
{
    terms->common.rate.per_s = 604800;
}

static void
to_another(struct terms *terms)
{
    terms->common.onward_count = 1;
    terms->common.onward[0].name = vlt_slice_text("Post");
}

static void
one_item_more(struct terms *terms)
{
    terms->items[1] = terms->items[0];
    terms->items[1].n = 2;
    terms->item_count = 2;
}

static void
live(struct terms *terms)
{
    terms->common.action = VOCAB_LIVE;
    terms->items[0].every_s = 60;
}

static void
once(struct terms *terms)
{
    terms->common.action = VOCAB_ONCE;
}

static const struct widening widenings[] = {
    { TERMS_DETAIL, finer, coarser },    { TERMS_LIFE, longer, shorter },
    { TERMS_DELAY, sooner, later },      { TERMS_RATE, oftener, rarer },
    { TERMS_ONWARDS, to_another, NULL }, { TERMS_DETAIL, one_item_more, NULL },
    { TERMS_ACTION, live, once },
};

static void
a_widening_is_told_from_a_narrowing(void **state)
{
    for (size_t i = 0; i < sizeof widenings / sizeof widenings[0]; i++) {
        struct terms held = terms_now();
        struct terms wide = held;
        struct terms narrow = held;

        print_message("%s\n", terms_axis_key(widenings[i].axis)->name);
        widenings[i].widen(&wide);
        assert_int_equal(terms_asks_more(&wide, &held), widenings[i].axis);
        if (widenings[i].narrow != NULL) {
            widenings[i].narrow(&narrow);
            assert_int_equal(terms_asks_more(&narrow, &held), TERMS_AXES);
        }
    }
}

static void
another_purpose_is_more(void **state)
{
    struct terms held = terms_now();
    struct terms other = held;

    other.purpose = vocab_purpose_find("marketing", 9);
    assert_int_equal(terms_asks_more(&other, &held), TERMS_BASIS);
}

static void
a_processor_that_becomes_a_controller_is_more(void **state)
{
    struct terms held = terms_now();
    struct terms other;

    to_another(&held);
    other = held;
    assert_int_equal(terms_asks_more(&other, &held), TERMS_AXES);
    other.common.onward[0].controller = true;
    assert_int_equal(terms_asks_more(&other, &held), TERMS_ONWARDS);
    assert_int_equal(terms_asks_more(&held, &other), TERMS_AXES);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_axes_are_the_caps_of_the_table),
        cmocka_unit_test(defaults_are_those_of_the_specification),
        cmocka_unit_test(each_axis_has_its_order),
        cmocka_unit_test(what_an_axis_has_beside_counts_too),
        cmocka_unit_test(until_is_half_open),
        cmocka_unit_test(recipients_are_allowed_by_role_or_name),
        cmocka_unit_test(home_is_the_country_and_its_union),
        cmocka_unit_test(equal_terms_ask_no_more),
        cmocka_unit_test(a_widening_is_told_from_a_narrowing),
        cmocka_unit_test(another_purpose_is_more),
        cmocka_unit_test(a_processor_that_becomes_a_controller_is_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
