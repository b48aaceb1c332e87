/*
 * loop: libwebsockets 4.1.6, wrapped once.
 *
 * It is used for what it does well: the
 * poll loop, timers, TLS that does not block, buffers for what a socket did not
 * take.  Sockets are ours and adopted as raw ones, so none of its HTTP or
 * WebSocket roles ever sees a byte from outside: 4.1.6 has a use after free
 * behind pipelined requests and does not tell whether a frame was masked.
 * Heads and frames are read by http_head.c and ws_reader.c.
 *
 * Threads: the loop, but for loop_wake().
 */
#ifndef LOOP_H
#define LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"
#include "base/status.h"

struct link;
struct loop;
struct loop_timer;
struct loop_watch;
struct tls_names;

enum {
    LOOP_TURN = 16384, /* bytes of one write: one TLS record */
};

/* What the loop tells the owner of a link.  Within these calls the link may be
 * used freely; after lost() it is gone. */
struct link_events {
    void (*received)(void *owner, struct vlt_slice bytes);
    /* Up to four times in a row, while the owner wants and the kernel takes
     * it. */
    void (*writable)(void *owner);
    void (*timer)(void *owner);
    void (*lost)(void *owner);
};

struct loop_config {
    const struct link_events *events; /* of all links; static */
    bool tls;                         /* links with TLS will be adopted */
    const struct tls_names *names;    /* of the certificate; borrowed */
    /* After loop_wake(), on the loop thread. */
    void (*woken)(void *ctx);
    void *ctx;
};

/*
 * VLT_E_STORAGE: the library, or TLS, cannot be set up; why says what.  With
 * config->tls it succeeds only when TLS was proved to be on.
 */
VLT_MUST_USE enum vlt_status loop_new(const struct loop_config *config,
                                      struct vlt_buf *why, struct loop **out);

/* Ends every link, watch and timer; links are lost.  NULL is allowed. */
void loop_free(struct loop *loop);

/* Wait for something to happen and serve it.  False: the loop is broken. */
bool loop_turn(struct loop *loop);

/* From any thread, and from a signal handler: woken() is called soon. */
void loop_wake(struct loop *loop);

/* Room for one write, LOOP_TURN bytes: borrowed, overwritten by whoever asks
 * next. */
uint8_t *loop_turn_buffer(struct loop *loop);

/* ---- timers ---- */

/* NULL: no memory.  fire is called on the loop thread. */
struct loop_timer *loop_timer_new(struct loop *loop, void (*fire)(void *ctx),
                                  void *ctx);
/* Stops it too.  NULL is allowed. */
void loop_timer_free(struct loop_timer *timer);

/* Once, so many microseconds from now (at least 1); again replaces. */
void loop_timer_set(struct loop_timer *timer, int64_t us);
/* It does not fire. */
void loop_timer_stop(struct loop_timer *timer);

/* ---- descriptors that only tell that they can be read ---- */

/* Takes fd, also on failure (NULL). */
struct loop_watch *loop_watch_new(struct loop *loop, int fd,
                                  void (*readable)(void *ctx), void *ctx);
/* Tell nothing for a while. */
void loop_watch_pause(struct loop_watch *watch, bool paused);
/* Closes the descriptor.  NULL is allowed. */
void loop_watch_free(struct loop_watch *watch);

/* ---- links: one accepted stream socket each ---- */

/*
 * Takes fd, also on failure (NULL, and nothing is told to owner).  The owner
 * hears lost() once the link is gone, whoever ended it.
 */
struct link *link_new(struct loop *loop, int fd, bool tls, void *owner);

/*
 * A link over a socket that is being connected, or is: TLS begins by itself,
 * and the first writable() comes when it is done.  host is put into SNI.  Takes
 * fd likewise; whoever cannot be reached is lost().
 */
struct link *link_dial(struct loop *loop, int fd, const char *host,
                       void *owner);

/* Ask for writable(): soon, once what was written has left. */
void link_want(struct link *link);

/*
 * Write at most LOOP_TURN bytes, only from within writable(), once a call.
 * What the socket does not take is kept by the library; link_held() says so
 * until it has left, and writable() is called then.  False: the connection is
 * broken.
 */
bool link_write(struct link *link, const uint8_t *bytes, size_t len);

/* Does the library keep bytes that were written? */
bool link_held(const struct link *link);

/* Read, or leave what comes to the kernel. */
void link_read(struct link *link, bool on);

/* timer() once, so many microseconds from now; again replaces.  0: none. */
void link_timer(struct link *link, int64_t us);

/*
 * End it now: nothing more is written, lost() follows, perhaps within this
 * call.  reset: with SO_LINGER 0, so that what the kernel holds is discarded.
 */
void link_end(struct link *link, bool reset);

/* No more will be written: tell the peer (close_notify, FIN), still read. */
void link_finish(struct link *link);

/* ---- TLS ---- */

/* Is the handshake done, and is it TLS 1.3?  True without TLS. */
bool link_secure(const struct link *link);

/* Bytes read from the network, below TLS; 0 without TLS. */
uint64_t link_wire_bytes(const struct link *link);

/* The exporter of WIRE.md, 2.  VLT_E_STORAGE: no TLS, or it failed. */
VLT_MUST_USE enum vlt_status link_ekm(const struct link *link, uint8_t out[32]);

#endif
