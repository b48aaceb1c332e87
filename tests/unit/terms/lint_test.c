#include <limits.h>
#include <string.h>

#include "unit.h"

#include "requests.h"
#include "terms/lint.h"

static char long_text[1024];

static struct vlt_slice
letters(size_t count)
{
    memset(long_text, 'a', sizeof long_text);
    return vlt_slice_of(long_text, count);
}

static int
data(const char *id)
{
    return vocab_category_find(id, strlen(id));
}

static int
purpose(const char *id)
{
    return vocab_purpose_find(id, strlen(id));
}

/* ---- what is wrong, one function each ---- */

static void
another_version(struct terms_request *r)
{
    r->v = 2;
}

static void
a_hasty_reply(struct terms_request *r)
{
    r->reply_by_s = 3600;
}

static void
no_name(struct terms_request *r)
{
    r->controller_name.len = 0;
}

static void
a_long_name(struct terms_request *r)
{
    r->controller_name = letters(121);
}

static void
a_contact_of_no_kind(struct terms_request *r)
{
    r->controller_contact = vlt_slice_text("privacy@brightgrid.example");
}

static void
no_country(struct terms_request *r)
{
    r->controller_country = VOCAB_NONE;
}

static void
a_notice_in_the_clear(struct terms_request *r)
{
    r->notice_uri = vlt_slice_text("http://brightgrid.example/privacy");
}

static void
a_notice_without_language(struct terms_request *r)
{
    r->notice_lang.len = 0;
}

static void
no_authority(struct terms_request *r)
{
    r->authority.len = 0;
}

static void
no_purpose(struct terms_request *r)
{
    r->purpose_count = 0;
}

static void
a_purpose_that_is_none(struct terms_request *r)
{
    r->purposes[0].id = VOCAB_NONE;
}

static void
a_group_of_purposes(struct terms_request *r)
{
    r->purposes[0].id = purpose("research");
}

static void
a_purpose_twice(struct terms_request *r)
{
    r->purposes[1] = r->purposes[0];
    r->purpose_count = 2;
}

static void
no_text(struct terms_request *r)
{
    r->purposes[0].text.len = 0;
}

static void
a_long_text(struct terms_request *r)
{
    r->purposes[0].text = letters(301);
}

static void
a_text_with_escapes(struct terms_request *r)
{
    r->purposes[0].text = vlt_slice_text("pay \x1b[31mnow");
}

static void
a_text_without_language(struct terms_request *r)
{
    r->purposes[0].lang.len = 0;
}

static void
a_language_that_is_none(struct terms_request *r)
{
    r->purposes[0].lang = vlt_slice_text("English, please");
}

static void
two_bases(struct terms_request *r)
{
    r->purposes[0].basis = VOCAB_BY_CONSENT | VOCAB_BY_CONTRACT;
}

static void
no_item(struct terms_request *r)
{
    r->item_count = 0;
}

static void
an_item_of_number_nine(struct terms_request *r)
{
    r->items[0].n = 9;
}

static void
a_number_twice(struct terms_request *r)
{
    r->items[1] = r->items[0];
    r->item_count = 2;
}

static void
a_purpose_without_item(struct terms_request *r)
{
    r->purposes[1] = r->purposes[0];
    r->purposes[1].id = purpose("service.advice");
    r->purpose_count = 2;
    r->items[0].purposes = 1;
}

static void
an_item_for_nothing_asked(struct terms_request *r)
{
    r->items[0].purposes = 2;
}

static void
no_statistic(struct terms_request *r)
{
    r->items[0].stats = 0;
}

static void
a_bucket_of_twenty_minutes(struct terms_request *r)
{
    r->items[0].bucket_s = 1200;
}

static void
raw_beside_a_bucket(struct terms_request *r)
{
    r->items[0].raw = true;
}

static void
a_window_of_a_lifetime(struct terms_request *r)
{
    r->items[0].window_s = 21 * INT64_C(31536000);
}

static void
a_delay_below_zero(struct terms_request *r)
{
    r->items[0].delay_s = -1;
}

static void
frames_without_live(struct terms_request *r)
{
    r->items[0].every_s = 60;
}

static void
live_without_frames(struct terms_request *r)
{
    r->common.action = VOCAB_LIVE;
}

static void
a_category_that_is_none(struct terms_request *r)
{
    r->items[0].data = VOCAB_NONE;
}

static void
a_group_of_categories(struct terms_request *r)
{
    r->items[0].data = data("energy");
}

static void
needed_without_why(struct terms_request *r)
{
    r->items[0].needed = true;
}

static void
why_without_needed(struct terms_request *r)
{
    r->items[0].needed_why = vlt_slice_text("the bill");
}

static void
two_actions(struct terms_request *r)
{
    r->common.action = VOCAB_ONCE | VOCAB_READ;
}

static void
channels_without_contact(struct terms_request *r)
{
    r->common.channels = 1;
}

static void
contact_with_items(struct terms_request *r)
{
    r->common.action = VOCAB_CONTACT;
    r->common.channels = 1;
}

static void
a_rate_by_the_second(struct terms_request *r)
{
    r->common.rate.per_s = 1;
}

static void
a_rate_of_thousands(struct terms_request *r)
{
    r->common.rate.n = 1001;
}

static void
no_uses(struct terms_request *r)
{
    r->common.uses = 0;
}

static void
once_and_again(struct terms_request *r)
{
    r->common.action = VOCAB_ONCE;
}

static void
a_life_of_two_years(struct terms_request *r)
{
    r->common.life_s = 2 * INT64_C(31536000);
}

static void
a_year_of_explicit_data(struct terms_request *r)
{
    r->items[0].data = data("health.heart");
    r->common.life_s = 31536000;
}

static void
kept_for_ever(struct terms_request *r)
{
    r->common.keep_s = INT64_MAX;
}

static void
a_recipient_without_name(struct terms_request *r)
{
    r->common.onward_count = 1;
    r->common.onward[0] = (struct terms_recipient){ .country = 0 };
}

static void
worked_on_nowhere(struct terms_request *r)
{
    r->common.where_count = 0;
}

static void
worked_on_in_no_country(struct terms_request *r)
{
    r->common.where[0] = VOCAB_NONE;
}

/* clang-format off */
static const struct {
    void (*spoil)(struct terms_request *r);
    const char *code;
    const char *at;
    const char *says;
} refused[] = {
    { another_version, "", "v", "is 2, must be 1" },
    { a_hasty_reply, "", "reply_by_s", "is 3600, must be 86400 to 604800" },
    { no_name, "", "controller.name", "is missing" },
    { a_long_name, "", "controller.name",
      "has 121 characters, at most 120 are taken" },
    { a_contact_of_no_kind, "", "controller.contact",
      "must begin with mailto: or https:" },
    { no_country, "", "controller.country", "is no country of ISO 3166-1" },
    { a_notice_in_the_clear, "", "notice.uri", "must begin with https:" },
    { a_notice_without_language, "", "notice.lang", "is missing" },
    { no_authority, "", "authority", "is missing" },
    { no_purpose, "", "purposes", "is 0, must be 1 to 4" },
    { a_purpose_that_is_none, "", "purposes[0].id",
      "is no purpose of vocab/1" },
    { a_group_of_purposes, "", "purposes[0].id",
      "'research' is a group; a request names one purpose below it" },
    { a_purpose_twice, "", "purposes[1].id", "is asked twice" },
    { no_text, "R11", "purposes[0].text", "is missing" },
    { a_long_text, "R11", "purposes[0].text",
      "has 301 characters, at most 300 are taken" },
    { a_text_with_escapes, "R11", "purposes[0].text",
      "has control characters or is not UTF-8" },
    { a_text_without_language, "R11", "purposes[0].lang", "is missing" },
    { a_language_that_is_none, "R11", "purposes[0].lang",
      "is no language tag such as en or de-AT" },
    { two_bases, "", "purposes[0].basis", "must be exactly one basis" },
    { no_item, "", "items", "is 0, must be 1 to 8" },
    { an_item_of_number_nine, "", "items[0].n", "is 9, must be 1 to 8" },
    { a_number_twice, "", "items[1].n", "is the number of two items" },
    { a_purpose_without_item, "", "purposes[1]", "has no item" },
    { an_item_for_nothing_asked, "", "items[0].for",
      "names a purpose that is not asked" },
    { no_statistic, "", "items[0].stats",
      "must be raw, or one or more statistics" },
    { a_bucket_of_twenty_minutes, "", "items[0].bucket_s",
      "is 1200, must be the seconds of a bucket such as 900 or 3600" },
    { raw_beside_a_bucket, "", "items[0].bucket_s",
      "cannot stand beside raw" },
    { a_window_of_a_lifetime, "", "items[0].window_s",
      "is 662256000, must be 0 to 630720000" },
    { a_delay_below_zero, "", "items[0].delay_s",
      "is -1, must be 0 to 31536000" },
    { frames_without_live, "", "items[0].every_s",
      "stands with the action live only" },
    { live_without_frames, "", "items[0].every_s",
      "is 0, must be 1 to 86400" },
    { a_category_that_is_none, "", "items[0].data",
      "is no data category that a firm may ask for" },
    { a_group_of_categories, "", "items[0].data",
      "'energy' is a group; a request names one category below it" },
    { needed_without_why, "R10", "items[0].needed_why",
      "is missing: an item that is needed says which element of the service "
      "needs it" },
    { why_without_needed, "R10", "items[0].needed_why",
      "stands with needed only" },
    { two_actions, "", "action", "must be exactly one action" },
    { channels_without_contact, "", "channels",
      "stands with the action contact only" },
    { contact_with_items, "", "items",
      "cannot stand with the action contact, which gives no data" },
    { a_rate_by_the_second, "", "rate.per_s",
      "is 1, must be 60, 3600, 86400 or 604800" },
    { a_rate_of_thousands, "", "rate.n", "is 1001, must be 1 to 1000" },
    { no_uses, "", "uses", "is 0, must be 1 to 1000000" },
    { once_and_again, "", "uses", "must be 1 with the action once" },
    { a_life_of_two_years, "", "life_s",
      "is 63072000, must be 60 to 31536000" },
    { a_year_of_explicit_data, "", "life_s",
      "is 31536000, must be at most 15552000 with data or a purpose that is "
      "explicit-only" },
    { kept_for_ever, "", "keep_s",
      "is 9223372036854775807, must be 0 to 315360000" },
    { a_recipient_without_name, "", "onward[0].name", "is missing" },
    { worked_on_nowhere, "", "where", "is 0, must be 1 to 8" },
    { worked_on_in_no_country, "", "where[0]",
      "is no country of ISO 3166-1" },
};
/* clang-format on */

static void
a_good_request_passes(void **state)
{
    struct terms_request r = brightgrid_request();
    struct terms_fault fault;

    assert_int_equal(terms_lint(&r, &fault), VLT_OK);
}

static void
what_is_wrong_is_told_with_place_and_code(void **state)
{
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct terms_request r = brightgrid_request();
        struct terms_fault fault = { .at = "untouched" };

        refused[i].spoil(&r);
        print_message("%s: %s\n", refused[i].at, refused[i].says);
        assert_int_equal(terms_lint(&r, &fault), VLT_E_FORMAT);
        assert_string_equal(fault.code, refused[i].code);
        assert_string_equal(fault.at, refused[i].at);
        assert_string_equal(fault.says, refused[i].says);
    }
}

static void
counts_beyond_the_arrays_are_refused(void **state)
{
    struct terms_request r = brightgrid_request();
    struct terms_fault fault;

    r.common.onward_count = UINT_MAX;
    assert_int_equal(terms_lint(&r, &fault), VLT_E_FORMAT);
    assert_string_equal(fault.at, "onward");
    r = brightgrid_request();
    r.common.where_count = TERMS_WHERE + 1;
    assert_int_equal(terms_lint(&r, &fault), VLT_E_FORMAT);
    assert_string_equal(fault.at, "where");
}

static void
contact_needs_channels_and_no_items(void **state)
{
    struct terms_request r = brightgrid_request();
    struct terms_fault fault;

    r.common.action = VOCAB_CONTACT;
    r.common.channels = 4;
    r.item_count = 0;
    r.common.life_s = TERMS_LIFE_UNSAID;
    assert_int_equal(terms_lint(&r, &fault), VLT_OK);
    r.common.channels = 0;
    assert_int_equal(terms_lint(&r, &fault), VLT_E_FORMAT);
    assert_string_equal(fault.says, "must name the channels of contact");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_request_passes),
        cmocka_unit_test(what_is_wrong_is_told_with_place_and_code),
        cmocka_unit_test(counts_beyond_the_arrays_are_refused),
        cmocka_unit_test(contact_needs_channels_and_no_items),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
