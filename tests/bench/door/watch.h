/*
 * watch: lines that hear what comes, and the owner who appends it.
 *
 * Threads: one.
 */
#ifndef WATCH_H
#define WATCH_H

#include <poll.h>

#include "door.h"
#include "wire/rows.h"

/* A plain value that begins by watch_open(). */
struct watch {
    const struct house *house;
    size_t lines;
    struct line line[DOOR_SUBSCRIBERS];
    struct pollfd polled[DOOR_SUBSCRIBERS];
    struct line owner; /* not of a bare server */
    uint64_t calls;    /* of the owner */
    uint64_t frames;   /* that came, on all lines */
    uint64_t rows;
};

/* Subscribe a firm's line to streams; the answer is borrowed until the line is
 * read again. */
struct vlt_slice watch_subscribe(const struct house *house, size_t firm,
                                 struct line *line, const char *streams);

/* So many lines, subscribed to streams of a vault by firms that may have a few
 * each, and the owner at socket.  Of a bare server only lines. */
void watch_open(struct watch *watch, const struct house *house, size_t lines,
                const char *socket, const char *streams);
void watch_close(struct watch *watch);

/* Read until so many frames, or rows, have come in all. */
void watch_frames(struct watch *watch, uint64_t frames);
void watch_rows(struct watch *watch, uint64_t rows);

/* The owner appends a block to a stream, without waiting for the answer. */
void watch_append(struct watch *watch, const char *stream,
                  const struct vlt_rows *rows);

/* Wait for so many of the owner's answers. */
void watch_answers(struct watch *watch, size_t count);

/* Wait until every stream may be looked at again, and make all ready for so
 * many pages more. */
void watch_rest(struct watch *watch, unsigned pages);

#endif
