#include "wire/offer.h"

#include <string.h>

#include "unit.h"

static int
category(const char *id)
{
    return vocab_category_find(id, strlen(id));
}

/* What was asked, and what is offered of it. */
static struct terms
asked(void)
{
    struct terms terms = { .purpose = vocab_purpose_find("service.billing", 15),
                           .basis = VOCAB_BY_CONSENT,
                           .item_count = 2 };

    terms.common = (struct terms_common){
        .action = VOCAB_LIVE,
        .rate = { .n = 0 },
        .uses = TERMS_UNLIMITED,
        .life_s = 7776000,
        .keep_s = 2592000,
        .onward_count = 1,
        .where_count = 2,
        .where = { vocab_country_find("GB", 2), vocab_country_find("US", 2) },
        .profiling = VOCAB_PROFILING_ANY,
        .automated = true,
    };
    terms.common.onward[0] =
        (struct terms_recipient){ .name = vlt_slice_text("Post \"Ltd\""),
                                  .country = vocab_country_find("GB", 2) };
    for (int i = 0; i < 2; i++) {
        terms.items[i] = (struct terms_item){ .n = i + 1,
                                              .data = category("energy.gas"),
                                              .raw = true,
                                              .window_s = 7776000,
                                              .every_s = 10 };
    }
    return terms;
}

static struct vlt_offer
an_offer(void)
{
    struct vlt_offer offer = { .iat = 1800000000,
                               .exp = 1800604800,
                               .by_hand = true,
                               .left_out = 1U << 1,
                               .terms = asked() };

    memset(offer.iss, 7, sizeof offer.iss);
    memset(offer.aud, 8, sizeof offer.aud);
    offer.request[0] = 1;
    offer.terms.item_count = 1;
    offer.terms.common.action = VOCAB_READ;
    offer.terms.common.rate = (struct terms_rate){ 4, 86400 };
    offer.terms.common.where_count = 1;
    offer.terms.common.automated = false;
    offer.terms.items[0].raw = false;
    offer.terms.items[0].stats = 1;
    offer.terms.items[0].bucket_s = 900;
    offer.terms.items[0].window_s = TERMS_WINDOW_NEW;
    offer.terms.items[0].every_s = 0;
    return offer;
}

static void
payload_of(struct vlt_buf *out)
{
    struct vlt_offer offer = an_offer();
    struct terms before = asked();

    vlt_buf_init(out, VLT_OFFER_MAX);
    vlt_offer_put(&offer, &before, out);
    assert_int_equal(vlt_buf_status(out), VLT_OK);
}

static enum vlt_status
read_text(struct vlt_slice text)
{
    struct vlt_json *document = NULL;
    struct vlt_offer out;
    enum vlt_status st = vlt_offer_read(text, &document, &out);

    vlt_json_free(document);
    return st;
}

static void
what_is_put_is_read_again(void **state)
{
    struct vlt_offer offer = an_offer();
    struct vlt_json *document = NULL;
    struct vlt_offer out;
    struct vlt_buf payload;

    payload_of(&payload);
    assert_int_equal(vlt_offer_read(vlt_buf_slice(&payload), &document, &out),
                     VLT_OK);
    assert_memory_equal(out.iss, offer.iss, sizeof out.iss);
    assert_memory_equal(out.aud, offer.aud, sizeof out.aud);
    assert_memory_equal(out.request, offer.request, sizeof out.request);
    assert_int_equal(out.exp, offer.exp);
    assert_true(out.by_hand);
    assert_int_equal(out.left_out, 2);
    assert_int_equal(out.terms.purpose, offer.terms.purpose);
    assert_int_equal(terms_asks_more(&out.terms, &offer.terms), TERMS_AXES);
    assert_int_equal(terms_asks_more(&offer.terms, &out.terms), TERMS_AXES);
    vlt_json_free(document);
    vlt_buf_free(&payload);
}

static void
the_difference_is_told(void **state)
{
    static const char *const told[] = {
        "{\"path\":\"1.detail\",\"asked\":\"raw\",\"offered\":\"mean/15min\"}",
        "{\"path\":\"1.window\",\"asked\":\"90d\",\"offered\":\"new\"}",
        "{\"path\":\"action\",\"asked\":\"live\",\"offered\":\"read\"}",
        "{\"path\":\"rate\",\"asked\":\"none\",\"offered\":\"4/day\"}",
        "{\"path\":\"automated\",\"asked\":\"yes\",\"offered\":\"no\"}",
    };
    struct vlt_buf payload;
    const char *text;

    payload_of(&payload);
    text = vlt_buf_text(&payload);
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
        print_message("%s\n", told[i]);
        assert_non_null(strstr(text, told[i]));
    }
    assert_null(strstr(text, "\"path\":\"keep\""));
    assert_null(strstr(text, "\"path\":\"2."));
    vlt_buf_free(&payload);
}

static const char *const spoils[][2] = {
    { "\"by\":\"owner\"", "\"by\":\"firm\"" },
    { "\"left_out\":[2]", "\"left_out\":[9]" },
    { "\"part\":\"service.billing\"", "\"part\":\"service.nothing\"" },
    { "\"life_s\":7776000", "\"life_s\":0" },
    { "\"where\":[\"GB\"]", "\"where\":[]" },
    { "\"bucket_s\":900", "\"bucket_s\":null" },
    { "\"iss\":\"vr1:", "\"iss\":\"vf1:" },
    { "\"iat\":1800000000", "\"iat\":1800000000,\"more\":1" },
    { "\"diff\":[{", "\"diff\":[{\"x\":1," },
    { "\"keep_s\":2592000,", "" },
};

static void
what_is_no_offer_is_refused(void **state)
{
    struct vlt_buf payload;
    const char *text;

    payload_of(&payload);
    text = vlt_buf_text(&payload);
    for (size_t i = 0; i < sizeof spoils / sizeof spoils[0]; i++) {
        const char *found = strstr(text, spoils[i][0]);
        struct vlt_buf spoilt = { 0 };

        print_message("%s\n", spoils[i][1]);
        assert_non_null(found);
        vlt_buf_put(&spoilt, text, (size_t)(found - text));
        vlt_buf_put_text(&spoilt, spoils[i][1]);
        vlt_buf_put_text(&spoilt, found + strlen(spoils[i][0]));
        assert_int_equal(read_text(vlt_buf_slice(&spoilt)), VLT_E_FORMAT);
        vlt_buf_free(&spoilt);
    }
    for (size_t len = 0; len < payload.len; len++) {
        assert_int_equal(read_text(vlt_slice_of(payload.at, len)),
                         VLT_E_FORMAT);
    }
    vlt_buf_free(&payload);
}

/* As long as a request can make it. */
static void
the_longest_offer_fits(void **state)
{
    static char name[TERMS_NAME_LEN + 1];
    struct vlt_offer offer = an_offer();
    struct terms before;
    struct vlt_buf payload;

    memset(name, 'x', sizeof name - 1);
    offer.terms.item_count = TERMS_ITEMS;
    offer.terms.common.onward_count = TERMS_ONWARD;
    for (int i = 0; i < TERMS_ITEMS; i++) {
        offer.terms.items[i] = offer.terms.items[0];
        offer.terms.items[i].n = i + 1;
        offer.terms.items[i].stats = VOCAB_STATS_ALL;
        offer.terms.common.onward[i].name = vlt_slice_text(name);
    }
    before = offer.terms;
    for (int i = 0; i < TERMS_ITEMS; i++) {
        before.items[i].raw = true;
        before.common.onward[i].controller = true;
    }
    vlt_buf_init(&payload, VLT_OFFER_MAX);
    vlt_offer_put(&offer, &before, &payload);
    assert_int_equal(vlt_buf_status(&payload), VLT_OK);
    assert_int_equal(read_text(vlt_buf_slice(&payload)), VLT_OK);
    vlt_buf_free(&payload);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_put_is_read_again),
        cmocka_unit_test(the_difference_is_told),
        cmocka_unit_test(what_is_no_offer_is_refused),
        cmocka_unit_test(the_longest_offer_fits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
