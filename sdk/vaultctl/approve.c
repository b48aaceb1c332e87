#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "vaultctl/heads.h"

static const struct view_column done_columns[] = {
    { "request", "request", VIEW_TEXT },
    { "grant", "grant", VIEW_TEXT },
    { "state", "state", VIEW_TEXT },
    { .head = NULL },
};

/* Each part of a request becomes a grant of its own. */
static const struct view_column grants_columns[] = {
    { "grant", "grant", VIEW_TEXT },
    { "purpose", "purpose", VIEW_TEXT },
    { .head = NULL },
};

/* Terms that are texts of the policy language. */
static const char *const narrow_texts[][2] = {
    { "detail", "detail" },
    { "round", "round" },
    { "delay", "delay" },
    { "every", "every" },
    { "window", "window" },
    { "rate", "rate" },
    { "life", "life" },
    { "until", "until" },
    { "notify", "notify" },
    { "names", "names" },
    { "new_streams", "new-streams" },
};

enum { NARROW = sizeof narrow_texts / sizeof narrow_texts[0] };

bool
ctl_narrows(const struct run *run)
{
    bool any = args_has(run->args, "streams") || args_has(run->args, "uses") ||
               args_has(run->args, "ask-each");

    for (size_t i = 0; i < NARROW; i++) {
        any = any || args_has(run->args, narrow_texts[i][1]);
    }
    return any;
}

int
ctl_put_limits(struct run *run)
{
    for (size_t i = 0; i < NARROW; i++) {
        run_put_text(run, narrow_texts[i][0], narrow_texts[i][1]);
    }
    if (args_has(run->args, "uses") &&
        strcmp(args_value(run->args, "uses"), "none") == 0) {
        run_put_text(run, "uses", "uses");
        return RUN_DONE;
    }
    return run_put_int(run, "uses", "uses");
}

int
ctl_put_narrow(struct run *run, struct vlt_json_out *put)
{
    int code = RUN_DONE;

    if (!ctl_narrows(run)) {
        return code;
    }
    vlt_put_object(put, "narrow");
    run_put_list(run, "streams", "streams");
    code = ctl_put_limits(run);
    if (args_has(run->args, "ask-each")) {
        vlt_put_bool(put, "ask_each", true);
    }
    vlt_put_end(put);
    return code;
}

/* "service.billing:1", or "marketing" alone, which is contact. */
static int
put_only(struct run *run, struct vlt_json_out *put, const char *text)
{
    const char *colon = strrchr(text, ':');
    size_t len = colon != NULL ? (size_t)(colon - text) : strlen(text);
    int64_t n = 0;

    if (colon != NULL &&
        (vlt_int_parse(vlt_slice_text(colon + 1), &n) != VLT_OK || n < 1)) {
        return run_says(run, RUN_USAGE,
                        "--only \"%s\" is no purpose with the number of an "
                        "item; type one as service.billing:1",
                        text);
    }
    vlt_put_object(put, NULL);
    vlt_put_slice(put, "purpose", vlt_slice_of(text, len));
    if (colon != NULL) {
        vlt_put_int(put, "n", n);
    }
    vlt_put_end(put);
    return RUN_DONE;
}

int
ctl_put_only(struct run *run, struct vlt_json_out *put)
{
    bool named = args_has(run->args, "only");
    bool all = args_has(run->args, "all");
    int code = RUN_DONE;

    if (named && all) {
        return run_says(run, RUN_USAGE, "--only and --all do not go together");
    }
    if (all) {
        vlt_put_bool(put, "all", true);
    }
    if (!named) {
        return code;
    }
    vlt_put_list(put, "only");
    for (size_t i = 0;
         code == RUN_DONE && args_each(run->args, "only", i) != NULL; i++) {
        code = put_only(run, put, args_each(run->args, "only", i));
    }
    vlt_put_end(put);
    return code;
}

/* What was approved and gives nothing: who reads the rest would think that it
 * does.  several: of more than one grant, so that each is named. */
static void
put_nothing(struct run *run, bool several)
{
    const struct vlt_json *items = vlt_json_get(run->result, "nothing");

    for (size_t i = 0; i < vlt_json_count(items); i++) {
        const struct vlt_json *item = vlt_json_item(items, i);

        vlt_buf_put_text(&run->text, "but as things stand ");
        if (several) {
            vlt_text_put_escaped(
                &run->text, vlt_json_text_of(vlt_json_get(item, "purpose")));
        } else {
            vlt_buf_put_text(&run->text, "it");
        }
        vlt_buf_put_text(&run->text, " gives nothing of ");
        vlt_text_put_escaped(&run->text,
                             vlt_json_text_of(vlt_json_get(item, "data")));
        vlt_buf_put_text(&run->text, ": ");
        vlt_text_put_escaped(&run->text,
                             vlt_json_text_of(vlt_json_get(item, "why")));
        vlt_buf_put_text(&run->text, "\n");
    }
}

/* Every grant that came of it: who revokes one has to know of the others. */
static void
put_done(struct run *run)
{
    const struct vlt_json *grants = vlt_json_get(run->result, "grants");

    if (run->json || vlt_json_count(grants) < 2) {
        view_result(run, NULL, done_columns);
    } else {
        vlt_buf_printf(&run->text, "%zu grants, one for each purpose\n",
                       vlt_json_count(grants));
        view_table(run, grants_columns, grants);
    }
    if (!run->json) {
        put_nothing(run, vlt_json_count(grants) > 1);
    }
}

int
cmd_request_approve(struct run *run)
{
    struct vlt_buf chosen = { 0 };
    int code = RUN_DONE;

    if (!args_has(run->args, "only") && !args_has(run->args, "all")) {
        code = ctl_choose(run, &chosen);
    }
    struct vlt_json_out *put = run_params(run, true);

    ctl_put_word(run, "request", 0);
    if (code == RUN_DONE && chosen.len > 0) {
        vlt_put_raw(put, "only", vlt_buf_slice(&chosen));
    } else if (code == RUN_DONE) {
        code = ctl_put_only(run, put);
    }
    if (code == RUN_DONE) {
        code = ctl_put_narrow(run, put);
    }
    vlt_buf_free(&chosen);
    if (code == RUN_DONE) {
        code = run_ask(run, "request.approve");
    }
    if (code == RUN_DONE) {
        put_done(run);
        heads_note(run);
    }
    return code;
}
