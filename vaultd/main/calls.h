/*
 * calls: which system calls a process may make, told to the kernel by seccomp.
 *
 * There is one table of them (calls_table.c), a reason a row.  What it does
 * not have is refused with EPERM; builds with seeded faults end the process
 * instead, so that every test of the daemon holds the table against what it
 * does.  What an intruder would want, and the daemon never does, ends the
 * process in every build.
 *
 * The filter is made by libseccomp, which knows the numbers of each machine,
 * refuses the calls of other ABIs of the same processor, and compares 64-bit
 * arguments; it is known to this room alone.
 */
#ifndef CALLS_H
#define CALLS_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* Who may make a call. */
enum calls_who {
    CALLS_DAEMON = 1,
    CALLS_WARDEN = 2, /* and what it starts */
    CALLS_DIALS = 4,  /* a daemon that dials firms, beside CALLS_DAEMON */
};

/* What becomes of a call that has a row. */
enum calls_act {
    CALLS_ALLOW,
    CALLS_ABSENT, /* ENOSYS: the C library has another way */
    CALLS_KILL,
};

/* Of one argument: (it & mask) must be value.  A mask of 0: any. */
struct calls_argument {
    unsigned at; /* 0 to 5 */
    uint64_t mask, value;
};

/* Rows of one call are alternatives. */
struct calls_row {
    int call; /* SCMP_SYS() */
    unsigned who;
    enum calls_act act;
    const char *why;
    struct calls_argument argument;
};

extern const struct calls_row calls_rows[];
extern const size_t calls_count;

/*
 * For one of these, or'ed.  From now on, for every thread of the process and
 * all that it starts. PR_SET_NO_NEW_PRIVS must be set. VLT_E_NOT_FOUND: this
 * kernel has no seccomp.  VLT_E_STORAGE: it refused the filter; errno says why.
 */
VLT_MUST_USE enum vlt_status calls_install(unsigned who);

/* Tell the number of a forbidden call on standard error, and end: for builds
 * with seeded faults.  Before calls_install(). */
void calls_tell(void);

#endif
