/*
 * record: one interaction, checked and in its normal form.
 *
 * This is the first form of the record: head, channel, direction, subject, the
 * person's perception and the weight.  The record stream has the columns `id`,
 * `rev` and `rec`; `rec` is what record_print() writes and record_load()
 * reads.  What a caller gives goes through record_take() or record_amend():
 *
 *     firm         slug                              required
 *     t_event      time, at most 24 h ahead of now   now
 *     role         user, payer, buyer-for-others, employee, other      user
 *     channel      face, phone, email, chat, web, app, letter, device,
 *                  community, other                  other
 *     direction    firm-person, person-firm, mutual  mutual
 *     subject      at most 120 bytes, printable
 *     perceived    {scale, raw, q, at}; q and at may be left out; a q that
 *                  is not the one of scale and raw is refused
 *     weight       1 to 3; 3 only by the person      1
 *     gone         true: the record is taken back; only in an amendment
 *
 * A field that is not known is refused by name; one out of range is refused
 * with its range.  What the vault writes itself (id, rev, type, v, t_recorded,
 * source, asserted_by, sens) a caller may not give.
 *
 * Pure: time and id come in.  Threads: none of this keeps state.
 */
#ifndef RECORD_H
#define RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/id.h"
#include "base/slice.h"
#include "base/status.h"
#include "interaction/formula.h"
#include "interaction/slug.h"

struct vlt_json;

enum {
    RECORD_MAX = 12288,   /* bytes of a rec */
    RECORD_DEPTH = 8,     /* of its JSON */
    RECORD_SUBJECT = 120, /* bytes */
    RECORD_REF = 256,     /* bytes of a source's ref */
    RECORD_REVS = 64,     /* revisions of one record */
    RECORD_V = 1,         /* schema version */
};

enum record_role {
    RECORD_USER,
    RECORD_PAYER,
    RECORD_BUYER_FOR_OTHERS,
    RECORD_EMPLOYEE,
    RECORD_OTHER_ROLE,
};

enum record_channel {
    RECORD_FACE,
    RECORD_PHONE,
    RECORD_EMAIL,
    RECORD_CHAT,
    RECORD_WEB,
    RECORD_APP,
    RECORD_LETTER,
    RECORD_DEVICE,
    RECORD_COMMUNITY,
    RECORD_OTHER_CHANNEL,
};

enum record_direction {
    RECORD_FIRM_PERSON,
    RECORD_PERSON_FIRM,
    RECORD_MUTUAL,
};

/* Who says so: taken from the proved caller, never from the text. */
enum record_writer {
    RECORD_BY_PERSON,
    RECORD_BY_FIRM,
    RECORD_BY_DEVICE,
    RECORD_BY_VAULT,
};

enum record_source {
    RECORD_FROM_SELF,
    RECORD_FROM_FIRM,
    RECORD_FROM_IMPORT,
    RECORD_FROM_DEVICE,
    RECORD_FROM_RULE,
};

struct record_perceived {
    struct formula_scale scale;
    int64_t raw;
    int32_t q;  /* computed from both */
    int64_t at; /* when it was said, ns */
};

/* A plain value: copied and compared freely. */
struct record {
    uint8_t id[VLT_ID_LEN];
    int64_t rev;        /* 1 to RECORD_REVS */
    int64_t t_event;    /* ns */
    int64_t t_recorded; /* ns */
    bool gone;
    char firm[SLUG_MAX + 1];
    enum record_role role;
    enum record_source source;
    char ref[RECORD_REF + 1]; /* "" without */
    enum record_writer asserted_by;
    enum record_channel channel;
    enum record_direction direction;
    char subject[RECORD_SUBJECT + 1]; /* "" without */
    bool rated;                       /* perceived is there */
    struct record_perceived perceived;
    int32_t weight;
};

/* What the vault knows of the call. */
struct record_stamp {
    uint8_t id[VLT_ID_LEN]; /* of a new record; an amendment keeps its own */
    int64_t now;            /* effective time, ns */
    enum record_writer by;
    enum record_source source;
    const char *ref; /* at most RECORD_REF bytes, printable; NULL: none */
};

struct record_fault {
    char at[96];    /* the field, as perceived.raw; "" for the whole */
    char says[160]; /* "is 12, must be 0 to 10" */
};

/*
 * A new record from what a caller gave, an object: rev 1.
 * VLT_E_FORMAT  *fault names the field and its range
 * On failure *out is untouched.
 */
VLT_MUST_USE enum vlt_status record_take(const struct vlt_json *given,
                                         const struct record_stamp *stamp,
                                         struct record_fault *fault,
                                         struct record *out);

/*
 * The next revision of a record: fields that are given replace the old ones.
 * firm and t_event may be repeated but not changed, since the row's stream and
 * time are made of them.
 * VLT_E_FORMAT  as record_take()
 * VLT_E_LIMIT   it has RECORD_REVS revisions already
 */
VLT_MUST_USE enum vlt_status record_amend(const struct record *old,
                                          const struct vlt_json *given,
                                          const struct record_stamp *stamp,
                                          struct record_fault *fault,
                                          struct record *out);

/* Read a rec as it was stored.  VLT_E_LIMIT: over RECORD_MAX or too deep.
 * VLT_E_FORMAT: *fault says why. */
VLT_MUST_USE enum vlt_status record_load(struct vlt_slice rec,
                                         struct record_fault *fault,
                                         struct record *out);

/* Append the rec: compact JSON, members always in the same order.  Two equal
 * records print the same bytes. */
void record_print(const struct record *record, struct vlt_buf *out);

/* The record as an event of formula_run(), its expectation to be inferred.
 * The record is rated and not gone. */
struct formula_event record_event(const struct record *record);

/* Is `a` the one in force, of two revisions of the same id?  Of equal ones the
 * last to arrive is: b. */
bool record_supersedes(const struct record *a, const struct record *b);

#endif
