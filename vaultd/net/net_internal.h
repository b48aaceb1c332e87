/*
 * net_internal: the state of the door, for its own files and tests.
 *
 * Threads: the loop, but for the atomic.
 */
#ifndef NET_INTERNAL_H
#define NET_INTERNAL_H

#include "conn.h"
#include "net.h"
#include "util/atomic.h"
#include "util/clock.h"
#include "verify.h"

/* Times that a peer can meet.  Those of wire/limits.h, but for tests, which
 * would wait for minutes. */
struct net_times {
    int64_t step_ns;    /* each of: TLS; the head; the whole handshake */
    int64_t refused_ns; /* between AUTH and its refusal, or a multiple */
    int64_t body_ns;    /* of a whole HTTP body */
    int64_t ping_ns;    /* of silence before a ping */
    int64_t silence_ns; /* before the connection is closed */
    int64_t stall_ns;   /* without a byte taken */
    int64_t linger_ns;  /* after all is written */
    int64_t close_ns;   /* for the peer's close frame */
    int64_t stop_ns;    /* for all to close when the daemon stops */
    int64_t minute_ns;  /* between two sums of who was refused */
};

struct listener {
    struct net *net;
    enum place place;
    int fd;                   /* of watch */
    struct loop_watch *watch; /* NULL: none */
    struct loop_timer *again; /* accepts again when descriptors were spent */
    struct listen_at at;      /* TCP */
};

enum {
    SLOT_BITS = 14, /* of a connection's id; the rest is a serial number */
};

struct net {
    struct net_config config;
    struct net_times times;
    char *socket_path;
    uint64_t socket_inode; /* of our socket: another's is not unlinked */

    struct loop *loop;
    struct listener listeners[PLACES]; /* by enum place */
    struct gate *gate;
    struct dials *dials; /* NULL: nobody is dialled */
    struct verify *verify;
    struct service *service; /* borrowed; NULL until net_serve() */

    struct conn **slots; /* NULL: free */
    size_t slot_count;
    size_t next_slot;
    size_t conns;  /* with a link */
    size_t held;   /* bytes of all of them: conn_weigh() */
    size_t bodies; /* of these, what bodies that are not whole may have */
    uint64_t serial;
    struct conn *buried; /* list */

    struct loop_timer *due;
    int64_t due_ns; /* boot time; INT64_MAX: none */
    struct loop_timer *tick;
    bool ticking;
    struct loop_timer *minute;
    unsigned refused[GATE_VERDICTS]; /* since the last sum, at accept */
    unsigned strangers_refused;      /* likewise, before READY */

    struct loop_timer *stop_timer;
    struct atomic stop; /* not 0: net_stop_soon() was called */
    bool stopping;
    bool stopped; /* the time for closing is over */
    bool broken;  /* the loop cannot go on */
};

/* ---- accept.c ---- */

/* Somebody waits at this struct listener. */
void accept_ready(void *listener);
/* Its pause is over. */
void accept_again(void *listener);
/* What is set of each TCP socket, whoever dialled: of what was written the
 * kernel holds at most so many bytes unsent. */
void accept_options(int fd, int unsent);

/* Take a place for a peer of its kind; where all are taken, one that is half
 * open makes room, if there is one.  Given back with gate_leave(). */
VLT_MUST_USE enum gate_verdict net_enter(struct net *net,
                                         const struct conn_peer *peer);

/* ---- net_run.c ---- */

/* Callbacks of timers and of loop_wake(); ctx is the net. */
/* Asks the service, if its time has come. */
void net_due_fired(void *ctx);
/* Lets refusals go. */
void net_tick_fired(void *ctx);
/* Logs how many strangers were refused. */
void net_minute_fired(void *ctx);
/* The time for closing is over. */
void net_stop_fired(void *ctx);
/* Drains the service. */
void net_woken(void *ctx);

/* The connection of this id; NULL: it is gone. */
struct conn *net_find(const struct net *net, uint64_t id);

/* Give a connection its id.  VLT_E_LIMIT: no place. */
VLT_MUST_USE enum vlt_status net_register(struct net *net, struct conn *conn);

/* Give its id's place back. */
void net_forget(struct net *net, const struct conn *conn);

/* Remember to tell the service that it is gone, and to free it if it is. */
void net_to_bury(struct net *net, struct conn *conn);

/* Tell and free. */
void net_bury(struct net *net);

/* Call service_due() at this boot time; INT64_MAX: not at all. */
void net_due_at(struct net *net, int64_t boot_ns);

/* Ask for socket_tick() of all at the next whole millisecond. */
void net_want_tick(struct net *net);

/* Boot time, ns. */
int64_t net_now(const struct net *net);

#endif
