/*
 * rig: a vault, opened as a daemon has it, and the operations of a script.
 *
 * It has no thread and never ends the process: what a daemon would do then,
 * which is to end and begin again, is the caller's to do on VLT_E_UNKNOWN.
 * Until it is closed all further operations are refused.
 */
#ifndef TESTS_CRASH_RIG_H
#define TESTS_CRASH_RIG_H

#include "audit/audit.h"
#include "crypto/secret.h"
#include "script.h"
#include "series/series.h"
#include "store/store.h"

struct rig {
    uint64_t seed;
    char folder[STORE_PATH_MAX]; /* that the vault is in */
    char path[STORE_PATH_MAX];
    char anchor[STORE_PATH_MAX]; /* directory of it, beside the vault */
    struct store *store;         /* NULL: closed */
    struct series *series;
    struct audit *audit;
    bool failed;    /* an outcome was not known: as a daemon, it does no more */
    bool loaded;    /* unlocked, and all in memory */
    char why[1000]; /* of the last failure, for who debugs */
};

/* Of the vault in folder/vault, with its anchor in folder/anchor, neither of
 * which need be there; closed. */
void rig_init(struct rig *rig, const char *folder, uint64_t seed);

/* Open, unlock and load, as far as it is not yet.  Status as store_open(),
 * store_unlock(), series_load() and audit_load(). */
VLT_MUST_USE enum vlt_status rig_open(struct rig *rig);

/* Harmless when closed. */
void rig_close(struct rig *rig);

/*
 * Do an operation, opening the vault before if need be.  Doing it again changes
 * nothing.
 * VLT_OK: it is done.  VLT_E_UNKNOWN: it may be, and the vault must be closed.
 * Anything else: it is not.
 */
VLT_MUST_USE enum vlt_status rig_do(struct rig *rig, unsigned op);

/* ---- copies (rig_copy.c) ---- */

/* The operations. */
enum vlt_status rig_backup(struct rig *rig, unsigned op);
enum vlt_status rig_restore(struct rig *rig, unsigned op);

/* What operation op makes: the file of a backup, the folder of a vault. */
void rig_backup_path(const struct rig *rig, unsigned op,
                     char out[STORE_PATH_MAX]);
void rig_restore_path(const struct rig *rig, unsigned op,
                      char out[STORE_PATH_MAX]);

/* Does the file of this operation hold a whole backup?  Its data goes nowhere.
 */
bool rig_backup_whole(struct rig *rig, unsigned op);

/* ---- for rig_op.c and look.c ---- */

/* The key file's bytes.  The caller owns *out. */
VLT_MUST_USE enum vlt_status rig_key(struct vlt_secret **out);

/* The root key, by the key file.  The caller owns *out; status as
 * store_root_key(). */
VLT_MUST_USE enum vlt_status rig_root(const struct rig *rig,
                                      struct vlt_secret **out);

/* The words of a SCRIPT_SLOT.  The caller owns *out. */
VLT_MUST_USE enum vlt_status rig_words(unsigned op, struct vlt_secret **out);

/* Ids of things that have a number. */
void rig_id(uint8_t out[VLT_ID_LEN], uint8_t kind, unsigned number);

enum {
    RIG_FIRM = 1,
    RIG_GRANT,
    RIG_ANSWER,
    RIG_BOOT,
    RIG_BACKUP,
};

#endif
