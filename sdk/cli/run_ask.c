#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "cli/prompt.h"
#include "cli/run.h"
#include "vault/owner.h"

enum { ANSWER_MAX = 1 << 28, ANSWER_DEPTH = 40, ULID_TEXT = 27 };

struct vlt_json_out *
run_params(struct run *run, bool idem)
{
    char ulid[ULID_TEXT];

    vlt_buf_clear(&run->params);
    run->put = vlt_json_out(&run->params);
    vlt_put_object(&run->put, NULL);
    if (idem) {
        vault_ulid(ulid);
        vlt_put_text(&run->put, "idem", ulid);
    }
    return &run->put;
}

void
run_put_text(struct run *run, const char *member, const char *option)
{
    const char *value = args_value(run->args, option);

    if (value != NULL) {
        vlt_put_text(&run->put, member, value);
    }
}

int
run_put_int(struct run *run, const char *member, const char *option)
{
    const char *value = args_value(run->args, option);
    int64_t number;

    if (value == NULL) {
        return RUN_DONE;
    }
    if (vlt_int_parse(vlt_slice_text(value), &number) != VLT_OK) {
        return run_says(run, RUN_USAGE,
                        "--%s \"%s\" is no whole number; type one as 10",
                        option, value);
    }
    vlt_put_int(&run->put, member, number);
    return RUN_DONE;
}

static void
put_parts(struct vlt_json_out *put, const char *text)
{
    for (;;) {
        size_t len = strcspn(text, ",");

        if (len > 0) {
            vlt_put_slice(put, NULL, vlt_slice_of(text, len));
        }
        if (text[len] == '\0') {
            return;
        }
        text += len + 1;
    }
}

void
run_put_list(struct run *run, const char *member, const char *option)
{
    if (!args_has(run->args, option)) {
        return;
    }
    vlt_put_list(&run->put, member);
    for (size_t i = 0; args_each(run->args, option, i) != NULL; i++) {
        put_parts(&run->put, args_each(run->args, option, i));
    }
    vlt_put_end(&run->put);
}

int
run_put_time(struct run *run, const char *member, const char *option)
{
    int64_t time;
    bool rough;

    if (!args_has(run->args, option)) {
        return RUN_DONE;
    }
    int code = run_time(run, option, 0, &time, &rough);

    if (code == RUN_DONE) {
        vlt_put_time(&run->put, member, time);
    }
    return code;
}

/* Forget the answer before. */
static void
drop_answer(struct run *run)
{
    vlt_json_free(run->result);
    vault_free(run->answer);
    run->result = NULL;
    run->answer = NULL;
}

/* The parameters as text, whole; NULL: no memory. */
static const char *
close_params(struct run *run)
{
    while (run->put.depth > 0) {
        vlt_put_end(&run->put);
    }
    return vlt_buf_text(&run->params);
}

static int
tell_secret(struct run *run, enum vlt_status st)
{
    switch (st) {
    case VLT_E_NOT_FOUND:
        return run_says(run, RUN_USAGE,
                        "the vault wants its passphrase for this, and there "
                        "is no terminal to ask on; give it by "
                        "--passphrase-file FILE or --passphrase-fd N");
    case VLT_E_STORAGE:
        return run_says(run, RUN_FAILED, "the passphrase cannot be read: %s",
                        strerror(errno));
    default:
        return run_says(run, RUN_FAILED,
                        "the passphrase must be of 1 to %d bytes",
                        PROMPT_SECRET);
    }
}

/* Read what the vault answered. */
static enum vault_status
read_answer(struct run *run)
{
    struct vlt_json_fault fault;

    return vlt_json_parse(vlt_slice_text(run->answer), ANSWER_MAX, ANSWER_DEPTH,
                          &fault, &run->result) == VLT_OK
               ? VAULT_OK
               : VAULT_E_PROTOCOL;
}

static enum vault_status
call(struct run *run, const char *method, const char *params, int timeout_ms)
{
    drop_answer(run);
    enum vault_status status =
        vault_call_wait(run->client, method, params, timeout_ms, &run->answer);

    return status == VAULT_OK ? read_answer(run) : status;
}

/* The same call with the passphrase. */
static int
ask_again(struct run *run, const char *method, const char *params,
          int timeout_ms)
{
    struct prompt_secret secret = { 0 };
    enum vlt_status st = prompt_secret(args_value(run->args, "passphrase-file"),
                                       args_value(run->args, "passphrase-fd"),
                                       "the vault's passphrase: ", &secret);

    if (st != VLT_OK) {
        return tell_secret(run, st);
    }
    drop_answer(run);
    enum vault_status status =
        vault_call_with_passphrase_wait(run->client, method, params, secret.at,
                                        secret.len, timeout_ms, &run->answer);

    prompt_wipe(&secret);
    if (status == VAULT_OK) {
        status = read_answer(run);
    }
    return status == VAULT_OK ? RUN_DONE : run_fail(run, status);
}

static int
ask(struct run *run, const char *method, int timeout_ms)
{
    int code = run_connect(run);
    const char *params = close_params(run);

    if (code != RUN_DONE) {
        return code;
    }
    if (params == NULL) {
        return run_says(run, RUN_FAILED, "what is sent is too large");
    }
    enum vault_status status = call(run, method, params, timeout_ms);

    if (status == VAULT_E_REAUTH) {
        return ask_again(run, method, params, timeout_ms);
    }
    return status == VAULT_OK ? RUN_DONE : run_fail(run, status);
}

int
run_ask(struct run *run, const char *method)
{
    return ask(run, method, RUN_TIMEOUT_MS);
}

int
run_ask_long(struct run *run, const char *method)
{
    return ask(run, method, RUN_LONG_MS);
}

enum vault_status
run_try(struct run *run, const char *method)
{
    const char *params = close_params(run);

    if (params == NULL) {
        return VAULT_E_NOMEM;
    }
    return call(run, method, params, RUN_TIMEOUT_MS);
}
