#include <stdlib.h>
#include <string.h>

#include "unit.h"

#include "base/time.h"
#include "text/policy_warn.h"

/* 2027-01-15T08:00:00Z */
#define NOW (INT64_C(1800000000) * VLT_SECOND)

static void
no_fault(void *ctx, const struct policy_fault *fault)
{
    (void)ctx;
    print_error("%d:%d %s\n", fault->line, fault->column, fault->says);
    fail();
}

static struct policy_set *
read_rules(const char *rules, int home)
{
    struct vlt_buf text = { 0 };
    struct policy_text_file file = { .name = "p.yaml" };
    struct policy_text_input input = { .files = &file,
                                       .count = 1,
                                       .home = home };
    struct policy_set *set = NULL;

    vlt_buf_put_text(&text, "version: 1\nrules:\n");
    vlt_buf_put_text(&text, rules);
    file.text = vlt_buf_slice(&text);
    assert_int_equal(policy_text_parse(&input, no_fault, NULL, &set), VLT_OK);
    vlt_buf_free(&text);
    return set;
}

static void
note(void *ctx, const struct policy_fault *fault)
{
    vlt_buf_printf(ctx, "%s ", fault->code);
    policy_fault_print(ctx, fault);
    vlt_buf_put_text(ctx, "\n");
}

static int
british(void)
{
    return vocab_country_find("GB", 2);
}

/* A boiler that is read each minute, and a meter that is read each hour. */
static void
warnings_of(const char *rules, int home, struct vlt_buf *out)
{
    const struct policy_warn_stream streams[] = {
        { vlt_slice_text("home/boiler/flow"),
          vocab_category_find("energy.heat", 11), VLT_MINUTE },
        { vlt_slice_text("meter"),
          vocab_category_find("energy.electricity", 18), VLT_HOUR },
        { vlt_slice_text("late"), vocab_category_find("energy.gas", 10),
          30 * VLT_MINUTE + VLT_SECOND / 1000 },
        { vlt_slice_text("odd"), VOCAB_NONE, 0 },
    };
    struct policy_set *set = read_rules(rules, home);
    struct policy_warn_input input = {
        .set = set, .now = NOW, .streams = 4, .stream = streams
    };

    assert_int_equal(policy_warn(&input, note, out), VLT_OK);
    policy_set_free(set);
}

static const struct {
    const char *rules;
    const char *warned;
} cases[] = {
    /* what is meant */
    { "  - {name: bill, effect: permit, firm: bright, purpose: "
      "service.billing, data: energy.heat, detail: mean/15min}\n"
      "  - {name: no-ads, effect: deny, purpose: [marketing, "
      "improve.training]}\n"
      "  - {name: health-ask, effect: ask, data: health}\n"
      "  - {name: boiler, effect: deny, streams: home/boiler/**}\n",
      "" },

    { "  - {name: nothing, effect: deny, firm: bright}\n"
      "  - {name: bill, effect: permit, firm: bright, purpose: "
      "service.billing, data: energy.heat}\n"
      "  - {name: ask, effect: ask, firm: bright, data: energy}\n",
      "W1 p.yaml:4:5: rule 'bill' can never matter: whatever it decides is "
      "decided without it, by 'nothing'\n"
      "W1 p.yaml:5:5: rule 'ask' can never matter: whatever it decides is "
      "decided without it, by 'nothing'\n" },
    /* several say it, each of its part, and the vault itself */
    { "  - {name: a, effect: deny, data: energy.heat}\n"
      "  - {name: b, effect: deny, data: energy}\n"
      "  - {name: c, effect: deny, purpose: service}\n"
      "  - {name: d, effect: deny, purpose: [sell, service.billing]}\n",
      "W1 p.yaml:3:5: rule 'a' can never matter: whatever it decides is "
      "decided without it, by 'b'\n"
      "W1 p.yaml:6:5: rule 'd' can never matter: whatever it decides is "
      "decided without it, by 'builtin.gpc', 'c'\n" },
    { "  - {name: ads, effect: permit, firm: bright, purpose: "
      "marketing.targeted, data: energy.heat}\n",
      "W1 p.yaml:3:5: rule 'ads' can never matter: whatever it decides is "
      "decided without it, by 'builtin.gpc'\n" },
    /* the same twice */
    { "  - {name: a, effect: deny, data: energy}\n"
      "  - {name: b, effect: deny, data: [energy.heat, energy.gas]}\n",
      "W1 p.yaml:4:5: rule 'b' can never matter: whatever it decides is "
      "decided without it, by 'a'\n" },
    { "  - {name: a, effect: deny, data: energy}\n"
      "  - {name: b, effect: deny, data: energy}\n"
      "  - {name: c, effect: deny, firm: bright, data: energy}\n",
      "W1 p.yaml:4:5: rule 'b' can never matter: 'a' says the same\n"
      "W1 p.yaml:5:5: rule 'c' can never matter: whatever it decides is "
      "decided without it, by 'a'\n" },
    /* what it demands binds all the same, also what it does not write */
    { "  - {name: a, effect: permit, firm: bright, data: energy.heat}\n"
      "  - {name: b, effect: permit, firm: bright, data: energy, names: show, "
      "min_readings: 1}\n",
      "W8 p.yaml:3:5: permits 'a' and 'b' may be for the same and demand "
      "different obligations, of which the stricter hold: min_readings 2, "
      "names hide\n" },
    /* with the same box the looser one is of no use */
    { "  - {name: a, effect: permit, firm: bright, data: energy.heat}\n"
      "  - {name: b, effect: permit, firm: bright, data: energy.heat, names: "
      "show, min_readings: 1}\n",
      "W8 p.yaml:3:5: permits 'a' and 'b' may be for the same and demand "
      "different obligations, of which the stricter hold: min_readings 2, "
      "names hide\n"
      "W1 p.yaml:4:5: rule 'b' can never matter: whatever it decides is "
      "decided without it, by 'a'\n" },
    { "  - {name: a, effect: permit, firm: bright, data: energy.heat}\n"
      "  - {name: b, effect: permit, firm: bright, data: energy.heat, notify: "
      "each}\n",
      "W1 p.yaml:3:5: rule 'a' can never matter: whatever it decides is "
      "decided without it, by 'b'\n"
      "W8 p.yaml:3:5: permits 'a' and 'b' may be for the same and demand "
      "different obligations, of which the stricter hold: notify each\n" },

    { "  - {name: mine, effect: permit, firm: bright, purpose: "
      "service.billing, data: [home, health, health.heart]}\n",
      "W2 p.yaml:3:5: 'home' in permit 'mine' does not cover what is permitted "
      "by name only: home.presence\n"
      "W2 p.yaml:3:5: 'health' in permit 'mine' does not cover what is "
      "permitted by name only: health.activity, health.sleep, health.body, "
      "health.vitals, health.cycle, health.mind, health.medication, "
      "health.record\n" },
    { "  - {name: mine, effect: permit, firm: bright, purpose: improve, data: "
      "energy.heat}\n",
      "W2 p.yaml:3:5: 'improve' in permit 'mine' does not cover what is "
      "permitted by name only: improve.training\n" },

    { "  - {name: quote, effect: permit, purpose: service.contract, data: "
      "energy.heat}\n",
      "W3 p.yaml:3:5: permit 'quote' names no firm: any that is confirmed may "
      "ask by it\n" },

    { "  - {name: old, effect: permit, firm: bright, data: energy.heat, until: "
      "2027-01-15}\n",
      "W1 p.yaml:3:5: rule 'old' can never matter: nobody can ask for it\n"
      "W4 p.yaml:3:5: permit 'old' is over: until 2027-01-15 has passed\n" },
    { "  - {name: soon, effect: permit, firm: bright, data: energy.heat, "
      "from: 2027-03-01, until: 2027-04-01}\n",
      "" },

    { "  - {name: repair, effect: permit, firm: bright, data: energy.heat, "
      "action: live, detail: raw}\n",
      "W5 p.yaml:3:5: permit 'repair' gives each reading as it comes: raw and "
      "live\n" },

    { "  - {name: bedroom, effect: deny, streams: [home/bedroom/**, "
      "home/**]}\n",
      "W6 p.yaml:3:5: 'home/bedroom/**' in rule 'bedroom' matches no "
      "stream\n" },

    { "  - {name: use, effect: permit, firm: bright, data: "
      "energy.electricity, detail: mean/1h}\n",
      "W7 p.yaml:3:5: permit 'use' gives no bucket of mean/1h with fewer than "
      "2 readings, which on average leaves nothing of meter\n" },
    /* each 1800.001 s: two on average, and at times one */
    { "  - {name: use, effect: permit, firm: bright, data: energy.gas, "
      "detail: mean/1h}\n",
      "" },
    { "  - {name: use, effect: permit, firm: bright, data: "
      "energy.electricity, detail: mean/2h}\n",
      "" },
    { "  - {name: use, effect: permit, firm: bright, data: "
      "energy.electricity, streams: home/**, detail: mean/1h}\n",
      "" },

    { "  - {name: a, effect: permit, firm: bright, purpose: service, data: "
      "energy.heat}\n"
      "  - {name: b, effect: permit, firm: [bright, shade], purpose: "
      "service.billing, data: energy, detail: sum/1d, min_readings: 5, "
      "ask_each: yes, names: show, new_streams: include}\n"
      "  - {name: c, effect: permit, firm: other, data: energy, detail: "
      "sum/1d, notify: each}\n",
      "W8 p.yaml:3:5: permits 'a' and 'b' may be for the same and demand "
      "different obligations, of which the stricter hold: ask_each yes, "
      "min_readings 5, names hide, new_streams hold\n" },
};

static void
each_warning_has_its_place_and_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct vlt_buf got = { 0 };

        print_message("%s", cases[i].rules);
        warnings_of(cases[i].rules, british(), &got);
        assert_string_equal(got.len > 0 ? vlt_buf_text(&got) : "",
                            cases[i].warned);
        vlt_buf_free(&got);
    }
}

/* A permit that means a home that there is not; a deny means none. */
static void
a_permit_for_a_home_that_there_is_not_is_warned_of(void **state)
{
    static const char rules[] =
        "  - {name: a, effect: permit, firm: bright, data: energy.heat}\n"
        "  - {name: b, effect: permit, firm: shade, data: energy.heat, where: "
        "home}\n"
        "  - {name: c, effect: permit, firm: cool, data: energy.heat, where: "
        "[GB, home]}\n"
        "  - {name: d, effect: permit, firm: dim, data: energy.heat, where: "
        "GB}\n"
        "  - {name: e, effect: deny, data: home}\n";
    static const char warned[] =
        "W9 p.yaml:3:5: permit 'a' says no `where`, which is home, and the "
        "vault has no home, so it permits nothing; set `home` in the "
        "configuration, or write countries\n"
        "W9 p.yaml:4:5: permit 'b' says `where: home`, and the vault has no "
        "home, so it permits nothing; set `home` in the configuration, or "
        "write countries\n"
        "W9 p.yaml:5:5: permit 'c' says `where: home`, and the vault has no "
        "home, so that counts for nothing; set `home` in the configuration, or "
        "write countries\n";
    struct vlt_buf got = { 0 };

    (void)state;
    warnings_of(rules, VOCAB_NONE, &got);
    assert_string_equal(vlt_buf_text(&got), warned);
    vlt_buf_free(&got);
    warnings_of(rules, british(), &got);
    assert_int_equal(got.len, 0);
    vlt_buf_free(&got);
}

/* A set of as many rules as there may be, none of which matters, takes no time
 * without end, and so many warnings. */
static void
warnings_of_a_large_set_are_bounded(void **state)
{
    struct vlt_buf rules = { 0 };
    struct vlt_buf got = { 0 };
    size_t lines = 0;

    (void)state;
    for (int i = 0; i < POLICY_RULES; i++) {
        vlt_buf_printf(&rules, "  - {name: r%d, effect: permit}\n", i);
    }
    warnings_of(vlt_buf_text(&rules), british(), &got);
    for (size_t i = 0; i < got.len; i++) {
        lines += got.at[i] == '\n';
    }
    assert_int_equal(lines, POLICY_WARN_MAX);
    vlt_buf_free(&rules);
    vlt_buf_free(&got);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_warning_has_its_place_and_text),
        cmocka_unit_test(a_permit_for_a_home_that_there_is_not_is_warned_of),
        cmocka_unit_test(warnings_of_a_large_set_are_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
