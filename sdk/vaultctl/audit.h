/*
 * audit: heads of the log that are kept outside the vault.
 */
#ifndef VAULTCTL_AUDIT_H
#define VAULTCTL_AUDIT_H

#include "vaultctl/vaultctl.h"

/*
 * Put the member `heads`: the checkpoints in the files of --with, each as
 * audit head prints it by --checkpoint, --out or --json, white space around it
 * apart.  Not RUN_DONE: a file holds none, which is told with its name.
 */
int audit_put_heads(struct run *run, struct vlt_json_out *put);

/* Put to what is printed: the problems of audit.verify's answer, one a line; a
 * head is named by its file. */
void audit_show_problems(struct run *run);

#endif
