#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "vaultfirm/vaultfirm.h"

enum { CONNECT_MS = 20000, DETAIL = 512, VAULT_ID = 52 };

int
firm_folder(struct run *run, char path[FIRM_PATH])
{
    const char *given = args_value(run->args, "identity");
    const char *named = getenv("VAULTFIRM_IDENTITY");
    const char *home = getenv("HOME");
    int len;

    if (given == NULL && named != NULL && named[0] != '\0') {
        given = named;
    }
    if (given != NULL) {
        len = snprintf(path, FIRM_PATH, "%s", given);
    } else if (home != NULL && home[0] != '\0') {
        len = snprintf(path, FIRM_PATH, "%s/.vaultfirm", home);
    } else {
        return run_says(run, RUN_USAGE,
                        "where are the firm's keys? say --identity DIR");
    }
    if (len < 0 || len >= FIRM_PATH) {
        return run_says(run, RUN_USAGE, "--identity is too long");
    }
    return RUN_DONE;
}

int
firm_identity(struct run *run)
{
    char path[FIRM_PATH];
    char detail[DETAIL] = "";

    if (run->identity != NULL) {
        return RUN_DONE;
    }
    int code = firm_folder(run, path);

    if (code != RUN_DONE) {
        return code;
    }
    enum vault_status status =
        vault_identity_open(path, &run->identity, detail, sizeof detail);

    if (status != VAULT_OK) {
        return run_says(run, run_code(status),
                        "%s; vaultfirm init NAME --identity DIR makes one",
                        detail[0] != '\0' ? detail : vault_strerror(status));
    }
    return RUN_DONE;
}

int
firm_client(struct run *run)
{
    struct vault_options options = { .size = sizeof options, .acknowledge = 1 };
    enum vault_status status = vault_client_new(&options, &run->client);

    return status == VAULT_OK
               ? RUN_DONE
               : run_says(run, run_code(status), "%s", vault_strerror(status));
}

int
firm_connect(struct run *run)
{
    const char *name = args_value(run->args, "vault");
    int code = firm_identity(run);

    if (code != RUN_DONE) {
        return code;
    }
    if (args_value(run->args, "listen") != NULL) {
        return firm_await(run);
    }
    const char *address = name != NULL && strchr(name, '@') != NULL
                              ? name
                              : vault_identity_vault(run->identity, name);

    if (address == NULL) {
        return run_says(run, RUN_NOT_FOUND,
                        "no vault of %s%s is known to this identity; enrol "
                        "with the owner's invitation: vaultfirm enrol URL",
                        name != NULL ? "the name " : "any name",
                        name != NULL ? name : "");
    }
    code = firm_client(run);
    if (code != RUN_DONE) {
        return code;
    }
    enum vault_status status =
        vault_connect(run->client, address, run->identity);

    if (status == VAULT_OK) {
        status = vault_ready_wait(run->client, CONNECT_MS);
    }
    if (status == VAULT_OK) {
        return RUN_DONE;
    }
    return run_fail(run, status == VAULT_E_TIMEOUT ? VAULT_E_CONNECT : status);
}

static void
print_identity(struct run *run)
{
    struct vlt_json_out put = vlt_json_out(&run->text);

    if (run->json) {
        vlt_put_object(&put, NULL);
        vlt_put_text(&put, "firm", vault_identity_id(run->identity));
        vlt_put_text(&put, "fingerprint",
                     vault_identity_fingerprint(run->identity));
        vlt_put_end(&put);
        vlt_buf_put_text(&run->text, "\n");
        return;
    }
    vlt_buf_printf(&run->text, "firm         %s\nfingerprint  %s\n",
                   vault_identity_id(run->identity),
                   vault_identity_fingerprint(run->identity));
}

int
cmd_init(struct run *run)
{
    char path[FIRM_PATH];
    int code = firm_folder(run, path);

    if (code != RUN_DONE) {
        return code;
    }
    enum vault_status status =
        vault_identity_make(path, args_word(run->args, 0));

    if (status == VAULT_E_CONFLICT) {
        return run_says(run, RUN_CONFLICT,
                        "%s exists already; keys are never overwritten, so "
                        "say another --identity DIR",
                        path);
    }
    if (status == VAULT_E_USAGE || status == VAULT_E_PARAMS) {
        return run_says(run, RUN_USAGE,
                        "\"%s\" is no name for a firm; type 1 to 63 of a-z, "
                        "0-9, . and -",
                        args_word(run->args, 0));
    }
    if (status != VAULT_OK) {
        return run_says(run, run_code(status), "%s cannot be made: %s", path,
                        vault_strerror(status));
    }
    code = firm_identity(run);
    if (code == RUN_DONE) {
        print_identity(run);
    }
    return code;
}

/* vault://host:port/<52>#… → vd1:<52>; empty when there are no 52. */
static void
put_vault(const char *url, struct vlt_buf *out)
{
    const char *hash = strrchr(url, '#');

    vlt_buf_put_text(out, "vd1:");
    if (hash != NULL && hash - url > VAULT_ID) {
        vlt_buf_put(out, hash - VAULT_ID, VAULT_ID);
    }
}

static void
print_enrolled(struct run *run, const char *url, int waiting)
{
    struct vlt_json_out put = vlt_json_out(&run->text);
    struct vlt_buf vault = { 0 };

    put_vault(url, &vault);
    if (run->json) {
        vlt_put_object(&put, NULL);
        vlt_put_slice(&put, "vault", vlt_buf_slice(&vault));
        vlt_put_text(&put, "firm", vault_identity_id(run->identity));
        vlt_put_text(&put, "state", waiting ? "waiting" : "confirmed");
        vlt_put_text(&put, "fingerprint",
                     vault_identity_fingerprint(run->identity));
        vlt_put_end(&put);
        vlt_buf_put_text(&run->text, "\n");
    } else {
        vlt_buf_put_text(&run->text, "vault        ");
        vlt_text_put_escaped(&run->text, vlt_buf_slice(&vault));
        vlt_buf_printf(&run->text, "\nfingerprint  %s\nstate        %s\n",
                       vault_identity_fingerprint(run->identity),
                       waiting ? "waits until the owner has compared the "
                                 "fingerprint and confirmed"
                               : "confirmed");
    }
    vlt_buf_free(&vault);
}

int
cmd_enrol(struct run *run)
{
    const char *url = args_word(run->args, 0);
    int waiting = 0;
    int code = firm_identity(run);

    if (code != RUN_DONE) {
        return code;
    }
    if (args_value(run->args, "listen") != NULL) {
        code = firm_enrol_await(run, url, &waiting);
        if (code == RUN_DONE) {
            print_enrolled(run, url, waiting);
        }
        return code;
    }
    enum vault_status status = vault_client_new(NULL, &run->client);

    if (status == VAULT_OK) {
        status = vault_enrol_wait(run->client, run->identity, url, CONNECT_MS,
                                  &waiting);
    }
    if (status == VAULT_E_AUTH) {
        return run_says(run, RUN_DENIED,
                        "the vault refused the invitation: it is spent, "
                        "expired or not whole, or the vault knows this firm "
                        "already; ask the owner for a new one");
    }
    if (status != VAULT_OK) {
        return run_fail(run, status);
    }
    print_enrolled(run, url, waiting);
    return RUN_DONE;
}

int
cmd_version(struct run *run)
{
    if (run->json) {
        vlt_buf_printf(&run->text,
                       "{\"vaultfirm\":\"%s\",\"libvault\":\"%s\"}\n",
                       VAULT_VERSION, vault_version());
    } else {
        vlt_buf_printf(&run->text, "vaultfirm %s, libvault %s\n", VAULT_VERSION,
                       vault_version());
    }
    return RUN_DONE;
}
