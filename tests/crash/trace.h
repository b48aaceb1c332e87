/*
 * trace: what a program did to the files below one directory, in order.
 *
 * The shim writes it, the replayer reads it.  A trace is a sequence of events:
 * a struct trace_event, then `more` bytes of text or data.  Paths are relative
 * to the directory, which is "" itself.  Made and read on one machine, so the
 * integers are its own.
 *
 *     event     fd  flags      at, len           bytes behind it
 *     BEGIN                                      (a program begins: no fd
 *                                                is open)
 *     OPEN      fd  of open()                    path
 *     CLOSE     fd
 *     WRITE     fd             offset            what was written
 *     SYNC      fd
 *     TRUNCATE  fd             new length
 *     ALLOCATE  fd  mode       offset, length
 *     MKDIR                                      path
 *     REMOVE                                     path of a file or directory
 *     RENAME                                     path, zero, path
 *     EXCHANGE                                   path, zero, path
 *     LINK                                       path, zero, path of the new
 *     MARK                                       what was put into the journal
 *     MAP       fd                               (mapped for writing)
 *     UNKNOWN                                    (what cannot be replayed)
 *
 * Only what succeeded is in it; a short write with the bytes that it wrote.
 */
#ifndef TESTS_CRASH_TRACE_H
#define TESTS_CRASH_TRACE_H

#include <stdint.h>

enum trace_what {
    TRACE_BEGIN = 1,
    TRACE_OPEN,
    TRACE_CLOSE,
    TRACE_WRITE,
    TRACE_SYNC,
    TRACE_TRUNCATE,
    TRACE_ALLOCATE,
    TRACE_MKDIR,
    TRACE_REMOVE,
    TRACE_RENAME,
    TRACE_EXCHANGE,
    TRACE_LINK,
    TRACE_MARK,
    TRACE_MAP,
    TRACE_UNKNOWN,
};

struct trace_event {
    uint32_t what;
    int32_t fd;
    uint32_t flags;
    uint32_t more; /* bytes that follow */
    uint64_t at;
    uint64_t len;
};

enum {
    TRACE_FDS = 1024, /* descriptors that are followed */
};

#endif
