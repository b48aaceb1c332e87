#include <string.h>

#include "unit.h"

#include "policy_world.h"
#include "text/policy_text.h"

enum {
    ROUNDS = 500,
};

static void
no_fault(void *ctx, const struct policy_fault *fault)
{
    (void)ctx;
    print_message("%s:%d:%d: %s\n", fault->file, fault->line, fault->column,
                  fault->says);
}

static struct policy_set *
parsed(struct vlt_slice text)
{
    struct policy_text_file file = { .name = "print.yaml", .text = text };
    struct policy_text_input input = { .files = &file,
                                       .count = 1,
                                       .home = vocab_country_find("GB", 2) };
    struct policy_set *set = NULL;

    assert_int_equal(policy_text_parse(&input, no_fault, NULL, &set), VLT_OK);
    return set;
}

/* The world's rules that a file may hold: its caps in permits only, a window
 * that is written as one, and no floor touched. */
static struct world
a_written_world(uint64_t *seed)
{
    struct world world = a_world(seed);

    for (size_t i = 0; i <= world.count; i++) {
        struct policy_rule *rule = &world.rules[i];

        if (rule->effect != POLICY_EFFECT_PERMIT) {
            rule->written = 0;
            rule->duties = policy_duties_unsaid();
        }
        rule->duties.notify = POLICY_NOTIFY_WEEKLY;
        rule->duties.ask_each = false;
        rule->note = vlt_slice_text(i % 2 == 0 ? "so: \"it\" \\ is" : "");
    }
    return world;
}

static void
same_rules(const struct policy_set *a, const struct policy_set *b)
{
    assert_int_equal(policy_rule_count(a), policy_rule_count(b));
    assert_int_equal(policy_settings(a)->default_deny,
                     policy_settings(b)->default_deny);
    for (size_t i = 0; i < policy_rule_count(a); i++) {
        const struct policy_rule *one = policy_rule_at(a, i);
        const struct policy_rule *other = policy_rule_at(b, i);

        assert_string_equal(one->name, other->name);
        assert_int_equal(one->effect, other->effect);
        assert_true(vlt_slice_equal(one->note, other->note));
        assert_int_equal(one->firm_count, other->firm_count);
        assert_memory_equal(one->firms, other->firms,
                            one->firm_count * POLICY_FIRM_LEN);
        assert_int_equal(one->has_purposes, other->has_purposes);
        assert_int_equal(one->has_data, other->has_data);
        assert_memory_equal(&one->purposes, &other->purposes,
                            sizeof one->purposes);
        assert_memory_equal(&one->data, &other->data, sizeof one->data);
        assert_int_equal(one->pattern_count, other->pattern_count);
        for (size_t n = 0; n < one->pattern_count; n++) {
            assert_true(vlt_slice_equal(one->patterns[n], other->patterns[n]));
        }
        assert_int_equal(one->written, other->written);
        assert_memory_equal(one->caps.at, other->caps.at, sizeof one->caps.at);
        assert_memory_equal(&one->caps.where, &other->caps.where,
                            sizeof one->caps.where);
        assert_int_equal(one->caps.length, other->caps.length);
        assert_int_equal(one->caps.per_s, other->caps.per_s);
        assert_int_equal(one->caps.name_count, other->caps.name_count);
        for (size_t n = 0; n < one->caps.name_count; n++) {
            assert_true(
                vlt_slice_equal(one->caps.names[n], other->caps.names[n]));
        }
        assert_int_equal(one->duties.min_readings, other->duties.min_readings);
        assert_int_equal(one->duties.show_names, other->duties.show_names);
        if (one->caps.at[TERMS_DETAIL] != 0) {
            assert_int_equal(one->caps.stats, other->caps.stats);
        }
    }
}

static void
what_is_printed_parses_to_the_same_rules(void **state)
{
    uint64_t seed = first_seed();

    for (int round = 0; round < ROUNDS; round++) {
        struct world world = a_written_world(&seed);
        struct policy_set *set =
            set_of(&world, (1U << (world.count + 1)) - 1, false);
        struct policy_set *backwards =
            set_of(&world, (1U << (world.count + 1)) - 1, true);
        struct vlt_buf one = { 0 };
        struct vlt_buf other = { 0 };

        policy_text_print(&one, set);
        policy_text_print(&other, backwards);
        assert_string_equal(vlt_buf_text(&one), vlt_buf_text(&other));
        struct policy_set *again = parsed(vlt_buf_slice(&one));

        same_rules(set, again);
        vlt_buf_free(&one);
        vlt_buf_free(&other);
        policy_set_free(set);
        policy_set_free(backwards);
        policy_set_free(again);
    }
}

/* A policy hash covers this text: it must not change by accident. */
static void
the_print_is_stable(void **state)
{
    struct vlt_buf out = { 0 };
    struct policy_set *set = parsed(vlt_slice_text(
        "rules: [{effect: permit, name: b, window: new, detail: raw, until: "
        "2027-01-01T00:00:01Z, data: energy, purpose: service, note: 'x'},\n"
        "  {name: a, effect: deny}]\nversion: 1\n"));

    policy_text_print(&out, set);
    assert_string_equal(vlt_buf_text(&out), "version: 1\n"
                                            "default: ask\n"
                                            "rules:\n"
                                            "  - name: a\n"
                                            "    effect: deny\n"
                                            "  - name: b\n"
                                            "    effect: permit\n"
                                            "    note: \"x\"\n"
                                            "    purpose: [service]\n"
                                            "    data: [energy]\n"
                                            "    detail: raw\n"
                                            "    window: new\n"
                                            "    until: "
                                            "2027-01-01T00:00:01Z\n");
    vlt_buf_free(&out);
    policy_set_free(set);
}

/* Every cap and obligation in a form other than its own. */
static void
every_key_has_its_place_in_the_print(void **state)
{
    struct vlt_buf out = { 0 };
    struct policy_set *set = parsed(vlt_slice_text(
        "version: 1\nvocabulary: vocab/1\ngpc: off\nrules:\n"
        "  - {name: b, streams: ['**/x', home/*], names: show, min_readings: "
        "3, gatekeeper: true,\n"
        "     training: yes, automated: yes, profiling: any,\n"
        "     basis: [law, consent], where: [NO, home],\n"
        "     onward: [Z, 'A: \"B\"'],\n"
        "     keep: 1w, until: 2027-02-01, from: 2027-01-01, life: 1y,\n"
        "     uses: none, rate: none, every: 90s, delay: 24h, window: 0s,\n"
        "     round: 0.50km, detail: max+mean/1d, channels: [chat, email],\n"
        "     action: [contact, live], effect: permit}\n"
        "  - {name: c, effect: permit, where: any, onward: processors,\n"
        "     round: 2.50, rate: 3/week}\n"));

    policy_text_print(&out, set);
    assert_string_equal(vlt_buf_text(&out),
                        "version: 1\n"
                        "default: ask\n"
                        "gpc: off\n"
                        "rules:\n"
                        "  - name: b\n"
                        "    effect: permit\n"
                        "    streams: [\"**/x\", \"home/*\"]\n"
                        "    action: [live, contact]\n"
                        "    channels: [email, chat]\n"
                        "    detail: mean+max/1d\n"
                        "    round: 500m\n"
                        "    window: 0s\n"
                        "    delay: 1d\n"
                        "    every: 90s\n"
                        "    rate: none\n"
                        "    uses: none\n"
                        "    life: 365d\n"
                        "    from: 2027-01-01\n"
                        "    until: 2027-02-01\n"
                        "    keep: 7d\n"
                        "    onward: [\"A: \\\"B\\\"\", \"Z\"]\n"
                        "    where: [\"GB\", \"NO\"]\n"
                        "    basis: [consent, law]\n"
                        "    profiling: any\n"
                        "    automated: yes\n"
                        "    training: yes\n"
                        "    gatekeeper: yes\n"
                        "    min_readings: 3\n"
                        "    names: show\n"
                        "  - name: c\n"
                        "    effect: permit\n"
                        "    round: 2.5\n"
                        "    rate: 3/week\n"
                        "    onward: processors\n"
                        "    where: [any]\n");
    struct policy_set *again = parsed(vlt_buf_slice(&out));

    same_rules(set, again);
    vlt_buf_free(&out);
    policy_set_free(set);
    policy_set_free(again);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_printed_parses_to_the_same_rules),
        cmocka_unit_test(the_print_is_stable),
        cmocka_unit_test(every_key_has_its_place_in_the_print),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
