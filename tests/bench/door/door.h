/*
 * door: what bench_door measures, by verb; each prints its figures.
 *
 * A verb gets its own arguments, as many as the table of door.c says.  What
 * cannot go on ends the program.  Threads: one, but for `handshakes`.
 */
#ifndef DOOR_H
#define DOOR_H

#include "firm.h"

typedef void door_verb(const struct house *house, char **args);

/* MS CALLS CONNECTIONS: answers to data.latest a second, so many calls at a
 * time, of as many firms, of those that are connected. */
door_verb door_latest;
/* MS FORM: answers a second to a query of an hour of scan/00. */
door_verb door_hour;
/* MS FORM ROWS: rows a second of the first so many of scan/00, which are
 * within the pages that may be under way. */
door_verb door_scan;
/* MS SOCKET: frames of 256 bytes a second that come to 32 subscribers. */
door_verb door_push;
/* MS SOCKET: rows a second that come to 32 subscribers, many at once. */
door_verb door_flow;
/* MS SOCKET: us from being durable to being delivered. */
door_verb door_delay;
/* COUNT: so many idle sessions, until standard input ends. */
door_verb door_idle;
/* MS THREADS: sessions a second that begin and end. */
door_verb door_handshakes;

enum {
    DOOR_SUBSCRIBERS = 32,
    DOOR_STREAMS = 128, /* push/000 …, flow/000 … */
    DOOR_FRAME = 256,   /* bytes of one of push */
    DOOR_REQUESTS = 40, /* that one firm makes at once: it may make 50 */
    /* The last firms with grants are kept for queries: of hours and of all, in
     * two forms each. */
    DOOR_HOURS = 24,
    DOOR_SCANS = 1,
    DOOR_APART = 2 * (DOOR_HOURS + DOOR_SCANS),
};

#endif
