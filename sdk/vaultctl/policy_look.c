/*
 * policy_look: what rules say, and would say: explain, test, simulate,
 * who-could-see.
 */
#include <string.h>

#include "base/text.h"
#include "vaultctl/vaultctl.h"

static const struct view_column stream_columns[] = {
    { "stream", "stream", VIEW_TEXT },
    { "is", "fate", VIEW_TEXT },
    { "by", "rules", VIEW_LIST },
    { "why", "why", VIEW_TEXT },
    { .head = NULL },
};

static const struct view_column change_columns[] = {
    { "request", "request", VIEW_TEXT }, { "firm", "firm", VIEW_TEXT },
    { "purpose", "purpose", VIEW_TEXT }, { "before", "before", VIEW_TEXT },
    { "after", "after", VIEW_TEXT },     { .head = NULL },
};

static const struct view_column sum_columns[] = {
    { "requests that it was tried on", "requests", VIEW_NUMBER },
    { "outcomes that would change", "changed", VIEW_NUMBER },
    { "grants in force", "grants", VIEW_NUMBER },
    { "grants that would end", "ended", VIEW_LIST },
    { "grants that would wait for you", "asked", VIEW_LIST },
    { .head = NULL },
};

static const struct view_column given_columns[] = {
    { "grant", "grant", VIEW_TEXT },
    { "firm", "firm", VIEW_TEXT },
    { "purpose", "purpose", VIEW_TEXT },
    { "data", "data", VIEW_TEXT },
    { "detail", "detail", VIEW_TEXT },
    { "ends", "until", VIEW_AGO },
    { .head = NULL },
};

static const struct view_column could_columns[] = {
    { "rule", "rule", VIEW_TEXT },       { "firm", "firm", VIEW_TEXT },
    { "purpose", "purpose", VIEW_TEXT }, { "data", "data", VIEW_TEXT },
    { "detail", "detail", VIEW_TEXT },   { "back", "window", VIEW_TEXT },
    { "late", "delay", VIEW_TEXT },      { .head = NULL },
};

/* ---- explain ---- */

static void
fill_explain(struct run *run, const char *member)
{
    struct vlt_json_out *put = run_params(run, false);

    ctl_put_word(run, member, 0);
    if (args_has(run->args, "now")) {
        vlt_put_bool(put, "now", true);
    }
}

/* Lines of the vault's own, with names of others in them. */
static void
put_explanation(struct run *run, const struct vlt_json *lines)
{
    for (size_t i = 0; i < vlt_json_count(lines); i++) {
        vlt_text_put_escaped(&run->text,
                             vlt_json_text_of(vlt_json_item(lines, i)));
        vlt_buf_put_text(&run->text, "\n");
    }
}

/* An id is that of a request or of a grant: the vault knows which. */
int
cmd_policy_explain(struct run *run)
{
    int code = run_connect(run);

    if (code != RUN_DONE) {
        return code;
    }
    fill_explain(run, "request");
    enum vault_status status = run_try(run, "policy.explain");

    if (status == VAULT_E_NOT_FOUND) {
        fill_explain(run, "grant");
        status = run_try(run, "policy.explain");
    }
    if (status != VAULT_OK) {
        return run_fail(run, status);
    }
    if (run->json) {
        run_print_answer(run);
        return code;
    }
    const struct vlt_json *streams = vlt_json_get(run->result, "streams");

    put_explanation(run, vlt_json_get(run->result, "text"));
    if (vlt_json_count(streams) > 0) {
        vlt_buf_put_text(&run->text, "\n");
        view_table(run, stream_columns, streams);
    }
    return code;
}

/* ---- test ---- */

/* file:line:column: what was expected and what came. */
static void
put_misses(struct run *run, const struct vlt_json *misses)
{
    for (size_t i = 0; i < vlt_json_count(misses); i++) {
        const struct vlt_json *miss = vlt_json_item(misses, i);
        const char *const place[] = { "file", "line", "column" };
        const char *const said[][2] = { { " '", "test" },
                                        { "': ", "data" },
                                        { " for ", "purpose" },
                                        { ": expected ", "expected" },
                                        { ", got ", "got" } };

        for (size_t k = 0; k < 3; k++) {
            view_value(vlt_json_get(miss, place[k]), VIEW_TEXT, run->now,
                       &run->text);
            vlt_buf_put_text(&run->text, ":");
        }
        for (size_t k = 0; k < sizeof said / sizeof said[0]; k++) {
            vlt_buf_put_text(&run->text, said[k][0]);
            view_value(vlt_json_get(miss, said[k][1]), VIEW_TEXT, run->now,
                       &run->text);
        }
        vlt_buf_put_text(&run->text, " by ");
        view_value(vlt_json_get(miss, "rules"), VIEW_LIST, run->now,
                   &run->text);
        vlt_buf_put_text(&run->text, "\n");
    }
}

static int
put_with(struct run *run, struct vlt_json_out *put)
{
    int code = RUN_DONE;

    if (!args_has(run->args, "with")) {
        return code;
    }
    vlt_put_list(put, "files");
    for (size_t i = 0;
         code == RUN_DONE && args_each(run->args, "with", i) != NULL; i++) {
        code = ctl_put_items(run, put, args_each(run->args, "with", i));
    }
    vlt_put_end(put);
    return code;
}

int
cmd_policy_test(struct run *run)
{
    struct vlt_json_out *put = run_params(run, false);
    int code = ctl_put_file(run, put, "tests", args_word(run->args, 0));

    if (code == RUN_DONE) {
        code = put_with(run, put);
    }
    if (code == RUN_DONE) {
        code = run_ask(run, "policy.test");
    }
    if (code != RUN_DONE) {
        return code;
    }
    bool good = vlt_json_bool_of(vlt_json_get(run->result, "ok"));

    if (run->json) {
        run_print_answer(run);
    } else {
        ctl_put_faults(run, vlt_json_get(run->result, "faults"), "fault");
        put_misses(run, vlt_json_get(run->result, "misses"));
        vlt_buf_printf(
            &run->text, "%lld decided, %lld missed\n",
            (long long)vlt_json_int_of(vlt_json_get(run->result, "decided")),
            (long long)vlt_json_int_of(vlt_json_get(run->result, "missed")));
    }
    return good ? RUN_DONE : RUN_FAILED;
}

/* ---- simulate ---- */

int
cmd_policy_simulate(struct run *run)
{
    struct vlt_json_out *put = run_params(run, false);
    int code = run_put_int(run, "days", "days");

    if (code == RUN_DONE) {
        code = ctl_put_files(run, put);
    }
    if (code == RUN_DONE) {
        code = run_ask(run, "policy.simulate");
    }
    if (code == RUN_DONE && run->json) {
        run_print_answer(run);
    } else if (code == RUN_DONE) {
        const struct vlt_json *changes = vlt_json_get(run->result, "changes");

        view_fields(run, sum_columns, run->result);
        if (vlt_json_count(changes) > 0) {
            vlt_buf_put_text(&run->text, "\n");
            view_table(run, change_columns, changes);
        }
    }
    return code;
}

/* ---- diff ---- */

static void
put_lines(struct run *run, const char *head, const char *member)
{
    const struct vlt_json *list = vlt_json_get(run->result, member);

    if (vlt_json_kind(list) != VLT_JSON_LIST) {
        vlt_buf_printf(&run->text, "%s: too much to compare\n", head);
        return;
    }
    for (size_t i = 0; i < vlt_json_count(list); i++) {
        vlt_buf_printf(&run->text, "%s ", head);
        view_value(vlt_json_item(list, i), VIEW_TEXT, run->now, &run->text);
        vlt_buf_put_text(&run->text, "\n");
    }
}

/* Does anything widen, or may it, for all that could be compared? */
static bool
widens(const struct vlt_json *answer)
{
    const struct vlt_json *list = vlt_json_get(answer, "widens");

    return vlt_json_kind(list) != VLT_JSON_LIST || vlt_json_count(list) > 0;
}

int
cmd_policy_diff(struct run *run)
{
    struct vlt_json_out *put = run_params(run, false);
    size_t words = run->args->count;
    int code = RUN_DONE;

    if (words == 2) {
        code = ctl_put_path(run, put, "old", args_word(run->args, 0));
    }
    if (code == RUN_DONE) {
        code = ctl_put_path(run, put, "files", args_word(run->args, words - 1));
    }
    if (code == RUN_DONE) {
        code = run_ask(run, "policy.diff");
    }
    if (code != RUN_DONE) {
        return code;
    }
    if (run->json) {
        run_print_answer(run);
    } else {
        const struct vlt_json *changes = vlt_json_get(run->result, "changes");

        put_lines(run, "widens", "widens");
        put_lines(run, "narrows", "narrows");
        view_fields(run, sum_columns, run->result);
        if (vlt_json_count(changes) > 0) {
            vlt_buf_put_text(&run->text, "\n");
            view_table(run, change_columns, changes);
        }
    }
    return args_has(run->args, "exit-code") && widens(run->result) ? RUN_FAILED
                                                                   : RUN_DONE;
}

/* ---- who-could-see ---- */

/* A table below its head; "nobody" is said. */
static void
put_table(struct run *run, const char *head, const char *member,
          const struct view_column *columns)
{
    const struct vlt_json *list = vlt_json_get(run->result, member);

    vlt_buf_put_text(&run->text, head);
    if (vlt_json_count(list) == 0) {
        vlt_buf_put_text(&run->text, "  nobody\n");
    } else {
        view_table(run, columns, list);
    }
}

/* A word with a slash is a stream's name; a category's has none. */
int
cmd_policy_who(struct run *run)
{
    bool stream = strchr(args_word(run->args, 0), '/') != NULL;
    int code = run_connect(run);

    if (code != RUN_DONE) {
        return code;
    }
    run_params(run, false);
    ctl_put_word(run, stream ? "stream" : "data", 0);
    enum vault_status status = run_try(run, "policy.who_could_see");

    if (!stream && status == VAULT_E_NOT_FOUND) {
        run_params(run, false);
        ctl_put_word(run, "stream", 0); /* a name of one segment */
        status = run_try(run, "policy.who_could_see");
    }
    if (status != VAULT_OK) {
        return run_fail(run, status);
    }
    if (run->json) {
        run_print_answer(run);
        return code;
    }
    put_table(run, "has it:\n", "grants", given_columns);
    put_table(run,
              "could have it without your being asked (without a name: "
              "any confirmed firm):\n",
              "rules", could_columns);
    if (vlt_json_bool_of(vlt_json_get(run->result, "more"))) {
        vlt_buf_put_text(&run->text, "… and more\n");
    }
    return code;
}
