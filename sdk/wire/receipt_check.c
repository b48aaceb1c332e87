#include "wire/receipt_check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "wire/limits.h"
#include "wire/proof.h"

enum {
    SKEW = 300, /* seconds by which a status may come from the future */
    DETAIL_DEPTH = 4,
};

/* One check under way. */
struct check {
    const struct vlt_receipt_evidence *evidence;
    struct vlt_receipt_verdict *verdict;
    struct vlt_buf payload; /* of the newest receipt read so far */
    uint8_t digest[32];     /* its SHA-256 */
    bool whole;             /* the chain begins with seq 1 */
    struct vlt_buf held;    /* what the proof borrows */
    struct vlt_proof proof;
};

static enum vlt_status fail(struct check *check, int step, const char *format,
                            ...) __attribute__((format(printf, 3, 4)));

static enum vlt_status
fail(struct check *check, int step, const char *format, ...)
{
    va_list args;

    check->verdict->step[step] = VLT_CHECK_FAILS;
    check->verdict->failed = step;
    va_start(args, format);
    vsnprintf(check->verdict->says, VLT_RECEIPT_SAYS, format, args);
    va_end(args);
    return VLT_E_AUTH;
}

static void
hold(struct check *check, int step)
{
    check->verdict->step[step] = VLT_CHECK_HOLDS;
}

/* What stays open is said once, unless something fails. */
static void
leave_open(struct check *check, const char *what)
{
    size_t len = strlen(check->verdict->says);

    snprintf(check->verdict->says + len, VLT_RECEIPT_SAYS - len, "%s%s",
             len > 0 ? "; " : "not checked: ", what);
}

/* ---- steps 1 to 4 ---- */

/* Steps 1 to 3 for one receipt; its payload and content come out.  A fault of
 * an earlier one of the chain is a fault of step 4. */
static enum vlt_status
read_one(struct check *check, size_t i, struct vlt_json **document,
         struct vlt_receipt *out)
{
    const struct vlt_receipt_evidence *evidence = check->evidence;
    bool newest = i + 1 == evidence->chain_len;
    uint8_t id[VLT_IDENTITY_LEN];
    char says[VLT_WALK_SAYS] = "";
    enum vlt_status st;

    vlt_buf_clear(&check->payload);
    st = vlt_jws_verify(evidence->chain[i], VLT_LIMIT_RECEIPT_JWS,
                        VLT_TYP_RECEIPT, evidence->receipt_pk, &check->payload);
    if (st == VLT_E_NOMEM) {
        return st;
    }
    if (st == VLT_E_AUTH) {
        return fail(check, newest ? 2 : 4,
                    "receipt %zu is not signed by the pinned key", i + 1);
    }
    if (st != VLT_OK) {
        return fail(check, newest ? 1 : 4, "receipt %zu is no JWS of a receipt",
                    i + 1);
    }
    st = vlt_receipt_read(vlt_buf_slice(&check->payload), document, out, says);
    if (st == VLT_E_NOMEM) {
        return st;
    }
    if (st != VLT_OK) {
        return fail(check, newest ? 3 : 4, "receipt %zu: %s", i + 1, says);
    }
    vlt_identity_of(VLT_IDENTITY_RECEIPT, evidence->receipt_pk, id);
    if (memcmp(id, out->iss, sizeof id) != 0) {
        return fail(check, newest ? 3 : 4,
                    "receipt %zu names another vault's key", i + 1);
    }
    vlt_identity_of(VLT_IDENTITY_FIRM, evidence->firm_pk, id);
    if (memcmp(id, out->aud, sizeof id) != 0) {
        return fail(check, newest ? 3 : 4, "receipt %zu is for another firm",
                    i + 1);
    }
    return VLT_OK;
}

/* What links a receipt to the one before it in the chain. */
struct link {
    uint8_t digest[32]; /* of the payload before */
    uint64_t seq;
    uint8_t grant[VLT_ID_LEN];
    bool has_grant;
};

static bool
follows(const struct vlt_receipt *receipt, const struct link *before)
{
    return receipt->seq == before->seq + 1 && receipt->has_prev &&
           memcmp(receipt->prev, before->digest, 32) == 0 &&
           receipt->has_grant == before->has_grant &&
           memcmp(receipt->grant, before->grant, VLT_ID_LEN) == 0;
}

/* The older receipts, each read and linked to the one before. */
static enum vlt_status
walk_chain(struct check *check, struct link *last)
{
    struct vlt_json *document = NULL;
    struct vlt_receipt receipt;
    enum vlt_status st;

    for (size_t i = 0; i + 1 < check->evidence->chain_len; i++) {
        st = read_one(check, i, &document, &receipt);
        if (st != VLT_OK) {
            return st;
        }
        vlt_json_free(document);
        if (i == 0) {
            check->whole = receipt.seq == 1;
        } else if (!follows(&receipt, last)) {
            return fail(check, 4, "receipt %zu does not follow the one before",
                        i + 1);
        }
        vlt_sha256_of(vlt_buf_slice(&check->payload), last->digest);
        last->seq = receipt.seq;
        last->has_grant = receipt.has_grant;
        memcpy(last->grant, receipt.grant, VLT_ID_LEN);
    }
    return VLT_OK;
}

static enum vlt_status
check_chain(struct check *check)
{
    const struct vlt_receipt_evidence *evidence = check->evidence;
    struct vlt_receipt_verdict *verdict = check->verdict;
    const struct vlt_receipt *newest = &verdict->newest;
    struct link last = { .seq = 0 };
    enum vlt_status st;

    /* The newest first: steps 1 to 3 are about it. */
    st = read_one(check, evidence->chain_len - 1, &verdict->document,
                  &verdict->newest);
    if (st != VLT_OK) {
        return st;
    }
    hold(check, 1);
    hold(check, 2);
    hold(check, 3);
    check->whole = newest->seq == 1;
    struct vlt_buf kept = check->payload;

    check->payload = (struct vlt_buf){ 0 };
    st = walk_chain(check, &last);
    vlt_buf_free(&check->payload);
    check->payload = kept;
    vlt_sha256_of(vlt_buf_slice(&check->payload), check->digest);
    if (st != VLT_OK) {
        return st;
    }
    if (evidence->chain_len > 1 && !follows(newest, &last)) {
        return fail(check, 4, "the newest does not follow the one before");
    }
    if (!vlt_receipt_in_force(newest->event)) {
        return fail(check, 4, "the newest event is %s",
                    vlt_receipt_word(newest->event));
    }
    if (evidence->now < newest->nbf || evidence->now >= newest->exp) {
        return fail(check, 4, "the grant is not in force at this time");
    }
    if (check->whole) {
        hold(check, 4);
    } else {
        leave_open(check, "the receipts before");
    }
    return VLT_OK;
}

/* ---- step 5 ---- */

static enum vlt_status
check_fresh(struct check *check)
{
    const struct vlt_receipt_evidence *evidence = check->evidence;
    const struct vlt_receipt *newest = &check->verdict->newest;
    struct vlt_buf held = { 0 };
    struct vlt_grant_status status;
    enum vlt_status st;

    if (evidence->status.len == 0) {
        if (evidence->now >= newest->fresh_until) {
            return fail(check, 5, "nothing says that it still holds");
        }
        hold(check, 5);
        return VLT_OK;
    }
    st = vlt_grant_status_read(evidence->status, evidence->receipt_pk, &held,
                               &status);
    if (st == VLT_E_NOMEM) {
        goto done;
    }
    if (st != VLT_OK || memcmp(status.grant, newest->grant, VLT_ID_LEN) != 0 ||
        status.as_of < newest->iat || status.as_of > evidence->now + SKEW) {
        st = fail(check, 5, "the later statement is not about this receipt");
        goto done;
    }
    if (!vlt_slice_is(status.state, "active")) {
        st = fail(check, 5, "a later statement says %.*s",
                  (int)status.state.len, (const char *)status.state.at);
        goto done;
    }
    if (evidence->now >= newest->fresh_until &&
        evidence->now >= status.fresh_until) {
        st = fail(check, 5, "the later statement is stale too");
        goto done;
    }
    hold(check, 5);

done:
    vlt_buf_free(&held);
    return st;
}

/* ---- steps 6 and 7 ---- */

/* Does the detail name this payload? */
static bool
names_payload(const struct check *check)
{
    struct vlt_json *root = NULL;
    uint8_t named[32];

    if (vlt_json_parse(check->proof.detail, VLT_LIMIT_AUDIT_DETAIL,
                       DETAIL_DEPTH, NULL, &root) != VLT_OK) {
        return false;
    }
    bool same = vlt_hex_parse(vlt_json_text_of(vlt_json_get(root, "receipt")),
                              named, sizeof named) == VLT_OK &&
                memcmp(named, check->digest, sizeof named) == 0;

    vlt_json_free(root);
    return same;
}

static enum vlt_status
check_proof(struct check *check)
{
    const struct vlt_receipt *newest = &check->verdict->newest;
    uint8_t leaf[VLT_HASH_LEN];
    enum vlt_status st;

    st = vlt_proof_parse(check->evidence->proof, &check->held, &check->proof);
    if (st == VLT_E_NOMEM) {
        return st;
    }
    if (st != VLT_OK || check->proof.entry.len == 0) {
        return fail(check, 6, "the proof is malformed or opens nothing");
    }
    if (check->proof.index != newest->log_size) {
        return fail(check, 6, "the proof is of entry %" PRIu64 ", not %" PRIu64,
                    check->proof.index, newest->log_size);
    }
    if (!names_payload(check)) {
        return fail(check, 6, "the entry is of another receipt");
    }
    vlt_tree_leaf(check->proof.entry, leaf);
    if (vlt_tree_verify_inclusion(
            leaf, check->proof.index, check->proof.checkpoint.size,
            &check->proof.path, check->proof.checkpoint.root) != VLT_OK) {
        return fail(check, 6, "the entry is not in the tree");
    }
    hold(check, 6);
    return VLT_OK;
}

/* The checkpoint kept against that of the proof, the smaller first. */
static enum vlt_status
check_held(struct check *check, bool *open)
{
    const struct vlt_receipt_evidence *evidence = check->evidence;
    const struct vlt_checkpoint *shown = &check->proof.checkpoint;
    const struct vlt_checkpoint *small = shown;
    struct vlt_checkpoint kept;
    const struct vlt_checkpoint *large = &kept;

    if (vlt_checkpoint_parse(evidence->checkpoint, &kept) != VLT_OK ||
        vlt_checkpoint_verify(&kept, evidence->receipt_pk) != VLT_OK) {
        return fail(check, 7, "the checkpoint that was kept is no good");
    }
    if (!vlt_origin_equal(&kept.origin, &shown->origin)) {
        *open = true; /* a restored vault has a new origin */
        return VLT_OK;
    }
    if (kept.size == shown->size) {
        return memcmp(kept.root, shown->root, VLT_HASH_LEN) == 0
                   ? VLT_OK
                   : fail(check, 7, "two heads of one size differ: a fork");
    }
    if (kept.size < shown->size) {
        small = &kept;
        large = shown;
    }
    if (small->size == 0 || evidence->path == NULL) {
        *open = small->size != 0;
        return VLT_OK;
    }
    if (vlt_tree_verify_consistency(small->size, small->root, large->size,
                                    large->root, evidence->path) != VLT_OK) {
        return fail(check, 7, "the log does not extend the one kept: a fork");
    }
    return VLT_OK;
}

static enum vlt_status
check_checkpoint(struct check *check)
{
    const struct vlt_receipt *newest = &check->verdict->newest;
    const struct vlt_checkpoint *shown = &check->proof.checkpoint;
    uint8_t before[VLT_HASH_LEN];
    struct vlt_entry entry;
    bool open = false;
    enum vlt_status st;

    if (!vlt_origin_equal(&shown->origin, &newest->log) ||
        vlt_entry_decode(check->proof.entry, &entry) != VLT_OK ||
        entry.index != check->proof.index ||
        entry.instance != shown->origin.instance) {
        return fail(check, 7, "the checkpoint is of another log");
    }
    st = vlt_checkpoint_verify(shown, check->evidence->receipt_pk);
    if (st == VLT_E_NOMEM) {
        return st;
    }
    if (st != VLT_OK) {
        return fail(check, 7, "the checkpoint is not signed by the key");
    }
    vlt_proof_root_before(&check->proof, before);
    if (memcmp(before, newest->log_root, sizeof before) != 0) {
        return fail(check, 7, "the log does not extend that of the receipt");
    }
    if (check->evidence->checkpoint.len > 0) {
        st = check_held(check, &open);
        if (st != VLT_OK) {
            return st;
        }
    }
    if (open) {
        leave_open(check, "that the log extends the checkpoint kept");
    } else {
        hold(check, 7);
    }
    return VLT_OK;
}

/* ---- step 8, and all in order ---- */

static enum vlt_status
check_two_sided(struct check *check)
{
    struct vlt_buf again = { 0 };
    enum vlt_status st;

    st =
        vlt_jws_verify(check->evidence->countersignature, VLT_LIMIT_RECEIPT_JWS,
                       VLT_TYP_COUNTERSIGN, check->evidence->firm_pk, &again);
    if (st == VLT_E_NOMEM) {
        return st;
    }
    if (st != VLT_OK || !vlt_slice_equal(vlt_buf_slice(&again),
                                         vlt_buf_slice(&check->payload))) {
        st = fail(check, 8, "the firm has not signed this payload");
    } else {
        hold(check, 8);
    }
    vlt_buf_free(&again);
    return st;
}

static enum vlt_status
run(struct check *check)
{
    enum vlt_status st = check_chain(check);

    if (st == VLT_OK) {
        st = check_fresh(check);
    }
    if (st != VLT_OK) {
        return st;
    }
    if (check->evidence->proof.len > 0) {
        st = check_proof(check);
        if (st == VLT_OK) {
            st = check_checkpoint(check);
        }
        if (st != VLT_OK) {
            return st;
        }
    } else {
        leave_open(check, "that the log has it");
    }
    if (check->evidence->countersignature.len > 0) {
        return check_two_sided(check);
    }
    leave_open(check, "the firm's signature");
    return VLT_OK;
}

enum vlt_status
vlt_receipt_check(const struct vlt_receipt_evidence *evidence,
                  struct vlt_receipt_verdict *out)
{
    struct check check = { .evidence = evidence, .verdict = out };
    enum vlt_status st;

    memset(out, 0, sizeof *out);
    if (evidence->chain_len == 0) {
        return fail(&check, 1, "there is no receipt");
    }
    st = run(&check);
    vlt_buf_free(&check.payload);
    vlt_buf_free(&check.held);
    return st;
}

void
vlt_receipt_verdict_free(struct vlt_receipt_verdict *verdict)
{
    vlt_json_free(verdict->document);
    memset(verdict, 0, sizeof *verdict);
}
