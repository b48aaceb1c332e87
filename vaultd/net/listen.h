/*
 * listen: sockets of our own, made, bound and checked.
 *
 * libwebsockets' are not used: it binds every address when it is asked for
 * 127.0.0.1, and unlinks the socket of a daemon that lives.  Addresses are
 * numeric: no name is looked up.
 *
 * Threads: any.
 */
#ifndef LISTEN_H
#define LISTEN_H

#include "base/buf.h"
#include "base/status.h"

enum {
    LISTEN_HOST = 46 + 2 + 1,          /* address in brackets, and the zero */
    LISTEN_TEXT = LISTEN_HOST + 1 + 5, /* with a colon and a port */
};

/* Where a TCP socket listens. */
struct listen_at {
    char text[LISTEN_TEXT]; /* ADDR:PORT with the port that was picked */
    char host[LISTEN_HOST]; /* as a Host header has it, IPv6 in brackets */
    bool any;               /* every address: host names none */
};

/*
 * A listening unix socket at path, mode 0660, of group gid, non-blocking.  One
 * that a dead daemon left is replaced.  The caller owns *out.
 * VLT_E_CONFLICT  somebody listens there, or it is no socket
 * VLT_E_LIMIT     the path is too long
 * VLT_E_STORAGE   the system refuses
 * why says which, in one sentence.
 */
VLT_MUST_USE enum vlt_status listen_unix(const char *path, unsigned gid,
                                         struct vlt_buf *why, int *out);

/*
 * A listening TCP socket at "1.2.3.4:80" or "[::1]:80"; port 0 picks one.  The
 * caller owns *out.
 * VLT_E_LIMIT     no such address; or not one of loopback, where it must be
 * VLT_E_CONFLICT  the address is in use
 * VLT_E_STORAGE   the system refuses
 */
VLT_MUST_USE enum vlt_status listen_tcp(const char *address, bool loopback,
                                        struct vlt_buf *why,
                                        struct listen_at *at, int *out);

#endif
