/*
 * source: verbs of one source, for the table in source.c.
 */
#ifndef VAULTCTL_SOURCE_H
#define VAULTCTL_SOURCE_H

#include "cli/run.h"

/* ---- source.c ---- */

/* Are the patterns of --streams some, apart by commas or not?  Else it is
 * told. */
int source_check_patterns(struct run *run);

/* Put what --quota says as the member `quota`; nothing where it is not given.
 * Not RUN_DONE: it is none, which is told. */
int source_put_quota(struct run *run, struct vlt_json_out *put);

/* Print the token of an answer, and say that it is shown this once. */
int source_print_token(struct run *run);

/* ---- source_set.c ---- */

int source_show(struct run *run);
int source_set(struct run *run);
int source_token(struct run *run);
int source_block(struct run *run);
int source_quarantine(struct run *run);

extern const struct args_option source_set_options[],
    source_quarantine_options[];

#endif
