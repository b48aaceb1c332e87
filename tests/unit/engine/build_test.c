#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#include "engine/policy.h"
#include "requests.h"

static struct policy_builder *
a_builder(void)
{
    struct policy_settings settings = { .home = VOCAB_NONE };
    struct policy_builder *builder = NULL;

    assert_int_equal(policy_builder_new(&settings, &builder), VLT_OK);
    return builder;
}

static struct policy_set *
built(struct policy_builder *builder)
{
    struct policy_set *set = NULL;

    assert_int_equal(policy_build(builder, &set), VLT_OK);
    return set;
}

static struct policy_rule
deny_named(const char *name)
{
    return (struct policy_rule){ .name = name,
                                 .effect = POLICY_EFFECT_DENY,
                                 .file = "home.yaml",
                                 .line = 3,
                                 .column = 5 };
}

static void
a_set_copies_what_its_rules_point_to(void **state)
{
    struct policy_builder *builder = a_builder();
    char name[] = "no-ads";
    char file[] = "home.yaml";
    char note[] = "because";
    uint8_t firms[4][POLICY_FIRM_LEN] = { { 9 }, { 3 }, { 9 }, { 3 } };
    struct policy_rule rule = deny_named(name);

    rule.file = file;
    rule.note = vlt_slice_text(note);
    rule.firms = (const uint8_t(*)[POLICY_FIRM_LEN])firms;
    rule.firm_count = 4;
    assert_int_equal(policy_builder_add(builder, &rule), VLT_OK);
    memset(name, 'x', sizeof name - 1);
    memset(file, 'x', sizeof file - 1);
    memset(note, 'x', sizeof note - 1);
    memset(firms, 0, sizeof firms);
    struct policy_set *set = built(builder);
    const struct policy_rule *kept = policy_rule_at(set, POLICY_BUILTINS);

    assert_string_equal(kept->name, "no-ads");
    assert_string_equal(kept->file, "home.yaml");
    assert_true(vlt_slice_is(kept->note, "because"));
    /* In order, each once. */
    assert_int_equal(kept->firm_count, 2);
    assert_int_equal(kept->firms[0][0], 3);
    assert_int_equal(kept->firms[1][0], 9);
    policy_set_free(set);
}

static void
a_set_copies_and_sorts_the_recipients_of_a_cap(void **state)
{
    struct policy_builder *builder = a_builder();
    char zeta[] = "Zeta";
    char acme[] = "Acme Ltd";
    struct vlt_slice names[] = { vlt_slice_text("Acme"), vlt_slice_text(zeta),
                                 vlt_slice_text(acme) };
    struct policy_rule rule = { .name = "p",
                                .effect = POLICY_EFFECT_PERMIT,
                                .file = "home.yaml",
                                .written = 1U << TERMS_ONWARDS };

    rule.caps.at[TERMS_ONWARDS] = TERMS_ONWARD_NAMES;
    rule.caps.names = names;
    rule.caps.name_count = 3;
    assert_int_equal(policy_builder_add(builder, &rule), VLT_OK);
    memset(zeta, 'x', sizeof zeta - 1);
    memset(acme, 'x', sizeof acme - 1);
    memset(names, 0, sizeof names);
    struct policy_set *set = built(builder);
    const struct policy_rule *kept = policy_rule_at(set, POLICY_BUILTINS);

    assert_int_equal(kept->caps.name_count, 3);
    assert_true(vlt_slice_is(kept->caps.names[0], "Acme"));
    assert_true(vlt_slice_is(kept->caps.names[1], "Acme Ltd"));
    assert_true(vlt_slice_is(kept->caps.names[2], "Zeta"));
    policy_set_free(set);
}

static void
without_gpc_its_rule_is_not_there(void **state)
{
    struct policy_settings settings = { .gpc_off = true, .home = VOCAB_NONE };
    struct policy_builder *builder = a_builder();

    policy_builder_settle(builder, &settings);
    struct policy_set *set = built(builder);

    assert_int_equal(policy_rule_count(set), POLICY_BUILTINS - 1);
    assert_string_equal(policy_rule_at(set, 0)->name, "builtin.overdue");
    assert_true(policy_settings(set)->gpc_off);
    policy_set_free(set);
}

static void
rules_lie_in_the_order_of_their_names_with_the_vaults_own(void **state)
{
    static const char *const names[] = { "zebra", "a", "mole" };
    static const char *const sorted[] = { "a",
                                          "builtin.gpc",
                                          "builtin.overdue",
                                          "builtin.quiet",
                                          "builtin.two-details",
                                          "builtin.unconfirmed",
                                          "mole",
                                          "zebra" };
    struct policy_builder *builder = a_builder();

    for (size_t i = 0; i < 3; i++) {
        struct policy_rule rule = deny_named(names[i]);

        assert_int_equal(policy_builder_add(builder, &rule), VLT_OK);
    }
    struct policy_set *set = built(builder);

    assert_int_equal(policy_rule_count(set), 8);
    for (size_t i = 0; i < 8; i++) {
        assert_string_equal(policy_rule_at(set, i)->name, sorted[i]);
        assert_int_equal(policy_rule_builtin(policy_rule_at(set, i)),
                         strncmp(sorted[i], "builtin", 7) == 0);
    }
    assert_null(policy_rule_at(set, 8));
    policy_set_free(set);
}

static void
a_rule_is_found_by_its_name(void **state)
{
    static const char *const names[] = { "zebra", "a", "mole" };
    static const char *const none[] = { "", "Z", "ab", "builtin", "zebras" };
    struct policy_builder *builder = a_builder();

    for (size_t i = 0; i < 3; i++) {
        struct policy_rule rule = deny_named(names[i]);

        assert_int_equal(policy_builder_add(builder, &rule), VLT_OK);
    }
    struct policy_set *set = built(builder);

    for (size_t i = 0; i < policy_rule_count(set); i++) {
        const struct policy_rule *rule = policy_rule_at(set, i);

        assert_ptr_equal(policy_rule_named(set, rule->name), rule);
    }
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        assert_null(policy_rule_named(set, none[i]));
    }
    policy_set_free(set);
}

static void
a_rule_that_is_called_nearly_so_is_none_of_the_vaults(void **state)
{
    static const struct {
        const char *name;
        bool builtin;
    } cases[] = { { "builtin.quiet", true },
                  { "builtin", false },
                  { "builtins", false },
                  { "builtin-quiet", false },
                  { "my.builtin.quiet", false } };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct policy_rule rule = deny_named(cases[i].name);

        assert_int_equal(policy_rule_builtin(&rule), cases[i].builtin);
    }
}

static void
a_name_stands_for_one_rule(void **state)
{
    struct policy_builder *builder = a_builder();
    struct policy_rule rule = deny_named("no-ads");

    assert_int_equal(policy_builder_add(builder, &rule), VLT_OK);
    assert_int_equal(policy_builder_add(builder, &rule), VLT_E_CONFLICT);
    assert_non_null(policy_builder_find(builder, "no-ads"));
    assert_null(policy_builder_find(builder, "no-adds"));
    policy_builder_free(builder);
}

static void
what_is_too_long_is_refused_and_nothing_changes(void **state)
{
    struct policy_builder *builder = a_builder();
    static uint8_t firms[POLICY_FIRMS + 1][POLICY_FIRM_LEN];
    struct vlt_slice names[TERMS_NAMES + 1] = { { NULL, 0 } };
    char name[POLICY_NAME + 1];
    char note[POLICY_NOTE + 1] = { 0 };
    struct policy_rule rule = deny_named("x");

    memset(name, 'a', sizeof name);
    name[POLICY_NAME] = '\0';
    rule.name = name;
    assert_int_equal(policy_builder_add(builder, &rule), VLT_E_LIMIT);
    rule = deny_named("x");
    rule.note = vlt_slice_of(note, sizeof note);
    assert_int_equal(policy_builder_add(builder, &rule), VLT_E_LIMIT);
    rule = deny_named("x");
    rule.firms = (const uint8_t(*)[POLICY_FIRM_LEN])firms;
    rule.firm_count = POLICY_FIRMS + 1;
    assert_int_equal(policy_builder_add(builder, &rule), VLT_E_LIMIT);
    rule = deny_named("x");
    rule.written = 1U << TERMS_ONWARDS;
    rule.caps.names = names;
    rule.caps.name_count = TERMS_NAMES + 1;
    assert_int_equal(policy_builder_add(builder, &rule), VLT_E_LIMIT);
    rule = deny_named("x");
    rule.patterns = names;
    rule.pattern_count = POLICY_PATTERNS + 1;
    assert_int_equal(policy_builder_add(builder, &rule), VLT_E_LIMIT);
    rule = deny_named("x");
    rule.written = 1U << TERMS_ONWARDS;
    rule.caps.names = names;
    names[0].len = TERMS_NAME_LEN + 1;
    rule.caps.name_count = 1;
    assert_int_equal(policy_builder_add(builder, &rule), VLT_E_LIMIT);
    assert_null(policy_builder_find(builder, "x"));
    policy_builder_free(builder);
}

static void
what_is_as_long_as_may_be_is_kept_whole(void **state)
{
    struct policy_builder *builder = a_builder();
    static uint8_t firms[POLICY_FIRMS][POLICY_FIRM_LEN];
    static char recipient[TERMS_NAME_LEN];
    struct vlt_slice names[TERMS_NAMES];
    struct vlt_slice patterns[POLICY_PATTERNS];
    char name[POLICY_NAME] = { 0 };
    char file[POLICY_FILE + 1] = { 0 };
    char note[POLICY_NOTE];
    struct policy_rule rule = deny_named(name);

    memset(name, 'a', sizeof name - 1);
    memset(file, 'f', sizeof file - 1);
    memset(note, 'n', sizeof note);
    memset(recipient, 'r', sizeof recipient);
    for (size_t i = 0; i < POLICY_FIRMS; i++) {
        firms[i][0] = (uint8_t)i;
    }
    for (size_t i = 0; i < TERMS_NAMES; i++) {
        names[i] = vlt_slice_of((uint8_t *)recipient, sizeof recipient);
    }
    for (size_t i = 0; i < POLICY_PATTERNS; i++) {
        patterns[i] = vlt_slice_text("home/*");
    }
    rule.effect = POLICY_EFFECT_PERMIT;
    rule.file = file;
    rule.note = vlt_slice_of((uint8_t *)note, sizeof note);
    rule.firms = (const uint8_t(*)[POLICY_FIRM_LEN])firms;
    rule.firm_count = POLICY_FIRMS;
    rule.patterns = patterns;
    rule.pattern_count = POLICY_PATTERNS;
    rule.written = 1U << TERMS_ONWARDS;
    rule.caps.at[TERMS_ONWARDS] = TERMS_ONWARD_NAMES;
    rule.caps.names = names;
    rule.caps.name_count = TERMS_NAMES;
    assert_int_equal(policy_builder_add(builder, &rule), VLT_OK);
    const struct policy_rule *kept = policy_builder_find(builder, name);

    assert_non_null(kept);
    assert_string_equal(kept->file, file);
    assert_int_equal(kept->note.len, sizeof note);
    assert_memory_equal(kept->note.at, note, sizeof note);
    assert_int_equal(kept->firm_count, POLICY_FIRMS);
    assert_memory_equal(kept->firms, firms, sizeof firms);
    assert_int_equal(kept->pattern_count, POLICY_PATTERNS);
    assert_true(vlt_slice_is(kept->patterns[POLICY_PATTERNS - 1], "home/*"));
    assert_int_equal(kept->caps.name_count, TERMS_NAMES);
    assert_int_equal(kept->caps.names[TERMS_NAMES - 1].len, TERMS_NAME_LEN);
    policy_builder_free(builder);
}

static void
a_thousand_rules_and_no_more(void **state)
{
    struct policy_builder *builder = a_builder();
    char name[POLICY_NAME];

    for (int i = 0; i < POLICY_RULES; i++) {
        struct policy_rule rule = deny_named(name);

        snprintf(name, sizeof name, "rule-%d", i);
        assert_int_equal(policy_builder_add(builder, &rule), VLT_OK);
    }
    struct policy_rule rule = deny_named("one-more");

    assert_int_equal(policy_builder_add(builder, &rule), VLT_E_LIMIT);
    struct policy_set *set = built(builder);
    struct policy_decision *decision = malloc(sizeof *decision);
    struct terms_request r = brightgrid_request();
    struct policy_firm firm = { .confirmed = false };
    struct terms part;

    /* All of them, and a built-in one, determine. */
    terms_part(&r, 0, &part);
    assert_non_null(decision);
    assert_int_equal(policy_decide(set, &firm, &part, 0, decision),
                     POLICY_DENY);
    assert_int_equal(decision->atoms[0].rule_count, POLICY_RULES + 1);
    free(decision);
    policy_set_free(set);
}

static void
without_a_set_all_is_denied(void **state)
{
    struct policy_decision *decision = malloc(sizeof *decision);
    struct terms_request r = brightgrid_request();
    struct policy_firm firm = { .confirmed = true };
    struct terms part;

    terms_part(&r, 0, &part);
    struct policy_grant grant = { .terms = &part, .end = INT64_MAX };

    assert_non_null(decision);
    memset(decision, 1, sizeof *decision);
    assert_int_equal(policy_decide(NULL, &firm, &part, 0, decision),
                     POLICY_DENY);
    assert_true(decision->no_policy);
    assert_int_equal(decision->atom_count, 0);
    memset(decision, 1, sizeof *decision);
    assert_int_equal(policy_decide_use(NULL, &firm, &grant, 0, decision),
                     POLICY_USE_NO);
    assert_true(decision->no_policy);
    assert_int_equal(decision->atom_count, 0);
    free(decision);
}

static void
a_purpose_or_category_that_is_none_is_denied(void **state)
{
    struct policy_set *set = built(a_builder());
    struct policy_decision *decision = malloc(sizeof *decision);
    struct terms_request r = brightgrid_request();
    struct policy_firm firm = { .confirmed = true };
    struct terms part;

    assert_non_null(decision);
    terms_part(&r, 0, &part);
    part.purpose = 100;
    assert_int_equal(policy_decide(set, &firm, &part, 0, decision),
                     POLICY_DENY);
    terms_part(&r, 0, &part);
    part.items[0].data = 100;
    assert_int_equal(policy_decide(set, &firm, &part, 0, decision),
                     POLICY_DENY);
    terms_part(&r, 0, &part);
    part.item_count = 0;
    assert_int_equal(policy_decide(set, &firm, &part, 0, decision),
                     POLICY_DENY);
    free(decision);
    policy_set_free(set);
}

static void
duties_combine_to_the_strictest(void **state)
{
    struct policy_duties a = { POLICY_NOTIFY_FIRST, false, 3, true, true };
    struct policy_duties b = { POLICY_NOTIFY_DAILY, true, 2, true, false };
    struct policy_duties both = policy_duties_both(a, b);
    struct policy_duties unsaid = policy_duties_unsaid();
    struct policy_duties none = policy_duties_none();

    assert_int_equal(both.notify, POLICY_NOTIFY_FIRST);
    assert_true(both.ask_each);
    assert_int_equal(both.min_readings, 3);
    assert_true(both.show_names);
    assert_false(both.join_new_streams);
    assert_int_equal(unsaid.notify, POLICY_NOTIFY_WEEKLY);
    assert_int_equal(unsaid.min_readings, 2);
    assert_false(unsaid.ask_each || unsaid.show_names ||
                 unsaid.join_new_streams);
    both = policy_duties_both(none, a);
    assert_int_equal(both.min_readings, a.min_readings);
    assert_true(both.show_names && both.join_new_streams);
}

static void
outcomes_and_effects_are_words(void **state)
{
    assert_string_equal(policy_outcome_word(POLICY_PERMIT), "permit");
    assert_string_equal(policy_outcome_word(POLICY_OFFER), "offer");
    assert_string_equal(policy_outcome_word(POLICY_ASK), "ask");
    assert_string_equal(policy_outcome_word(POLICY_DENY), "deny");
    assert_string_equal(policy_outcome_word((enum policy_outcome)77), "deny");
    assert_string_equal(policy_effect_word((enum policy_effect)77), "deny");
}

/* An effect that is none cannot come from a file; it denies all the same. */
static void
an_unknown_effect_denies(void **state)
{
    struct policy_builder *builder = a_builder();
    struct policy_rule rule = deny_named("odd");
    struct policy_decision *decision = malloc(sizeof *decision);
    struct terms_request r = brightgrid_request();
    struct policy_firm firm = { .confirmed = true };
    struct terms part;

    rule.effect = (enum policy_effect)77;
    assert_int_equal(policy_builder_add(builder, &rule), VLT_OK);
    struct policy_set *set = built(builder);

    assert_non_null(decision);
    terms_part(&r, 0, &part);
    assert_int_equal(policy_decide(set, &firm, &part, 0, decision),
                     POLICY_DENY);
    assert_int_equal(decision->atoms[0].rule_count, 1);
    free(decision);
    policy_set_free(set);
}

static void
a_file_with_too_long_a_name_is_refused(void **state)
{
    struct policy_builder *builder = a_builder();
    struct policy_rule rule = deny_named("far");
    char file[POLICY_FILE + 2];

    memset(file, 'f', sizeof file - 1);
    file[sizeof file - 1] = '\0';
    rule.file = file;
    assert_int_equal(policy_builder_add(builder, &rule), VLT_E_LIMIT);
    file[sizeof file - 2] = '\0';
    assert_int_equal(policy_builder_add(builder, &rule), VLT_OK);
    policy_builder_free(builder);
}

/* No file can write one; a set that is made by hand keeps it as it is. */
static void
a_text_without_letters_is_kept(void **state)
{
    const struct vlt_slice names[] = {
        vlt_slice_text("b"), { 0 }, vlt_slice_text("a"), { 0 }
    };
    struct policy_builder *builder = a_builder();
    struct policy_rule rule = deny_named("empty");

    rule.caps.names = names;
    rule.caps.name_count = 4;
    rule.effect = POLICY_EFFECT_PERMIT;
    rule.written = 1U << TERMS_ONWARDS;
    assert_int_equal(policy_builder_add(builder, &rule), VLT_OK);
    struct policy_set *set = built(builder);
    const struct terms_limits *caps = NULL;

    for (size_t i = 0; i < policy_rule_count(set); i++) {
        if (strcmp(policy_rule_at(set, i)->name, "empty") == 0) {
            caps = &policy_rule_at(set, i)->caps;
        }
    }
    assert_non_null(caps);
    assert_int_equal(caps->name_count, 4);
    assert_int_equal(caps->names[0].len + caps->names[1].len, 0);
    assert_true(vlt_slice_is(caps->names[2], "a"));
    assert_true(vlt_slice_is(caps->names[3], "b"));
    assert_false(policy_has_streams(set));
    policy_set_free(set);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_set_copies_what_its_rules_point_to),
        cmocka_unit_test(a_set_copies_and_sorts_the_recipients_of_a_cap),
        cmocka_unit_test(without_gpc_its_rule_is_not_there),
        cmocka_unit_test(
            rules_lie_in_the_order_of_their_names_with_the_vaults_own),
        cmocka_unit_test(a_rule_is_found_by_its_name),
        cmocka_unit_test(a_rule_that_is_called_nearly_so_is_none_of_the_vaults),
        cmocka_unit_test(a_name_stands_for_one_rule),
        cmocka_unit_test(what_is_too_long_is_refused_and_nothing_changes),
        cmocka_unit_test(what_is_as_long_as_may_be_is_kept_whole),
        cmocka_unit_test(a_thousand_rules_and_no_more),
        cmocka_unit_test(without_a_set_all_is_denied),
        cmocka_unit_test(a_purpose_or_category_that_is_none_is_denied),
        cmocka_unit_test(duties_combine_to_the_strictest),
        cmocka_unit_test(outcomes_and_effects_are_words),
        cmocka_unit_test(an_unknown_effect_denies),
        cmocka_unit_test(a_file_with_too_long_a_name_is_refused),
        cmocka_unit_test(a_text_without_letters_is_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
