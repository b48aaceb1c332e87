/*
 * audit: heads of the log that are kept outside the vault, and its export.
 */
#ifndef VAULTCTL_AUDIT_H
#define VAULTCTL_AUDIT_H

#include "vaultctl/vaultctl.h"

/*
 * Put the member `heads`: the checkpoints in the files of --with, each as
 * audit head prints it by --checkpoint, --out or --json, white space around it
 * apart, and behind them the one that is kept (empty: none), where there is
 * room.  Not RUN_DONE: a file holds none, which is told with its name.
 */
int audit_put_heads(struct run *run, struct vlt_json_out *put,
                    struct vlt_slice kept);

/* Put to what is printed: the problems of audit.verify's answer, one a line; a
 * head is named by its file, kept_in being that of the kept one. */
void audit_show_problems(struct run *run, const char *kept_in);

/* Hold the master log's newest head against the one that was kept, and keep it
 * (heads.h); with --firm nothing.  RUN_FAILED: it does not go on from that. */
int audit_look(struct run *run);

/* audit export, in audit_export.c. */
int audit_export(struct run *run);
extern const struct args_option audit_export_options[];

#endif
