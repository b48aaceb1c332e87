/*
 * Streams: what is within what, tried on names.
 */
#include <string.h>

#include "unit.h"

#include "policy_world.h"

enum {
    ROUNDS = 4000,
    RULES = 4,
    NAMES = 8,
};

static const char *const patterns[] = {
    "**",      "*",           "home/**",      "home/*",     "home/boiler",
    "**/pump", "home/*/pump", "home/**/pump", "car/engine", "*/*",
};

static const char *const names[NAMES] = {
    "home",       "car",         "home/boiler", "home/boiler/pump",
    "car/engine", "home/a/pump", "home/a/b",    "pump",
};

/* Rules of one category, of which each may have streams; the first permits. */
static struct policy_set *
a_set(uint64_t *seed)
{
    struct policy_settings settings = { .home = vocab_country_find("GB", 2) };
    static const char *const called[RULES] = { "a", "b", "c", "d" };
    struct policy_builder *builder = NULL;
    struct policy_set *set = NULL;

    assert_int_equal(policy_builder_new(&settings, &builder), VLT_OK);
    for (int i = 0; i < RULES; i++) {
        struct vlt_slice list[2];
        struct policy_rule rule = { .name = called[i],
                                    .file = "a.yaml",
                                    .patterns = list,
                                    .duties = policy_duties_unsaid() };
        int kind = below(seed, 4);

        rule.effect = i == 0 || kind < 2 ? POLICY_EFFECT_PERMIT
                      : kind == 2        ? POLICY_EFFECT_ASK
                                         : POLICY_EFFECT_DENY;
        /* Without streams an ask or a deny would decide the whole. */
        rule.pattern_count =
            (size_t)below(seed, rule.effect == POLICY_EFFECT_PERMIT ? 3 : 2);
        rule.pattern_count += rule.effect != POLICY_EFFECT_PERMIT;
        for (size_t p = 0; p < rule.pattern_count; p++) {
            list[p] = vlt_slice_text(patterns[below(seed, 10)]);
        }
        assert_int_equal(policy_builder_add(builder, &rule), VLT_OK);
    }
    assert_int_equal(policy_build(builder, &set), VLT_OK);
    return set;
}

static void
ask_for_electricity(struct policy_atom *atom)
{
    struct terms_request request = brightgrid_request();
    struct terms part;

    terms_part(&request, 0, &part);
    part.items[0].bucket_s = 3600;
    part.common.life_s = 30 * 86400;
    atom->purpose = part.purpose;
    atom->data = part.items[0].data;
    terms_atom(&part, &part.items[0], world_now, &atom->asked);
}

static bool
gives(const struct policy_set *set, const struct policy_firm *firm,
      const struct policy_atom *atom, const char *name)
{
    return policy_stream_fate(set, firm, atom, true, vlt_slice_text(name)) ==
           POLICY_GIVE;
}

/* "Within" is never said of a set that gives a stream more. */
static void
what_is_within_gives_nothing_more(void **state)
{
    struct policy_atom *atom = calloc(1, sizeof *atom);
    struct policy_atom *other = calloc(1, sizeof *other);
    struct policy_firm firm = { .confirmed = true };
    uint64_t seed = first_seed();
    int within = 0;
    int not_within = 0;

    assert_non_null(atom);
    assert_non_null(other);
    for (int round = 0; round < ROUNDS; round++) {
        struct policy_set *set = a_set(&seed);
        struct policy_set *outer = a_set(&seed);
        bool more = false;

        ask_for_electricity(atom);
        ask_for_electricity(other);
        policy_decide_atom(set, &firm, atom);
        policy_decide_atom(outer, &firm, other);
        assert_int_equal(atom->outcome, POLICY_PERMIT);
        assert_int_equal(other->outcome, POLICY_PERMIT);
        for (int i = 0; i < NAMES; i++) {
            more = more || (gives(set, &firm, atom, names[i]) &&
                            !gives(outer, &firm, other, names[i]));
        }
        if (policy_streams_within(set, atom, outer, other, &firm)) {
            assert_false(more);
            within++;
        }
        not_within += more;
        assert_true(policy_streams_within(set, atom, set, atom, &firm));
        policy_set_free(set);
        policy_set_free(outer);
    }
    assert_true(within > ROUNDS / 50);
    assert_true(not_within > ROUNDS / 50);
    free(atom);
    free(other);
}

/* A permit of all streams, and one of some, each in a set of its own. */
static struct policy_set *
permit_of(const char *pattern, const char *more)
{
    struct policy_settings settings = { .home = vocab_country_find("GB", 2) };
    const char *const list[] = { pattern, more };
    static const char *const called[] = { "a", "b" };
    struct policy_builder *builder = NULL;
    struct policy_set *set = NULL;

    assert_int_equal(policy_builder_new(&settings, &builder), VLT_OK);
    for (size_t i = 0; i < 2 && list[i] != NULL; i++) {
        struct vlt_slice streams = vlt_slice_text(list[i]);
        struct policy_rule rule = { .name = called[i],
                                    .effect = POLICY_EFFECT_PERMIT,
                                    .file = "a.yaml",
                                    .patterns = &streams,
                                    .pattern_count = 1,
                                    .duties = policy_duties_unsaid() };

        assert_int_equal(policy_builder_add(builder, &rule), VLT_OK);
    }
    assert_int_equal(policy_build(builder, &set), VLT_OK);
    return set;
}

/* A permit that did not decide binds nothing, though its number stands behind
 * those that did. */
static void
only_what_an_atom_rests_on_binds_its_streams(void **state)
{
    struct policy_set *wide = permit_of("**", NULL);
    struct policy_set *both = permit_of("home/*", "**");
    struct policy_atom *atom = calloc(1, sizeof *atom);
    struct policy_atom *other = calloc(1, sizeof *other);
    struct policy_firm firm = { .confirmed = true };

    assert_non_null(atom);
    assert_non_null(other);
    ask_for_electricity(atom);
    ask_for_electricity(other);
    policy_decide_atom(wide, &firm, atom);
    policy_decide_atom(both, &firm, other);
    assert_int_equal(atom->rule_count, 1);
    assert_int_equal(other->rule_count, 2);
    assert_true(policy_streams_within(wide, atom, both, other, &firm));
    other->rule_count = 1;
    assert_false(policy_streams_within(wide, atom, both, other, &firm));
    policy_set_free(wide);
    policy_set_free(both);
    free(atom);
    free(other);
}

/* A rule with streams that denies or asks changes no outcome and no duty. */
static void
rules_with_streams_decide_nothing_but_streams(void **state)
{
    uint64_t seed = first_seed();
    struct policy_decision *with = malloc(sizeof *with);
    struct policy_decision *without = malloc(sizeof *without);
    struct vlt_slice all = vlt_slice_text("**");

    assert_non_null(with);
    assert_non_null(without);
    for (int round = 0; round < ROUNDS / 8; round++) {
        struct world world = a_world(&seed);
        struct policy_rule *last = &world.rules[world.count];

        last->effect = round % 2 == 0 ? POLICY_EFFECT_DENY : POLICY_EFFECT_ASK;
        last->patterns = &all;
        last->pattern_count = 1;
        struct policy_set *more = set_of(&world, with_last(&world), false);
        struct policy_set *less = set_of(&world, without_last(&world), false);

        assert_int_equal(
            policy_decide(more, &world.firm, &world.part, world_now, with),
            policy_decide(less, &world.firm, &world.part, world_now, without));
        for (size_t i = 0; i < with->atom_count; i++) {
            assert_int_equal(with->atoms[i].outcome, without->atoms[i].outcome);
            assert_int_equal(with->atoms[i].rule_count,
                             without->atoms[i].rule_count);
            assert_int_equal(with->atoms[i].duties.min_readings,
                             without->atoms[i].duties.min_readings);
        }
        policy_set_free(more);
        policy_set_free(less);
    }
    free(with);
    free(without);
}

/* Why a stream is not given is said of each that a grant by hand is not given,
 * and of no other. */
static void
what_takes_a_stream_is_named(void **state)
{
    struct policy_atom *atom = calloc(1, sizeof *atom);
    struct policy_firm firm = { .confirmed = true };
    uint16_t rules[POLICY_RULES];
    uint64_t seed = first_seed();

    assert_non_null(atom);
    for (int round = 0; round < ROUNDS / 8; round++) {
        struct policy_set *set = a_set(&seed);
        bool has = false;

        ask_for_electricity(atom);
        policy_decide_atom(set, &firm, atom);
        for (size_t i = 0; i < policy_rule_count(set); i++) {
            has = has || policy_rule_at(set, i)->pattern_count > 0;
        }
        assert_int_equal(policy_has_streams(set), has);
        for (int i = 0; i < NAMES; i++) {
            struct vlt_slice name = vlt_slice_text(names[i]);
            size_t count = policy_stream_rules(set, &firm, atom, name, rules);
            enum policy_fate fate =
                policy_stream_fate(set, &firm, atom, false, name);

            assert_int_equal(count == 0, fate == POLICY_GIVE);
            for (size_t r = 0; r < count; r++) {
                assert_int_not_equal(policy_rule_at(set, rules[r])->effect,
                                     POLICY_EFFECT_PERMIT);
                assert_true(r == 0 || rules[r - 1] < rules[r]);
            }
        }
        policy_set_free(set);
    }
    assert_int_equal(
        policy_stream_rules(NULL, &firm, atom, vlt_slice_text("home"), rules),
        0);
    free(atom);
}

/* A purpose that is none is denied, and no rule speaks of it. */
static void
of_a_purpose_that_is_none_no_rule_takes_a_stream(void **state)
{
    struct policy_atom *atom = calloc(1, sizeof *atom);
    struct policy_firm firm = { .confirmed = true };
    uint16_t rules[POLICY_RULES];
    uint64_t seed = first_seed();
    struct policy_set *set = a_set(&seed);

    assert_non_null(atom);
    ask_for_electricity(atom);
    atom->purpose = VOCAB_NONE;
    policy_decide_atom(set, &firm, atom);
    assert_int_equal(atom->outcome, POLICY_DENY);
    for (int i = 0; i < NAMES; i++) {
        assert_int_equal(policy_stream_rules(set, &firm, atom,
                                             vlt_slice_text(names[i]), rules),
                         0);
    }
    policy_set_free(set);
    free(atom);
}

static void
without_a_set_every_stream_is_withheld(void **state)
{
    struct policy_atom *atom = calloc(1, sizeof *atom);
    struct policy_firm firm = { .confirmed = true };

    assert_non_null(atom);
    memset(atom, 0xA5, sizeof *atom);
    policy_decide_atom(NULL, &firm, atom);
    assert_int_equal(atom->outcome, POLICY_DENY);
    assert_false(atom->left_out);
    assert_false(atom->by_default);
    assert_int_equal(atom->rule_count, 0);
    assert_int_equal(atom->failed_count, 0);
    assert_int_equal(atom->duties.min_readings,
                     policy_duties_none().min_readings);
    assert_int_equal(
        policy_stream_fate(NULL, &firm, atom, false, vlt_slice_text("home")),
        POLICY_WITHHOLD);
    free(atom);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_within_gives_nothing_more),
        cmocka_unit_test(only_what_an_atom_rests_on_binds_its_streams),
        cmocka_unit_test(rules_with_streams_decide_nothing_but_streams),
        cmocka_unit_test(what_takes_a_stream_is_named),
        cmocka_unit_test(of_a_purpose_that_is_none_no_rule_takes_a_stream),
        cmocka_unit_test(without_a_set_every_stream_is_withheld),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
