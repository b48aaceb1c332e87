/*
 * request counter: offer a firm less than it asked for.
 */
#include <string.h>

#include "base/text.h"
#include "vaultctl/vaultctl.h"

static const struct view_column done_columns[] = {
    { "request", "request", VIEW_TEXT },
    { "purpose", "part", VIEW_TEXT },
    { "state", "state", VIEW_TEXT },
    { "the firm may accept", "until", VIEW_AGO },
    { .head = NULL },
};

static int
put_items(struct run *run, struct vlt_json_out *put)
{
    const char *text;

    if (!args_has(run->args, "item")) {
        return RUN_DONE;
    }
    vlt_put_list(put, "items");
    for (size_t i = 0; (text = args_each(run->args, "item", i)) != NULL; i++) {
        int64_t n;

        if (vlt_int_parse(vlt_slice_text(text), &n) != VLT_OK) {
            return run_says(run, RUN_USAGE,
                            "--item \"%s\" is no number of an item; type one "
                            "as 1",
                            text);
        }
        vlt_put_int(put, NULL, n);
    }
    vlt_put_end(put);
    return RUN_DONE;
}

/* What the firm is to promise. */
static int
put_promises(struct run *run, struct vlt_json_out *put)
{
    static const char *const flags[] = { "automated", "training" };
    const char *onward = args_value(run->args, "onward");

    run_put_text(run, "keep", "keep");
    run_put_text(run, "profiling", "profiling");
    run_put_list(run, "where", "where");
    if (onward != NULL &&
        (strcmp(onward, "no") == 0 || strcmp(onward, "processors") == 0)) {
        run_put_text(run, "onward", "onward");
    } else {
        run_put_list(run, "onward", "onward");
    }
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        const char *value = args_value(run->args, flags[i]);

        if (value != NULL && strcmp(value, "no") != 0) {
            return run_says(run, RUN_USAGE,
                            "--%s can only become less; type --%s no", flags[i],
                            flags[i]);
        }
        if (value != NULL) {
            vlt_put_bool(put, flags[i], false);
        }
    }
    return RUN_DONE;
}

int
cmd_request_counter(struct run *run)
{
    struct vlt_json_out *put = run_params(run, true);
    int code;

    ctl_put_word(run, "request", 0);
    ctl_put_word(run, "part", 1);
    code = put_items(run, put);
    if (code != RUN_DONE) {
        return code;
    }
    vlt_put_object(put, "narrow");
    code = ctl_put_limits(run);
    if (code == RUN_DONE) {
        code = put_promises(run, put);
    }
    vlt_put_end(put);
    return code == RUN_DONE
               ? view_answer(run, "request.counter", NULL, done_columns)
               : code;
}
