#include <string.h>

#include "unit.h"

#include "requests.h"
#include "terms/lint.h"

/* A request that just keeps to the floor of this category. */
static struct terms_request
at_the_floor(const char *data, const char *purpose)
{
    struct terms_request r = brightgrid_request();
    struct terms_item *item = &r.items[0];

    item->data = vocab_category_find(data, strlen(data));
    r.purposes[0].id = vocab_purpose_find(purpose, strlen(purpose));
    item->delay_s = 3 * 86400;
    r.common.rate = (struct terms_rate){ 1, 604800 };
    r.common.life_s = 30 * 86400;
    if (strncmp(data, "interaction", 11) == 0) {
        item->raw = true;
        item->stats = 0;
        item->bucket_s = 0;
    } else {
        item->stats = 2 | VOCAB_STATS_COUNT;
        item->bucket_s = 2419200;
    }
    return r;
}

static const struct {
    const char *data;
    const char *purpose;
} kept[] = {
    { "finance.transaction", "service.advice" },
    { "interaction.view.l1", "research.academic" },
    { "interaction.view.l1", "improve" },
    { "interaction.view.l2", "improve.analytics" },
    { "interaction.view.l3", "service.repair" },
    { "interaction.view.cash", "service.billing" },
};

static void
what_keeps_to_its_floor_passes(void **state)
{
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        struct terms_request r = at_the_floor(kept[i].data, kept[i].purpose);
        struct terms_fault fault;

        print_message("%s for %s\n", kept[i].data, kept[i].purpose);
        assert_int_equal(terms_lint(&r, &fault), VLT_OK);
    }
}

static void
sooner(struct terms_request *r)
{
    r->items[0].delay_s--;
}

static void
oftener(struct terms_request *r)
{
    r->common.rate.n = 2;
}

static void
as_often_as_it_likes(struct terms_request *r)
{
    r->common.rate.n = 0;
}

static void
longer(struct terms_request *r)
{
    r->common.life_s = 181 * 86400;
}

static void
further_back(struct terms_request *r)
{
    r->items[0].window_s = 366 * 86400;
}

static void
rounded(struct terms_request *r)
{
    r->items[0].round.nano = 5;
}

static void
in_buckets(struct terms_request *r)
{
    r->items[0].raw = false;
    r->items[0].stats = 1;
    r->items[0].bucket_s = 3600;
}

static void
raw(struct terms_request *r)
{
    r->items[0].raw = true;
    r->items[0].stats = 0;
    r->items[0].bucket_s = 0;
}

static void
by_the_week(struct terms_request *r)
{
    r->items[0].bucket_s = 604800;
}

static void
as_means(struct terms_request *r)
{
    r->items[0].stats = 1;
}

static void
for_marketing(struct terms_request *r)
{
    r->purposes[0].id = vocab_purpose_find("marketing", 9);
}

static void
as_it_was(struct terms_request *r)
{
    (void)r;
}

/* clang-format off */
static const struct {
    const char *data;
    const char *purpose;
    void (*spoil)(struct terms_request *r);
    const char *at;
    const char *says;
} beyond[] = {
    { "finance.transaction", "service.advice", raw, "items[0].stats",
      "has a statistic that 'finance.transaction' never gives" },
    { "finance.transaction", "service.advice", as_means, "items[0].stats",
      "has a statistic that 'finance.transaction' never gives" },
    { "finance.transaction", "service.advice", by_the_week,
      "items[0].bucket_s",
      "is 604800, 'finance.transaction' is never finer than 2419200" },
    { "interaction.view.l1", "improve", sooner, "items[0].delay_s",
      "is 259199, 'interaction.view.l1' comes at least 259200 late" },
    { "interaction.view.l1", "improve", oftener, "rate",
      "'interaction.view.l1' allows at most 1 in 604800 s" },
    { "interaction.view.l2", "improve", as_often_as_it_likes, "rate",
      "'interaction.view.l2' allows at most 1 in 604800 s" },
    { "interaction.view.l1", "improve", further_back, "items[0].window_s",
      "is 31622400, 'interaction.view.l1' reaches back at most 31536000" },
    { "interaction.view.l2", "improve", longer, "life_s",
      "is 15638400, 'interaction.view.l2' is granted for at most 15552000" },
    { "interaction.view.l2", "improve", rounded, "items[0].stats",
      "'interaction.view.l2' is asked as raw, without rounding" },
    { "interaction.view.cash", "service.billing", in_buckets,
      "items[0].stats",
      "'interaction.view.cash' is asked as raw, without rounding" },
    { "interaction.view.l1", "improve", for_marketing, "items[0].data",
      "'interaction.view.l1' cannot be asked for 'marketing'" },
    { "interaction.view.l2", "research.academic", as_it_was, "items[0].data",
      "'interaction.view.l2' cannot be asked for 'research.academic'" },
    { "interaction.view.l1", "improve.training", as_it_was, "items[0].data",
      "'interaction.view.l1' cannot be asked for 'improve.training'" },
    { "interaction.view.l4", "service.support", as_it_was, "action",
      "must be once for 'interaction.view.l4'" },
};
/* clang-format on */

static void
what_goes_beyond_is_malformed(void **state)
{
    for (size_t i = 0; i < sizeof beyond / sizeof beyond[0]; i++) {
        struct terms_request r =
            at_the_floor(beyond[i].data, beyond[i].purpose);
        struct terms_fault fault;

        beyond[i].spoil(&r);
        print_message("%s: %s\n", beyond[i].at, beyond[i].says);
        assert_int_equal(terms_lint(&r, &fault), VLT_E_FORMAT);
        assert_string_equal(fault.at, beyond[i].at);
        assert_string_equal(fault.says, beyond[i].says);
        assert_string_equal(fault.code, "");
    }
}

/* Own words are given one time. */
static void
own_words_are_asked_once(void **state)
{
    struct terms_request r =
        at_the_floor("interaction.view.l4", "service.support");
    struct terms_fault fault;

    r.common.action = VOCAB_ONCE;
    r.common.uses = 1;
    assert_int_equal(terms_lint(&r, &fault), VLT_OK);
}

/* A floor's purposes bind each purpose that the item is for, and no other. */
static void
a_floor_looks_at_the_purposes_of_its_item(void **state)
{
    struct terms_request r = at_the_floor("interaction.view.l1", "improve");
    struct terms_fault fault;

    r.purpose_count = 2;
    r.purposes[1] = r.purposes[0];
    r.purposes[1].id = vocab_purpose_find("service.billing", 15);
    r.item_count = 2;
    r.items[1] = r.items[0];
    r.items[1].n = 2;
    r.items[1].data = vocab_category_find("energy.gas", 10);
    r.items[0].purposes = 1;
    assert_int_equal(terms_lint(&r, &fault), VLT_OK);
    r.items[0].purposes = 0;
    assert_int_equal(terms_lint(&r, &fault), VLT_E_FORMAT);
    assert_string_equal(fault.at, "items[0].data");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_keeps_to_its_floor_passes),
        cmocka_unit_test(what_goes_beyond_is_malformed),
        cmocka_unit_test(own_words_are_asked_once),
        cmocka_unit_test(a_floor_looks_at_the_purposes_of_its_item),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
