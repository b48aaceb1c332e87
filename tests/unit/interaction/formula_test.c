/*
 * The formulas against the vectors that they were published with, which the
 * Python reference reads too, and properties that hold for all of them.
 */
#include "interaction/formula.h"

#include <stdio.h>
#include <stdlib.h>

#include "unit.h"
#include "json/json.h"

enum {
    EVENTS = 48,
    FILE_MAX = 65536,
    ROUNDS = 2000,
};

static struct vlt_json *vectors;

static int
load_vectors(void **state)
{
    static uint8_t bytes[FILE_MAX];
    FILE *file = fopen(VAULT_SOURCE "/tests/interaction/vectors.json", "rb");

    assert_non_null(file);
    size_t len = fread(bytes, 1, sizeof bytes, file);

    fclose(file);
    assert_int_equal(vlt_json_parse(vlt_slice_of(bytes, len), sizeof bytes, 16,
                                    NULL, &vectors),
                     VLT_OK);
    return 0;
}

static int
drop_vectors(void **state)
{
    vlt_json_free(vectors);
    return 0;
}

static int64_t
member(const struct vlt_json *object, const char *name)
{
    const struct vlt_json *value = vlt_json_get(object, name);

    assert_non_null(value);
    return vlt_json_int_of(value);
}

static int32_t
member_or(const struct vlt_json *object, const char *name, int32_t other)
{
    const struct vlt_json *value = vlt_json_get(object, name);

    return value != NULL ? (int32_t)vlt_json_int_of(value) : other;
}

static int64_t
item(const struct vlt_json *list, size_t i)
{
    return vlt_json_int_of(vlt_json_item(list, i));
}

static void
a_rating_becomes_q(void **state)
{
    const struct vlt_json *list = vlt_json_get(vectors, "scales");

    assert_true(vlt_json_count(list) > 0);
    for (size_t i = 0; i < vlt_json_count(list); i++) {
        const struct vlt_json *one = vlt_json_item(list, i);
        struct formula_scale scale;

        assert_int_equal(
            formula_scale_parse(vlt_json_text_of(vlt_json_get(one, "scale")),
                                &scale),
            VLT_OK);
        assert_int_equal(formula_q(scale, member(one, "raw")),
                         member(one, "q"));
    }
}

static void
a_scale_prints_as_it_was_read(void **state)
{
    static const char *const words[] = { "likert-2", "likert-11", "ces1",
                                         "nps",      "thumb",     "q" };
    struct formula_scale scale;
    char word[FORMULA_WORD];

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        assert_int_equal(formula_scale_parse(vlt_slice_text(words[i]), &scale),
                         VLT_OK);
        assert_string_equal(formula_scale_print(scale, word), words[i]);
    }
}

static void
an_unknown_scale_is_refused(void **state)
{
    static const char *const words[] = {
        "",          "likert",    "likert-",   "likert-1",
        "likert-12", "likert-07", "likert--5", "likert-5 ",
        "NPS",       "ces2",      "likert-+5", "likert-99999999999999999999",
    };
    struct formula_scale scale;

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        assert_int_equal(formula_scale_parse(vlt_slice_text(words[i]), &scale),
                         VLT_E_FORMAT);
    }
}

static void
an_expectation_follows_experience(void **state)
{
    const struct vlt_json *one = vlt_json_get(vectors, "expectation");
    const struct vlt_json *perceived = vlt_json_get(one, "perceived");
    struct constants constants = constants_default();
    int32_t expected = constants.first;

    assert_int_equal(expected, member(one, "first"));
    assert_true(vlt_json_count(perceived) > 0);
    for (size_t i = 0; i < vlt_json_count(perceived); i++) {
        expected =
            formula_expect(expected, (int32_t)item(perceived, i), &constants);
        assert_int_equal(expected, item(vlt_json_get(one, "after"), i));
    }
}

static void
an_interaction_has_a_class(void **state)
{
    const struct vlt_json *list = vlt_json_get(vectors, "classes");
    struct constants constants = constants_default();

    assert_true(vlt_json_count(list) > 0);
    for (size_t i = 0; i < vlt_json_count(list); i++) {
        const struct vlt_json *one = vlt_json_item(list, i);
        struct formula_wish wish = {
            .desired = member_or(one, "desired", FORMULA_NONE),
            .adequate = member_or(one, "adequate", FORMULA_NONE),
        };
        enum formula_class class =
            formula_class(member_or(one, "perceived", 0),
                          member_or(one, "expected", 0), wish, &constants);

        assert_true(vlt_slice_is(vlt_json_text_of(vlt_json_get(one, "class")),
                                 formula_class_word(class)));
    }
}

static void
a_weight_takes_its_share(void **state)
{
    const struct vlt_json *list = vlt_json_get(vectors, "shares");

    assert_true(vlt_json_count(list) > 0);
    for (size_t i = 0; i < vlt_json_count(list); i++) {
        const struct vlt_json *one = vlt_json_item(list, i);

        assert_int_equal(formula_share((int32_t)member(one, "weight"),
                                       member(one, "newest")),
                         member(one, "share"));
    }
}

/* The events of a case, in order: [expected or null, perceived, weight]. */
static size_t
read_events(const struct vlt_json *one, struct formula_event *events)
{
    const struct vlt_json *list = vlt_json_get(one, "events");
    size_t count = vlt_json_count(list);

    assert_true(count > 0 && count <= EVENTS);
    for (size_t i = 0; i < count; i++) {
        const struct vlt_json *event = vlt_json_item(list, i);
        const struct vlt_json *expected = vlt_json_item(event, 0);

        events[i] = (struct formula_event){
            .t_event = (int64_t)i,
            .expected = vlt_json_kind(expected) == VLT_JSON_NULL
                            ? FORMULA_INFERRED
                            : (int32_t)vlt_json_int_of(expected),
            .perceived = (int32_t)item(event, 1),
            .weight = (int32_t)item(event, 2),
        };
    }
    return count;
}

static void
check_lines(const struct vlt_json *one, const struct formula_line *lines)
{
    const struct vlt_json *scores = vlt_json_get(one, "scores");
    const struct vlt_json *levels = vlt_json_get(one, "levels");
    const struct vlt_json *shares = vlt_json_get(one, "contributions");

    for (size_t i = 0; scores != NULL && i < vlt_json_count(scores); i++) {
        assert_int_equal(lines[i].score, item(scores, i));
    }
    for (size_t i = 0; levels != NULL && i < vlt_json_count(levels); i++) {
        assert_int_equal(lines[i].level, item(levels, i));
    }
    for (size_t i = 0; shares != NULL && i < vlt_json_count(shares); i++) {
        assert_int_equal(lines[i].contribution, item(shares, i));
    }
}

static void
a_history_has_a_score(void **state)
{
    const struct vlt_json *list = vlt_json_get(vectors, "histories");
    struct constants constants = constants_default();
    struct formula_event events[EVENTS];
    struct formula_line lines[EVENTS];

    assert_true(vlt_json_count(list) > 0);
    for (size_t i = 0; i < vlt_json_count(list); i++) {
        const struct vlt_json *one = vlt_json_item(list, i);
        struct vlt_slice name = vlt_json_text_of(vlt_json_get(one, "name"));
        size_t count = read_events(one, events);

        print_message("%.*s\n", (int)name.len, (const char *)name.at);
        constants.newest = member(one, "newest");
        struct formula_sum sum = formula_run(events, count, &constants, lines);

        check_lines(one, lines);
        assert_int_equal(sum.score, lines[count - 1].score);
        assert_int_equal(sum.level, lines[count - 1].level);
        assert_int_equal(sum.unknown,
                         member_or(one, "unknown", (int32_t)sum.unknown));
        assert_int_equal(lines[0].score, member_or(one, "first_score",
                                                   (int32_t)lines[0].score));
        assert_int_equal(sum.score,
                         member_or(one, "last_score", (int32_t)sum.score));
    }
}

static void
no_history_is_no_score(void **state)
{
    struct constants constants = constants_default();
    struct formula_sum sum = formula_run(NULL, 0, &constants, NULL);

    assert_int_equal(sum.count, 0);
    assert_int_equal(sum.score, 0);
    assert_int_equal(sum.unknown, 1000000000);
    assert_int_equal(sum.expects, 500);
    assert_false(sum.settled);
}

static void
five_interactions_settle_it(void **state)
{
    struct constants constants = constants_default();
    struct formula_event events[5] = { 0 };

    for (int i = 0; i < 5; i++) {
        events[i] = (struct formula_event){ i, { 0 }, 700, 500, 1 };
    }
    assert_false(formula_run(events, 4, &constants, NULL).settled);
    struct formula_sum sum = formula_run(events, 5, &constants, NULL);

    assert_true(sum.settled);
    assert_int_equal(sum.last, 4);
}

/* ---- properties, on histories drawn from a fixed seed ---- */

static uint64_t seed;

/* A number below n (splitmix64). */
static uint64_t
below(uint64_t n)
{
    seed += 0x9e3779b97f4a7c15;
    uint64_t z = seed;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return (z ^ (z >> 31)) % n;
}

static size_t
draw(struct formula_event *events)
{
    size_t count = 1 + below(16);

    for (size_t i = 0; i < count; i++) {
        events[i] = (struct formula_event){
            .t_event = (int64_t)i,
            .perceived = (int32_t)below(1001),
            .expected = (int32_t)below(1001),
            .weight = 1 + (int32_t)below(3),
        };
    }
    return count;
}

static struct constants
draw_constants(void)
{
    struct constants constants = constants_default();

    constants.newest = constants.newest_min +
                       (int64_t)below((uint64_t)(constants.newest_max -
                                                 constants.newest_min + 1));
    return constants;
}

static void
a_score_stays_between_its_gaps(void **state)
{
    struct formula_event events[EVENTS];
    struct formula_line lines[EVENTS];

    seed = 1;
    for (int round = 0; round < ROUNDS; round++) {
        size_t count = draw(events);
        struct constants constants = draw_constants();
        int64_t low = 0;
        int64_t high = 0;

        formula_run(events, count, &constants, lines);
        for (size_t i = 0; i < count; i++) {
            int64_t gap = 1000 * (int64_t)lines[i].gap;

            low = gap < low ? gap : low;
            high = gap > high ? gap : high;
            assert_in_range(lines[i].score - low, 0, high - low);
        }
    }
}

/* No score after a change may be on the wrong side of the one before. */
static void
compare(struct formula_event *events, size_t count,
        const struct formula_event *changed, int sign)
{
    struct constants constants = constants_default();
    struct formula_line before[EVENTS];
    struct formula_line after[EVENTS];
    struct formula_event copy[EVENTS];

    for (size_t i = 0; i < count; i++) {
        copy[i] = events[i].t_event == changed->t_event ? *changed : events[i];
    }
    formula_run(events, count, &constants, before);
    formula_run(copy, count, &constants, after);
    for (size_t i = 0; i < count; i++) {
        assert_true(sign * (after[i].score - before[i].score) >= 0);
    }
}

static void
a_better_perception_never_lowers_a_score(void **state)
{
    struct formula_event events[EVENTS];

    seed = 2;
    for (int round = 0; round < ROUNDS; round++) {
        size_t count = draw(events);
        struct formula_event changed = events[below(count)];

        changed.perceived +=
            (int32_t)below((uint64_t)(1001 - changed.perceived));
        compare(events, count, &changed, 1);
    }
}

static void
a_higher_expectation_never_raises_a_score(void **state)
{
    struct formula_event events[EVENTS];

    seed = 3;
    for (int round = 0; round < ROUNDS; round++) {
        size_t count = draw(events);
        struct formula_event changed = events[below(count)];

        changed.expected += (int32_t)below((uint64_t)(1001 - changed.expected));
        compare(events, count, &changed, -1);
    }
}

static void
every_interaction_counts(void **state)
{
    struct formula_event events[EVENTS];
    struct formula_line lines[EVENTS];

    seed = 4;
    for (int round = 0; round < ROUNDS; round++) {
        size_t count = draw(events);
        struct constants constants = draw_constants();
        int64_t score = 0;

        formula_run(events, count, &constants, lines);
        for (size_t i = 0; i < count; i++) {
            int64_t far = llabs(1000 * (int64_t)lines[i].gap - score);
            int64_t share = formula_share(events[i].weight, constants.newest);

            if (2 * far * share >= 1000000) {
                assert_int_not_equal(lines[i].score, score);
            }
            score = lines[i].score;
        }
    }
}

static void
the_order_of_recording_does_not_matter(void **state)
{
    struct constants constants = constants_default();
    struct formula_event events[EVENTS];
    struct formula_line lines[EVENTS];
    struct formula_line again[EVENTS];

    seed = 5;
    for (int round = 0; round < ROUNDS; round++) {
        size_t count = draw(events);

        for (size_t i = 0; i < count; i++) {
            /* Ties in time, which the id decides. */
            events[i].t_event /= 3;
            events[i].id[15] = (uint8_t)i;
            events[i].expected =
                below(2) == 0 ? FORMULA_INFERRED : events[i].expected;
        }
        formula_run(events, count, &constants, lines);
        for (size_t i = count - 1; i > 0; i--) {
            size_t other = below(i + 1);
            struct formula_event event = events[i];

            events[i] = events[other];
            events[other] = event;
        }
        formula_run(events, count, &constants, again);
        assert_memory_equal(lines, again, count * sizeof lines[0]);
    }
}

static void
contributions_add_up_to_the_score(void **state)
{
    struct formula_event events[EVENTS];
    struct formula_line lines[EVENTS];

    seed = 6;
    for (int round = 0; round < ROUNDS; round++) {
        size_t count = draw(events);
        struct constants constants = draw_constants();
        struct formula_sum sum = formula_run(events, count, &constants, lines);
        int64_t total = 0;

        for (size_t i = 0; i < count; i++) {
            total += lines[i].contribution;
        }
        int64_t bound =
            (1000000 + 2 * constants.newest - 1) / (2 * constants.newest) + 1;

        assert_true(llabs(total - sum.score * 1000000) <= bound * 1000000);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rating_becomes_q),
        cmocka_unit_test(a_scale_prints_as_it_was_read),
        cmocka_unit_test(an_unknown_scale_is_refused),
        cmocka_unit_test(an_expectation_follows_experience),
        cmocka_unit_test(an_interaction_has_a_class),
        cmocka_unit_test(a_weight_takes_its_share),
        cmocka_unit_test(a_history_has_a_score),
        cmocka_unit_test(no_history_is_no_score),
        cmocka_unit_test(five_interactions_settle_it),
        cmocka_unit_test(a_score_stays_between_its_gaps),
        cmocka_unit_test(a_better_perception_never_lowers_a_score),
        cmocka_unit_test(a_higher_expectation_never_raises_a_score),
        cmocka_unit_test(every_interaction_counts),
        cmocka_unit_test(the_order_of_recording_does_not_matter),
        cmocka_unit_test(contributions_add_up_to_the_score),
    };

    return cmocka_run_group_tests(tests, load_vectors, drop_vectors);
}
