/* Terms, and what the owner makes of them alone. */
#include "bench.h"

#include "base/text.h"
#include "consent/granting_internal.h"

static const struct consent_narrow unsaid = { .until = INT64_MAX,
                                              .ask_each = -1,
                                              .notify = -1 };

static int
category(const char *id)
{
    return vocab_category_find(id, strlen(id));
}

/* A part with one item: mean and max of quarter hours, for 90 days. */
static struct terms
part_of(const char *data)
{
    struct terms terms = { .purpose = vocab_purpose_find("service", 7),
                           .item_count = 1 };

    terms.common.action = VOCAB_READ;
    terms.common.uses = TERMS_UNLIMITED;
    terms.common.life_s = 7776000;
    terms.items[0] = (struct terms_item){ .n = 1,
                                          .data = category(data),
                                          .stats = 1U << 0 | 1U << 3,
                                          .bucket_s = 900,
                                          .window_s = 86400,
                                          .delay_s = 60 };
    return terms;
}

static enum vlt_status
narrow(struct terms *terms, const struct consent_narrow *how)
{
    struct vlt_buf why;
    enum vlt_status st;

    vlt_buf_init(&why, 0);
    st = narrow_terms(how, NOW, terms, &why);
    assert_int_equal(st == VLT_OK, why.len == 0);
    vlt_buf_free(&why);
    return st;
}

static struct consent_narrow
axis(enum terms_axis which, int64_t value)
{
    struct consent_narrow how = unsaid;

    how.axes = 1U << which;
    how.limits.at[which] = value;
    how.limits.per_s = 86400;
    how.limits.stats = 127;
    return how;
}

static void
nothing_said_changes_nothing(void **state)
{
    struct terms terms = part_of("energy.electricity");
    struct terms before = terms;

    assert_int_equal(narrow(&terms, NULL), VLT_OK);
    assert_int_equal(narrow(&terms, &unsaid), VLT_OK);
    assert_memory_equal(&terms, &before, sizeof terms);
}

static void
of_statistics_those_that_are_named_stay(void **state)
{
    static const struct {
        unsigned stats;
        enum vlt_status st;
        unsigned left;
    } cases[] = {
        { 127, VLT_OK, 1U << 0 | 1U << 3 },
        { 1U << 3, VLT_OK, 1U << 3 },
        { 1U << 1, VLT_E_FORMAT, 0 },
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct terms terms = part_of("energy.electricity");
        struct consent_narrow how = axis(TERMS_DETAIL, 1800);

        how.limits.stats = cases[i].stats;
        assert_int_equal(narrow(&terms, &how), cases[i].st);
        if (cases[i].st == VLT_OK) {
            assert_int_equal(terms.items[0].stats, cases[i].left);
            assert_int_equal(terms.items[0].bucket_s, 1800);
        }
    }
}

/* Raw may become any statistics; what is no more than raw stays. */
static void
raw_becomes_what_the_owner_names(void **state)
{
    struct terms terms = part_of("energy.electricity");
    struct consent_narrow how = axis(TERMS_DETAIL, 3600);
    struct consent_narrow raw = axis(TERMS_DETAIL, 0);

    terms.items[0].raw = true;
    terms.items[0].stats = 0;
    terms.items[0].bucket_s = 0;
    assert_int_equal(narrow(&terms, &raw), VLT_OK);
    assert_true(terms.items[0].raw);
    how.limits.stats = 1U << 3;
    assert_int_equal(narrow(&terms, &how), VLT_OK);
    assert_false(terms.items[0].raw);
    assert_int_equal(terms.items[0].stats, 1U << 3);
    assert_int_equal(terms.items[0].bucket_s, 3600);
    assert_int_equal(narrow(&terms, &raw), VLT_OK); /* it is less already */
    assert_false(terms.items[0].raw);
}

/* A view of one's dealings is given as it is, or not at all. */
static void
what_is_given_raw_alone_takes_no_other_detail(void **state)
{
    struct terms terms = part_of("interaction.view.l2");
    struct consent_narrow detail = axis(TERMS_DETAIL, 3600);
    struct consent_narrow round = axis(TERMS_ROUND, 500000000);

    terms.items[0].raw = true;
    terms.items[0].stats = 0;
    terms.items[0].bucket_s = 0;
    assert_int_equal(narrow(&terms, &detail), VLT_E_FORMAT);
    terms = part_of("interaction.view.l2");
    assert_int_equal(narrow(&terms, &round), VLT_E_FORMAT);
}

static void
places_are_rounded_to_lengths_and_nothing_else_is(void **state)
{
    static const struct {
        const char *data;
        bool length;
        enum vlt_status st;
    } cases[] = {
        { "energy.electricity", false, VLT_OK },
        { "energy.electricity", true, VLT_E_FORMAT },
        { "location.precise", true, VLT_OK },
        { "location.precise", false, VLT_E_FORMAT },
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct terms terms = part_of(cases[i].data);
        struct consent_narrow how = axis(TERMS_ROUND, 1000000000000);

        how.limits.length = cases[i].length;
        assert_int_equal(narrow(&terms, &how), cases[i].st);
        if (cases[i].st == VLT_OK) {
            assert_int_equal(terms.items[0].round.nano, 1000000000000);
            assert_int_equal(terms.items[0].round.length, cases[i].length);
        }
    }
}

/* Of what is not live there are no frames to keep apart. */
static void
frames_are_kept_apart_where_there_are_any(void **state)
{
    struct terms terms = part_of("energy.electricity");
    struct consent_narrow how = axis(TERMS_EVERY, 120);
    struct consent_narrow sooner = axis(TERMS_EVERY, 59);

    assert_int_equal(narrow(&terms, &how), VLT_OK);
    assert_int_equal(terms.items[0].every_s, 0);
    terms.common.action = VOCAB_LIVE;
    terms.items[0].every_s = 60;
    assert_int_equal(narrow(&terms, &sooner), VLT_E_CONFLICT);
    terms.items[0].every_s = 60;
    assert_int_equal(narrow(&terms, &how), VLT_OK);
    assert_int_equal(terms.items[0].every_s, 120);
}

static void
a_rate_has_a_number_and_a_period_of_the_language(void **state)
{
    static const struct {
        int64_t n, per_s;
        enum vlt_status st;
    } cases[] = {
        { 0, 86400, VLT_E_FORMAT }, { 1, 86400, VLT_OK },
        { 1000, 604800, VLT_OK },   { 1001, 604800, VLT_E_FORMAT },
        { 1, 60, VLT_OK },          { 1, 3600, VLT_OK },
        { 1, 7, VLT_E_FORMAT },     { -1, 86400, VLT_E_FORMAT },
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct terms terms = part_of("energy.electricity");
        struct consent_narrow how = axis(TERMS_RATE, cases[i].n);

        how.limits.per_s = cases[i].per_s;
        assert_int_equal(narrow(&terms, &how), cases[i].st);
        if (cases[i].st == VLT_OK) {
            assert_int_equal(terms.common.rate.n, cases[i].n);
            assert_int_equal(terms.common.rate.per_s, cases[i].per_s);
        }
    }
}

static void
a_window_may_be_nothing_or_only_what_is_new(void **state)
{
    static const struct {
        int64_t window;
        enum vlt_status st;
    } cases[] = {
        { 0, VLT_OK },
        { TERMS_WINDOW_NEW, VLT_OK },
        { TERMS_WINDOW_NEW - 1, VLT_E_FORMAT },
        { 86400, VLT_OK },
        { 86401, VLT_E_CONFLICT },
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct terms terms = part_of("energy.electricity");
        struct consent_narrow how = axis(TERMS_WINDOW, cases[i].window);

        assert_int_equal(narrow(&terms, &how), cases[i].st);
    }
}

/* Both may be said: what comes sooner is the end. */
static void
it_ends_by_its_life_or_a_date_whichever_comes_first(void **state)
{
    static const struct {
        int64_t life;  /* s; 0: not said */
        int64_t until; /* s from the start on; 0: not said */
        enum vlt_status st;
        int64_t ends; /* s */
    } cases[] = {
        { 3600, 0, VLT_OK, 3600 },     { 0, 3600, VLT_OK, 3600 },
        { 3600, 7200, VLT_OK, 3600 },  { 7200, 3600, VLT_OK, 3600 },
        { 60, 0, VLT_OK, 60 },         { 0, 60, VLT_OK, 60 },
        { 59, 0, VLT_E_FORMAT, 0 },    { 0, 59, VLT_E_FORMAT, 0 },
        { 0, -3600, VLT_E_FORMAT, 0 }, { 7776001, 0, VLT_E_CONFLICT, 0 },
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct terms terms = part_of("energy.electricity");
        struct consent_narrow how = unsaid;

        if (cases[i].life != 0) {
            how = axis(TERMS_LIFE, cases[i].life);
        }
        if (cases[i].until != 0) {
            how.until = NOW + cases[i].until * VLT_SECOND + 999;
        }
        assert_int_equal(narrow(&terms, &how), cases[i].st);
        if (cases[i].st == VLT_OK) {
            assert_int_equal(terms.common.life_s, cases[i].ends);
        }
    }
}

/* All items of a part are narrowed, or none. */
static void
each_item_is_narrowed(void **state)
{
    struct terms terms = part_of("energy.electricity");
    struct consent_narrow how = axis(TERMS_DELAY, 120);
    struct consent_narrow only_max = axis(TERMS_DETAIL, 900);

    terms.items[1] = terms.items[0];
    terms.items[1].n = 2;
    terms.items[1].data = category("energy.gas");
    terms.item_count = 2;
    assert_int_equal(narrow(&terms, &how), VLT_OK);
    assert_int_equal(terms.items[0].delay_s, 120);
    assert_int_equal(terms.items[1].delay_s, 120);
    terms.items[1].stats = 1U << 0;
    only_max.limits.stats = 1U << 3;
    assert_int_equal(narrow(&terms, &only_max), VLT_E_FORMAT);
}

/* A category may have a floor that is not raw. */
static void
what_has_another_floor_is_narrowed_as_the_rest(void **state)
{
    struct consent_narrow detail = axis(TERMS_DETAIL, 2419200);
    struct consent_narrow round = axis(TERMS_ROUND, 500000000);
    struct terms terms = part_of("finance.transaction");

    terms.items[0].bucket_s = 2419200;
    detail.limits.stats = 1U << 0;
    assert_int_equal(narrow(&terms, &detail), VLT_OK);
    assert_int_equal(terms.items[0].stats, 1U << 0);
    assert_int_equal(narrow(&terms, &round), VLT_OK);
    assert_int_equal(terms.items[0].round.nano, 500000000);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_said_changes_nothing),
        cmocka_unit_test(of_statistics_those_that_are_named_stay),
        cmocka_unit_test(raw_becomes_what_the_owner_names),
        cmocka_unit_test(what_is_given_raw_alone_takes_no_other_detail),
        cmocka_unit_test(places_are_rounded_to_lengths_and_nothing_else_is),
        cmocka_unit_test(frames_are_kept_apart_where_there_are_any),
        cmocka_unit_test(a_rate_has_a_number_and_a_period_of_the_language),
        cmocka_unit_test(a_window_may_be_nothing_or_only_what_is_new),
        cmocka_unit_test(it_ends_by_its_life_or_a_date_whichever_comes_first),
        cmocka_unit_test(each_item_is_narrowed),
        cmocka_unit_test(what_has_another_floor_is_narrowed_as_the_rest),
    };

    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
