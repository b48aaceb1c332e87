/*
 * noun: what the methods of firms, requests, grants, policies and the log
 * share.
 */
#ifndef NOUN_INTERNAL_H
#define NOUN_INTERNAL_H

#include "service/guard_internal.h"

enum {
    NOUN_FIRM = 64,         /* bytes of a FIRM parameter and its zero */
    NOUN_ROOM = 200 * 1024, /* bytes of a list's answer, then a cursor */
};

/* Copy a text that was checked to fit, and a zero behind it. */
void noun_copy(char *to, size_t size, struct vlt_slice from);

/* A duration: text as 15min, or whole seconds; nanoseconds come out.  `other`
 * where it is absent. */
int64_t noun_duration(struct vlt_walk *params, const char *name, int64_t least,
                      int64_t most, int64_t other);

/* The category of a stream; VOCAB_NONE: unsorted. */
int noun_category(const struct stream *stream);

/* An optional ULID; false: absent. */
bool noun_ulid(struct vlt_walk *params, const char *name,
               uint8_t out[VLT_ID_LEN]);

/* A FIRM parameter; "" where it may be and is absent. */
void noun_read_firm(struct vlt_walk *params, bool required,
                    char out[NOUN_FIRM]);

/* The firm of a short name or a vf1:… id, as committed: held; NULL: none. */
const struct firm *noun_firm(struct service *service, const char *text);

/* The same, or call_not_found(). */
VLT_MUST_USE enum vlt_status noun_need_firm(struct call *call, const char *text,
                                            const struct firm **out);

/* The firm that calls, if it is still confirmed under the key that it proved:
 * held.  For steps that no guard precedes.  VLT_E_DENIED. */
VLT_MUST_USE enum vlt_status noun_self(struct call *call,
                                       const struct firm **out);

/* identity_receipt_signer() for a worker, of a firm or (NULL) the master tree,
 * inside a read of its own, which no lock overtakes.  VLT_E_LOCKED. */
VLT_MUST_USE enum vlt_status noun_receipt_signer(struct service *service,
                                                 const struct firm *firm,
                                                 struct vlt_signer **out);

/* An event of a firm (AUDIT_FIRM), in its tree and the master tree. */
VLT_MUST_USE enum vlt_status
noun_log_firm(struct turn *turn, const struct firm *firm, const char *what);

/* Firms as consent asks for them in a turn. */
struct consent_facts noun_facts(struct turn *turn);

/* Write the entry of a stream: what is "created", … (commit thread). */
VLT_MUST_USE enum vlt_status noun_log_stream(struct turn *turn,
                                             const struct stream *stream,
                                             const char *what);

/* ---- ends: grants that a call ended, and what the cut of each found ---- */

struct noun_end {
    uint8_t grant[VLT_ID_LEN];
    uint8_t last_use[VLT_ID_LEN];
    bool used;
    enum consent_state state;
    int64_t at; /* ns */
};

struct noun_ends {
    size_t count, cap;
    struct noun_end *at; /* owned */
};

void noun_ends_free(struct noun_ends *ends);

/* End every grant of a firm (NULL: all) that is not over. */
VLT_MUST_USE enum vlt_status noun_end_all(struct turn *turn,
                                          const uint8_t *firm,
                                          enum consent_state how,
                                          struct consent_changes *changes);

/* See to it that a turn may write so many rows of grants, of which it has room
 * for some in any case.  VLT_E_STORAGE: there is no space, before the first. */
VLT_MUST_USE enum vlt_status noun_room_for(struct turn *turn, size_t rows);

/* Note the grants that these changes ended. */
VLT_MUST_USE enum vlt_status noun_note_ends(struct noun_ends *ends,
                                            const struct consent_changes *);

/* Note all grants that these changes are about. */
VLT_MUST_USE enum vlt_status noun_note_changed(struct noun_ends *ends,
                                               const struct consent_changes *);

/* Note one: a consent_grant_fn, ctx is the ends.  One that does not fit for
 * want of memory is left out of what is told. */
bool noun_take_end(void *ctx, const struct grant *grant);

/* The longest of all cuts, ms (loop, after they ran). */
double noun_silence(const struct after *list);

/* ---- grants and requests as objects ---- */

/* A grant object; to the owner the whole of it. */
void noun_put_grant(struct vlt_json_out *json, const char *name,
                    struct service *service, const struct grant *grant,
                    bool owner);

/* The uses of a grant that wait for the owner's yes, and since when (ns) the
 * oldest does. */
struct noun_waiting {
    size_t count;
    int64_t since;
};
struct noun_waiting noun_waiting_uses(struct service *service,
                                      const struct grant *grant);

/* Write the member `acknowledged`: for how much of what it was given the firm
 * has signed, or null. */
void noun_put_acknowledged(struct vlt_json_out *json,
                           const struct grant *grant);

/* The list `held_by_firm`: what the firm holds of a grant, each {`uses`,
 * `delete_by`} and, where a statement is asked for, `demanded` and `due`. */
void noun_put_held(struct vlt_json_out *json, const struct grant *grant);

/* The state of a grant now, as the owner is told, or its firm: the row that its
 * time brings may not be written yet. */
enum consent_state noun_grant_state(const struct service *service,
                                    const struct grant *grant, bool owner);

/* A part's or a whole request's state as the protocol names it: what became a
 * grant is "granted", whatever the grant is now. */
const char *noun_state(enum consent_state state);

/* The first of the protocol's words that any part has. */
const char *noun_request_state(const struct consent_request *request);

/* The members of an outcome (WIRE.md, 6.5) into an open object. */
VLT_MUST_USE enum vlt_status
noun_put_outcome(struct vlt_json_out *json, struct service *service,
                 const struct store_view *view,
                 const struct consent_request *request);

/* A request object. */
VLT_MUST_USE enum vlt_status
noun_put_request(struct vlt_json_out *json, const char *name,
                 struct service *service, const struct store_view *view,
                 const struct consent_request *request);

/* May this caller write to streams of that name, whether there are any or not?
 * Nobody but a source is asked (loop). */
bool noun_may_name(const struct call *call, struct vlt_slice name);

/* ---- evidence: the head of a tree, signed, and what stands below it ---- */

struct noun_tree {
    struct service *service;
    uint8_t id[AUDIT_TREE_LEN];
    struct vlt_signer *signer; /* owned */
    struct audit_head head;    /* committed */
    struct store_read *read;   /* not older than head */
    const struct store_view *view;
    struct vlt_buf checkpoint; /* its text; "" of an empty tree */
};

/* Open a firm's tree (NULL: the master tree) at its newest head (worker).  The
 * caller ends it with noun_tree_end(), also on failure. */
VLT_MUST_USE enum vlt_status noun_tree_begin(struct service *service,
                                             const struct firm *firm,
                                             struct noun_tree *out);
void noun_tree_end(struct noun_tree *tree);

/* Append the tlog-proof of an entry below the head, with entry, salt and
 * detail unless they are shredded.  VLT_E_NOT_FOUND: no such entry. */
VLT_MUST_USE enum vlt_status noun_put_proof(const struct noun_tree *tree,
                                            uint64_t index,
                                            struct vlt_buf *out);

#endif
