#include "cli/run.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/id.h"
#include "base/text.h"
#include "cli/ago.h"
#include "cli/file.h"
#include "cli/shown.h"

enum { SENTENCE = 4096, LIST_HINT = 128 };

static const struct {
    enum vault_status status;
    int code;
} codes[] = {
    { VAULT_OK, RUN_DONE },
    { VAULT_E_USAGE, RUN_USAGE },
    { VAULT_E_PARAMS, RUN_USAGE },
    { VAULT_E_NOT_FOUND, RUN_NOT_FOUND },
    { VAULT_E_DENIED, RUN_DENIED },
    { VAULT_E_PENDING, RUN_DENIED },
    { VAULT_E_ENDED, RUN_DENIED },
    { VAULT_E_SCOPE, RUN_DENIED },
    { VAULT_E_REAUTH, RUN_DENIED },
    { VAULT_E_AUTH, RUN_DENIED },
    { VAULT_E_LOCKED, RUN_LOCKED },
    { VAULT_E_CONFLICT, RUN_CONFLICT },
    { VAULT_E_CONNECT, RUN_UNREACHED },
};

int
run_code(enum vault_status status)
{
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        if (codes[i].status == status) {
            return codes[i].code;
        }
    }
    return RUN_FAILED;
}

/* Nothing that is told of a fault may itself fail. */
static void
tell(struct vlt_buf *says)
{
    enum vlt_status st = file_put(STDERR_FILENO, vlt_buf_slice(says));

    (void)st;
    vlt_buf_free(says);
}

/* Escaped, line by line; those behind the first are indented, so that none can
 * be taken for another sentence of ours. */
static void
put_lines(const char *text, struct vlt_buf *out)
{
    for (;;) {
        size_t len = strcspn(text, "\n");

        vlt_text_put_escaped(out, vlt_slice_of(text, len));
        vlt_buf_put_text(out, "\n");
        if (text[len] == '\0' || text[len + 1] == '\0') {
            return;
        }
        vlt_buf_put_text(out, "  ");
        text += len + 1;
    }
}

int
run_says(struct run *run, int code, const char *format, ...)
{
    struct vlt_buf says = { 0 };
    char sentence[SENTENCE];
    va_list args;

    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    args_path(run->args, &says);
    vlt_buf_put_text(&says, ": ");
    put_lines(sentence, &says);
    tell(&says);
    return code;
}

int
run_says_text(struct run *run, int code, const char *says)
{
    struct vlt_buf all = { 0 };
    const char *text = vlt_buf_text(&run->text);

    args_path(run->args, &all);
    vlt_buf_printf(&all, ": %s\n", says);
    if (text != NULL && text[0] != '\0') {
        vlt_buf_put_text(&all, "  ");
        put_lines(text, &all);
    }
    tell(&all);
    vlt_buf_clear(&run->text);
    return code;
}

static const char *
hint_of(const struct run *run, enum vault_status status)
{
    for (const struct run_hint *h = run->program->hints;
         h != NULL && h->status != VAULT_OK; h++) {
        if (h->status == status) {
            return h->says;
        }
    }
    return NULL;
}

/* Sentences come with a full stop or without. */
static size_t
sentence_len(const char *text)
{
    size_t len = strlen(text);

    return len > 0 && text[len - 1] == '.' ? len - 1 : len;
}

static const struct args_command *
command_of(const struct args_command *commands, const char *name)
{
    for (; commands != NULL && commands->name != NULL; commands++) {
        if (strcmp(commands->name, name) == 0) {
            return commands;
        }
    }
    return NULL;
}

/* The command that lists what `at` names, else what the command is of; empty
 * where there is none. */
static void
print_list(const struct run *run, const char *at, char out[LIST_HINT])
{
    const struct args_command *nouns[] = {
        command_of(run->program->args.commands, at), run->args->noun
    };

    out[0] = '\0';
    for (size_t i = 0; i < 2 && out[0] == '\0'; i++) {
        if (nouns[i] != NULL && command_of(nouns[i]->verbs, "list") != NULL) {
            snprintf(out, LIST_HINT, "%s %s list shows them",
                     run->program->args.name, nouns[i]->name);
        }
    }
}

/* The word that was to be an ID and is none; NULL: it is something else. */
static const char *
no_id(const struct run *run, const char *detail)
{
    uint8_t id[VLT_ID_LEN];

    for (size_t i = 0;
         strstr(detail, "is no ULID") != NULL && i < run->args->count; i++) {
        const char *word = args_word(run->args, i);

        if (vlt_ulid_parse(vlt_slice_text(word), id) != VLT_OK) {
            return word;
        }
    }
    return NULL;
}

int
run_fail(struct run *run, enum vault_status status)
{
    const char *detail =
        run->client != NULL ? vault_client_detail(run->client) : "";
    const char *at = run->client != NULL ? vault_client_at(run->client) : "";
    const char *hint = hint_of(run, status);
    const char *word = no_id(run, detail);
    char list[LIST_HINT];

    print_list(run, at, list);
    if (detail[0] == '\0') {
        detail = vault_strerror(status);
    }
    if (status == VAULT_E_SCOPE && at[0] != '\0') {
        return run_says(run, run_code(status),
                        "the grant covers less than this asks for; what "
                        "exceeds it: %s%s%s",
                        at, hint != NULL ? "; " : "", hint != NULL ? hint : "");
    }
    if (word != NULL) {
        return run_says(run, run_code(status),
                        "\"%s\" is no ID: an ID has 26 characters%s%s", word,
                        list[0] != '\0' ? "; " : "", list);
    }
    if (hint == NULL && status == VAULT_E_NOT_FOUND && list[0] != '\0') {
        hint = list;
    }
    bool show_at = at[0] != '\0' && strstr(detail, at) == NULL;

    return run_says(run, run_code(status), "%s%s%.*s%s%s", show_at ? at : "",
                    show_at ? ": " : "", (int)sentence_len(detail), detail,
                    hint != NULL ? "; " : "", hint != NULL ? hint : "");
}

/* What is printed, as stdout may have it. */
static void
make_shown(struct run *run)
{
    struct vlt_buf shown;

    vlt_buf_init(&shown, 0);
    shown_put(vlt_buf_slice(&run->text),
              run->json || args_has(run->args, "ndjson"), &shown);
    vlt_buf_free(&run->text);
    run->text = shown;
}

int
run_flush(struct run *run)
{
    int code = RUN_DONE;

    if (run->out.tty && !vlt_buf_failed(&run->text)) {
        make_shown(run);
    }

    if (vlt_buf_failed(&run->text)) {
        code = run_says(run, RUN_FAILED,
                        "the answer does not fit into memory; ask for less "
                        "with --from, --to or --limit");
    } else if (file_put(STDOUT_FILENO, vlt_buf_slice(&run->text)) != VLT_OK) {
        code = run_says(run, RUN_FAILED, "stdout cannot be written: %s",
                        strerror(errno));
    }
    vlt_buf_clear(&run->text);
    return code;
}

int
run_connect(struct run *run)
{
    return run->client != NULL ? RUN_DONE : run->program->connect(run);
}

void
run_print_answer(struct run *run)
{
    vlt_buf_put_text(&run->text, run->answer);
    vlt_buf_put_u8(&run->text, '\n');
}

int
run_read_file(struct run *run, const char *path, size_t max,
              struct vlt_buf *out)
{
    switch (file_read(path, max, out)) {
    case VLT_OK:
        return RUN_DONE;
    case VLT_E_NOT_FOUND:
        return run_says(run, RUN_FAILED, "there is no file %s", path);
    case VLT_E_LIMIT:
        return run_says(run, RUN_FAILED, "%s is larger than %zu bytes", path,
                        max);
    default:
        return run_says(run, RUN_FAILED, "%s cannot be read: %s", path,
                        strerror(errno));
    }
}

int
run_time(struct run *run, const char *option, int64_t other, int64_t *out,
         bool *rough)
{
    const char *value = args_value(run->args, option);

    *rough = false;
    if (value == NULL) {
        *out = other;
        return RUN_DONE;
    }
    if (ago_parse(vlt_slice_text(value), run->now, out, rough) != VLT_OK) {
        return run_says(run, RUN_USAGE,
                        "--%s \"%s\" is no time; type one as "
                        "2026-11-25T18:00:00Z, 2026-11-25, now, or 7d for "
                        "seven days ago",
                        option, value);
    }
    return RUN_DONE;
}

static void
run_end(struct run *run)
{
    vault_client_free(run->client);
    vault_listener_free(run->listener);
    vault_identity_free(run->identity);
    vlt_buf_free(&run->text);
    vlt_buf_free(&run->params);
    vlt_json_free(run->result);
    vault_free(run->answer);
}

int
run_main(const struct run_program *program, int argc, char **argv)
{
    struct vlt_buf says = { 0 };
    struct args args = { 0 };
    enum args_outcome outcome =
        args_read(&program->args, argc, argv, &says, &args);

    if (outcome != ARGS_RUN) {
        int fd = outcome == ARGS_HELP ? STDOUT_FILENO : STDERR_FILENO;
        enum vlt_status st = file_put(fd, vlt_buf_slice(&says));

        vlt_buf_free(&says);
        return outcome == ARGS_WRONG ? RUN_USAGE
               : st == VLT_OK        ? RUN_DONE
                                     : RUN_FAILED;
    }
    struct run run = {
        .program = program,
        .args = &args,
        .out = term_of(STDOUT_FILENO),
        .err = term_of(STDERR_FILENO),
        .json = args_has(&args, "json"),
        .now = ago_now(),
    };
    int code = args.command->run(&run);
    int flushed = run_flush(&run);

    run_end(&run);
    args_free(&args);
    vlt_buf_free(&says);
    return code != RUN_DONE ? code : flushed;
}
