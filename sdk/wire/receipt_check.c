#include "wire/receipt_check_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "wire/limits.h"

enum {
    SKEW = 300, /* seconds by which a status may come from the future */
};

static void decide(struct vlt_receipt_checking *check, int step,
                   const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

static void
decide(struct vlt_receipt_checking *check, int step, const char *format,
       va_list args)
{
    check->verdict->step[step] = VLT_CHECK_FAILS;
    check->verdict->failed = step;
    vsnprintf(check->verdict->says, VLT_RECEIPT_SAYS, format, args);
}

enum vlt_status
vlt_receipt_fail(struct vlt_receipt_checking *check, int step,
                 const char *format, ...)
{
    va_list args;

    va_start(args, format);
    decide(check, step, format, args);
    va_end(args);
    return VLT_E_AUTH;
}

void
vlt_receipt_lapse(struct vlt_receipt_checking *check, int step,
                  const char *format, ...)
{
    va_list args;

    check->lapsed = true;
    va_start(args, format);
    decide(check, step, format, args);
    va_end(args);
}

void
vlt_receipt_hold(struct vlt_receipt_checking *check, int step)
{
    check->verdict->step[step] = VLT_CHECK_HOLDS;
}

void
vlt_receipt_leave_open(struct vlt_receipt_checking *check, const char *what)
{
    size_t len = strlen(check->verdict->says);

    if (check->lapsed) {
        return;
    }
    snprintf(check->verdict->says + len, VLT_RECEIPT_SAYS - len, "%s%s",
             len > 0 ? "; " : "not checked: ", what);
}

/* ---- steps 1 to 4 ---- */

/* Steps 1 to 3 for one receipt; its payload and content come out.  A fault of
 * an earlier one of the chain is a fault of step 4. */
static enum vlt_status
read_one(struct vlt_receipt_checking *check, size_t i,
         struct vlt_json **document, struct vlt_receipt *out)
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
        return vlt_receipt_fail(check, newest ? 2 : 4,
                                "receipt %zu is not signed by the pinned key",
                                i + 1);
    }
    if (st != VLT_OK) {
        return vlt_receipt_fail(check, newest ? 1 : 4,
                                "receipt %zu is no JWS of a receipt", i + 1);
    }
    st = vlt_receipt_read(vlt_buf_slice(&check->payload), document, out, says);
    if (st == VLT_E_NOMEM) {
        return st;
    }
    if (st != VLT_OK) {
        return vlt_receipt_fail(check, newest ? 3 : 4, "receipt %zu: %s", i + 1,
                                says);
    }
    vlt_identity_of(VLT_IDENTITY_RECEIPT, evidence->receipt_pk, id);
    if (memcmp(id, out->iss, sizeof id) != 0) {
        return vlt_receipt_fail(check, newest ? 3 : 4,
                                "receipt %zu names another vault's key", i + 1);
    }
    if (evidence->firm_pk == NULL) {
        return VLT_OK;
    }
    vlt_identity_of(VLT_IDENTITY_FIRM, evidence->firm_pk, id);
    if (memcmp(id, out->aud, sizeof id) != 0) {
        return vlt_receipt_fail(check, newest ? 3 : 4,
                                "receipt %zu is for another firm", i + 1);
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
walk_chain(struct vlt_receipt_checking *check, struct link *last)
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
            return vlt_receipt_fail(
                check, 4, "receipt %zu does not follow the one before", i + 1);
        }
        vlt_sha256_of(vlt_buf_slice(&check->payload), last->digest);
        last->seq = receipt.seq;
        last->has_grant = receipt.has_grant;
        memcpy(last->grant, receipt.grant, VLT_ID_LEN);
    }
    return VLT_OK;
}

/* What the newest event has done to the grant. */
static const char *
done_by(enum vlt_receipt_event event)
{
    switch (event) {
    case VLT_RECEIPT_EXPIRED:
        return "the grant expired";
    case VLT_RECEIPT_EXHAUSTED:
        return "the grant was used up";
    case VLT_RECEIPT_REFUSED_EVENT:
        return "the request was refused";
    case VLT_RECEIPT_LAPSED:
        return "the request lapsed";
    case VLT_RECEIPT_SUSPENDED:
        return "the grant was suspended";
    case VLT_RECEIPT_REPLACED:
        return "the grant was replaced";
    case VLT_RECEIPT_WITHDRAWN:
        return "the grant was withdrawn";
    case VLT_RECEIPT_REVOKED:
        return "the grant was revoked";
    case VLT_RECEIPT_ENDED:
        return "the grant was given back";
    case VLT_RECEIPT_INVALIDATED:
        return "the grant was invalidated";
    case VLT_RECEIPT_GIVEN:
    case VLT_RECEIPT_RENEWED:
    case VLT_RECEIPT_RESUMED:
    case VLT_RECEIPT_NARROWED:
    case VLT_RECEIPT_ADMITTED:
        break;
    }
    return "the grant is in force";
}

static const char *
when(int64_t seconds, char out[VLT_TIME_TEXT])
{
    return vlt_time_print(seconds * VLT_SECOND, out);
}

/* Does the newest receipt give data at this time? */
static void
check_force(struct vlt_receipt_checking *check)
{
    const struct vlt_receipt *newest = &check->verdict->newest;
    int64_t now = check->evidence->now;
    char time[VLT_TIME_TEXT];

    if (!vlt_receipt_in_force(newest->event)) {
        vlt_receipt_lapse(check, 4, "%s at %s", done_by(newest->event),
                          when(newest->iat, time));
    } else if (now < newest->nbf) {
        vlt_receipt_lapse(check, 4, "the grant begins at %s",
                          when(newest->nbf, time));
    } else if (now >= newest->exp) {
        vlt_receipt_lapse(check, 4, "the grant ran out at %s",
                          when(newest->exp, time));
    }
}

static enum vlt_status
check_chain(struct vlt_receipt_checking *check)
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
    vlt_receipt_hold(check, 1);
    vlt_receipt_hold(check, 2);
    vlt_receipt_hold(check, 3);
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
        return vlt_receipt_fail(check, 4,
                                "the newest does not follow the one before");
    }
    check_force(check);
    if (check->lapsed) {
        return VLT_OK;
    }
    if (check->whole) {
        vlt_receipt_hold(check, 4);
    } else {
        vlt_receipt_leave_open(check, "the receipts before");
    }
    return VLT_OK;
}

/* ---- step 5 ---- */

static enum vlt_status
check_fresh(struct vlt_receipt_checking *check)
{
    const struct vlt_receipt_evidence *evidence = check->evidence;
    const struct vlt_receipt *newest = &check->verdict->newest;
    struct vlt_buf held = { 0 };
    struct vlt_grant_status status;
    char time[VLT_TIME_TEXT];
    enum vlt_status st;

    if (evidence->status.len == 0) {
        if (evidence->now >= newest->fresh_until) {
            vlt_receipt_lapse(check, 5,
                              "nothing says that the grant still holds after "
                              "%s; get the receipt again",
                              when(newest->fresh_until, time));
            return VLT_OK;
        }
        vlt_receipt_hold(check, 5);
        return VLT_OK;
    }
    st = vlt_grant_status_read(evidence->status, evidence->receipt_pk, &held,
                               &status);
    if (st == VLT_E_NOMEM) {
        goto done;
    }
    if (st != VLT_OK || memcmp(status.grant, newest->grant, VLT_ID_LEN) != 0 ||
        status.as_of < newest->iat || status.as_of > evidence->now + SKEW) {
        st = vlt_receipt_fail(check, 5,
                              "the later statement is not about this receipt");
        goto done;
    }
    if (!vlt_slice_is(status.state, "active")) {
        vlt_receipt_lapse(check, 5,
                          "by a later statement of the vault the grant was "
                          "%.*s at %s",
                          (int)status.state.len, (const char *)status.state.at,
                          when(status.as_of, time));
    } else if (evidence->now >= newest->fresh_until &&
               evidence->now >= status.fresh_until) {
        vlt_receipt_lapse(check, 5,
                          "nothing says that the grant still holds after %s; "
                          "get the receipt again",
                          when(status.fresh_until, time));
    } else {
        vlt_receipt_hold(check, 5);
    }

done:
    vlt_buf_free(&held);
    return st;
}

/* ---- step 8, and all in order ---- */

static enum vlt_status
check_two_sided(struct vlt_receipt_checking *check)
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
        st = vlt_receipt_fail(check, 8, "the firm has not signed this payload");
    } else {
        vlt_receipt_hold(check, 8);
    }
    vlt_buf_free(&again);
    return st;
}

static enum vlt_status
run(struct vlt_receipt_checking *check)
{
    enum vlt_status st = check_chain(check);

    if (st == VLT_OK && !check->lapsed) {
        st = check_fresh(check);
    }
    if (st != VLT_OK) {
        return st;
    }
    if (check->evidence->proof.len > 0) {
        st = vlt_receipt_check_proof(check);
        if (st == VLT_OK) {
            st = vlt_receipt_check_checkpoint(check);
        }
        if (st != VLT_OK) {
            return st;
        }
    } else {
        vlt_receipt_leave_open(check, "that the log has it");
    }
    if (check->evidence->firm_pk == NULL) {
        vlt_receipt_leave_open(check, "for which firm it is");
    } else if (check->evidence->countersignature.len > 0) {
        return check_two_sided(check);
    }
    vlt_receipt_leave_open(check, "the firm's signature");
    return VLT_OK;
}

enum vlt_status
vlt_receipt_check(const struct vlt_receipt_evidence *evidence,
                  struct vlt_receipt_verdict *out)
{
    struct vlt_receipt_checking check = { .evidence = evidence,
                                          .verdict = out };
    enum vlt_status st;

    memset(out, 0, sizeof *out);
    if (evidence->chain_len == 0) {
        return vlt_receipt_fail(&check, 1, "there is no receipt");
    }
    st = run(&check);
    out->genuine = st == VLT_OK;
    if (st == VLT_OK && check.lapsed) {
        st = VLT_E_AUTH;
    }
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
