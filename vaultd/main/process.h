/*
 * process: what the daemon asks of the system around it, at its start.
 */
#ifndef PROCESS_H
#define PROCESS_H

#include <stdbool.h>

/* As many descriptors as the door wants, and as much locked memory as keys
 * take, as far as the hard limits go. */
void process_raise_limits(void);

/* Can keys be kept out of swap, or need they not be?  False: neither, and it
 * was said.  Before there is a secret or a thread. */
bool process_memory(bool allow_unlocked);

/* Standard input becomes /dev/null, and every descriptor above 2 is closed but
 * these two (-1: none), so that nothing is open that nobody knows of. */
void process_shed(int keep, int keep_too);

/* Does its control group let nothing of it be swapped out? */
bool process_swapless(void);

/* Are two paths on one file system? */
bool process_beside(const char *path, const char *other);

/* The service manager that wants to be told (NOTIFY_SOCKET); -1: none.  Before
 * sockets cannot be made any more; the caller closes it. */
int process_notify_open(void);

/* Tell it, as "READY=1".  fd -1: nothing. */
void process_notify(int fd, const char *state);

#endif
