#include <string.h>
#include <time.h>

#include "base/text.h"
#include "vaultfirm/vaultfirm.h"

enum {
    FILE_MAX = 65536,
    ID_TEXT = 27,
    POLL_MS = 1000,     /* between two looks at a pending request */
    WAIT_MOST = 604800, /* seconds: no request waits longer */
};

static const struct view_column outcome_columns[] = {
    { "request", "request", VIEW_TEXT },
    { "state", "state", VIEW_TEXT },
    { "grant", "grant", VIEW_TEXT },
    { .head = NULL },
};

static const struct view_column part_columns[] = {
    { "purpose", "purpose", VIEW_TEXT }, { "state", "state", VIEW_TEXT },
    { "grant", "grant", VIEW_TEXT },     { "left out", "left_out", VIEW_LIST },
    { "why", "reason", VIEW_THEIRS },    { .head = NULL },
};

static int64_t
now_ms(void)
{
    struct timespec now = { 0 };

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool
state_is(const struct run *run, const char *word)
{
    return vlt_slice_is(vlt_json_text_of(vlt_json_get(run->result, "state")),
                        word);
}

int
firm_take_answer(struct run *run, char *answer)
{
    vlt_json_free(run->result);
    vault_free(run->answer);
    run->answer = answer;
    run->result = NULL;
    if (vlt_json_parse(vlt_slice_text(answer), 1 << 24, 40, NULL,
                       &run->result) != VLT_OK) {
        return run_says(run, RUN_FAILED, "the vault's answer is no JSON");
    }
    return RUN_DONE;
}

static int
ask_status(struct run *run, const char *id)
{
    vlt_put_text(run_params(run, false), "request", id);
    return run_ask(run, "request.status");
}

static void
copy_id(const struct vlt_json *value, char out[ID_TEXT])
{
    struct vlt_slice text = vlt_json_text_of(value);
    size_t len = text.len < ID_TEXT ? text.len : ID_TEXT - 1;

    if (len > 0) {
        memcpy(out, text.at, len);
    }
    out[len] = '\0';
}

/* While it is pending, take what the vault says of itself, and look again every
 * second: its word may have come between two sessions. */
static int
wait_for(struct run *run, int64_t seconds)
{
    const volatile int *stop = run_catch();
    int64_t until = now_ms() + seconds * 1000;
    char id[ID_TEXT];
    int code = RUN_DONE;

    copy_id(vlt_json_get(run->result, "request"), id);
    while (code == RUN_DONE && state_is(run, "pending") && now_ms() < until &&
           *stop == 0) {
        enum vault_status status = vault_run(run->client, stop, POLL_MS);

        if (status != VAULT_OK && status != VAULT_E_TIMEOUT) {
            return run_fail(run, status);
        }
        code = ask_status(run, id);
    }
    return *stop != 0 ? RUN_INTERRUPTED : code;
}

/* Every grant that is given is countersigned: the firm says that it knows the
 * terms.  Doing it again does nothing.  A failure is told, and leaves the grant
 * as it is. */
static void
countersign(struct run *run, const struct vlt_json *outcome)
{
    const struct vlt_json *parts = vlt_json_get(outcome, "parts");

    for (size_t i = 0; i < vlt_json_count(parts); i++) {
        char grant[ID_TEXT];

        copy_id(vlt_json_get(vlt_json_item(parts, i), "grant"), grant);
        if (grant[0] == '\0') {
            continue;
        }
        enum vault_status status =
            vault_countersign_wait(run->client, grant, RUN_TIMEOUT_MS);

        if (status != VAULT_OK) {
            run_says(run, RUN_FAILED, "grant %s is not countersigned: %s",
                     grant, vault_client_detail(run->client));
        }
    }
}

static void
print_outcome(struct run *run)
{
    if (run->json) {
        run_print_answer(run);
        return;
    }
    view_fields(run, outcome_columns, run->result);
    if (vlt_json_count(vlt_json_get(run->result, "parts")) > 1) {
        vlt_buf_put_text(&run->text, "\n");
        view_table(run, part_columns, vlt_json_get(run->result, "parts"));
    }
    firm_put_offers(run);
}

/* 0: granted, or asked and nothing more was wanted.  Else the outcome is
 * printed all the same, and the code tells that there is no grant. */
static int
code_of(const struct run *run, bool waited)
{
    if (state_is(run, "granted") || (!waited && state_is(run, "pending"))) {
        return RUN_DONE;
    }
    return RUN_DENIED;
}

static int
lint(struct run *run, const char *text)
{
    enum vault_status status = vault_client_new(NULL, &run->client);

    if (status == VAULT_OK) {
        status = vault_request_lint(run->client, text);
    }
    if (status != VAULT_OK) {
        return run_fail(run, status);
    }
    vlt_buf_put_text(&run->text,
                     run->json ? "{\"ok\":true}\n" : "nothing is wrong\n");
    return RUN_DONE;
}

static int
read_wait(struct run *run, int64_t *out)
{
    const char *value = args_value(run->args, "wait");

    if (value != NULL && (vlt_int_parse(vlt_slice_text(value), out) != VLT_OK ||
                          *out < 0 || *out > WAIT_MOST)) {
        return run_says(run, RUN_USAGE,
                        "--wait \"%s\" is no number of seconds; type one as 60",
                        value);
    }
    return RUN_DONE;
}

static int
submit(struct run *run, const char *text)
{
    int64_t wait = -1;
    char *answer = NULL;
    int code = read_wait(run, &wait);

    if (code == RUN_DONE) {
        code = run_connect(run);
    }
    if (code != RUN_DONE) {
        return code;
    }
    enum vault_status status =
        vault_request_wait(run->client, text, RUN_TIMEOUT_MS, &answer);

    if (status != VAULT_OK) {
        return run_fail(run, status);
    }
    code = firm_take_answer(run, answer);
    if (code == RUN_DONE && wait >= 0) {
        code = wait_for(run, wait);
    }
    if (code == RUN_DONE) {
        countersign(run, run->result);
        print_outcome(run);
        code = code_of(run, wait >= 0);
    }
    return code;
}

int
cmd_request(struct run *run)
{
    struct vlt_buf file = { 0 };
    int code = run_read_file(run, args_word(run->args, 0), FILE_MAX, &file);
    const char *text = code == RUN_DONE ? vlt_buf_text(&file) : NULL;

    if (code == RUN_DONE && text == NULL) {
        code = run_says(run, RUN_FAILED, "out of memory");
    }
    if (code == RUN_DONE) {
        code =
            args_has(run->args, "lint") ? lint(run, text) : submit(run, text);
    }
    vlt_buf_free(&file);
    return code;
}

int
cmd_requests(struct run *run)
{
    int code = RUN_DONE;

    for (size_t i = 0; code == RUN_DONE && i < run->args->count; i++) {
        code = ask_status(run, args_word(run->args, i));
        if (code == RUN_DONE) {
            countersign(run, run->result);
            print_outcome(run);
        }
    }
    return code;
}

int
cmd_answer(struct run *run)
{
    const char *word = args_word(run->args, 2);
    bool accepts = strcmp(word, "accept") == 0;
    char *answer = NULL;
    int code;

    if (!accepts && strcmp(word, "leave") != 0) {
        return run_says(run, RUN_USAGE,
                        "\"%s\" is no answer; type accept, or leave", word);
    }
    code = run_connect(run);
    if (code != RUN_DONE) {
        return code;
    }
    enum vault_status status = vault_answer_wait(
        run->client, args_word(run->args, 0), args_word(run->args, 1), accepts,
        RUN_TIMEOUT_MS, &answer);

    if (status != VAULT_OK) {
        return run_fail(run, status);
    }
    code = firm_take_answer(run, answer);
    if (code == RUN_DONE) {
        countersign(run, run->result);
        print_outcome(run);
    }
    return code;
}

int
cmd_withdraw(struct run *run)
{
    vlt_put_text(run_params(run, true), "request", args_word(run->args, 0));
    return view_answer(run, "request.withdraw", NULL, outcome_columns);
}
