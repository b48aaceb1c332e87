/* A request from its record: as it was written, as vaults of before wrote it,
 * and damaged. */
#include "full_grant.h"
#include "offers.h"

/* A request of three parts: offered, denied with a reason, and a grant. */
static struct kept_request *
full_request(struct bench *b)
{
    static const char rules[] = "version: 1\n"
                                "rules:\n"
                                "  - {name: no, effect: deny, "
                                "data: energy.gas}\n"
                                "  - {name: bill, effect: permit, "
                                "firm: brightgrid, purpose: service.billing, "
                                "data: energy.electricity, detail: mean/15min, "
                                "keep: 7d, offer: yes}\n";
    struct asked asked = {
        .purposes = "service.billing,service.support,service.repair",
        .items =
            ITEM(1, "energy.electricity", "") "," ITEM(2, "energy.gas", ""),
    };
    struct consent_pick third = { .items = { 0, 0, 1 } };
    struct kept_request *kept;
    uint8_t id[VLT_ID_LEN];

    set_rules(b, rules);
    turn_begin(b);
    submit(b, &asked, id);
    sign_offers(b);
    assert_int_equal(try_approve(b, id, third, NULL), VLT_OK);
    turn_commit(b);
    kept = ledger_request(b->consent, id, false);
    assert_non_null(kept);
    assert_int_equal(kept->request.part[0].state, CONSENT_COUNTERED);
    assert_int_equal(kept->request.part[1].state, CONSENT_PENDING_STATE);
    assert_int_equal(kept->request.part[2].state, CONSENT_ACTIVE);
    return kept;
}

/* The same, of which what waited was denied. */
static struct kept_request *
denied_request(struct bench *b)
{
    struct kept_request *kept = full_request(b);
    struct kept_request *now;

    turn_begin(b);
    assert_int_equal(consent_deny(b->consent, b->txn, kept->request.id,
                                  vlt_slice_text("no"), b->now, &b->changes),
                     VLT_OK);
    turn_commit(b);
    now = ledger_request(b->consent, kept->request.id, false);
    request_release(kept);
    return now;
}

static void
what_is_read_is_what_was_written(void **state)
{
    struct bench b;

    bench_begin(&b);
    for (int denied = 0; denied < 2; denied++) {
        struct vlt_buf before = { 0 };
        struct vlt_buf after = { 0 };
        struct kept_request *kept =
            denied ? denied_request(&b) : full_request(&b);
        struct kept_request *read = NULL;

        request_record_put(&before, kept);
        assert_int_equal(
            request_record_get(kept->request.id, vlt_buf_slice(&before), &read),
            VLT_OK);
        request_record_put(&after, read);
        assert_int_equal(before.len, after.len);
        assert_memory_equal(before.at, after.at, before.len);
        for (size_t i = 0; i < kept->request.parts; i++) {
            const struct consent_part *a = &kept->request.part[i];
            const struct consent_part *c = &read->request.part[i];

            assert_int_equal(a->ruled_out, c->ruled_out);
            assert_int_equal(a->denied, c->denied);
            assert_int_equal(a->denied_items, c->denied_items);
            assert_int_equal(a->offer_until, c->offer_until);
            assert_true(vlt_slice_equal(a->offer, c->offer));
            assert_true(vlt_slice_equal(a->reason, c->reason));
        }
        request_release(read);
        request_release(kept);
        vlt_buf_free(&before);
        vlt_buf_free(&after);
        b.now += VLT_DAY;
    }
    bench_end(&b);
}

static enum vlt_status
read_changed(const struct kept_request *kept, const char *from, const char *to,
             struct kept_request **out)
{
    struct vlt_buf record = { 0 };
    struct vlt_slice text;
    enum vlt_status st;

    request_record_put(&record, kept);
    text = changed_text(vlt_buf_slice(&record), from, to);
    st = request_record_get(kept->request.id, text, out);
    vlt_buf_free(&record);
    free((void *)(uintptr_t)text.at);
    return st;
}

static void
what_cannot_be_of_a_request_is_refused(void **state)
{
    static const struct {
        const char *from, *to;
    } cases[] = {
        { "\"v\":1", "\"v\":2" },
        { "\"v\":1", "\"v\":0" },
        { "\"v\":1", "\"v\":1,\"w\":1" },
        { "\"firm\":\"07", "\"firm\":\"0z" },
        { "\"firm\":\"07", "\"firm\":\"7" },
        { "\"kid\":\"", "\"kid\":\"z" },
        { "\"jws\":\"", "\"jws\":\"." },
        { "\"jws\":\"", "\"jwt\":\"" },
        { "\"parts\":[{", "\"parts\":[{\"more\":1," },
        { "\"parts\":[{", "\"parts\":[{},{" },
        { "\"denied_items\":1", "\"denied_items\":256" },
        { "\"denied_items\":1", "\"denied_items\":-1" },
        { "\"left_out\":3", "\"left_out\":256" },
        { "\"left_out\":3", "\"left_out\":-1" },
        { "\"ruled_out\":2", "\"ruled_out\":256" },
        { "\"state\":\"denied\"", "\"state\":\"expired\"" },
        { "\"reason\":\"no\"", "\"reason\":1" },
        { "\"offer\":\"", "\"offer\":\"." },
        { "\"offer\":\"", "\"offer\":\"a.b." },
        { "\"received\":\"2", "\"received\":\"x" },
        { "\"reply_by\":\"2", "\"reply_by\":\"x" },
        { "\"grant\":\"00", "\"grant\":\"0g" },
    };
    struct kept_request *kept;
    struct bench b;

    bench_begin(&b);
    kept = denied_request(&b);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct kept_request *read = NULL;

        print_message("%s\n", cases[i].to);
        assert_int_equal(read_changed(kept, cases[i].from, cases[i].to, &read),
                         VLT_E_FORMAT);
        assert_null(read);
    }
    request_release(kept);
    bench_end(&b);
}

static void
the_record_of_another_request_is_refused(void **state)
{
    uint8_t other[VLT_ID_LEN];
    struct vlt_buf record = { 0 };
    struct kept_request *kept;
    struct kept_request *read = NULL;
    struct bench b;

    bench_begin(&b);
    kept = full_request(&b);
    request_record_put(&record, kept);
    memcpy(other, kept->request.id, VLT_ID_LEN);
    other[VLT_ID_LEN - 1] ^= 1;
    assert_int_equal(request_record_get(other, vlt_buf_slice(&record), &read),
                     VLT_E_FORMAT);
    assert_null(read);
    vlt_buf_free(&record);
    request_release(kept);
    bench_end(&b);
}

/* They do not have what was denied, nor who left an item out. */
static void
records_of_before_are_read(void **state)
{
    struct kept_request *kept;
    struct kept_request *read = NULL;
    struct bench b;

    bench_begin(&b);
    kept = denied_request(&b);
    assert_int_equal(kept->request.part[0].ruled_out, 2);
    assert_int_equal(kept->request.part[0].left_out, 3);
    assert_int_equal(read_changed(kept, ",\"ruled_out\":2", "", &read), VLT_OK);
    assert_int_equal(read->request.part[0].ruled_out, 3);
    request_release(read);
    assert_int_equal(read_changed(kept, "\"denied_items\":1,", "", &read),
                     VLT_OK);
    assert_int_equal(read->request.part[0].denied_items, 0);
    request_release(read);
    request_release(kept);
    bench_end(&b);
}

/* Nor by what it was decided: nothing is said of that, by a copy either. */
static void
a_copy_says_what_decided_as_far_as_that_is_known(void **state)
{
    static const char said[] = "your rule bill (main.yaml:4:5)";
    struct kept_request *kept;
    struct kept_request *read = NULL;
    struct kept_request *copy;
    struct vlt_buf before = { 0 };
    struct vlt_buf after = { 0 };
    struct bench b;

    bench_begin(&b);
    kept = full_request(&b);
    assert_int_equal(read_changed(kept,
                                  "\"decided\":\"your rule bill "
                                  "(main.yaml:4:5)\",",
                                  "", &read),
                     VLT_OK);
    copy = request_copy(kept);
    assert_true(vlt_slice_is(copy->request.part[0].decided, said));
    request_release(copy);
    copy = request_copy(read);
    assert_int_equal(copy->request.part[0].decided.len, 0);
    assert_true(copy->request.part[1].decided.len > 0);
    request_record_put(&before, read);
    request_record_put(&after, copy);
    assert_true(vlt_slice_equal(vlt_buf_slice(&before), vlt_buf_slice(&after)));
    vlt_buf_free(&before);
    vlt_buf_free(&after);
    request_release(copy);
    request_release(read);
    request_release(kept);
    bench_end(&b);
}

/* As many as a request may have. */
static void
eight_items_that_were_denied_are_read(void **state)
{
    static const char *const data[] = {
        "energy.electricity", "energy.gas", "energy.heat",  "home.climate",
        "home.water",         "home.sound", "device.state", "vehicle",
    };
    struct vlt_buf items = { 0 };
    uint8_t id[VLT_ID_LEN];
    struct kept_request *kept;
    struct bench b;

    for (size_t i = 0; i < sizeof data / sizeof data[0]; i++) {
        vlt_buf_printf(&items,
                       "%s{\"n\":%zu,\"data\":\"%s\",\"stats\":[\"mean\"],"
                       "\"bucket_s\":900,\"window_s\":7776000,"
                       "\"delay_s\":86400}",
                       i > 0 ? "," : "", i + 1, data[i]);
    }
    vlt_buf_put_u8(&items, 0);
    bench_begin(&b);
    turn_begin(&b);
    submit(&b, &(struct asked){ .items = (const char *)items.at }, id);
    assert_int_equal(consent_deny(b.consent, b.txn, id, vlt_slice_text(""),
                                  b.now, &b.changes),
                     VLT_OK);
    turn_commit(&b);
    bench_reopen(&b);
    kept = ledger_request(b.consent, id, false);
    assert_non_null(kept);
    assert_int_equal(kept->request.part[0].state, CONSENT_DENIED);
    assert_int_equal(kept->request.part[0].left_out, 255);
    assert_int_equal(kept->request.part[0].denied_items, 255);
    request_release(kept);
    vlt_buf_free(&items);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_read_is_what_was_written),
        cmocka_unit_test(what_cannot_be_of_a_request_is_refused),
        cmocka_unit_test(the_record_of_another_request_is_refused),
        cmocka_unit_test(records_of_before_are_read),
        cmocka_unit_test(a_copy_says_what_decided_as_far_as_that_is_known),
        cmocka_unit_test(eight_items_that_were_denied_are_read),
    };

    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
