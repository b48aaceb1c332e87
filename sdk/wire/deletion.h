/*
 * deletion: a firm's statement that it has deleted what it was given.
 *
 * A JWS (jws.h, typ VLT_TYP_DELETION) of the firm's key.  Its payload:
 *
 *     {"iss":"vf1:…","aud":"vr1:…","sub":hex,"iat":s,"grant":ULID,
 *      "uses":[first,last],"deleted_at":s,"method":"erased"|"anonymised",
 *      "recipients":[{"name","deleted_at"},…],
 *      "exceptions":[{"uses":[first,last],"law","until"},…]}
 *
 * Uses are counted within the grant, from 1.  Recipients are those to whom it
 * passed the data on and who deleted it, too; an exception names uses whose
 * data it keeps all the same, by which law, and until when.
 *
 * Times are whole seconds since 1970.  Texts in a struct are borrowed.
 * Source: WIRE.md, 8.5.  Pure.  Threads: any.
 */
#ifndef VLT_DELETION_H
#define VLT_DELETION_H

#include "base/buf.h"
#include "base/id.h"
#include "wire/address.h"
#include "wire/jws.h"
#include "json/json.h"

enum {
    VLT_DELETION_MAX = 16384,       /* bytes of a payload */
    VLT_DELETION_RECIPIENTS = 8,    /* named in one */
    VLT_DELETION_EXCEPTIONS = 8,    /* likewise */
    VLT_DELETION_LAW = 280,         /* characters */
    VLT_DELETION_LAW_LEN = 280 * 4, /* bytes of them */
};

struct vlt_deletion_recipient {
    struct vlt_slice name; /* at most 120 characters */
    int64_t deleted_at;
};

struct vlt_deletion_exception {
    uint64_t from; /* first use */
    uint64_t to;   /* last, not below from */
    struct vlt_slice law;
    int64_t until;
};

struct vlt_deletion {
    uint8_t iss[VLT_IDENTITY_LEN]; /* the firm */
    uint8_t aud[VLT_IDENTITY_LEN]; /* the vault's receipt key for it */
    uint8_t sub[16];               /* pairwise subject, as in receipts */
    int64_t iat;
    uint8_t grant[VLT_ID_LEN];
    uint64_t from; /* first use that it is about */
    uint64_t to;   /* last, not below from */
    int64_t deleted_at;
    bool anonymised; /* else erased */
    size_t recipient_count;
    struct vlt_deletion_recipient recipients[VLT_DELETION_RECIPIENTS];
    size_t exception_count;
    struct vlt_deletion_exception exceptions[VLT_DELETION_EXCEPTIONS];
};

/* Sign as the firm; the compact form is appended.
 * VLT_E_LIMIT: over VLT_DELETION_MAX bytes. */
VLT_MUST_USE enum vlt_status vlt_deletion_sign(const struct vlt_signer *firm,
                                               const struct vlt_deletion *what,
                                               struct vlt_buf *out);

/*
 * Read a payload: every member, none else, none twice.  That exceptions lie
 * within the uses is checked, too.
 * The caller owns *document, whose texts *out borrows.
 * VLT_E_LIMIT   over VLT_DELETION_MAX bytes
 * VLT_E_FORMAT  it is none; at and says (of VLT_WALK_AT and VLT_WALK_SAYS
 *               bytes) tell which member and why
 */
VLT_MUST_USE enum vlt_status vlt_deletion_read(struct vlt_slice payload,
                                               struct vlt_json **document,
                                               struct vlt_deletion *out,
                                               char at[VLT_WALK_AT],
                                               char says[VLT_WALK_SAYS]);

#endif
