#include "bench.h"

#include "consent/consent_internal.h"

/* All that is kept, as the bytes of its records. */
struct image {
    size_t count;
    struct vlt_buf bytes;
};

static bool
add_grant(void *ctx, const struct grant *grant)
{
    struct image *image = ctx;

    image->count++;
    vlt_buf_put(&image->bytes, grant->id, VLT_ID_LEN);
    vlt_buf_put(&image->bytes, grant->request_sha256, 32);
    grant_record_put(&image->bytes, box_of(grant));
    vlt_buf_printf(&image->bytes, " %d %lld %u\n", grant->terms.purpose,
                   (long long)grant->terms.common.keep_s,
                   grant->terms.item_count);
    return true;
}

static bool
add_request(void *ctx, const struct consent_request *request)
{
    struct image *image = ctx;

    image->count++;
    vlt_buf_put(&image->bytes, request->id, VLT_ID_LEN);
    vlt_buf_put(&image->bytes, request->sha256, 32);
    vlt_buf_put_slice(&image->bytes, request->jws);
    vlt_buf_printf(&image->bytes, "%lld %lld", (long long)request->received,
                   (long long)request->reply_by);
    for (size_t i = 0; i < request->parts; i++) {
        vlt_buf_printf(&image->bytes, " %s %u",
                       consent_state_word(request->part[i].state),
                       request->part[i].left_out);
        vlt_buf_put(&image->bytes, request->part[i].grant, VLT_ID_LEN);
        vlt_buf_put_slice(&image->bytes, request->part[i].reason);
    }
    return true;
}

static void
take_image(struct bench *b, struct image *image)
{
    image->count = 0;
    vlt_buf_init(&image->bytes, 0);
    consent_grants(b->consent, add_grant, image);
    consent_requests(b->consent, add_request, image);
    vlt_buf_printf(&image->bytes, "%llu",
                   (unsigned long long)consent_epoch(b->consent));
}

static void
assert_same(struct image *a, struct image *b)
{
    assert_int_equal(a->count, b->count);
    assert_int_equal(a->bytes.len, b->bytes.len);
    assert_memory_equal(a->bytes.at, b->bytes.at, a->bytes.len);
    vlt_buf_free(&a->bytes);
    vlt_buf_free(&b->bytes);
}

/* Some of everything. */
static void
fill(struct bench *b)
{
    struct asked asked = { .uses = "5" };
    struct asked mixed = { .purposes = "service.billing,service.support",
                           .items = ITEM(2, "energy.electricity",
                                         "") "," ITEM(5, "energy.gas", "") };
    struct asked contact = { .action = "\"contact\"",
                             .purposes = "service.support" };
    const struct grant *grant = grant_by_hand(b, &asked);
    uint8_t id[VLT_ID_LEN];

    assert_int_equal(commit_use(b, grant), CONSENT_YES);
    assert_int_equal(commit_use(b, grant), CONSENT_YES);
    grant_release(grant);
    grant_release(grant_by_hand(b, &contact));
    b->now += VLT_SECOND + 7;
    grant = grant_by_rule(b, &mixed);
    turn_begin(b);
    assert_int_equal(consent_end(b->consent, b->txn, grant->id, CONSENT_ENDED,
                                 b->now, &b->changes),
                     VLT_OK);
    submit(b, &mixed, id);
    turn_commit(b);
    grant_release(grant);
    turn_begin(b);
    assert_int_equal(consent_deny(b->consent, b->txn, id,
                                  vlt_slice_text("no, \"thanks\""), b->now,
                                  &b->changes),
                     VLT_OK);
    turn_commit(b);
}

static void
a_vault_opened_again_is_as_it_was(void **state)
{
    struct image before;
    struct image after;
    struct bench b;

    bench_begin(&b);
    fill(&b);
    take_image(&b, &before);
    assert_true(before.count >= 7);
    bench_reopen(&b);
    take_image(&b, &after);
    assert_same(&before, &after);
    bench_end(&b);
}

static void
a_turn_that_is_undone_leaves_no_trace(void **state)
{
    struct asked asked = { .items = ITEM(1, "energy.heat", "") };
    struct image before;
    struct image after;
    uint8_t id[VLT_ID_LEN];
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    fill(&b);
    grant = grant_by_hand(&b, &asked);
    take_image(&b, &before);
    turn_begin(&b);
    submit(&b, &asked, id);
    assert_int_equal(use_once(&b, grant), CONSENT_YES);
    apply_rules(&b, deny_all);
    assert_true(b.changes.count > 1);
    turn_abort(&b);
    take_image(&b, &after);
    assert_same(&before, &after);
    grant_release(grant);
    bench_end(&b);
}

static void
grants_come_newest_first(void **state)
{
    struct asked asked = { .uses = NULL };
    const struct grant *grant[3];
    struct image image;
    struct bench b;

    bench_begin(&b);
    for (size_t i = 0; i < 3; i++) {
        grant[i] = grant_by_hand(&b, &asked);
        b.now += VLT_SECOND;
    }
    take_image(&b, &image);
    assert_memory_equal(image.bytes.at, grant[2]->id, VLT_ID_LEN);
    vlt_buf_free(&image.bytes);
    for (size_t i = 0; i < 3; i++) {
        grant_release(grant[i]);
    }
    bench_end(&b);
}

static bool
count_one(void *ctx, const struct grant *grant)
{
    (*(size_t *)ctx)++;
    return true;
}

static void
a_turn_sees_its_own_grants_once(void **state)
{
    struct asked asked = { .uses = NULL };
    const struct grant *grant;
    uint8_t id[VLT_ID_LEN];
    size_t count = 0;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_rule(&b, &asked);
    turn_begin(&b);
    assert_int_equal(use_once(&b, grant), CONSENT_YES);
    assert_int_equal(use_once(&b, grant), CONSENT_YES);
    submit(&b, &asked, id);
    assert_int_equal(consent_grants_now(b.consent, count_one, &count), VLT_OK);
    assert_int_equal(count, 2);
    count = 0;
    consent_grants(b.consent, count_one, &count);
    assert_int_equal(count, 1);
    turn_commit(&b);
    grant_release(grant);
    bench_end(&b);
}

/* ---- which streams ---- */

static struct consent_stream *
many_streams(size_t count)
{
    struct consent_stream *stream = calloc(count, sizeof *stream);

    assert_non_null(stream);
    for (size_t i = 0; i < count; i++) {
        stream[i].id[0] = (uint8_t)i;
        stream[i].id[1] = (uint8_t)(i >> 8);
        stream[i].name = vlt_slice_text("x");
        stream[i].category = vocab_category_find("energy.electricity", 18);
    }
    return stream;
}

/* 1,024 an item are bound, others held; an alias is never used twice; and what
 * was written can be read. */
static void
streams_beyond_the_limit_are_held(void **state)
{
    enum { MANY = 10000 };
    struct asked asked = { .items = ITEM(1, "energy.electricity", "") "," ITEM(
                               2, "energy.electricity", "") };
    struct consent_stream *stream = many_streams(MANY);
    struct consent_pick both = { .items = { 3 } };
    const struct grant *grant;
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    b.streams = MANY;
    b.stream = stream;
    turn_begin(&b);
    submit(&b, &asked, id);
    assert_int_equal(try_approve(&b, id, both, NULL), VLT_OK);
    grant = b.changes.at[1].grant;
    assert_int_equal(grant->bound_count, 2 * CONSENT_BOUND);
    assert_int_equal(grant->held_count, CONSENT_BOUND);
    assert_string_equal(grant->held[0].alias, "energy.electricity/1025");
    assert_string_equal(grant->bound[CONSENT_BOUND].alias,
                        "energy.electricity/2049");
    turn_commit(&b);
    bench_reopen(&b);
    free(stream);
    bench_end(&b);
}

static void
streams_of_other_categories_are_not_bound(void **state)
{
    struct asked asked = { .items = ITEM(1, "home.water", "") };
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    assert_int_equal(grant->bound_count, 0);
    assert_int_equal(grant->held_count, 0);
    bench_reopen(&b);
    grant_release(grant);
    bench_end(&b);
}

/* ---- receipts ---- */

static void
put_receipt(struct bench *b, const struct grant *grant, uint64_t seq)
{
    struct consent_receipt receipt = {
        .grant = grant->id,
        .seq = seq,
        .sha256 = { (uint8_t)seq },
        .log_index = 40 + seq,
        .jws = vlt_slice_text("a.b.c"),
    };

    assert_int_equal(consent_receipt_put(b->consent, b->txn, &receipt), VLT_OK);
}

static enum vlt_status
get_receipt(struct bench *b, const struct grant *grant, uint64_t seq,
            bool *signed_too)
{
    struct store_read *read = read_begin(&b->vault);
    struct vlt_buf jws;
    struct vlt_buf other;
    uint64_t index = 0;
    enum vlt_status st;

    vlt_buf_init(&jws, 0);
    vlt_buf_init(&other, 0);
    st = consent_receipt_get(b->consent, store_read_view(read), grant->id, seq,
                             &jws, &other, &index);
    if (st == VLT_OK) {
        assert_true(vlt_slice_is(vlt_buf_slice(&jws), "a.b.c"));
        assert_int_equal(index, 40 + seq);
        *signed_too = vlt_slice_is(vlt_buf_slice(&other), "d.e.f");
    }
    vlt_buf_free(&jws);
    vlt_buf_free(&other);
    store_read_end(read);
    return st;
}

static void
receipts_are_kept_and_countersigned(void **state)
{
    struct asked asked = { .uses = NULL };
    const struct grant *grant;
    const struct grant *now;
    bool signed_too;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    turn_begin(&b);
    put_receipt(&b, grant, 1);
    put_receipt(&b, grant, 2);
    assert_int_equal(consent_countersign(b.consent, b.txn, grant->id, 3,
                                         vlt_slice_text("d.e.f"), NOW),
                     VLT_E_NOT_FOUND);
    assert_int_equal(consent_countersign(b.consent, b.txn, grant->id, 1,
                                         vlt_slice_text("d.e.f"), NOW + 5),
                     VLT_OK);
    turn_commit(&b);
    bench_reopen(&b);
    assert_int_equal(get_receipt(&b, grant, 1, &signed_too), VLT_OK);
    assert_true(signed_too);
    assert_int_equal(get_receipt(&b, grant, 2, &signed_too), VLT_OK);
    assert_false(signed_too);
    assert_int_equal(get_receipt(&b, grant, 3, &signed_too), VLT_E_NOT_FOUND);
    now = consent_grant_find(b.consent, grant->id);
    assert_int_equal(now->receipt_seq, 2);
    assert_int_equal(now->last_receipt[0], 2);
    assert_int_equal(now->countersigned, NOW + 5);
    grant_release(now);
    turn_begin(&b);
    assert_int_equal(consent_end(b.consent, b.txn, grant->id, CONSENT_WITHDRAWN,
                                 b.now, &b.changes),
                     VLT_OK);
    assert_int_equal(consent_countersign(b.consent, b.txn, grant->id, 2,
                                         vlt_slice_text("d.e.f"), NOW),
                     VLT_E_CONFLICT);
    turn_commit(&b);
    grant_release(grant);
    bench_end(&b);
}

static void
the_receipt_of_a_refused_part_is_kept(void **state)
{
    struct asked asked = { .items = ITEM(1, "energy.gas", "") };
    struct consent_receipt receipt = {
        .part = 0, .seq = 1, .log_index = 9, .jws = vlt_slice_text("a.b.c")
    };
    struct store_read *read;
    struct vlt_buf jws;
    uint8_t id[VLT_ID_LEN];
    uint64_t index;
    struct bench b;

    bench_begin(&b);
    set_rules(&b, deny_gas);
    turn_begin(&b);
    submit(&b, &asked, id);
    receipt.request = id;
    assert_int_equal(consent_receipt_put(b.consent, b.txn, &receipt), VLT_OK);
    turn_commit(&b);
    read = read_begin(&b.vault);
    vlt_buf_init(&jws, 0);
    assert_int_equal(consent_refusal_get(b.consent, store_read_view(read), id,
                                         0, &jws, &index),
                     VLT_OK);
    assert_int_equal(index, 9);
    assert_true(vlt_slice_is(vlt_buf_slice(&jws), "a.b.c"));
    assert_int_equal(consent_refusal_get(b.consent, store_read_view(read), id,
                                         1, &jws, &index),
                     VLT_E_NOT_FOUND);
    vlt_buf_free(&jws);
    store_read_end(read);
    bench_end(&b);
}

static void
entries_of_a_grant_count_without_a_gap(void **state)
{
    struct asked asked = { .uses = NULL };
    const struct grant *grant;
    uint64_t seq;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    for (uint64_t i = 1; i < 5; i++) {
        turn_begin(&b);
        assert_int_equal(consent_event_seq(b.consent, b.txn, grant->id, &seq),
                         VLT_OK);
        assert_int_equal(seq, i);
        turn_abort(&b); /* was not made */
        turn_begin(&b);
        assert_int_equal(consent_event_seq(b.consent, b.txn, grant->id, &seq),
                         VLT_OK);
        assert_int_equal(seq, i);
        turn_commit(&b);
        bench_reopen(&b);
    }
    grant_release(grant);
    bench_end(&b);
}

/* ---- damaged records ---- */

/* Cut anywhere, or with any byte changed, a record is read or refused. */
static void
records_survive_any_change(void **state)
{
    struct asked asked = { .uses = "7" };
    const struct grant *grant;
    struct kept_request *kept;
    struct vlt_buf record[2];
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    kept = ledger_request(b.consent, grant->request, false);
    vlt_buf_init(&record[0], 0);
    vlt_buf_init(&record[1], 0);
    grant_record_put(&record[0], box_of(grant));
    request_record_put(&record[1], kept);
    for (size_t which = 0; which < 2; which++) {
        for (size_t i = 0; i < 2 * record[which].len; i++) {
            size_t at = i / 2;
            struct vlt_slice json = vlt_buf_slice(&record[which]);
            struct kept_request *request = NULL;
            struct grant_box *box = NULL;
            uint8_t byte = record[which].at[at];
            enum vlt_status st;

            if (i % 2 == 0) {
                json.len = at;
            } else {
                record[which].at[at] = byte == '9' ? '0' : byte + 1;
            }
            st = which == 0
                     ? grant_record_get(b.consent, grant->id, json, &box)
                     : request_record_get(grant->request, json, &request);
            assert_true(st == VLT_OK || st == VLT_E_FORMAT ||
                        st == VLT_E_LIMIT);
            assert_true(st != VLT_OK || i % 2 == 1);
            record[which].at[at] = byte;
            grant_release(box != NULL ? &box->grant : NULL);
            request_release(request);
        }
    }
    vlt_buf_free(&record[0]);
    vlt_buf_free(&record[1]);
    request_release(kept);
    grant_release(grant);
    bench_end(&b);
}

/* ---- in memory ---- */

/* Of many grants each line is waited for; two pieces of whole lines are what
 * ledger_grant() fetches.  That is all of a use that is not live, of a grant
 * without a rate. */
static void
a_decision_reads_five_lines_of_a_grant(void **state)
{
    static const size_t begin =
        offsetof(struct grant_box, grant.terms.common.onward_count);
    struct asked asked = { .uses = "5" };
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    assert_int_equal((uintptr_t)box_of(grant) % POOL_LINE, 0);
    assert_int_equal(offsetof(struct grant_box, grant.terms),
                     (size_t)2 * POOL_LINE);
    assert_int_equal(begin % POOL_LINE, 0);
    assert_int_equal(offsetof(struct grant_box, grant.terms.items[0].purposes) -
                         begin,
                     (size_t)3 * POOL_LINE);
    grant_release(grant);
    bench_end(&b);
}

static void
a_grant_that_is_held_outlives_the_ledger(void **state)
{
    struct asked asked = { .uses = "5" };
    const struct grant *grant;
    const struct grant *found;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    found = consent_grant_find(b.consent, grant->id);
    grant_release(grant);
    bench_end(&b);
    assert_int_equal(found->uses_left, 5);
    assert_int_equal(found->bound_count, 2);
    assert_int_equal(found->bound[1].n, 1);
    grant_release(found);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_vault_opened_again_is_as_it_was),
        cmocka_unit_test(a_turn_that_is_undone_leaves_no_trace),
        cmocka_unit_test(grants_come_newest_first),
        cmocka_unit_test(a_turn_sees_its_own_grants_once),
        cmocka_unit_test(streams_beyond_the_limit_are_held),
        cmocka_unit_test(streams_of_other_categories_are_not_bound),
        cmocka_unit_test(receipts_are_kept_and_countersigned),
        cmocka_unit_test(the_receipt_of_a_refused_part_is_kept),
        cmocka_unit_test(entries_of_a_grant_count_without_a_gap),
        cmocka_unit_test(records_survive_any_change),
        cmocka_unit_test(a_decision_reads_five_lines_of_a_grant),
        cmocka_unit_test(a_grant_that_is_held_outlives_the_ledger),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
