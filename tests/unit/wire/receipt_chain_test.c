#include "receipt_bench.h"

/* given, narrowed, suspended, resumed: a chain of one grant. */
static void
make_chain(struct bench *bench)
{
    static const enum vlt_receipt_event events[CHAIN] = { VLT_RECEIPT_GIVEN,
                                                          VLT_RECEIPT_NARROWED,
                                                          VLT_RECEIPT_SUSPENDED,
                                                          VLT_RECEIPT_RESUMED };
    struct vlt_json *document;
    struct vlt_receipt receipt = vector_receipt(bench, &document);
    uint8_t digest[32];

    for (size_t i = 0; i < CHAIN; i++) {
        receipt.event = events[i];
        receipt.seq = i + 1;
        receipt.has_prev = i > 0;
        if (i > 0) {
            memcpy(receipt.prev, digest, sizeof digest);
        }
        make(bench, i, &receipt, bench->vault, digest);
    }
    bench->evidence.chain_len = CHAIN;
    bench->evidence.proof = vlt_slice_text("");
    bench->evidence.countersignature = vlt_slice_text("");
    vlt_json_free(document);
}

static void
a_chain_leads_back_to_its_first(void **state)
{
    struct bench *bench = *state;

    make_chain(bench);
    assert_int_equal(failed(bench), 0);
    assert_int_equal(bench->verdict.step[4], VLT_CHECK_HOLDS);
    assert_int_equal(bench->verdict.newest.seq, CHAIN);
    bench->evidence.chain = bench->chain + 2; /* the first two are missing */
    bench->evidence.chain_len = 2;
    assert_int_equal(failed(bench), 0);
    assert_int_equal(bench->verdict.step[4], VLT_CHECK_OPEN);
}

static void
a_gap_or_another_order_is_found(void **state)
{
    struct bench *bench = *state;

    make_chain(bench);
    struct vlt_slice was = bench->chain[1];

    bench->chain[1] = bench->chain[2]; /* 1 3 3 4 */
    assert_int_equal(failed(bench), 4);
    bench->chain[2] = was; /* 1 3 2 4 */
    assert_int_equal(failed(bench), 4);
    bench->chain[1] = was;
    bench->chain[2] = bench->chain[3]; /* 1 2 4 */
    bench->evidence.chain_len = 3;
    assert_int_equal(failed(bench), 4);
}

static void
a_link_needs_both_number_and_digest(void **state)
{
    struct bench *bench = *state;
    struct vlt_json *document;
    uint8_t digest[32];

    make_chain(bench);
    struct vlt_receipt receipt = vector_receipt(bench, &document);

    make(bench, 0, &receipt, bench->vault, digest);
    bench->evidence.chain_len = 2;
    receipt.event = VLT_RECEIPT_NARROWED;
    receipt.has_prev = true;
    memcpy(receipt.prev, digest, sizeof digest);
    receipt.seq = 2;
    make(bench, 1, &receipt, bench->vault, digest);
    assert_int_equal(failed(bench), 0);
    receipt.seq = 3;
    make(bench, 1, &receipt, bench->vault, digest);
    assert_int_equal(failed(bench), 4);
    receipt.seq = 2;
    receipt.prev[31] ^= 1;
    make(bench, 1, &receipt, bench->vault, digest);
    assert_int_equal(failed(bench), 4);
    receipt.prev[31] ^= 1;
    receipt.grant[15] ^= 1;
    make(bench, 1, &receipt, bench->vault, digest);
    assert_int_equal(failed(bench), 4);
    vlt_json_free(document);
}

static void
an_end_gives_nothing(void **state)
{
    struct bench *bench = *state;

    make_chain(bench);
    bench->evidence.chain_len = 3; /* suspended is the newest */
    assert_int_equal(failed(bench), 4);
}

static void
an_older_receipt_of_another_vault_fails_the_chain(void **state)
{
    struct bench *bench = *state;
    struct vlt_json *document;
    uint8_t digest[32];

    make_chain(bench);
    struct vlt_receipt receipt = vector_receipt(bench, &document);

    make(bench, 0, &receipt, bench->other, digest);
    assert_int_equal(failed(bench), 4);
    vlt_json_free(document);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_chain_leads_back_to_its_first),
        CASE(a_gap_or_another_order_is_found),
        CASE(a_link_needs_both_number_and_digest),
        CASE(an_end_gives_nothing),
        CASE(an_older_receipt_of_another_vault_fails_the_chain),
    };

    return cmocka_run_group_tests(tests, init, NULL);
}
