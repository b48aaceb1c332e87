/*
 * What a job did to its turn.
 */
#include "service/guard_internal.h"
#include "util/log.h"

enum {
    /* Of values; then the jobs behind wait for the next turn. */
    TURN_BYTES = 8 << 20,
    CONTROL_BYTES = 2 << 20, /* there may be no more room than 8 MiB */
};

/* A job that fails has put nothing but its refusal.  One that ran out of
 * memory or into a limit may have put half of what it was to: then nothing of
 * the turn is committed. */
static bool
may_be_half_done(enum vlt_status st)
{
    return st == VLT_E_NOMEM || st == VLT_E_LIMIT || st == VLT_E_STORAGE;
}

void
guard_undo(struct turn *turn)
{
    if (turn->txn != NULL && store_txn_count(turn->txn).records != turn->put) {
        store_txn_spoil(turn->txn);
    }
}

bool
guard_job_ran(void *ctx, struct turn *turn, enum vlt_status st)
{
    struct store_put_count put;

    (void)ctx;
    if (turn->txn == NULL) {
        return false;
    }
    put = store_txn_count(turn->txn);
    if (may_be_half_done(st) && put.records != turn->put) {
        log_error("service",
                  "a job failed half done, so its turn is undone: "
                  "%s",
                  vlt_status_word(st));
        store_txn_spoil(turn->txn);
    }
    turn->put = put.records;
    return put.bytes > (size_t)(turn->control ? CONTROL_BYTES : TURN_BYTES);
}
