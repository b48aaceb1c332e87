/*
 * disk: the files of a trace, and what a power cut may have left of them.
 *
 * A program's files are followed event by event: what is there, what of it is
 * durable, and what is still on its way.  Durable is, of a file, all that was
 * written before a sync of it, and what was written through a descriptor opened
 * O_DSYNC once that call has returned; of a directory, all names that were
 * made, changed or removed in it before a sync of it.  Anything else may be on
 * the disk or not: of a file any subset of its sectors, of names a prefix of
 * the order in which they changed, in each directory.
 *
 * An event is on its way until the next one is taken: so the cut that comes
 * within a call is among those after its event.
 */
#ifndef TESTS_CRASH_DISK_H
#define TESTS_CRASH_DISK_H

#include <stdbool.h>

#include "trace.h"

struct disk;

/* Ends the process when there is no memory, as all functions here. */
struct disk *disk_new(void);
void disk_free(struct disk *disk); /* NULL is allowed */

/* Take the next event; its bytes stay borrowed until the disk is freed.  NULL,
 * or why the trace cannot be replayed. */
const char *disk_take(struct disk *disk, const struct trace_event *event,
                      const char *more);

/* What is on its way: of neither there is but one disk. */
bool disk_data_pending(const struct disk *disk);
bool disk_names_pending(const struct disk *disk);

enum disk_data {
    DISK_LOST,    /* nothing of what is on its way */
    DISK_ALL,     /* all of it */
    DISK_PREFIX,  /* some writes, in their order; the last one torn */
    DISK_SECTORS, /* any sectors of any */
};

enum disk_names {
    DISK_NAMES_LOST,
    DISK_NAMES_ALL,
    DISK_NAMES_SOME, /* a prefix, in each directory another one */
};

struct disk_choice {
    enum disk_data data;
    enum disk_names names;
    unsigned sector; /* bytes */
    uint64_t random; /* which subset */
};

/* Make the disk of this choice in a folder, in place of what is there; false:
 * it cannot be written. */
bool disk_build(struct disk *disk, const struct disk_choice *choice,
                const char *folder);

/* Remove what is in a folder; false: it cannot be done. */
bool disk_empty(const char *folder);

#endif
