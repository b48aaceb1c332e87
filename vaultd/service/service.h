/*
 * service: what a vault can do, as the door sees it.
 *
 * The door (net) reads sockets and proves who a peer is; it hands over texts,
 * blocks and HTTP requests, and sends what comes back through the sink.  The
 * service decodes JSON-RPC, looks methods up, makes jobs and answers.  Nothing
 * here waits: an answer comes by the sink, after the commit that it needs.
 *
 * Threads: everything in this header is called on the loop thread and calls
 * the sink on the loop thread, except where it says otherwise.
 */
#ifndef SERVICE_H
#define SERVICE_H

#include "base/buf.h"
#include "base/slice.h"
#include "base/status.h"
#include "crypto/sign.h"
#include "service/principal.h"
#include "service/release.h"
#include "wire/frame.h"

struct clock;
struct exec;
struct vlt_secret;
struct service;
struct store;

/* ---- what the door does for the service ---- */

/* What became of a peer's proof (WIRE.md, 3.3). */
struct service_admission {
    uint8_t status; /* M4's: 0 ready, 1 refused, 2 waiting for the owner */
    struct principal who;
    /* Head of the peer's own tree: for M4 bytes 26 to 73. */
    uint64_t tree_size;
    uint8_t tree_root[32];
    int64_t tree_time; /* ns */
};

struct http_answer {
    int status;               /* 204, 400, … */
    const char *content_type; /* static; NULL without body */
    int retry_after_s;        /* 0: no such header */
    bool challenge;           /* WWW-Authenticate: Basic realm="vault" */
    struct vlt_buf body;      /* taken by the door */
};

/* What a cut found. */
struct silence {
    unsigned frames;      /* queued frames dropped */
    unsigned connections; /* closed because a frame was half written */
};

struct service_sink {
    void *ctx;

    /*
     * Queue one text (binary) frame for a session.  Takes what frame holds and
     * leaves it empty; takes leave, which is NULL for everything but a firm's
     * rows.  at_tick: send at the next whole millisecond, with all refusals.
     * A session that is gone: both are freed.
     */
    void (*text)(void *ctx, uint64_t session, struct vlt_buf *frame,
                 struct release *leave, bool at_tick);
    void (*binary)(void *ctx, uint64_t session, struct vlt_buf *frame,
                   struct release *leave);

    /* Bytes queued for a session and not yet written; SIZE_MAX: it is gone. */
    size_t (*backlog)(void *ctx, uint64_t session);

    /* Close a session with this RFC 6455 code, once its queue is written
     * (drain) or at once. */
    void (*close)(void *ctx, uint64_t session, int code, const char *why,
                  bool drain);

    /* The answer to service_admit(). */
    void (*admitted)(void *ctx, uint64_t connection,
                     const struct service_admission *admission);

    /* The answer to service_http().  Takes the body. */
    void (*answered)(void *ctx, uint64_t connection,
                     struct http_answer *answer);

    /* Drop every queued frame whose release is of this grant, VLT_ID_LEN bytes,
     * or of any with NULL; close, with SO_LINGER 0, each connection that has
     * one half written. */
    void (*silence)(void *ctx, const uint8_t *grant, struct silence *out);

    /* Call service_due() at this boot time (ns); INT64_MAX: not at all.  A
     * later call replaces an earlier one. */
    void (*due)(void *ctx, int64_t boot_ns);
};

/* ---- making and ending ---- */

/*
 * Have a backup read by a process of its own (vaultd verify), and wait for its
 * end; any thread, one at a time.  What it says is appended to says; *good: all
 * is well.  VLT_E_STORAGE: it could not be run, or did not live to say.
 */
typedef enum vlt_status service_verify_fn(void *ctx, const char *path,
                                          const struct vlt_secret *key,
                                          struct vlt_buf *says, bool *good);

/* What the process is like, as far as only its start knows; for the owner, who
 * asks by vault.doctor.  Texts are borrowed for the life of the service. */
struct service_process {
    const char *folder;     /* the vault's */
    const char *unconfined; /* which fence does not stand; NULL: all do */
    bool unlocked;          /* its memory cannot be locked, and need not be */
    bool no_swap;           /* its control group lets nothing be swapped out */
    bool key_beside;        /* what unlocks it at the start is on its disk */
};

struct service_config {
    struct store *store;       /* open, locked; borrowed */
    const struct clock *clock; /* borrowed */
    struct service_sink sink;
    /* From any thread: make the loop call service_drain(). */
    void (*wake)(void *ctx);
    void *wake_ctx;
    /* From any thread: the process must end, an outcome is unknown. */
    void (*fatal)(void *ctx);
    void *fatal_ctx;
    unsigned workers;   /* 1 to 4 */
    unsigned linger_ms; /* that a turn waits for more; 0 (see exec.h) to 1000 */
    const char *version; /* for session.info */
    /* NULL: no backup can be verified by a call. */
    service_verify_fn *verify;
    void *verify_ctx;
    /* The owner's country, as "GB", which `where: home` of a rule means; NULL:
     * none, and a rule that does not write `where` permits nothing. */
    const char *home;
    uint64_t quota; /* bytes, in place of the vault's own setting; 0: none */
    /* Bytes of rows that one firm may be given in an hour, up to 1 TiB; 0:
     * 64 MiB. */
    uint64_t firm_hourly;
    /* Records that the questions of one firm may open in a second, and ten
     * times as many at once, up to 2^20; 0: 2,000. */
    unsigned firm_chunks;
    /* Bytes that one source may push in a day, up to 1 TiB; 0: 1 GiB. */
    uint64_t source_daily;
    struct service_process process;
};

/* The caller owns *out and frees it with service_free().  Starts the commit
 * thread and the workers.  VLT_E_FORMAT: home is no country. */
VLT_MUST_USE enum vlt_status service_new(const struct service_config *config,
                                         struct service **out);

/* What is written into status: where the daemon listens.  Borrowed for the
 * life of the service; NULL: not at all. */
void service_places(struct service *service, const char *socket,
                    const char *listen, const char *http, const char *sealed);

/* The daemon is about to stop: say so in every session, before it closes. */
void service_stopping(struct service *service);

/* Finish what is queued, answer it, stop the threads, lock.  The sink is
 * called until it returns. */
void service_stop(struct service *service);
void service_free(struct service *service); /* NULL is allowed */

/* ---- each turn of the loop ---- */

/* Hand the jobs of this turn over: once, when sockets were served. */
void service_flush(struct service *service);

/* After a wake-up: answer what was completed. */
void service_drain(struct service *service);

/* A time asked for by sink.due has come. */
void service_due(struct service *service);

/* ---- the lock ---- */

bool service_unlocked(const struct service *service);

/* The vault's signer for handshakes: borrowed until the lock; NULL while
 * locked. */
const struct vlt_signer *service_signer(const struct service *service);

/* Unlock at start with what a file held: a passphrase, or the 32 bytes of a
 * key file.  done is called on the loop.  The secret is taken. */
void service_unlock(struct service *service, struct vlt_secret *secret,
                    bool key_file, void (*done)(void *ctx, enum vlt_status st),
                    void *ctx);

/* ---- sessions ---- */

/* What a peer showed in M3, its signature already checked. */
struct service_claim {
    enum role role;
    uint8_t key[32];
    uint8_t enrolment;           /* M3's: 0 none, 1 invitation, 2 open */
    struct vlt_slice enrol_data; /* borrowed for the call */
    uint8_t transcript[32];      /* TH2, for the invitation's MAC */
    const char *address;         /* the peer's, for the log; borrowed */
};

/* Who is this?  The answer comes by sink.admitted. */
void service_admit(struct service *service, uint64_t connection,
                   const struct service_claim *claim);

/* A session is READY; after this its texts may come. */
void service_opened(struct service *service, const struct principal *who);

/* It is gone: its subscriptions end, results for it are dropped. */
void service_gone(struct service *service, uint64_t session);

/* Who was refused at the door, unknown, since this was told last. */
struct strangers {
    unsigned full;    /* there was no place for anybody */
    unsigned crowded; /* one of them had to make room */
    unsigned address; /* too many of one address */
    unsigned refused; /* later: requests, handshakes, times that ran out */
};

/* Write it to the log, as one entry.  The vault is unlocked. */
void service_strangers(struct service *service, const struct strangers *counts);

/* Its outbox has room again. */
void service_writable(struct service *service, uint64_t session);

/* One whole text message, UTF-8 checked. */
void service_text(struct service *service, uint64_t session,
                  struct vlt_slice text);

/* One whole binary message, its frame decoded (wire/frame.h); borrowed for
 * the call. */
void service_block(struct service *service, uint64_t session,
                   const struct vlt_frame *frame);

/* A frame whose release_check() said RELEASE_AGAIN: decide again.  Takes
 * both. */
void service_again(struct service *service, uint64_t session,
                   struct release *leave, struct vlt_buf *frame, bool binary);

/* ---- HTTP ---- */

/* Strings are borrowed for the call; NULL where the header is absent. */
/* What a request came over. */
enum http_over {
    HTTP_OVER_LOOPBACK,
    HTTP_OVER_TLS,
    HTTP_OVER_PLAIN, /* HTTP on the network: everybody there reads it */
};

struct http_request {
    enum http_over over;
    const char *method; /* GET, HEAD, POST */
    const char *path;   /* without the query */
    const char *query;  /* after the ?; may hold a token: never logged */
    const char *authorization;
    const char *content_type;
    const char *content_encoding;
    const char *device; /* VD1-Device */
    struct vlt_slice body;
};

/* The answer comes by sink.answered, perhaps within this call. */
void service_http(struct service *service, uint64_t connection,
                  const struct http_request *request);

#endif
