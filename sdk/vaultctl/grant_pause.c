/*
 * grant suspend and resume: of one grant, all of a firm, or all.
 */
#include "base/text.h"
#include "cli/ago.h"
#include "vaultctl/vaultctl.h"

static const struct view_column state_columns[] = {
    { "grant", "grant", VIEW_TEXT },
    { "state", "state", VIEW_TEXT },
    { "from", "from", VIEW_TEXT },
    { "until", "until", VIEW_TEXT },
    { .head = NULL },
};

static const struct view_column many_columns[] = {
    { "grant", "grant", VIEW_TEXT },
    { "state", "state", VIEW_TEXT },
    { .head = NULL },
};

/* Those that could not be suspended so. */
static const struct {
    const char *why, *says;
    bool gives; /* it does not stay shut as it was asked */
} left_words[] = {
    { "until", "is suspended already, until a time, and gives again then",
      true },
    { "hidden", "is suspended already, and its firm is not told", true },
    { "suspended", "is suspended already, until it is resumed", false },
    { "over", "is over by then", false },
};

/* Each of them on stderr; the exit code. */
static int
tell_left(struct run *run, const struct vlt_json *left)
{
    int code = RUN_DONE;

    for (size_t i = 0; i < vlt_json_count(left); i++) {
        const struct vlt_json *one = vlt_json_item(left, i);
        struct vlt_slice id = vlt_json_text_of(vlt_json_get(one, "grant"));
        struct vlt_slice why = vlt_json_text_of(vlt_json_get(one, "why"));

        for (size_t w = 0; w < sizeof left_words / sizeof left_words[0]; w++) {
            if (vlt_slice_is(why, left_words[w].why)) {
                run_says(run, RUN_FAILED, "left out: %.*s %s", (int)id.len,
                         (const char *)id.at, left_words[w].says);
                code = left_words[w].gives ? RUN_FAILED : code;
            }
        }
    }
    return code;
}

/* A time to come: a span is from now on. */
static int
put_ahead(struct run *run, const char *option)
{
    const char *value = args_value(run->args, option);
    int64_t time;
    bool rough;

    if (value == NULL) {
        return RUN_DONE;
    }
    if (ago_parse(vlt_slice_text(value), run->now, &time, &rough) != VLT_OK) {
        return run_says(run, RUN_USAGE,
                        "--%s \"%s\" is no time; type one as "
                        "2026-11-25T18:00:00Z, 2026-11-25, or 8h for in eight "
                        "hours",
                        option, value);
    }
    vlt_put_time(&run->put, option, rough ? 2 * run->now - time : time);
    return RUN_DONE;
}

int
ctl_grants_said(struct run *run, const char *ids)
{
    size_t ways = (run->args->count > 0 ? 1U : 0U) +
                  (args_has(run->args, "firm") ? 1U : 0U) +
                  (args_has(run->args, "all") ? 1U : 0U);

    return ways == 1 ? RUN_DONE
                     : run_says(run, RUN_USAGE,
                                "say exactly one of: %s, --firm NAME, --all "
                                "(vaultctl grant list names them)",
                                ids);
}

void
ctl_put_grants(struct run *run)
{
    if (run->args->count > 0) {
        ctl_put_word(run, "grant", 0);
    }
    run_put_text(run, "firm", "firm");
    if (args_has(run->args, "all")) {
        vlt_put_bool(&run->put, "all", true);
    }
}

static int
put_which(struct run *run)
{
    int code = ctl_grants_said(run, "a grant's id");

    if (code == RUN_DONE) {
        ctl_put_grants(run);
    }
    return code;
}

static int
change(struct run *run, const char *method)
{
    int code;

    if (run->args->count > 0) {
        return view_answer(run, method, NULL, state_columns);
    }
    code = run_ask(run, method);
    if (code == RUN_DONE && run->json) {
        run_print_answer(run);
    } else if (code == RUN_DONE) {
        view_table(run, many_columns, vlt_json_get(run->result, "grants"));
    }
    return code == RUN_DONE
               ? tell_left(run, vlt_json_get(run->result, "left_out"))
               : code;
}

int
cmd_grant_suspend(struct run *run)
{
    int code;

    run_params(run, true);
    code = put_which(run);
    code = code == RUN_DONE ? put_ahead(run, "from") : code;
    code = code == RUN_DONE ? put_ahead(run, "until") : code;
    if (code == RUN_DONE && args_has(run->args, "hide")) {
        vlt_put_bool(&run->put, "hide", true);
    }
    return code == RUN_DONE ? change(run, "grant.suspend") : code;
}

int
cmd_grant_resume(struct run *run)
{
    int code;

    run_params(run, true);
    code = put_which(run);
    if (code == RUN_DONE && args_has(run->args, "release-gap")) {
        vlt_put_bool(&run->put, "release_gap", true);
    }
    return code == RUN_DONE ? change(run, "grant.resume") : code;
}

const struct args_option grant_suspend_options[] = {
    { "firm", "NAME", "all of this firm", false },
    { "all", NULL, "all of all firms", false },
    { "from", "TIME", "not now, but from then on; 8h: in eight hours", false },
    { "until", "TIME", "it ends by itself then; 2d: in two days", false },
    { "hide", NULL,
      "the firm is not told: it gets answers without the rows "
      "of that time",
      false },
    { .name = NULL },
};

const struct args_option grant_resume_options[] = {
    { "firm", "NAME", "all of this firm", false },
    { "all", NULL, "all of all firms", false },
    { "release-gap", NULL, "give the rows dated between, too", false },
    { .name = NULL },
};
