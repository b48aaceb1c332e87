#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#include "base/time.h"
#include "service/policy_internal.h"
#include "text/policy_text.h"

static const int64_t now = INT64_C(1796083200) * VLT_SECOND; /* 2026-12-01 */

#define PERMIT                                                                 \
    "version: 1\nrules:\n  - name: bill\n    effect: permit\n"                 \
    "    firm: brightgrid\n    purpose: service.billing\n"

static struct policy_set *
set_of(const char *text)
{
    struct policy_text_file file = { .name = "main.yaml",
                                     .text = vlt_slice_text(text) };
    struct policy_text_input input = { .files = &file,
                                       .count = 1,
                                       .home = vocab_country_find("GB", 2) };
    struct policy_set *set = NULL;

    assert_int_equal(policy_text_parse(&input, NULL, NULL, &set), VLT_OK);
    return set;
}

struct told {
    size_t count;
    char last[256];
};

static void
take(void *ctx, const char *says)
{
    struct told *told = ctx;

    told->count++;
    (void)strncpy(told->last, says, sizeof told->last - 1);
}

/* How many corners the second permits that the first does not. */
static size_t
widens(const char *from, const char *to, struct told *told)
{
    struct policy_set *old = set_of(from);
    struct policy_set *new = set_of(to);

    *told = (struct told){ .count = 0 };
    assert_int_equal(policy_widens(old, new, now, take, told), VLT_OK);
    policy_set_free(old);
    policy_set_free(new);
    return told->count;
}

static void
a_set_permits_no_more_than_itself(void **state)
{
    struct told told;

    (void)state;
    assert_int_equal(widens(PERMIT, PERMIT, &told), 0);
    assert_int_equal(widens("version: 1\n", "version: 1\n", &told), 0);
}

static void
a_first_permit_widens_what_it_names(void **state)
{
    struct told told;

    (void)state;
    assert_int_equal(
        widens("version: 1\n", PERMIT "    data: energy.electricity\n", &told),
        1);
    assert_non_null(strstr(told.last, "bill: vf1:"));
    assert_non_null(
        strstr(told.last, "gets energy.electricity for service.billing"));
}

static void
taking_a_permit_away_does_not_widen(void **state)
{
    struct told told;

    (void)state;
    assert_int_equal(widens(PERMIT, "version: 1\n", &told), 0);
}

static void
a_higher_cap_widens_and_a_lower_one_does_not(void **state)
{
    static const char narrow[] =
        PERMIT "    data: energy.electricity\n    window: 30d\n";
    static const char wide[] =
        PERMIT "    data: energy.electricity\n    window: 60d\n";
    static const char raw[] =
        PERMIT "    data: energy.electricity\n    window: 30d\n"
               "    detail: raw\n";
    struct told told;

    (void)state;
    assert_int_equal(widens(narrow, wide, &told), 1);
    assert_int_equal(widens(wide, narrow, &told), 0);
    assert_int_equal(widens(narrow, raw, &told), 1);
    assert_int_equal(widens(raw, narrow, &told), 0);
}

static void
a_later_end_widens(void **state)
{
    static const char early[] =
        PERMIT "    data: energy.electricity\n    until: 2026-12-20\n";
    static const char late[] =
        PERMIT "    data: energy.electricity\n    until: 2027-01-20\n";
    struct told told;

    (void)state;
    assert_int_equal(widens(early, late, &told), 1);
    assert_int_equal(widens(late, early, &told), 0);
}

/* Both last longer than a grant made now, so none made now differs. */
static void
a_later_end_beyond_a_grants_life_widens(void **state)
{
    static const char early[] =
        PERMIT "    data: energy.electricity\n    life: 1d\n"
               "    until: 2027-06-30\n";
    static const char late[] =
        PERMIT "    data: energy.electricity\n    life: 1d\n"
               "    until: 2027-12-31\n";
    struct told told;

    (void)state;
    assert_int_equal(widens(early, late, &told), 1);
    assert_int_equal(widens(late, early, &told), 0);
}

static void
taking_a_deny_away_widens(void **state)
{
    static const char deny[] =
        PERMIT "    data: energy.electricity\n"
               "  - name: never\n    effect: deny\n    data: energy\n";
    static const char without[] = PERMIT "    data: energy.electricity\n";
    struct told told;

    (void)state;
    assert_int_equal(widens(deny, without, &told), 1);
    assert_int_equal(widens(without, deny, &told), 0);
}

static void
a_permit_for_everyone_widens_for_firms_that_no_rule_names(void **state)
{
    static const char one[] = PERMIT "    data: energy.electricity\n";
    static const char all[] =
        "version: 1\nrules:\n  - name: all\n    effect: permit\n"
        "    purpose: service.billing\n    data: energy.electricity\n";
    struct told told;

    (void)state;
    assert_int_equal(widens(one, all, &told), 1);
    assert_non_null(strstr(told.last, "any other firm"));
    assert_int_equal(widens(all, one, &told), 0);
}

/* Caps beside the first: each a pair of values, the second of which allows
 * more. */
static const struct {
    const char *less;
    const char *more;
} wider[] = {
    { "    action: once\n", "    action: live\n" },
    { "    round: 1\n", "" },
    { "    delay: 1d\n", "    delay: 1h\n" },
    { "    action: live\n    every: 1min\n",
      "    action: live\n    every: 1s\n" },
    { "    rate: 4/day\n", "    rate: none\n" },
    { "    uses: 4\n", "    uses: 5\n" },
    { "    life: 30d\n", "    life: 31d\n" },
    { "    from: 2026-12-10\n", "    from: 2026-12-01\n" },
    { "    keep: 1d\n", "    keep: 2d\n" },
    { "    onward: no\n", "    onward: processors\n" },
    { "    onward: processors\n", "    onward: Sale Ltd\n" },
    { "    onward: [A Ltd]\n", "    onward: [A Ltd, Z Ltd]\n" },
    { "    where: [AD, AE, AF, AG, AI, AL, AM, AO, GB]\n", "    where: any\n" },
    { "    basis: consent\n", "    basis: [consent, interest]\n" },
    { "    profiling: service\n", "    profiling: any\n" },
    { "    automated: no\n", "    automated: yes\n" },
    { "    training: no\n", "    training: yes\n" },
    { "    gatekeeper: no\n", "    gatekeeper: yes\n" },
    { "    min_readings: 3\n", "    min_readings: 2\n" },
    { "    names: hide\n", "    names: show\n" },
};

static void
every_cap_that_allows_more_widens(void **state)
{
    char less[512];
    char more[512];
    struct told told;

    (void)state;
    for (size_t i = 0; i < sizeof wider / sizeof wider[0]; i++) {
        print_message("%s -> %s", wider[i].less, wider[i].more);
        (void)snprintf(less, sizeof less, "%s    data: energy.electricity\n%s",
                       PERMIT, wider[i].less);
        (void)snprintf(more, sizeof more, "%s    data: energy.electricity\n%s",
                       PERMIT, wider[i].more);
        assert_int_equal(widens(less, more, &told), 1);
        if (strstr(wider[i].less, "processors") == NULL) {
            assert_int_equal(widens(more, less, &told), 0);
        }
    }
}

static void
contact_and_its_channels_widen(void **state)
{
    static const char email[] =
        PERMIT "    action: contact\n    channels: email\n";
    static const char both[] =
        PERMIT "    action: [contact]\n    channels: [email, phone]\n";
    struct told told;

    (void)state;
    assert_int_equal(widens("version: 1\n", email, &told), 1);
    assert_non_null(strstr(told.last, "gets contact for service.billing"));
    assert_int_equal(widens(email, both, &told), 1);
    assert_int_equal(widens(both, email, &told), 0);
}

static void
streams_widen_and_so_does_a_deny_of_some_that_is_gone(void **state)
{
#define METER PERMIT "    data: energy.electricity\n"
    static const char all[] = METER;
    static const char some[] = METER "    streams: home/**\n";
    static const char one[] = METER "    streams: [home/a, home/b/*]\n";
    static const char held[] =
        METER "  - {name: never, effect: ask, streams: home/bed/**}\n";
    static const char more[] =
        METER "  - {name: never, effect: deny, streams: home/**}\n";
    static const char two[] =
        METER "  - {name: x, effect: deny, streams: [home/bed/a, home/**]}\n";
    struct told told;

    (void)state;
    assert_int_equal(widens(some, all, &told), 1);
    assert_int_equal(widens(all, some, &told), 0);
    assert_int_equal(widens(one, some, &told), 1);
    assert_int_equal(widens(some, one, &told), 0);
    assert_int_equal(widens(held, all, &told), 1);
    assert_int_equal(widens(all, held, &told), 0);
    assert_int_equal(widens(more, held, &told), 1);
    assert_int_equal(widens(held, more, &told), 0);
    assert_int_equal(widens(held, two, &told), 0);
    assert_int_equal(widens(two, two, &told), 0);
}

/* ---- by brute force ---- */

static uint32_t
draw(uint64_t *seed, uint32_t below)
{
    *seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (uint32_t)(*seed >> 33) % below;
}

static const int64_t windows[] = { 86400, 30 * 86400, 31 * 86400 };
static const int64_t delays[] = { 0, 3600 };
static const int64_t keeps[] = { 7 * 86400, 30 * 86400 };
static const char *const asked_data[] = { "energy.electricity", "energy.gas",
                                          "health.heart" };
static const char *const asked_purposes[] = { "service.billing",
                                              "service.support" };

/* Rules that differ in whom and what they name, and in three caps.  Each
 * node that they name is to them like one that is asked for below. */
static void
draw_rules(uint64_t *seed, struct vlt_buf *out)
{
    static const char *const firms[] = { "", ", firm: brightgrid" };
    static const char *const purposes[] = { "service", "service.billing" };
    static const char *const data[] = { "energy", "[energy.gas, health.heart]",
                                        "health.heart" };
    static const char *const effects[] = { "permit", "permit", "permit", "deny",
                                           "ask" };
    uint32_t count = draw(seed, 4);

    vlt_buf_put_text(out, "version: 1\nrules:\n");
    for (uint32_t i = 0; i < count; i++) {
        const char *effect = effects[draw(seed, 5)];

        vlt_buf_printf(out,
                       "  - {name: r%u, effect: %s%s, purpose: %s, data: %s", i,
                       effect, firms[draw(seed, 2)], purposes[draw(seed, 2)],
                       data[draw(seed, 3)]);
        if (effect[0] == 'p') {
            vlt_buf_printf(out, ", window: %ds, delay: %ds, keep: %ds",
                           (int)windows[draw(seed, 3)],
                           (int)delays[draw(seed, 2)],
                           (int)keeps[draw(seed, 2)]);
        }
        vlt_buf_put_text(out, "}\n");
    }
    if (count == 0) {
        vlt_buf_free(out);
        vlt_buf_put_text(out, "version: 1\n");
    }
}

/* Whom a name means, where no vault knows it. */
static void
find_id(uint8_t out[POLICY_FIRM_LEN])
{
    struct policy_set *set = set_of("version: 1\nrules:\n  - {name: a, effect: "
                                    "deny, firm: brightgrid}\n");

    for (size_t i = 0; i < policy_rule_count(set); i++) {
        if (policy_rule_at(set, i)->firm_count == 1) {
            memcpy(out, policy_rule_at(set, i)->firms[0], POLICY_FIRM_LEN);
        }
    }
    policy_set_free(set);
}

/* An atom of the grid, by its number, of that firm or one that no rule names;
 * false: there are no more. */
static bool
lay_out(size_t number, struct policy_firm *firm,
        const uint8_t id[POLICY_FIRM_LEN], struct policy_atom *atom)
{
    const char *purpose = asked_purposes[number / 2 % 2];
    const char *data = asked_data[number / 4 % 3];

    *firm = (struct policy_firm){ .confirmed = true };
    if (number % 2 == 0) {
        memcpy(firm->id, id, sizeof firm->id);
    }
    atom->purpose = vocab_purpose_find(purpose, strlen(purpose));
    atom->data = vocab_category_find(data, strlen(data));
    atom->n = 1;
    terms_caps_unsaid(vocab_country_find("GB", 2), &atom->asked);
    atom->asked.at[TERMS_ACTION] = VOCAB_READ;
    atom->asked.at[TERMS_BASIS] = VOCAB_BY_CONSENT;
    atom->asked.at[TERMS_FROM] = now;
    atom->asked.at[TERMS_LIFE] = VOCAB_LIFE_EXPLICIT_UNSAID;
    atom->asked.at[TERMS_UNTIL] = now + VOCAB_LIFE_EXPLICIT_UNSAID * VLT_SECOND;
    atom->asked.at[TERMS_EVERY] = TERMS_UNLIMITED;
    atom->asked.at[TERMS_WINDOW] = windows[number / 12 % 3];
    atom->asked.at[TERMS_DELAY] = delays[number / 36 % 2];
    atom->asked.at[TERMS_KEEP] = keeps[number / 72 % 2];
    return number < 144;
}

static bool
any_wider(const struct policy_set *from, const struct policy_set *to,
          const uint8_t id[POLICY_FIRM_LEN], struct policy_atom *atom)
{
    struct policy_firm firm;

    for (size_t i = 0; lay_out(i, &firm, id, atom); i++) {
        policy_decide_atom(to, &firm, atom);
        if (atom->outcome == POLICY_PERMIT) {
            policy_decide_atom(from, &firm, atom);
            if (atom->outcome != POLICY_PERMIT) {
                return true;
            }
        }
    }
    return false;
}

/* Corners tell of 1,000 pairs what trying all that could be asked tells. */
static void
trying_corners_is_trying_everything(void **state)
{
    struct policy_atom *atom = calloc(1, sizeof *atom);
    uint64_t seed = 39;
    uint8_t id[POLICY_FIRM_LEN];
    size_t count = 0;

    (void)state;
    find_id(id);
    for (int i = 0; i < 1000; i++) {
        struct vlt_buf texts[2] = { { 0 }, { 0 } };
        struct policy_set *from;
        struct policy_set *to;
        struct told told = { .count = 0 };
        bool is;

        draw_rules(&seed, &texts[0]);
        draw_rules(&seed, &texts[1]);
        from = set_of(vlt_buf_text(&texts[0]));
        to = set_of(vlt_buf_text(&texts[1]));
        is = any_wider(from, to, id, atom);
        count += is;
        assert_int_equal(policy_widens(from, to, now, take, &told), VLT_OK);
        if (is != (told.count > 0)) {
            print_error("%s%s%s\n", vlt_buf_text(&texts[0]),
                        vlt_buf_text(&texts[1]), told.last);
        }
        assert_int_equal(is, told.count > 0);
        policy_set_free(from);
        policy_set_free(to);
        vlt_buf_free(&texts[0]);
        vlt_buf_free(&texts[1]);
    }
    assert_in_range(count, 200, 800);
    free(atom);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_set_permits_no_more_than_itself),
        cmocka_unit_test(a_first_permit_widens_what_it_names),
        cmocka_unit_test(taking_a_permit_away_does_not_widen),
        cmocka_unit_test(a_higher_cap_widens_and_a_lower_one_does_not),
        cmocka_unit_test(a_later_end_widens),
        cmocka_unit_test(a_later_end_beyond_a_grants_life_widens),
        cmocka_unit_test(taking_a_deny_away_widens),
        cmocka_unit_test(
            a_permit_for_everyone_widens_for_firms_that_no_rule_names),
        cmocka_unit_test(every_cap_that_allows_more_widens),
        cmocka_unit_test(contact_and_its_channels_widen),
        cmocka_unit_test(streams_widen_and_so_does_a_deny_of_some_that_is_gone),
        cmocka_unit_test(trying_corners_is_trying_everything),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
