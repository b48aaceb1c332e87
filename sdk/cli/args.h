/*
 * args: a command line, read by the tables that also write its help.
 *
 * A program has commands; a command has verbs, or something to run.  Words and
 * options may be mixed; behind -- all are words.  --name VALUE and --name=VALUE
 * are the same.  An option that may be repeated also takes the words right
 * behind its value once the command has all of its own words, so that
 * `--streams a b` is `--streams a --streams b`.
 *
 * Reading is pure: nothing is printed, no environment is looked at.  Everything
 * in an args is borrowed from argv and the tables but its two arrays.
 */
#ifndef ARGS_H
#define ARGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum { ARGS_MANY = 1 << 20 }; /* words without a limit of the command's own */

struct run; /* run.h */

struct args_option {
    const char *name;  /* without --; NULL ends a table */
    const char *value; /* what it takes, "TIME"; NULL: nothing */
    const char *says;  /* NULL: to come; not in help, refused by name */
    bool repeats;
};

struct args_command {
    const char *name;  /* NULL ends a table */
    const char *takes; /* the words behind it, "NAME [FILE]"; may be NULL */
    const char *says;
    const char *examples[2];           /* less the program's name */
    size_t min, max;                   /* words */
    const struct args_option *options; /* may be NULL */
    int (*run)(struct run *run);       /* gives an exit code; NULL: verbs */
    const struct args_command *verbs;  /* NULL: run; both NULL: to come */
    const char *more; /* lines behind the options in its help; may be NULL */
};

struct args_program {
    const char *name;
    const char *says;
    const char *examples[2];
    const struct args_option *options; /* of every command */
    const struct args_command *commands;
};

struct args_given {
    const struct args_option *option;
    const char *value; /* NULL: it takes none */
};

struct args {
    const struct args_program *program;
    const struct args_command *noun; /* where the command is one of its verbs */
    const struct args_command *command;
    const char **words; /* owned */
    size_t count;
    struct args_given *given; /* owned */
    size_t given_count;
};

enum args_outcome {
    ARGS_RUN,   /* *out is to be run */
    ARGS_HELP,  /* help was asked for: says is it */
    ARGS_WRONG, /* says is what is wrong, and what to type */
};

/*
 * Read a command line.  What is not to be run leaves text in says and nothing
 * in *out; else the caller frees *out by args_free().  Without memory: wrong.
 */
enum args_outcome args_read(const struct args_program *program, int argc,
                            char *const *argv, struct vlt_buf *says,
                            struct args *out);
void args_free(struct args *args);

/* Was the option given?  Its last value; NULL when it was not given. */
bool args_has(const struct args *args, const char *name);
const char *args_value(const struct args *args, const char *name);

/* Value i of a repeated option; NULL behind the last. */
const char *args_each(const struct args *args, const char *name, size_t i);

/* Word i; NULL when there are not so many. */
const char *args_word(const struct args *args, size_t i);

/* Append "vaultctl data query". */
void args_path(const struct args *args, struct vlt_buf *out);

#endif
