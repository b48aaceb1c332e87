/*
 * completion: what a shell completes of a program's command line, from the
 * tables that read it (args.h).
 */
#ifndef COMPLETION_H
#define COMPLETION_H

#include "cli/run.h"

/* The command `completion`: print what the shell of word 0 is to read. */
int completion_run(struct run *run);

/* Pure: append the script of a shell, "bash", "zsh" or "fish".  False: it is
 * none of these. */
bool completion_put(const struct args_program *program, const char *shell,
                    struct vlt_buf *out);

#endif
