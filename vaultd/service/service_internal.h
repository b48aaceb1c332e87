/*
 * service_internal: what the files of the room share.
 *
 * `struct service` is used by three kinds of thread; each member says whose it
 * is.  What is the loop's is never touched elsewhere; what is the commit
 * thread's likewise; series, audit, identity and consent do their own locking.
 */
#ifndef SERVICE_INTERNAL_H
#define SERVICE_INTERNAL_H

#include "base/time.h"
#include "exec/exec.h"
#include "series/series.h"
#include "service/after.h"
#include "service/guard.h"
#include "service/method.h"
#include "service/peer.h"
#include "service/service.h"
#include "util/atomic.h"
#include "util/clock.h"
#include "util/lock.h"
#include "util/map.h"
#include "wire/limits.h"

struct intake;
struct acks;
struct asks;
struct notices;
struct owed;
struct reading;
struct shared;

/* The sub-key of the identity that seals cursors. */
#define SERVICE_CURSOR_KEY "vd1-curs"

enum {
    SESSIONS_MAX = 8192,
    VAULT_TEXT = 4 + 52 + 1,
};

/* One peer's connection, while READY (loop). */
struct session {
    struct principal who;
    unsigned calls;    /* in flight */
    bool read_logged;  /* the owner's reads are in the log */
    struct peer *peer; /* borrowed; NULL of the owner */
    uint64_t next_sub;
    struct reading *readings; /* multi-part answers under way */
    size_t waiting;           /* bytes of its pages that wait (burst.c) */
    struct call *block_call;  /* waits for its binary frame (data.append) */
    /* Requests that announced a block and are refused: theirs is dropped. */
    uint64_t blockless[VLT_LIMIT_CALLS];
    unsigned blockless_count; /* ever; the newest VLT_LIMIT_CALLS are kept */
};

struct compacting;
struct errand;
struct trail;

/* The clocks as the last turn saw them. */
struct hold_reckoning {
    bool known;
    int64_t wall, boot; /* ns */
    bool begun, ended;  /* a hold did, which the log does not know yet */
    int64_t by;         /* for this much, ns */
};

/* Rows were committed for a stream. */
struct touched {
    uint8_t stream[VLT_ID_LEN];
};

struct service {
    struct service_config config;
    struct exec *exec;
    struct store *store; /* borrowed */
    struct series *series;
    struct audit *audit;
    struct identity *identity;
    struct consent *consent;

    /* ---- the loop's ---- */
    struct map *sessions; /* by session number */
    struct map *peers;    /* by principal; owned */
    struct trail *trails; /* owned; newest first */
    size_t waiting;       /* bytes of pages that wait, of all sessions */
    struct job *first;    /* jobs of this turn of the loop */
    struct job **last;
    bool unlocked;
    unsigned locks; /* and panics, under way: nothing opens meanwhile */
    bool stopping;
    const struct vlt_signer *signer; /* NULL while locked */
    uint8_t vault_id[32];
    struct intake *intake;         /* owned */
    struct vlt_secret *cursor_key; /* NULL while locked */
    char vault_text[VAULT_TEXT];   /* "" until the first unlock */
    const char *socket, *listen, *http, *sealed;
    int home;    /* country, or VOCAB_NONE; set once, read by any thread */
    int64_t due; /* what sink.due was told last */
    bool clock_queued;     /* a clock job is under way */
    int64_t clock_due;     /* boot time of the next look at the clock rows */
    bool errand_taken;     /* a call has it, started or not (errand.h) */
    struct errand *errand; /* under way; NULL: none */

    bool erase_queued; /* likewise a step of an erase (erase_run.c) */
    enum series_erase_step erase_step; /* that brought nothing at last */
    int64_t erase_due;    /* boot time from which it is tried again */
    int64_t erase_since;  /* boot time since which a compaction is waited for */
    int64_t compact_wait; /* ns from a failed one to the next; 0: none failed */
    int64_t expire_due;   /* boot time of the next look at what is old; 0: none
                             was yet */
    int64_t spare_due;    /* boot time of the next look at free pages */
    struct compacting *compacting; /* compact_run.h; NULL: none is under way */

    /* ---- who tries a passphrase (wrong.h): a worker, one at a time ---- */
    uint64_t wrong; /* wrong ones in a row */

    /* ---- the commit thread's ---- */
    struct turn *turn;
    int64_t anchor_due; /* boot time, ns: the anchor is written by then */
    uint64_t anchored;  /* the commit that it was last written for */
    int64_t tend_due;   /* the same: the ballast is looked at */
    struct hold_reckoning reckoning;

    /* ---- between commit thread and loop ---- */
    struct atomic lock_asks;     /* locks and panics that were ever begun */
    struct atomic wrong_until;   /* boot time, ns: none is tried before */
    struct atomic hold;          /* enum hold; not 0: firms get nothing */
    struct atomic anchor_failed; /* not 0: it could not be written */
    struct atomic highest;       /* effective time of the last turn, ns */
    struct atomic ahead;         /* running time less boot time, then, ns */
    struct atomic appended;      /* boot time of the last append, ns */
    struct owed *owed;           /* owed.h; its own locking */
    struct acks *acks;           /* acks.h; the same */
    struct asks *asks;           /* asks.h; the same */
    struct notices *notices;     /* notices.h; the same */
    struct shared *shared;       /* shared.h; the same */
    struct lock *touch_lock;
    size_t touched_count, touched_cap;
    struct touched *touched;
};

/* ---- session.c (loop) ---- */

struct session *session_find(struct service *service, uint64_t number);
/* What is counted of a firm or source, made when it is new; share is looked at
 * then.  NULL: no memory. */
struct peer *peer_of(struct service *service, const uint8_t id[VLT_ID_LEN],
                     struct peer_share share);
/* The same of a source. */
struct peer *peer_of_source(struct service *service,
                            const struct source *source);
/* Call fn for each session; it must not open or end one. */
typedef void session_fn(void *ctx, struct session *session);
void session_each(struct service *service, session_fn *fn, void *ctx);
/* End its subscriptions and multi-part answers. */
void session_end_reads(struct service *service, struct session *session);

/* ---- dispatch.c (loop) ---- */

const struct method *method_find(struct vlt_slice name);
/* Free a message, and wipe the secrets among its parameters.  NULL is
 * allowed. */
void dispatch_free(struct vlt_json *document);
/* Go on with a call that waited for its binary frame. */
void dispatch_start(struct service *service, struct call *call);

/* A request for a method that this role has, or not.  Takes the document, which
 * is NULL of a plain message; scan is borrowed: NULL, or of it. */
void dispatch_request(struct service *service, struct session *session,
                      const struct vlt_rpc *rpc, struct vlt_json *document,
                      const struct call_scan *scan);

/* ---- dispatch_scan.c (loop) ---- */

/* A batch of plain rows needs no document of them: it is answered, or on its
 * way.  False: it is none, and is read as all others are. */
bool dispatch_scanned(struct service *service, struct session *session,
                      struct vlt_slice text);

/* Append a digest of rows that are not in the parameters any more. */
void dispatch_put_scanned(const struct vlt_scan *rows, struct vlt_buf *text);
/* Hand a job to exec with this turn's others. */
void service_submit(struct service *service, struct job *job);

/* ---- reply.c (loop) ---- */

void reply_error(struct service *service, const struct principal *who,
                 const struct vlt_rpc_id *id, enum vlt_status st,
                 const struct call_fault *fault, struct vlt_slice audit);

/* Send a text to a session: no release, so no rows of a firm's. */
void reply_text(struct service *service, uint64_t session,
                struct vlt_buf *text);

/* ---- guard.c (commit thread) ---- */

VLT_MUST_USE enum vlt_status guard_new(struct service *service);
void guard_free(struct service *service);
/* exec's hooks; ctx is the service. */
enum vlt_status guard_turn_begin(void *ctx, enum exec_turn kind,
                                 struct turn **out);
enum vlt_status guard_turn_commit(void *ctx, struct turn *turn);
bool guard_job_ran(void *ctx, struct turn *turn, enum vlt_status st);
void guard_turn_abort(void *ctx, struct turn *turn);
/* Nothing happens: look after the store's ballast. */
void guard_idle(void *ctx);
/* Lock the store when this turn has committed. */
void guard_lock_after(struct turn *turn);

/* This turn unlocked: it packs nothing, since what could not be packed would
 * undo it, and if it is undone, all is locked again. */
void guard_unlocks(struct turn *turn);

/* Lock at once, giving up the turn's transaction: an unlock that failed. */
void guard_lock_now(struct turn *turn);

/* ---- lockstate.c (loop) ---- */

/* The vault is unlocked: take its signer and id, let firms in.  Nothing happens
 * while a lock is under way, which takes all that away again: false. */
bool lockstate_open(struct service *service);

/* Tell one session that the vault is being locked, and end its reads. */
void lockstate_tell(struct service *service, struct session *session,
                    const char *why);

/* It is about to be locked: end all reads, close firms and sources, why being
 * "owner" or "stop". */
void lockstate_close(struct service *service, const char *why);

/* The same for the owner, whose word outlasts every unlock that was asked for
 * before: until lockstate_end() nothing opens. */
void lockstate_begin(struct service *service);
void lockstate_end(struct service *service);

/* It is locked: what the loop knows of its keys and rows goes, too. */
void lockstate_shut(struct service *service);

/* ---- clockwork.c (loop) ---- */

/* Queue the rows that time alone brings, when any is due. */
void clockwork_run(struct service *service);

/* ---- subscribe.c (loop) ---- */

/* flow.credit; other notifications mean nothing. */
void subscribe_notification(struct service *service, struct session *session,
                            const struct vlt_rpc *rpc);
void subscribe_touched(struct service *service);
/* End all of a grant, and say what had been sent.  tells: whoever reads is told
 * to ask again, since the grant goes on. */
void subscribe_cut(struct service *service, const uint8_t grant[VLT_ID_LEN],
                   bool tells, struct after_cut *out);
/* Ask for a call at the next time that a subscription waits for. */
void subscribe_arm(struct service *service);
void subscribe_due(struct service *service, int64_t boot);
int64_t subscribe_next(const struct service *service);

/* The loop's clock. */
int64_t service_boot(const struct service *service);
int64_t service_wall(const struct service *service);

/* The wall clock, or 0 where it is doubted (hold.h). */
int64_t service_sure(const struct service *service);

/* Effective time outside a turn: the wall clock, or the highest time that a
 * turn had if that is later.  Any thread. */
int64_t service_effective(const struct service *service);

/*
 * Running time outside a turn: effective time, but where that stands still,
 * since the clock was ahead and was put right, it goes on as boot time does.
 * What lasts for so long, and no longer, is reckoned by it: never earlier than
 * effective time, never going back while the service lives.  ns; any thread.
 */
int64_t service_running(const struct service *service);

/* A turn has this effective time: remember it.  Returns the running time
 * (commit thread). */
int64_t service_reckon(struct service *service, int64_t now);

#endif
