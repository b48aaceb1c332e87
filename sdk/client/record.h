/*
 * record: what a firm or source remembers of one vault, vaults/<name>.json.
 *
 *     {"vault":"vd1:…","address":"vd1:…@host:port","firm":"vf1:…",
 *      "enrolled":n,"receipt":KEY,"checkpoint":TEXT,"proved":TEXT,
 *      "rendezvous":"<26>"}
 *
 * Of a source `"source":"vs1:…"` stands for the firm, and nothing is told of
 * keys and checkpoints.  enrolled is in seconds since 1970; KEY is the pinned
 * receipt key in base64url, null until the first session; TEXT a checkpoint or
 * null: the newest that was seen, and the one up to which the log is proved
 * (prove.h). In files without `proved` both are the same.  rendezvous is there
 * once it was asked for: by it a vault that dials out is known before it said a
 * word. The name is the first eight characters of the vault id.
 *
 * Threads: any; these wait for the disk.
 */
#ifndef VLT_RECORD_H
#define VLT_RECORD_H

#include "wire/address.h"
#include "wire/limits.h"
#include "wire/upgrade.h"

enum {
    VLT_RECORD_NAME = 64 + 1,
    VLT_RECORD_MAX = 8192, /* bytes of a file */
    VLT_RECORDS_MAX = 1024 /* vaults of one identity */
};

/* A plain value. */
struct vlt_record {
    char name[VLT_RECORD_NAME];
    struct vlt_address address;
    bool is_source;
    uint8_t firm[VLT_IDENTITY_LEN]; /* the id: the firm's, or the source's */
    int64_t enrolled;               /* s since 1970 */
    bool has_key;
    uint8_t key[VLT_SIGN_PK];                  /* of the receipt key */
    char checkpoint[VLT_LIMIT_CHECKPOINT + 1]; /* "": none yet */
    char proved[VLT_LIMIT_CHECKPOINT + 1];     /* likewise */
    bool has_rendezvous;
    uint8_t rendezvous[VLT_RENDEZVOUS];
};

/* The name under which a vault is remembered. */
void vlt_record_name(const uint8_t vault[VLT_IDENTITY_LEN],
                     char out[VLT_RECORD_NAME]);

/* Read a file's text.  Pure.  VLT_E_FORMAT: it is none. */
VLT_MUST_USE enum vlt_status vlt_record_parse(struct vlt_slice text,
                                              struct vlt_record *out);

/* Keep it in the identity's folder.  VLT_E_STORAGE. */
VLT_MUST_USE enum vlt_status vlt_record_store(const char *folder,
                                              const struct vlt_record *record);

/*
 * The same where others may have kept it meanwhile, in this program or another.
 * Under a lock fn gets what is kept now (NULL: nothing) and makes of *record
 * what is to be kept; that then stands in *record.
 * VLT_E_STORAGE; else what fn says, and nothing is changed.
 */
typedef enum vlt_status vlt_record_merge_fn(const struct vlt_record *kept,
                                            struct vlt_record *record);
VLT_MUST_USE enum vlt_status vlt_record_merge(const char *folder,
                                              struct vlt_record *record,
                                              vlt_record_merge_fn *fn);

/* Keep a copy beside it, vaults/<name>.before-<s>, which nobody reads but by
 * hand: receipts of then are verified by its key.  VLT_E_STORAGE. */
VLT_MUST_USE enum vlt_status
vlt_record_set_aside(const char *folder, const struct vlt_record *record);

/* The record of this vault.  VLT_E_NOT_FOUND; VLT_E_FORMAT, VLT_E_STORAGE. */
VLT_MUST_USE enum vlt_status
vlt_record_find(const char *folder, const uint8_t vault[VLT_IDENTITY_LEN],
                struct vlt_record *out);

/* Call fn for each record that can be read; order is the folder's. */
typedef void vlt_record_fn(void *ctx, const struct vlt_record *record);
VLT_MUST_USE enum vlt_status vlt_record_each(const char *folder,
                                             vlt_record_fn *fn, void *ctx);

#endif
