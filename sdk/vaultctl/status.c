#include <errno.h>
#include <string.h>

#include "cli/prompt.h"
#include "vault/owner.h"
#include "vaultctl/heads.h"
#include "vaultctl/vaultctl.h"

enum { KEY_LEN = 32 };

static const struct view_column status_columns[] = {
    { "vault", "vault", VIEW_TEXT },
    { "state", "state", VIEW_TEXT },
    { "listens", "listen", VIEW_TEXT },
    { "http", "http", VIEW_TEXT },
    { "sealed", "sealed", VIEW_TEXT },
    { "socket", "socket", VIEW_TEXT },
    { "version", "version", VIEW_TEXT },
    { "on hold", "hold", VIEW_TEXT },
    { "streams", "streams", VIEW_NUMBER },
    { "samples", "samples", VIEW_NUMBER },
    { "stored", "bytes.data", VIEW_BYTES },
    { "free", "bytes.free", VIEW_BYTES },
    { "inbox", "bytes.inbox", VIEW_BYTES },
    { "requests waiting", "pending.requests", VIEW_NUMBER },
    { "firms waiting", "pending.firms", VIEW_NUMBER },
    { "quarantine", "pending.quarantine", VIEW_NUMBER },
    { .head = NULL },
};

static const struct view_column notice_columns[] = {
    { "when", "time", VIEW_AGO },
    { "what you were told", "says", VIEW_TEXT },
    { "of", "subject", VIEW_TEXT },
    { .head = NULL },
};

int
cmd_status(struct run *run)
{
    run_params(run, false);
    int code = view_answer(run, "vault.status", NULL, status_columns);
    const struct vlt_json *warnings = vlt_json_get(run->result, "warnings");
    const struct vlt_json *notices = vlt_json_get(run->result, "notices");

    if (code == RUN_DONE && !run->json && vlt_json_count(notices) > 0) {
        vlt_buf_put_text(&run->text, "\n");
        view_table(run, notice_columns, notices);
    }
    for (size_t i = 0; !run->json && i < vlt_json_count(warnings); i++) {
        vlt_buf_put_text(&run->text, "warning  ");
        view_value(view_member(vlt_json_item(warnings, i), "says"), VIEW_TEXT,
                   run->now, &run->text);
        vlt_buf_put_text(&run->text, "\n");
    }
    if (code == RUN_DONE) {
        heads_note(run);
    }
    return code;
}

static int
tell_secret(struct run *run, enum vlt_status st)
{
    switch (st) {
    case VLT_E_NOT_FOUND:
        return run_says(run, RUN_USAGE,
                        "there is no terminal to ask for the passphrase on; "
                        "give it by --passphrase-file FILE, --passphrase-fd N "
                        "or --key-file FILE");
    case VLT_E_STORAGE:
        return run_says(run, RUN_FAILED, "the secret cannot be read: %s",
                        strerror(errno));
    default:
        return run_says(run, RUN_FAILED,
                        "the secret must be of 1 to %d bytes; is it the right "
                        "file?",
                        PROMPT_SECRET);
    }
}

/* A key is 32 bytes and nothing else; one of them may be a line break. */
static int
read_key(struct run *run, const char *path, struct prompt_secret *secret)
{
    switch (prompt_bytes(path, secret)) {
    case VLT_OK:
        break;
    case VLT_E_NOT_FOUND:
        return run_says(run, RUN_FAILED, "there is no file %s", path);
    case VLT_E_STORAGE:
        return run_says(run, RUN_FAILED, "%s cannot be read: %s", path,
                        strerror(errno));
    default:
        return run_says(run, RUN_FAILED,
                        "%s is not a key file: a key has %d bytes", path,
                        KEY_LEN);
    }
    if (secret->len != KEY_LEN) {
        return run_says(run, RUN_FAILED,
                        "%s is not a key file: it has %zu bytes, a key has %d",
                        path, secret->len, KEY_LEN);
    }
    return RUN_DONE;
}

static int
read_secret(struct run *run, const char *key_file, struct prompt_secret *secret)
{
    if (key_file != NULL) {
        return read_key(run, key_file, secret);
    }
    enum vlt_status st =
        prompt_secret(args_value(run->args, "passphrase-file"),
                      args_value(run->args, "passphrase-fd"),
                      "passphrase or recovery words: ", secret);

    return st == VLT_OK ? RUN_DONE : tell_secret(run, st);
}

int
cmd_unlock(struct run *run)
{
    const char *key_file = args_value(run->args, "key-file");
    struct prompt_secret secret = { 0 };
    int code = run_connect(run);

    if (code == RUN_DONE) {
        code = read_secret(run, key_file, &secret);
    }
    if (code != RUN_DONE) {
        prompt_wipe(&secret);
        return code;
    }
    enum vault_status status = vault_unlock_wait(
        run->client, secret.at, secret.len, key_file != NULL, RUN_TIMEOUT_MS);

    prompt_wipe(&secret);
    if (status != VAULT_OK) {
        code = run_fail(run, status);
        /* A wrong secret leaves it locked; vaultd run and check end so too. */
        return status == VAULT_E_AUTH || status == VAULT_E_REAUTH ? RUN_LOCKED
                                                                  : code;
    }
    run_params(run, false);
    code = run_ask(run, "vault.status");
    if (code == RUN_DONE && run->json) {
        run_print_answer(run);
    } else if (code == RUN_DONE) {
        vlt_buf_put_text(&run->text, "unlocked  ");
        view_value(vlt_json_get(run->result, "vault"), VIEW_TEXT, run->now,
                   &run->text);
        vlt_buf_put_text(&run->text, "\n");
    }
    if (code == RUN_DONE) {
        heads_note(run);
    }
    return code;
}

int
cmd_confirm(struct run *run)
{
    static const struct view_column columns[] = {
        { "on hold", "hold", VIEW_TEXT },
        { .head = NULL },
    };
    const char *what = args_word(run->args, 0);
    int code = run_confirm(
        run, what != NULL && strcmp(what, "clock") == 0
                 ? "Is the clock right now, and may firms have what their "
                   "grants allow?"
                 : "Is it right that this vault is an earlier one, and may "
                   "firms have what its grants allow?");

    if (code == RUN_DONE) {
        code = ctl_act(run, "vault.confirm", "what", columns);
    }
    if (code == RUN_DONE && what != NULL && strcmp(what, "rollback") == 0) {
        struct heads_look look = { .accept = true }; /* that is the word */

        heads_look(run, &look);
        heads_look_end(&look);
    }
    return code;
}

/* A word that nobody types by mistake. */
static int
ask_word(struct run *run)
{
    static const char word[] = "destroy";
    char line[PROMPT_LINE] = "";

    if (args_has(run->args, "yes")) {
        return RUN_DONE;
    }
    if (prompt_line("Nothing in this vault can be read after this, by "
                    "nobody; only a backup brings it back.\nType \"destroy\" "
                    "to destroy its keys: ",
                    line) != VLT_OK) {
        return run_says(run, RUN_USAGE,
                        "without a terminal nobody can be asked; say --yes to "
                        "destroy the vault's keys");
    }
    return strcmp(line, word) == 0
               ? RUN_DONE
               : run_says(run, RUN_FAILED, "nothing was done");
}

int
cmd_panic(struct run *run)
{
    static const struct view_column columns[] = {
        { "state", "state", VIEW_TEXT },
        { "destroyed after", "took_ms", VIEW_MS },
        { .head = NULL },
    };
    int code = ask_word(run);

    if (code != RUN_DONE) {
        return code;
    }
    run_params(run, false);
    return view_answer(run, "vault.panic", NULL, columns);
}

int
cmd_lock(struct run *run)
{
    static const struct view_column columns[] = {
        { "state", "state", VIEW_TEXT },
        { "sending stopped after", "silence_ms", VIEW_MS },
        { .head = NULL },
    };

    run_params(run, false);
    return view_answer(run, "vault.lock", NULL, columns);
}

int
cmd_version(struct run *run)
{
    if (run->json) {
        vlt_buf_printf(&run->text,
                       "{\"vaultctl\":\"%s\",\"libvault\":\"%s\"}\n",
                       VAULT_VERSION, vault_version());
    } else {
        vlt_buf_printf(&run->text, "vaultctl %s, libvault %s\n", VAULT_VERSION,
                       vault_version());
    }
    return RUN_DONE;
}
