/*
 * Another key of the firm's, and a vault with another log.
 */
#include "vaultfirm/vaultfirm.h"

enum { DETAIL = 512 };

static void
print_asked(struct run *run, const struct vault_identity *next)
{
    struct vlt_json_out put = vlt_json_out(&run->text);

    if (run->json) {
        vlt_put_object(&put, NULL);
        vlt_put_text(&put, "firm", vault_identity_id(next));
        vlt_put_text(&put, "fingerprint", vault_identity_fingerprint(next));
        vlt_put_text(&put, "state", "waiting");
        vlt_put_end(&put);
        vlt_buf_put_text(&run->text, "\n");
        return;
    }
    vlt_buf_printf(&run->text,
                   "firm         %s\nfingerprint  %s\nstate        waits until "
                   "the owner has compared the fingerprint and confirmed\n",
                   vault_identity_id(next), vault_identity_fingerprint(next));
}

int
cmd_rekey(struct run *run)
{
    struct vault_identity *next = NULL;
    char detail[DETAIL] = "";
    enum vault_status status = vault_identity_open(
        args_word(run->args, 0), &next, detail, sizeof detail);

    if (status != VAULT_OK) {
        return run_says(run, run_code(status),
                        "%s; vaultfirm init NAME --identity DIR makes one",
                        detail[0] != '\0' ? detail : vault_strerror(status));
    }
    int code = run_connect(run);

    if (code == RUN_DONE) {
        status = vault_rekey_wait(run->client, next, RUN_TIMEOUT_MS);
        code = status == VAULT_OK ? RUN_DONE : run_fail(run, status);
    }
    if (code == RUN_DONE) {
        print_asked(run, next);
    }
    vault_identity_free(next);
    return code;
}

int
cmd_restored(struct run *run)
{
    const char *name = args_value(run->args, "vault");
    int code = firm_identity(run);

    if (code == RUN_DONE) {
        code = run_confirm(run, "Did its owner say that it was restored? Else "
                                "its log may have been rewritten.");
    }
    if (code != RUN_DONE) {
        return code;
    }
    enum vault_status status = vault_identity_restored(run->identity, name);

    if (status == VAULT_E_NOT_FOUND) {
        return run_says(run, RUN_NOT_FOUND,
                        "no such vault is known to this identity");
    }
    if (status != VAULT_OK) {
        return run_says(run, run_code(status),
                        "the vault's record cannot be read or written");
    }
    vlt_buf_put_text(&run->text,
                     run->json ? "{\"restored\":true}\n"
                               : "what was kept of its log is set aside; the "
                                 "next session begins with what it shows\n");
    return RUN_DONE;
}
