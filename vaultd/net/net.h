/*
 * net: the door.  Listeners, TLS, WebSocket sessions, their outboxes, HTTP.
 *
 * It owns every socket and the loop, on libwebsockets 4.1.6 as loop.h wraps
 * it.  It proves who a peer is, cuts what is malformed or over a
 * limit, hands whole messages to the service and writes what comes back.
 *
 * Threads: all on the loop thread, except net_wake() and net_stop_soon().
 */
#ifndef NET_H
#define NET_H

#include "base/buf.h"
#include "base/status.h"

struct clock;
struct net;
struct service;
struct service_sink;

/* Texts and lists are borrowed until net_free(). */
struct net_config {
    const char *socket; /* path of the unix socket */
    const char *listen; /* ADDR:PORT for TLS, or NULL; port 0 picks one */
    const char *http;   /* ADDR:PORT on loopback, or NULL */
    const char *sealed; /* ADDR:PORT for what devices have sealed, or NULL */
    /* The group whose members may use the unix socket, and the uid that may:
     * those of the vault's directory. */
    unsigned owner_uid, owner_gid;
    unsigned max_connections;   /* 1 to 8,192; 0: 1,024.  Fewer, with a warning,
                                   where RLIMIT_NOFILE is not 64 above it */
    unsigned max_handshaking;   /* 0: 128 */
    unsigned max_per_address;   /* of one address, before READY; 0: 8 */
    size_t max_memory;          /* bytes that may wait in or out; 0: 256 MiB */
    const char *const *origins; /* allowed Origin values, NULL-ended; or NULL */
    const char *const *hosts;   /* further Host names, NULL-ended; or NULL */
    const char *const *dial;    /* dial.h, NULL-ended; or NULL */
    const struct clock *clock;  /* borrowed, likewise */
};

/*
 * Make the sockets and the certificate; nothing is read yet.
 * VLT_E_CONFLICT  an address is in use; VLT_E_STORAGE  a path or address is
 * not to be had; VLT_E_LIMIT  the configuration is out of range.  why says
 * which, in one sentence.
 */
VLT_MUST_USE enum vlt_status net_new(const struct net_config *config,
                                     struct vlt_buf *why, struct net **out);
void net_free(struct net *net); /* NULL is allowed */

/* What the service is given to answer with. */
struct service_sink net_sink(struct net *net);

/* Serve this service: borrowed until net_run() has returned. */
void net_serve(struct net *net, struct service *service);

/* Where it listens, with the ports that were picked: borrowed; NULL: not. */
const char *net_socket(const struct net *net);
const char *net_listen(const struct net *net);
const char *net_http(const struct net *net);
const char *net_sealed(const struct net *net);

/* Serve until net_stop_soon(): no more accepts, 1001 to all, wait for their
 * close or 5 s.  The service is stopped by the caller afterwards, while the
 * sink still works. */
void net_run(struct net *net);

/* From any thread: the loop calls service_drain(). */
void net_wake(void *net);

/* From any thread, and from a signal handler. */
void net_stop_soon(struct net *net);

#endif
