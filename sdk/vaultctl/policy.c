#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "vaultctl/vaultctl.h"

enum {
    FILE_MAX = 1 << 18,           /* bytes, as LANGUAGE.md has it */
    CALL_ROOM = (1 << 18) - 1024, /* of all files, as JSON, in one message */
    FILES = 64,
    PATH_LEN = 4096,
};

static const struct view_column applied_columns[] = {
    { "applied", "applied", VIEW_TEXT },
    { "version", "version", VIEW_NUMBER },
    { "policy", "policy", VIEW_TEXT },
    { "widens", "widens", VIEW_LIST },
    { "grants ended", "ended", VIEW_LIST },
    { "grants that wait for you", "asked", VIEW_LIST },
    { "waiting requests denied", "denied", VIEW_LIST },
    { .head = NULL },
};

static const struct view_column rule_columns[] = {
    { "rule", "name", VIEW_TEXT },
    { "effect", "effect", VIEW_TEXT },
    { "from", "part", VIEW_TEXT },
    { "file", "file", VIEW_TEXT },
    { "line", "line", VIEW_LINE },
    { "in words", "line_text", VIEW_TEXT },
    { .head = NULL },
};

int
ctl_put_file(struct run *run, struct vlt_json_out *put, const char *member,
             const char *path)
{
    struct vlt_buf text = { 0 };
    int code = run_read_file(run, path, FILE_MAX, &text);

    if (code == RUN_DONE && !vlt_utf8_valid(vlt_buf_slice(&text))) {
        code = run_says(run, RUN_USAGE, "%s is not UTF-8", path);
    }
    if (code == RUN_DONE) {
        vlt_put_object(put, member);
        vlt_put_text(put, "name", path);
        vlt_put_slice(put, "text", vlt_buf_slice(&text));
        vlt_put_end(put);
    }
    vlt_buf_free(&text);
    return code;
}

static int
is_yaml(const struct dirent *entry)
{
    size_t len = strlen(entry->d_name);

    return entry->d_name[0] != '.' &&
           ((len > 5 && strcmp(entry->d_name + len - 5, ".yaml") == 0) ||
            (len > 4 && strcmp(entry->d_name + len - 4, ".yml") == 0));
}

/* A folder: its .yaml files, by name, not those below. */
static int
put_folder(struct run *run, struct vlt_json_out *put, const char *folder)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_yaml, alphasort);
    int code = RUN_DONE;
    char path[PATH_LEN];

    if (count < 0) {
        return run_says(run, RUN_FAILED, "%s cannot be read: %s", folder,
                        strerror(errno));
    }
    if (count == 0) {
        code = run_says(run, RUN_USAGE, "%s holds no .yaml file", folder);
    }
    for (int i = 0; i < count; i++) {
        size_t end = strlen(folder);
        bool slash = end > 0 && folder[end - 1] == '/';

        if (code == RUN_DONE) {
            snprintf(path, sizeof path, "%s%s%s", folder, slash ? "" : "/",
                     entries[i]->d_name);
            code = ctl_put_file(run, put, NULL, path);
        }
        free(entries[i]);
    }
    free(entries);
    return code;
}

int
ctl_put_items(struct run *run, struct vlt_json_out *put, const char *path)
{
    struct stat at;

    return stat(path, &at) == 0 && S_ISDIR(at.st_mode)
               ? put_folder(run, put, path)
               : ctl_put_file(run, put, NULL, path);
}

int
ctl_put_path(struct run *run, struct vlt_json_out *put, const char *member,
             const char *path)
{
    int code;

    vlt_put_list(put, member);
    code = ctl_put_items(run, put, path);
    vlt_put_end(put);
    return code;
}

int
ctl_put_files(struct run *run, struct vlt_json_out *put)
{
    int code = RUN_DONE;

    vlt_put_list(put, "files");
    for (size_t i = 0; code == RUN_DONE && i < run->args->count; i++) {
        code = ctl_put_items(run, put, args_word(run->args, i));
    }
    vlt_put_end(put);
    if (code == RUN_DONE && run->params.len > CALL_ROOM) {
        return run_says(run, RUN_USAGE,
                        "the files are larger together than the 256 KiB that "
                        "one call carries; shorten them (comments count)");
    }
    return code;
}

void
ctl_put_faults(struct run *run, const struct vlt_json *faults, const char *kind)
{
    for (size_t i = 0; i < vlt_json_count(faults); i++) {
        const struct vlt_json *fault = vlt_json_item(faults, i);
        const char *const members[] = { "file", "line", "column" };

        for (size_t k = 0; k < 3; k++) {
            view_value(vlt_json_get(fault, members[k]), VIEW_TEXT, run->now,
                       &run->text);
            vlt_buf_put_text(&run->text, ":");
        }
        vlt_buf_printf(&run->text, " %s ", kind);
        view_value(vlt_json_get(fault, "code"), VIEW_TEXT, run->now,
                   &run->text);
        vlt_buf_put_text(&run->text, ": ");
        vlt_text_put_escaped(&run->text,
                             vlt_json_text_of(vlt_json_get(fault, "says")));
        vlt_buf_put_text(&run->text, "\n");
    }
}

static int
check(struct run *run)
{
    if (args_has(run->args, "offline")) {
        return run_says(run, RUN_USAGE,
                        "checking without a daemon is to come; leave out "
                        "--offline to have the vault check");
    }
    int code = ctl_put_files(run, run_params(run, false));

    if (code == RUN_DONE) {
        code = run_ask(run, "policy.check");
    }
    if (code != RUN_DONE) {
        return code;
    }
    bool good = vlt_json_bool_of(vlt_json_get(run->result, "ok"));

    if (run->json) {
        run_print_answer(run);
    } else {
        ctl_put_faults(run, vlt_json_get(run->result, "faults"), "fault");
        ctl_put_faults(run, vlt_json_get(run->result, "warnings"), "warning");
        vlt_buf_put_text(&run->text, good ? "no faults\n" : "");
    }
    return good ? RUN_DONE : RUN_USAGE;
}

/* All faults of the files, of which a refusal has no room for many. */
static int
check_first(struct run *run)
{
    int code = ctl_put_files(run, run_params(run, false));

    if (code == RUN_DONE) {
        code = run_ask(run, "policy.check");
    }
    if (code != RUN_DONE || vlt_json_bool_of(vlt_json_get(run->result, "ok"))) {
        return code;
    }
    ctl_put_faults(run, vlt_json_get(run->result, "faults"), "fault");
    return run_says_text(run, RUN_USAGE,
                         "the files have faults; the set in force stays:");
}

static int
apply(struct run *run)
{
    int code = check_first(run);

    if (code != RUN_DONE) {
        return code;
    }
    struct vlt_json_out *put = run_params(run, true);

    if (args_has(run->args, "no-widen")) {
        vlt_put_bool(put, "no_widen", true);
    }
    if (args_has(run->args, "dry-run")) {
        vlt_put_bool(put, "dry", true);
    }
    code = ctl_put_files(run, put);
    if (code == RUN_DONE) {
        code = view_answer(run, "policy.apply", NULL, applied_columns);
    }
    if (code == RUN_DONE && !run->json) {
        ctl_put_faults(run, vlt_json_get(run->result, "warnings"), "warning");
    }
    return code;
}

static const struct view_column forgotten_columns[] = {
    { "rule", "rule", VIEW_TEXT },
    { "version", "version", VIEW_NUMBER },
    { .head = NULL },
};

static int
forget(struct run *run)
{
    return ctl_act(run, "policy.forget", "rule", forgotten_columns);
}

static int
list(struct run *run)
{
    run_params(run, false);
    int code = run_ask(run, "policy.list");

    if (code == RUN_DONE && run->json) {
        run_print_answer(run);
    } else if (code == RUN_DONE) {
        view_table(run, rule_columns, vlt_json_get(run->result, "rules"));
    }
    return code;
}

static void
put_texts(struct run *run)
{
    const struct vlt_json *files = vlt_json_get(run->result, "files");

    for (size_t i = 0; i < vlt_json_count(files); i++) {
        const struct vlt_json *file = vlt_json_item(files, i);

        vlt_buf_put_text(&run->text, "# ");
        view_value(vlt_json_get(file, "name"), VIEW_TEXT, run->now, &run->text);
        vlt_buf_put_text(&run->text, "\n");
        vlt_buf_put_slice(&run->text,
                          vlt_json_text_of(vlt_json_get(file, "text")));
    }
}

static int
show(struct run *run)
{
    struct vlt_json_out *put = run_params(run, false);

    if (args_has(run->args, "text")) {
        vlt_put_bool(put, "text", true);
    }
    int code = run_ask(run, "policy.show");

    if (code == RUN_DONE && run->json) {
        run_print_answer(run);
    } else if (code == RUN_DONE && args_has(run->args, "text")) {
        put_texts(run);
    } else if (code == RUN_DONE) {
        vlt_buf_put_slice(&run->text, vlt_json_text_of(vlt_json_get(
                                          run->result, "canonical")));
    }
    return code;
}

static const struct args_option check_options[] = {
    { "offline", NULL, "without a daemon; to come", false },
    { .name = NULL },
};

static const struct args_option apply_options[] = {
    { "no-widen", NULL, "refuse if anything would be let out more", false },
    { "dry-run", NULL, "say what would change, change nothing", false },
    { .name = NULL },
};

static const struct args_option show_options[] = {
    { "text", NULL, "the files, as they were applied", false },
    { .name = NULL },
};

static const struct args_option test_options[] = {
    { "with", "FILE|DIR", "against these files, not the rules in force", true },
    { .name = NULL },
};

static const struct args_option simulate_options[] = {
    { "days", "N", "requests of so many days; 365 where it is not said",
      false },
    { .name = NULL },
};

static const struct args_option diff_options[] = {
    { "exit-code", NULL, "end with 1 when anything widens", false },
    { .name = NULL },
};

static const struct args_option explain_options[] = {
    { "now", NULL, "as without: it is decided again each time", false },
    { .name = NULL },
};

const struct args_command noun_policy[] = {
    { .name = "check",
      .takes = "FILE…",
      .says = "are the files well formed, and what is doubtful in them",
      .examples = { "policy check home.yaml", "policy check policies/" },
      .min = 1,
      .max = FILES,
      .options = check_options,
      .run = check },
    { .name = "apply",
      .takes = "FILE…|DIR",
      .says = "put these files in the place of all rules before",
      .examples = { "policy apply policies/ --dry-run",
                    "policy apply home.yaml --no-widen" },
      .min = 1,
      .max = FILES,
      .options = apply_options,
      .run = apply },
    { .name = "forget",
      .takes = "RULE",
      .says = "take a rule away that request deny --never made",
      .examples = { "policy forget cli-01m80xbavgrfvvvx9qrhkj8e9c-1",
                    "policy forget cli-01m80xbavgrfvvvx9qrhkj8e9c-1 --json" },
      .min = 1,
      .max = 1,
      .run = forget },
    { .name = "list",
      .says = "the rules in force, where each is written",
      .examples = { "policy list", "policy list --json" },
      .run = list },
    { .name = "show",
      .says = "the policy in its canonical form",
      .examples = { "policy show", "policy show --text" },
      .options = show_options,
      .run = show },
    { .name = "explain",
      .takes = "REQUEST|GRANT",
      .says = "what became of it, and what today's rules say to it and why",
      .examples = { "policy explain 01M80XBAVGRFVVVX9QRHKJ8E9C",
                    "policy explain 01M80XBAVGRFVVVX9QRHKJ8E9C --now" },
      .min = 1,
      .max = 1,
      .options = explain_options,
      .run = cmd_policy_explain },
    { .name = "test",
      .takes = "FILE",
      .says = "are requests decided as the file expects",
      .examples = { "policy test expected.yaml",
                    "policy test expected.yaml --with home.yaml" },
      .min = 1,
      .max = 1,
      .options = test_options,
      .run = cmd_policy_test },
    { .name = "simulate",
      .takes = "FILE…|DIR",
      .says = "what these files would have changed",
      .examples = { "policy simulate policies/",
                    "policy simulate home.yaml --days 30" },
      .min = 1,
      .max = FILES,
      .options = simulate_options,
      .run = cmd_policy_simulate },
    { .name = "who-could-see",
      .takes = "CATEGORY|STREAM",
      .says = "who has it, and who could without your being asked",
      .examples = { "policy who-could-see energy.electricity",
                    "policy who-could-see home/meter" },
      .min = 1,
      .max = 1,
      .run = cmd_policy_who },
    { .name = "diff",
      .takes = "[OLD] NEW",
      .says =
          "what these files permit more or less than those in force, or OLD",
      .examples = { "policy diff home.yaml",
                    "policy diff old/ new/ --exit-code" },
      .min = 1,
      .max = 2,
      .options = diff_options,
      .run = cmd_policy_diff },
    { .name = NULL },
};
