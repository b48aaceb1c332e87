/*
 * landlock: which files a process may reach, told to the kernel by Landlock.
 *
 * What is not named can neither be opened, made, removed nor run, whatever the
 * file's mode says; what is open already stays so.  From its version 4 on
 * nothing is bound by TCP, and nothing dialled but the ports that are named;
 * from 6 on no abstract socket and no process outside is reached.  It holds for
 * the calling thread, the threads and processes that it makes afterwards, and
 * for good.
 *
 * The C library has no functions for it: its three system calls are made here
 * and nowhere else.  Rights that a kernel does not know are left out by its
 * version number.
 */
#ifndef LANDLOCK_H
#define LANDLOCK_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* What may be done at a place and below it. */
enum landlock_may {
    LANDLOCK_READ = 1,    /* files and folders */
    LANDLOCK_WRITE = 2,   /* files: make, write, cut, remove, rename */
    LANDLOCK_FOLDERS = 4, /* folders: make, remove */
    LANDLOCK_REMOVE = 8,  /* files: remove */
    LANDLOCK_RUN = 16,    /* programs */
};

struct landlock_place {
    const char *path;
    unsigned may; /* of enum landlock_may */
};

/* The kernel's version of it, 1 and up; 0: it has none, or it is off. */
int landlock_version(void);

/*
 * Give up everything but these places; one that is not there is left out.
 * PR_SET_NO_NEW_PRIVS must be set.  Only where landlock_version() is not 0.
 * VLT_E_STORAGE: the kernel refused (errno says why), and nothing was given up.
 */
VLT_MUST_USE enum vlt_status
landlock_confine(const struct landlock_place *places, size_t count);

/* The same, and these ports of other machines (and of this one) may be dialled
 * by TCP. */
VLT_MUST_USE enum vlt_status
landlock_confine_but(const struct landlock_place *places, size_t count,
                     const uint16_t *ports, size_t port_count);

#endif
