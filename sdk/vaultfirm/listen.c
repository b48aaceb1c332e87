/*
 * listen: vaults that dial out, since nobody can dial them.
 */
#include <stdio.h>
#include <string.h>

#include "vaultfirm/vaultfirm.h"

enum {
    AWAIT_MS = 330000, /* a vault tries again within five minutes */
    DETAIL = 192,
    RENDEZVOUS = 27,
};

/* Open the listener of --listen or the command's word. */
static int
open_listener(struct run *run, const char *at)
{
    char detail[DETAIL] = "";
    enum vault_status status =
        vault_listen(at, &run->listener, detail, sizeof detail);

    return status == VAULT_OK ? RUN_DONE
                              : run_says(run, run_code(status),
                                         "%s; type an address of this "
                                         "machine, as 0.0.0.0:7444",
                                         detail);
}

static int
client_of(struct run *run, const struct vault_options *options)
{
    enum vault_status status = vault_client_new(options, &run->client);

    return status == VAULT_OK
               ? RUN_DONE
               : run_says(run, run_code(status), "%s", vault_strerror(status));
}

/* Begin to await the vault of --vault. */
static int
await(struct run *run)
{
    const char *name = args_value(run->args, "vault");
    const char *address = vault_identity_vault(run->identity, name);
    char rendezvous[RENDEZVOUS];

    if (address == NULL) {
        return run_says(run, RUN_NOT_FOUND,
                        "no such vault is known to this identity; type: "
                        "vaultfirm enrol URL --listen ADDR:PORT");
    }
    enum vault_status status =
        vault_rendezvous_of(run->identity, name, rendezvous);

    if (status != VAULT_OK) {
        return run_says(run, run_code(status),
                        "the vault's record cannot be read or written");
    }
    status = vault_await(run->client, run->listener, address, rendezvous,
                         run->identity);
    return status == VAULT_OK ? RUN_DONE : run_fail(run, status);
}

int
firm_await(struct run *run)
{
    int code = open_listener(run, args_value(run->args, "listen"));

    if (code == RUN_DONE) {
        code = firm_client(run);
    }
    if (code == RUN_DONE) {
        code = await(run);
    }
    if (code != RUN_DONE) {
        return code;
    }
    enum vault_status status = vault_ready_wait(run->client, AWAIT_MS);

    return status == VAULT_OK ? RUN_DONE : run_fail(run, status);
}

/* The port of a listener at every address of the machine, of which the vault is
 * to dial one that is not known here; NULL: it is at one, or --as says it. */
static const char *
port_of_any(struct run *run)
{
    static const char *const any[] = { "0.0.0.0:", "[::]:" };
    const char *place = vault_listener_place(run->listener);

    for (size_t i = 0; i < sizeof any / sizeof *any; i++) {
        if (args_value(run->args, "as") == NULL &&
            strncmp(place, any[i], strlen(any[i])) == 0) {
            return place + strlen(any[i]);
        }
    }
    return NULL;
}

/* Where the vault is to dial, for its owner. */
static void
put_place(struct run *run, const char *rendezvous, struct vlt_buf *out)
{
    const char *as = args_value(run->args, "as");
    const char *port = port_of_any(run);

    if (port != NULL) {
        vlt_buf_printf(out, "wss://HOST:%s/v/%s", port, rendezvous);
        (void)run_says(run, RUN_DONE,
                       "HOST is a name or an address of this machine that the "
                       "vault reaches; --as HOST:%s says it",
                       port);
        return;
    }
    vlt_buf_printf(out, "wss://%s/v/%s",
                   as != NULL ? as : vault_listener_place(run->listener),
                   rendezvous);
}

int
firm_enrol_await(struct run *run, const char *url, int *waiting)
{
    char rendezvous[RENDEZVOUS];
    struct vlt_buf place = { 0 };
    int code = open_listener(run, args_value(run->args, "listen"));

    if (code == RUN_DONE) {
        code = client_of(run, NULL);
    }
    if (code != RUN_DONE) {
        return code;
    }
    enum vault_status status = vault_rendezvous_new(rendezvous);

    if (status == VAULT_OK) {
        put_place(run, rendezvous, &place);
        const char *text = vlt_buf_text(&place);

        run_says(run, RUN_DONE,
                 "the owner starts the vault with: --dial %s; it is waited for",
                 text != NULL ? text : "");
        status =
            vault_enrol_await_wait(run->client, run->identity, run->listener,
                                   rendezvous, url, AWAIT_MS, waiting);
    }
    vlt_buf_free(&place);
    return status == VAULT_OK ? RUN_DONE : run_fail(run, status);
}

/* ---- listen ---- */

static const struct {
    enum vault_client_state state;
    const char *word;
} words[] = {
    { VAULT_READY, "connected" },
    { VAULT_WAITING, "gone" },
};

static void
on_state(void *ctx, enum vault_client_state state, enum vault_status why)
{
    struct run *run = ctx;

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (words[i].state == state) {
            const char *says = why != VAULT_OK ? vault_strerror(why) : "";

            vlt_buf_printf(&run->text,
                           run->json ? "{\"state\":\"%s\",\"why\":\"%s\"}\n"
                                     : "%-10s %s\n",
                           words[i].word, says);
            (void)run_flush(run);
        }
    }
}

static int
tell_place(struct run *run)
{
    char rendezvous[RENDEZVOUS];
    enum vault_status status = vault_rendezvous_of(
        run->identity, args_value(run->args, "vault"), rendezvous);

    if (status != VAULT_OK) {
        return RUN_DONE; /* await() tells */
    }
    vlt_buf_put_text(&run->text, run->json ? "{\"dial\":\"" : "dial       ");
    put_place(run, rendezvous, &run->text);
    vlt_buf_put_text(&run->text, run->json ? "\"}\n" : "\n");
    return run_flush(run);
}

int
cmd_listen(struct run *run)
{
    struct vault_options options = { .size = sizeof options,
                                     .reconnect = 1,
                                     .changed = on_state,
                                     .changed_ctx = run };
    int code = firm_identity(run);

    if (code == RUN_DONE) {
        code = open_listener(run, args_word(run->args, 0));
    }
    if (code == RUN_DONE) {
        code = tell_place(run);
    }
    if (code == RUN_DONE) {
        code = client_of(run, &options);
    }
    if (code == RUN_DONE) {
        code = await(run);
    }
    if (code != RUN_DONE) {
        return code;
    }
    enum vault_status status = vault_run(run->client, run_catch(), -1);

    return status == VAULT_OK ? RUN_DONE : run_fail(run, status);
}
