/*
 * vaultctl: the nouns of the owner's hand, one file each.
 */
#ifndef VAULTCTL_H
#define VAULTCTL_H

#include "cli/run.h"
#include "cli/view.h"

/* The whole program: commands, options, hints. */
extern const struct run_program vaultctl_program;

/* Verbs of each noun. */
extern const struct args_command noun_stream[], noun_source[], noun_data[],
    noun_firm[], noun_request[], noun_grant[], noun_policy[], noun_audit[],
    noun_interaction[], noun_key[], noun_backup[];

/* What has no verbs. */
int cmd_status(struct run *run);
int cmd_unlock(struct run *run);
int cmd_lock(struct run *run);
int cmd_doctor(struct run *run);
int cmd_confirm(struct run *run);
int cmd_panic(struct run *run);
int cmd_version(struct run *run);
int cmd_import(struct run *run);
int cmd_data_put(struct run *run);
int cmd_firm_show(struct run *run);
int cmd_request_show(struct run *run);
int cmd_request_approve(struct run *run);
int cmd_request_counter(struct run *run);
int cmd_request_preview(struct run *run);
int cmd_grant_receipt(struct run *run);
int cmd_grant_held(struct run *run);
int cmd_grant_suspend(struct run *run);

/* Which grants a command is for is said in exactly one way: ids, --firm or
 * --all.  ids: how that is called where it is not; then RUN_USAGE. */
int ctl_grants_said(struct run *run, const char *ids);

/* Put it, the first id alone, into the parameters that are begun. */
void ctl_put_grants(struct run *run);
int cmd_grant_resume(struct run *run);
extern const struct args_option grant_suspend_options[], grant_resume_options[];
int cmd_key_remove(struct run *run);

int cmd_policy_explain(struct run *run);
int cmd_policy_test(struct run *run);
int cmd_policy_simulate(struct run *run);
int cmd_policy_diff(struct run *run);
int cmd_policy_who(struct run *run);

/* Put a file as {name, text}, as a member or (NULL) an item. */
int ctl_put_file(struct run *run, struct vlt_json_out *put, const char *member,
                 const char *path);

/* Put the items of one path, a file or a folder, into the list that is open. */
int ctl_put_items(struct run *run, struct vlt_json_out *put, const char *path);

/* Put a member of the files of one path, a file or a folder. */
int ctl_put_path(struct run *run, struct vlt_json_out *put, const char *member,
                 const char *path);

/* stream erase, of word 0. */
int ctl_stream_erase(struct run *run);

/* Put the member `files` of all words, which are files or folders. */
int ctl_put_files(struct run *run, struct vlt_json_out *put);

/* Put to what is printed: faults as file:line:column: code: message, as
 * compilers write them.  kind is "fault" or "warning". */
void ctl_put_faults(struct run *run, const struct vlt_json *faults,
                    const char *kind);

/* Connect to the owner's socket: --socket, VAULTCTL_SOCKET, or the place
 * where the daemon puts it. */
int ctl_connect(struct run *run);

/* The same, hearing what the vault says of itself meanwhile. */
int ctl_connect_hearing(struct run *run, vault_notice_fn *notice, void *ctx);

/* Put word i as the member of this name. */
void ctl_put_word(struct run *run, const char *member, size_t i);

/* Put a member `narrow` of the options that say what is to be less; nothing
 * where none does. */
int ctl_put_narrow(struct run *run, struct vlt_json_out *put);

/* Put its members that are limits, into an object that is open. */
int ctl_put_limits(struct run *run);

/* Put what --only and --all say of a request; nothing where neither is said.
 * Not RUN_DONE: they cannot be so, which is told. */
int ctl_put_only(struct run *run, struct vlt_json_out *put);

/* Do the options take anything away (ctl_put_narrow())? */
bool ctl_narrows(const struct run *run);

/*
 * Nothing of a request was named: show it, and ask.  What was chosen of several
 * parts becomes the value of a parameter `only`; of one part, or of a use that
 * waits, it stays empty.  Where there is nothing of that id it is RUN_DONE too,
 * and approving tells.
 */
int ctl_choose(struct run *run, struct vlt_buf *only);

/* An idem call with one parameter from word 0, its answer shown as fields. */
int ctl_act(struct run *run, const char *method, const char *member,
            const struct view_column *columns);

/* Put to what is printed: the answer of request.show. */
void ctl_show_request(struct run *run, const struct vlt_json *all);

/* Put to what is printed: the answer of interaction.score, that of
 * interaction.rate. */
void ctl_show_score(struct run *run, const char *firm,
                    const struct vlt_json *score);
void ctl_show_rating(struct run *run, const struct vlt_json *rated);

/* Put to what is printed, where an item is in buckets: that those of fewer
 * readings give nothing. */
void ctl_show_least(struct run *run, const struct vlt_json *items,
                    int64_t least);

extern const struct args_option ctl_yes[]; /* --yes alone */

#endif
