/*
 * help: what -h shows, out of the tables: two examples first.
 */
#ifndef HELP_H
#define HELP_H

#include "cli/args.h"

/* Append the help of the command, noun or program that args name. */
void help_put(const struct args *args, struct vlt_buf *out);

#endif
