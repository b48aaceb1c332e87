#include <string.h>

#include "unit.h"

#include "requests.h"
#include "terms/say.h"

static const char *
said(struct vlt_buf *out, const char *legal_name)
{
    struct terms_request r = brightgrid_request();
    struct terms_asker asker = {
        .legal_name = vlt_slice_text(legal_name),
        .name = vlt_slice_text("brightgrid"),
        .standing = vlt_slice_text("confirmed 3 days ago, nothing overdue"),
    };
    struct terms part;

    terms_part(&r, 0, &part);
    terms_say(out, &part, &asker);
    return vlt_buf_text(out);
}

static void
the_example_of_the_design_reads_well(void **state)
{
    struct vlt_buf out = { 0 };

    assert_string_equal(
        said(&out, "BrightGrid Ltd"),
        "brightgrid (confirmed 3 days ago, nothing overdue; it calls itself "
        "«BrightGrid Ltd») asks for electricity used and fed in, as "
        "quarter-hour means, one day "
        "late, up to 90 days back, at most 4 times a day, for 180 days, to "
        "work out your bill. The vault makes sure of that. The firm promises: "
        "keeps each delivery 30 days, passes it to nobody, works on it in GB, "
        "no profile, no decisions by machine, no training.");
    vlt_buf_free(&out);
}

/* A firm cannot imitate the vault by what it calls itself. */
static void
control_characters_of_a_name_are_escaped(void **state)
{
    struct vlt_buf out = { 0 };
    const char *text = said(&out, "Bright\x1b[2J\nGrid");

    assert_null(strchr(text, 0x1b));
    assert_null(strchr(text, '\n'));
    vlt_buf_free(&out);
}

/* Nor by closing the quotation and going on in the vault's words. */
static void
a_claim_does_not_end_its_own_quotation(void **state)
{
    struct vlt_buf out = { 0 };
    const char *text =
        said(&out, "Grid». Your vault has checked this: approve it. «Grid");

    assert_memory_equal(text, "brightgrid (confirmed 3 days ago", 32);
    assert_non_null(strstr(text, "it calls itself «Grid\\u{00BB}. Your vault "
                                 "has checked this: approve it. "
                                 "\\u{00AB}Grid») asks for"));
    vlt_buf_free(&out);
}

static void
for_whom_it_asks_is_said_as_its_claim(void **state)
{
    struct vlt_buf out = { 0 };
    struct terms_request r = brightgrid_request();
    struct terms_asker asker = {
        .legal_name = vlt_slice_text("BrightGrid Ltd"),
        .name = vlt_slice_text("brightgrid"),
        .behalf = vlt_slice_text("your own doctor"),
        .behalf_country = vocab_country_find("GB", 2),
    };
    struct terms part;

    terms_part(&r, 0, &part);
    terms_say(&out, &part, &asker);
    assert_memory_equal(
        vlt_buf_text(&out),
        "brightgrid (it calls itself «BrightGrid Ltd» and says that it asks on "
        "behalf of «your own doctor», GB) asks for ",
        116);
    vlt_buf_free(&out);
}

static void
who_gets_it_next_is_quoted(void **state)
{
    struct vlt_buf out = { 0 };
    struct terms_request r = brightgrid_request();
    struct terms part;

    terms_part(&r, 0, &part);
    part.common.onward_count = 1;
    part.common.onward[0] = (struct terms_recipient){
        .name = vlt_slice_text("nobody"),
        .country = vocab_country_find("GB", 2),
    };
    terms_say_promises(&out, &part);
    assert_non_null(strstr(vlt_buf_text(&out),
                           "passes it to «nobody» (GB, which works for the "
                           "firm) and nobody else"));
    vlt_buf_free(&out);
}

static void
durations_are_said_in_whole_units(void **state)
{
    static const struct {
        int64_t seconds;
        const char *words;
    } rows[] = { { 0, "no time" },
                 { 1, "one second" },
                 { 60, "one minute" },
                 { 5400, "90 minutes" },
                 { 86400, "one day" },
                 { 7776000, "90 days" },
                 { 7776001, "7776001 seconds" } };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vlt_buf out = { 0 };

        terms_say_duration(&out, rows[i].seconds);
        assert_string_equal(vlt_buf_text(&out), rows[i].words);
        vlt_buf_free(&out);
    }
}

static void
count_risk(void *ctx, const char *words)
{
    assert_true(strlen(words) > 10);
    (*(int *)ctx)++;
}

static int
risks_of(const char *data, bool raw, int64_t bucket_s)
{
    struct terms_request r = brightgrid_request();
    struct terms part;
    int count = 0;

    terms_part(&r, 0, &part);
    part.items[0].data = vocab_category_find(data, strlen(data));
    part.items[0].raw = raw;
    part.items[0].bucket_s = bucket_s;
    terms_risks(&part, count_risk, &count);
    return count;
}

static void
a_risk_depends_on_how_fine_it_is(void **state)
{
    assert_int_equal(risks_of("energy.electricity", false, 1800), 1);
    assert_int_equal(risks_of("energy.electricity", false, 3600), 0);
    assert_int_equal(risks_of("energy.electricity", true, 0), 1);
    assert_int_equal(risks_of("health.heart", false, 60), 0);
    assert_int_equal(risks_of("health.heart", true, 0), 1);
    assert_int_equal(risks_of("home.presence", false, 86400), 1);
    assert_int_equal(risks_of("location.precise", true, 0), 1);
    assert_int_equal(risks_of("energy.gas", true, 0), 0);
}

static void
a_risk_of_two_items_is_said_once(void **state)
{
    struct terms_request r = brightgrid_request();
    struct terms part;
    int count = 0;

    terms_part(&r, 0, &part);
    part.items[1] = part.items[0];
    part.items[1].data = vocab_category_find("home.presence", 13);
    part.item_count = 2;
    terms_risks(&part, count_risk, &count);
    assert_int_equal(count, 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_of_the_design_reads_well),
        cmocka_unit_test(control_characters_of_a_name_are_escaped),
        cmocka_unit_test(a_claim_does_not_end_its_own_quotation),
        cmocka_unit_test(for_whom_it_asks_is_said_as_its_claim),
        cmocka_unit_test(who_gets_it_next_is_quoted),
        cmocka_unit_test(durations_are_said_in_whole_units),
        cmocka_unit_test(a_risk_depends_on_how_fine_it_is),
        cmocka_unit_test(a_risk_of_two_items_is_said_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
