/*
 * journal: a program's own record of what it began and what was acknowledged.
 *
 * One line each, "sent N" and "done N", appended by one write: it survives a
 * kill of the program, and the shim makes marks of it in a trace.
 */
#ifndef TESTS_CRASH_JOURNAL_H
#define TESTS_CRASH_JOURNAL_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A descriptor; ends the process when it cannot be opened. */
static inline int
journal_open(const char *name)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

    if (fd < 0) {
        perror(name);
        exit(2);
    }
    return fd;
}

/* word: "sent" or "done". */
static inline void
journal_put(int fd, const char *word, unsigned number)
{
    char line[40];
    int len = snprintf(line, sizeof line, "%s %u\n", word, number);

    if (write(fd, line, (size_t)len) != len) {
        perror("the journal");
        exit(2);
    }
}

#endif
