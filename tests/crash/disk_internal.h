/*
 * disk_internal: what the files of the disk share.
 */
#ifndef TESTS_CRASH_DISK_INTERNAL_H
#define TESTS_CRASH_DISK_INTERNAL_H

#include <stddef.h>

#include "disk.h"

enum {
    DISK_NAME = 64, /* of a file, with the zero */
    DISK_ROOT = 0,  /* the number of the directory itself */
};

/* A change to a file that is on its way. */
struct disk_change {
    enum trace_what what; /* WRITE, TRUNCATE or ALLOCATE (a hole) */
    uint64_t order;       /* among those of all files */
    uint64_t at;
    uint64_t len;
    const char *bytes; /* of a write: borrowed */
    bool durable;
};

struct disk_file {
    char *bytes; /* durable */
    size_t len;
    size_t cap;
    struct disk_change *change; /* since */
    size_t changes;
    size_t changes_cap;
};

/* A directory or a file, by its number. */
struct disk_node {
    bool folder;
    struct disk_file file;
};

/* That a folder has a name for a node. */
struct disk_link {
    size_t folder;
    size_t node;
    char name[DISK_NAME];
};

struct disk_links {
    struct disk_link *link;
    size_t count;
    size_t cap;
};

/* A change of names that is on its way: `from` goes, `to` comes; one of them
 * may be none, which has no name.  Of names that are exchanged both come, for
 * the node that is in them. */
struct disk_rename {
    struct disk_link from;
    struct disk_link to;
    bool exchanges;
};

struct disk {
    struct disk_node *node;
    size_t nodes;
    size_t nodes_cap;
    struct disk_links now;
    struct disk_links safe;
    struct disk_rename *rename; /* in order */
    size_t renames;
    size_t renames_cap;
    size_t open[TRACE_FDS]; /* node + 1; 0: none */
    bool dsync[TRACE_FDS];
    uint64_t order;             /* of the next change */
    struct disk_change *flying; /* O_DSYNC, not yet returned */
    struct disk_file image;     /* what disk_build() makes files of */
};

/* Room for one more in an array that grows. */
void *disk_more(void *array, size_t count, size_t *cap, size_t each);

void disk_links_do(struct disk_links *links, const struct disk_rename *rename);
void disk_links_copy(struct disk_links *to, const struct disk_links *from);

/* The node of a name in a folder; -1: none. */
long disk_links_find(const struct disk_links *links, size_t folder,
                     const char *name);

/* Room for so many bytes; its length stays. */
void disk_file_reserve(struct disk_file *image, uint64_t len);

/* Bytes [from, to) of a change, applied to an image. */
void disk_file_do(struct disk_file *image, const struct disk_change *change,
                  uint64_t from, uint64_t to);

#endif
