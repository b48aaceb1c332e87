#include "wire/receipt_check.h"

#include "receipt_bench.h"
#include "wire/proof.h"

static void
the_vector_holds_at_every_step(void **state)
{
    struct bench *bench = *state;

    assert_int_equal(failed(bench), 0);
    for (int step = 1; step <= VLT_RECEIPT_STEPS; step++) {
        assert_int_equal(bench->verdict.step[step], VLT_CHECK_HOLDS);
    }
    assert_string_equal(bench->verdict.says, "");
    assert_int_equal(bench->verdict.newest.seq, 1);
}

static void
what_is_not_given_is_left_open_and_said(void **state)
{
    struct bench *bench = *state;

    bench->evidence.proof = vlt_slice_text("");
    bench->evidence.countersignature = vlt_slice_text("");
    assert_int_equal(failed(bench), 0);
    assert_int_equal(bench->verdict.step[5], VLT_CHECK_HOLDS);
    assert_int_equal(bench->verdict.step[6], VLT_CHECK_OPEN);
    assert_int_equal(bench->verdict.step[7], VLT_CHECK_OPEN);
    assert_int_equal(bench->verdict.step[8], VLT_CHECK_OPEN);
    assert_string_equal(
        bench->verdict.says,
        "not checked: that the log has it; the firm's signature");
}

/* Every byte of the proof; of the tokens, whose bytes jws_test has in turn,
 * one in thirteen. */
static void
bytes_of_receipt_proof_and_countersignature_count(void **state)
{
    struct bench *bench = *state;
    struct vlt_buf *parts[] = { &bench->proof, &bench->receipt,
                                &bench->counter };
    enum vlt_status st;

    for (size_t part = 0; part < 3; part++) {
        size_t step = part == 0 ? 1 : 13;

        for (size_t i = 0; i < parts[part]->len; i += step) {
            parts[part]->at[i] ^= 1;
            st = vlt_receipt_check(&bench->evidence, &bench->verdict);
            assert_int_equal(st, VLT_E_AUTH);
            assert_true(bench->verdict.failed > 0);
            vlt_receipt_verdict_free(&bench->verdict);
            parts[part]->at[i] ^= 1;
        }
    }
}

static void
no_receipt_is_no_proof(void **state)
{
    struct bench *bench = *state;

    bench->evidence.chain_len = 0;
    assert_int_equal(failed(bench), 1);
}

static void
a_token_that_is_none_fails_the_first_step(void **state)
{
    struct bench *bench = *state;

    bench->chain[0] = vlt_slice_text("a.b");
    assert_int_equal(failed(bench), 1);
    bench->chain[0] = vlt_buf_slice(&bench->counter); /* another typ */
    assert_int_equal(failed(bench), 1);
}

static void
another_key_fails_the_second(void **state)
{
    struct bench *bench = *state;

    bench->evidence.receipt_pk = vlt_signer_pk(bench->other);
    assert_int_equal(failed(bench), 2);
}

static void
another_firm_or_issuer_fails_the_third(void **state)
{
    struct bench *bench = *state;
    struct vlt_json *document;
    uint8_t digest[32];

    bench->evidence.firm_pk = vlt_signer_pk(bench->other);
    assert_int_equal(failed(bench), 3);
    bench->evidence.firm_pk = vlt_signer_pk(bench->firm);
    struct vlt_receipt receipt = vector_receipt(bench, &document);

    receipt.iss[0] ^= 1;
    make(bench, 0, &receipt, bench->vault, digest);
    assert_int_equal(failed(bench), 3);
    vlt_json_free(document);
}

static void
times_are_half_open(void **state)
{
    struct bench *bench = *state;
    struct vlt_buf status = { 0 };
    struct vlt_grant_status later = { .state = vlt_slice_text("active"),
                                      .as_of = 1810879000,
                                      .fresh_until = 1810990000 };

    bench->evidence.proof = vlt_slice_text("");
    assert_int_equal(
        vlt_ulid_parse(vlt_slice_text("01M80XE2R06J9ATSEGBABKZVWC"),
                       later.grant),
        VLT_OK);
    assert_int_equal(vlt_grant_status_sign(bench->vault, &later, &status),
                     VLT_OK);
    bench->evidence.now = 1795327199;
    assert_int_equal(failed(bench), 4);
    bench->evidence.now = 1795327200;
    assert_int_equal(failed(bench), 0);
    bench->evidence.now = 1795931999;
    assert_int_equal(failed(bench), 0);
    bench->evidence.now = 1795932000; /* stale from here on */
    assert_int_equal(failed(bench), 5);
    bench->evidence.status = vlt_buf_slice(&status);
    bench->evidence.now = 1810879199;
    assert_int_equal(failed(bench), 0);
    bench->evidence.now = 1810879200; /* exp */
    assert_int_equal(failed(bench), 4);
    vlt_buf_free(&status);
}

/* A later statement, and what it leads to. */
static const struct {
    const char *says;
    const char *state;
    const char *grant;
    int64_t as_of;
    int64_t fresh_until;
    bool other_key;
    int step;
} statuses[] = {
    { "active", "active", "01M80XE2R06J9ATSEGBABKZVWC", 1796000000, 1797000000,
      false, 0 },
    { "withdrawn", "withdrawn", "01M80XE2R06J9ATSEGBABKZVWC", 1796000000,
      1797000000, false, 5 },
    { "of another grant", "active", "01M80XE2R06J9ATSEGBABKZVWD", 1796000000,
      1797000000, false, 5 },
    { "older than the receipt", "active", "01M80XE2R06J9ATSEGBABKZVWC",
      1795000000, 1797000000, false, 5 },
    { "from the future", "active", "01M80XE2R06J9ATSEGBABKZVWC", 1796000401,
      1797000000, false, 5 },
    { "stale itself", "active", "01M80XE2R06J9ATSEGBABKZVWC", 1795990000,
      1796000100, false, 5 },
    { "signed by another", "active", "01M80XE2R06J9ATSEGBABKZVWC", 1796000000,
      1797000000, true, 5 },
};

static void
a_later_statement_is_believed_or_not(void **state)
{
    struct bench *bench = *state;

    bench->evidence.now = 1796000100;
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        struct vlt_buf status = { 0 };
        struct vlt_grant_status later = {
            .state = vlt_slice_text(statuses[i].state),
            .as_of = statuses[i].as_of,
            .fresh_until = statuses[i].fresh_until,
        };

        print_message("%s\n", statuses[i].says);
        assert_int_equal(
            vlt_ulid_parse(vlt_slice_text(statuses[i].grant), later.grant),
            VLT_OK);
        assert_int_equal(vlt_grant_status_sign(statuses[i].other_key
                                                   ? bench->other
                                                   : bench->vault,
                                               &later, &status),
                         VLT_OK);
        bench->evidence.status = vlt_buf_slice(&status);
        assert_int_equal(failed(bench), statuses[i].step);
        vlt_buf_free(&status);
    }
}

static void
a_grant_that_is_over_leaves_its_receipt_genuine(void **state)
{
    struct bench *bench = *state;
    struct vlt_slice proof = bench->evidence.proof;

    assert_int_equal(failed(bench), 0);
    assert_true(bench->verdict.genuine);
    bench->evidence.now = 1810879200; /* exp */
    assert_int_equal(failed(bench), 4);
    assert_true(bench->verdict.genuine);
    assert_string_equal(bench->verdict.says,
                        "the grant ran out at 2027-05-21T06:00:00Z");
    for (int i = 6; i <= VLT_RECEIPT_STEPS; i++) {
        assert_int_equal(bench->verdict.step[i], VLT_CHECK_HOLDS);
    }
    bench->evidence.now = 1795932000; /* stale */
    assert_int_equal(failed(bench), 5);
    assert_true(bench->verdict.genuine);

    /* A fault behind it decides. */
    bench->evidence.countersignature = vlt_slice_text("a.b.c");
    assert_int_equal(failed(bench), 8);
    assert_false(bench->verdict.genuine);
    bench->evidence.proof = vlt_slice_of(proof.at, proof.len - 2);
    assert_int_equal(failed(bench), 6);
    assert_false(bench->verdict.genuine);
}

static void
a_proof_of_another_receipt_fails_the_sixth(void **state)
{
    struct bench *bench = *state;
    struct vlt_json *document;
    struct vlt_receipt receipt = vector_receipt(bench, &document);
    struct vlt_buf bare = file_of("vectors/receipt/proof.txt");
    uint8_t digest[32];

    bench->evidence.countersignature = vlt_slice_text("");
    receipt.jti[0] ^= 1;
    make(bench, 0, &receipt, bench->vault, digest);
    assert_int_equal(failed(bench), 6); /* the detail names another payload */
    receipt.jti[0] ^= 1;
    receipt.log_size = 2;
    make(bench, 0, &receipt, bench->vault, digest);
    assert_int_equal(failed(bench), 6); /* another index */
    bench->chain[0] = vlt_buf_slice(&bench->receipt);
    bench->evidence.proof = vlt_buf_slice(&bare); /* opens nothing */
    assert_int_equal(failed(bench), 6);
    vlt_buf_free(&bare);
    vlt_json_free(document);
}

/* A log of one firm with the vector's receipt, made for tests of step 7: the
 * proof is true, but what the receipt says of the log is the test's. */
static void
prove_anew(struct bench *bench, struct vlt_receipt *receipt,
           const struct vlt_signer *by, uint64_t others)
{
    static const uint8_t salt[VLT_ENTRY_SALT] = { 9 };
    struct vlt_entry entry = { .type = 3, .instance = 1 };
    struct vlt_proof proof = { .index = 0 };
    struct vlt_buf detail = { 0 };
    struct vlt_tree tree;
    uint8_t digest[32];
    uint8_t bytes[VLT_ENTRY_MASTER];
    uint8_t leaf[VLT_HASH_LEN];

    receipt->log_size = 0;
    vlt_tree_init(&tree);
    if (others == 0) {
        vlt_tree_root(&tree, receipt->log_root);
    }
    make(bench, 0, receipt, bench->vault, digest);
    vlt_receipt_detail(receipt, digest, "active", &detail);
    vlt_entry_commit(salt, vlt_buf_slice(&detail), entry.commitment);
    vlt_entry_encode(&entry, bytes);
    vlt_tree_leaf(vlt_slice_of(bytes, VLT_ENTRY_LEN), leaf);
    vlt_tree_append(&tree, leaf, NULL, NULL);
    proof.checkpoint.origin = receipt->log;
    proof.checkpoint.size = 1;
    vlt_tree_root(&tree, proof.checkpoint.root);
    assert_int_equal(vlt_checkpoint_sign(by, &proof.checkpoint), VLT_OK);
    proof.entry = vlt_slice_of(bytes, VLT_ENTRY_LEN);
    proof.salt = vlt_slice_of(salt, sizeof salt);
    proof.detail = vlt_buf_slice(&detail);
    vlt_buf_clear(&bench->proof);
    vlt_proof_put(&proof, &bench->proof);
    bench->evidence.proof = vlt_buf_slice(&bench->proof);
    bench->evidence.countersignature = vlt_slice_text("");
    vlt_buf_free(&detail);
}

static void
a_checkpoint_of_another_log_or_key_fails_the_seventh(void **state)
{
    struct bench *bench = *state;
    struct vlt_json *document;
    struct vlt_receipt receipt = vector_receipt(bench, &document);

    prove_anew(bench, &receipt, bench->vault, 0);
    assert_int_equal(failed(bench), 0);
    prove_anew(bench, &receipt, bench->other, 0);
    assert_int_equal(failed(bench), 7);
    receipt.log_root[0] ^= 1; /* not the empty tree's root */
    prove_anew(bench, &receipt, bench->vault, 1);
    assert_int_equal(failed(bench), 7);
    vlt_json_free(document);
}

/* A checkpoint kept from before, and what it makes of the vector's. */
static void
keep(struct bench *bench, struct vlt_checkpoint *kept,
     const struct vlt_signer *by, struct vlt_buf *text)
{
    assert_int_equal(vlt_checkpoint_sign(by, kept), VLT_OK);
    vlt_buf_clear(text);
    vlt_checkpoint_put(kept, text);
    bench->evidence.checkpoint = vlt_buf_slice(text);
}

static void
a_fork_against_a_kept_checkpoint_is_found(void **state)
{
    struct bench *bench = *state;
    struct vlt_json *document;
    struct vlt_receipt receipt = vector_receipt(bench, &document);
    struct vlt_buf held = { 0 };
    struct vlt_buf text = { 0 };
    struct vlt_proof proof;
    struct vlt_tree_path path;

    assert_int_equal(
        vlt_proof_parse(vlt_buf_slice(&bench->proof), &held, &proof), VLT_OK);
    struct vlt_checkpoint kept = proof.checkpoint;

    keep(bench, &kept, bench->vault, &text);
    assert_int_equal(failed(bench), 0); /* the same */
    kept.root[0] ^= 1;
    keep(bench, &kept, bench->vault, &text);
    assert_int_equal(failed(bench), 7); /* one size, two roots */
    kept.size = 3;
    memcpy(kept.root, receipt.log_root, sizeof kept.root);
    keep(bench, &kept, bench->vault, &text);
    assert_int_equal(failed(bench), 0);
    assert_int_equal(bench->verdict.step[7], VLT_CHECK_OPEN); /* no path */
    /* 3 to 4: the third leaf, the fourth, the pair before. */
    path.count = 3;
    memcpy(path.hash[0], proof.path.hash[0], VLT_HASH_LEN);
    vlt_tree_leaf(proof.entry, path.hash[1]);
    memcpy(path.hash[2], proof.path.hash[1], VLT_HASH_LEN);
    bench->evidence.path = &path;
    assert_int_equal(failed(bench), 0);
    assert_int_equal(bench->verdict.step[7], VLT_CHECK_HOLDS);
    path.hash[1][0] ^= 1;
    assert_int_equal(failed(bench), 7);
    keep(bench, &kept, bench->other, &text);
    assert_int_equal(failed(bench), 7); /* not the vault's */
    kept.origin.instance = 2;
    keep(bench, &kept, bench->vault, &text);
    assert_int_equal(failed(bench), 0); /* of before a restore: open */
    assert_int_equal(bench->verdict.step[7], VLT_CHECK_OPEN);
    vlt_buf_free(&held);
    vlt_buf_free(&text);
    vlt_json_free(document);
}

static void
another_countersignature_fails_the_eighth(void **state)
{
    struct bench *bench = *state;
    struct vlt_buf token = { 0 };
    struct vlt_buf payload = file_of("vectors/receipt/payload.json");

    bench->evidence.countersignature = vlt_buf_slice(&bench->receipt);
    assert_int_equal(failed(bench), 8);
    assert_int_equal(
        vlt_receipt_countersign(bench->other, vlt_buf_slice(&payload), &token),
        VLT_OK);
    bench->evidence.countersignature = vlt_buf_slice(&token);
    assert_int_equal(failed(bench), 8);
    vlt_buf_clear(&token);
    payload.at[payload.len - 1] = ' ';
    vlt_buf_put_u8(&payload, '}'); /* a blank more: other bytes */
    assert_int_equal(
        vlt_receipt_countersign(bench->firm, vlt_buf_slice(&payload), &token),
        VLT_OK);
    bench->evidence.countersignature = vlt_buf_slice(&token);
    assert_int_equal(failed(bench), 8);
    vlt_buf_free(&token);
    vlt_buf_free(&payload);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(the_vector_holds_at_every_step),
        CASE(what_is_not_given_is_left_open_and_said),
        CASE(bytes_of_receipt_proof_and_countersignature_count),
        CASE(no_receipt_is_no_proof),
        CASE(a_token_that_is_none_fails_the_first_step),
        CASE(another_key_fails_the_second),
        CASE(another_firm_or_issuer_fails_the_third),
        CASE(times_are_half_open),
        CASE(a_later_statement_is_believed_or_not),
        CASE(a_grant_that_is_over_leaves_its_receipt_genuine),
        CASE(a_proof_of_another_receipt_fails_the_sixth),
        CASE(a_checkpoint_of_another_log_or_key_fails_the_seventh),
        CASE(a_fork_against_a_kept_checkpoint_is_found),
        CASE(another_countersignature_fails_the_eighth),
    };

    return cmocka_run_group_tests(tests, init, NULL);
}
