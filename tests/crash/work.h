/*
 * work: a vault, opened as a daemon has it, and the operations of a plan.
 *
 * It has no thread and never ends the process: what a daemon would do then,
 * which is to end and begin again, is the caller's to do on VLT_E_UNKNOWN.
 * Until it is closed all further operations are refused.
 */
#ifndef TESTS_CRASH_WORK_H
#define TESTS_CRASH_WORK_H

#include "audit/audit.h"
#include "crypto/secret.h"
#include "plan.h"
#include "series/series.h"
#include "store/store.h"

struct work {
    uint64_t seed;
    char folder[STORE_PATH_MAX]; /* that the vault is in */
    char path[STORE_PATH_MAX];
    struct store *store; /* NULL: closed */
    struct series *series;
    struct audit *audit;
    bool failed;    /* an outcome was not known: as a daemon, it does no more */
    bool loaded;    /* unlocked, and all in memory */
    char why[1000]; /* of the last failure, for who debugs */
};

/* Of the vault in folder/vault, which need not be there; closed. */
void work_init(struct work *work, const char *folder, uint64_t seed);

/* Open, unlock and load, as far as it is not yet.  Status as store_open(),
 * store_unlock(), series_load() and audit_load(). */
VLT_MUST_USE enum vlt_status work_open(struct work *work);

/* Harmless when closed. */
void work_close(struct work *work);

/*
 * Do an operation, opening the vault before if need be.  Doing it again changes
 * nothing.
 * VLT_OK: it is done.  VLT_E_UNKNOWN: it may be, and the vault must be closed.
 * Anything else: it is not.
 */
VLT_MUST_USE enum vlt_status work_do(struct work *work, unsigned op);

/* ---- for work.c and look.c (work_op.c) ---- */

/* The key file's bytes.  The caller owns *out. */
VLT_MUST_USE enum vlt_status work_key(struct vlt_secret **out);

/* Ids of things that have a number. */
void work_id(uint8_t out[VLT_ID_LEN], uint8_t kind, unsigned number);

enum {
    WORK_FIRM = 1,
    WORK_GRANT,
    WORK_ANSWER,
    WORK_BOOT,
};

#endif
