#include <stdlib.h>

#include "vaultctl/vaultctl.h"

enum { CONNECT_MS = 15000 };

static const char default_socket[] = "/run/vaultd/vault.sock";

int
ctl_connect(struct run *run)
{
    return ctl_connect_hearing(run, NULL, NULL);
}

int
ctl_connect_hearing(struct run *run, vault_notice_fn *notice, void *ctx)
{
    struct vault_options options = { .size = sizeof options,
                                     .notice = notice,
                                     .notice_ctx = ctx };
    const char *path = args_value(run->args, "socket");
    const char *named = getenv("VAULTCTL_SOCKET");

    if (path == NULL) {
        path = named != NULL && named[0] != '\0' ? named : default_socket;
    }
    enum vault_status status = vault_client_new(&options, &run->client);

    if (status == VAULT_OK) {
        status = vault_connect_socket(run->client, path);
    }
    if (status == VAULT_OK) {
        status = vault_ready_wait(run->client, CONNECT_MS);
    }
    if (status == VAULT_OK) {
        return RUN_DONE;
    }
    /* Whatever kept it from coming about, the daemon was not reached. */
    return run_fail(run, status == VAULT_E_TIMEOUT || status == VAULT_E_FILE
                             ? VAULT_E_CONNECT
                             : status);
}

void
ctl_put_word(struct run *run, const char *member, size_t i)
{
    const char *word = args_word(run->args, i);

    if (word != NULL) {
        vlt_put_text(&run->put, member, word);
    }
}

void
ctl_show_least(struct run *run, const struct vlt_json *items, int64_t least)
{
    bool buckets = false;

    for (size_t i = 0; i < vlt_json_count(items); i++) {
        buckets = buckets || vlt_json_int_of(vlt_json_get(
                                 vlt_json_item(items, i), "bucket_s")) > 0;
    }
    if (buckets && least > 1) {
        vlt_buf_printf(&run->text,
                       "\na bucket of fewer than %lld readings gives nothing\n",
                       (long long)least);
    }
}

int
ctl_act(struct run *run, const char *method, const char *member,
        const struct view_column *columns)
{
    run_params(run, true);
    ctl_put_word(run, member, 0);
    return view_answer(run, method, NULL, columns);
}
