/*
 * key_internal: what the files of key.* share.
 */
#ifndef KEY_INTERNAL_H
#define KEY_INTERNAL_H

#include "service/guard.h"
#include "service/method.h"
#include "store/slots.h"

enum { KEY_NO_SLOT = -1 };

/* An entry of the log (AUDIT_KEY). */
struct key_event {
    const char *event;                 /* "add" */
    const struct store_opened *opened; /* what proved the owner */
    int slot;                          /* KEY_NO_SLOT: none */
    const char *type;                  /* NULL: none */
};
VLT_MUST_USE enum vlt_status key_log(struct turn *turn,
                                     const struct key_event *what);

/* The draft of a slot of this type.  secret of words: those that are to open
 * it, or NULL: new ones are drawn.  A passphrase gets the cost of the dearest
 * that the vault has.  A worker.  The caller owns *out; status as
 * store_draft_passphrase() and its like. */
VLT_MUST_USE enum vlt_status key_draft(struct call *call,
                                       enum store_slot_type type,
                                       const struct vlt_secret *secret,
                                       struct store_draft **out);

/* Refuse a call whose draft was not made, since the parameter `at` is no good;
 * other statuses are as they are. */
VLT_MUST_USE enum vlt_status key_refuse_draft(struct call *call, const char *at,
                                              enum vlt_status st);

/* What became of what a commit was followed by (guard_then()): its status, with
 * a sentence for the caller. */
VLT_MUST_USE enum vlt_status
key_refuse_then(struct call *call, enum vlt_status st, struct vlt_buf *why);

/* The steps of key.rotate (service/method.h). */
enum vlt_status key_rotate_check(struct call *call, struct vlt_walk *params);
enum vlt_status key_rotate_prepare(struct call *call);
enum vlt_status key_rotate_commit(struct call *call, struct turn *turn);
void key_rotate_done(struct call *call, enum vlt_status st);
void key_rotate_clear(void *state);

/* The member `slots`: those that there are. */
void key_put_slots(struct vlt_json_out *json, const struct store *store);

/* The member `words`: those that a draft (NULL: none) made, or null.  They are
 * never in an answer that is kept. */
void key_put_words(struct vlt_json_out *json, const struct store_draft *draft);

#endif
