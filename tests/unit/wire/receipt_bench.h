/*
 * receipt_bench: the evidence of the vector, and what tests make of it.
 */
#ifndef TESTS_RECEIPT_BENCH_H
#define TESTS_RECEIPT_BENCH_H

#include "unit.h"
#include "wire/receipt_check.h"
#include "with_keys.h"

enum {
    NOW = 1795327300, /* while the receipt of the vector is in force */
    CHAIN = 4,
};

/* The evidence of the vector, whole, and what a test makes of it. */
struct bench {
    struct vlt_signer *vault;
    struct vlt_signer *firm;
    struct vlt_signer *other;
    struct vlt_buf receipt;
    struct vlt_buf counter;
    struct vlt_buf proof;
    struct vlt_buf extra[CHAIN]; /* receipts made by a test */
    struct vlt_slice chain[CHAIN];
    struct vlt_receipt_evidence evidence;
    struct vlt_receipt_verdict verdict;
};

static inline int
set_up(void **state)
{
    static struct bench bench;

    memset(&bench, 0, sizeof bench);
    bench.vault = signer_of(SEED_RFC8037);
    bench.firm = signer_of(SEED_FIRM);
    bench.other = signer_of(SEED_OTHER);
    bench.receipt = file_of("vectors/receipt/receipt.jws");
    bench.counter = file_of("vectors/receipt/countersignature.jws");
    bench.proof = file_of("vectors/receipt/proof-extra.txt");
    bench.chain[0] = vlt_buf_slice(&bench.receipt);
    bench.evidence = (struct vlt_receipt_evidence){
        .receipt_pk = vlt_signer_pk(bench.vault),
        .firm_pk = vlt_signer_pk(bench.firm),
        .now = NOW,
        .chain = bench.chain,
        .chain_len = 1,
        .proof = vlt_buf_slice(&bench.proof),
        .countersignature = vlt_buf_slice(&bench.counter),
    };
    *state = &bench;
    return 0;
}

static inline int
tear_down(void **state)
{
    struct bench *bench = *state;

    vlt_receipt_verdict_free(&bench->verdict);
    vlt_signer_free(bench->vault);
    vlt_signer_free(bench->firm);
    vlt_signer_free(bench->other);
    vlt_buf_free(&bench->receipt);
    vlt_buf_free(&bench->counter);
    vlt_buf_free(&bench->proof);
    for (size_t i = 0; i < CHAIN; i++) {
        vlt_buf_free(&bench->extra[i]);
    }
    return 0;
}

/* Check; the step that failed, 0 for none. */
static inline int
failed(struct bench *bench)
{
    vlt_receipt_verdict_free(&bench->verdict);
    enum vlt_status st = vlt_receipt_check(&bench->evidence, &bench->verdict);

    print_message("%d: %s\n", bench->verdict.failed, bench->verdict.says);
    assert_int_equal(st, bench->verdict.failed == 0 ? VLT_OK : VLT_E_AUTH);
    return bench->verdict.failed;
}

/* A receipt like the vector's, changed by a test, signed by `by`; its payload's
 * SHA-256 comes out. */
static inline void
make(struct bench *bench, size_t i, const struct vlt_receipt *receipt,
     const struct vlt_signer *by, uint8_t digest[32])
{
    struct vlt_buf payload = { 0 };

    vlt_receipt_put(receipt, &payload);
    vlt_sha256_of(vlt_buf_slice(&payload), digest);
    vlt_buf_free(&bench->extra[i]);
    assert_int_equal(
        vlt_receipt_sign(by, vlt_buf_slice(&payload), &bench->extra[i]),
        VLT_OK);
    bench->chain[i] = vlt_buf_slice(&bench->extra[i]);
    vlt_buf_free(&payload);
}

/* The receipt of the vector as a struct; texts live as long as the verdict of
 * a first check, which is kept. */
static inline struct vlt_receipt
vector_receipt(struct bench *bench, struct vlt_json **document)
{
    struct vlt_buf payload = file_of("vectors/receipt/payload.json");
    struct vlt_receipt receipt;

    assert_int_equal(
        vlt_receipt_read(vlt_buf_slice(&payload), document, &receipt, NULL),
        VLT_OK);
    vlt_buf_free(&payload);
    return receipt;
}

static inline int
init(void **state)
{
    return vlt_secret_init() == VLT_OK ? 0 : -1;
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

#endif
