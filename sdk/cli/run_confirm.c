#include <string.h>

#include "base/text.h"
#include "cli/prompt.h"
#include "cli/run.h"
#include "cli/shown.h"

static int
nobody_to_ask(struct run *run, const char *what, const char *otherwise)
{
    return run_says(run, RUN_USAGE,
                    "%s Without a terminal nobody can be asked; say --yes%s%s",
                    what, otherwise != NULL ? ", or " : "",
                    otherwise != NULL ? otherwise : "");
}

/* Append "WHAT" and what stands behind it, for a prompt. */
static const char *
print_ask(struct vlt_buf *ask, const char *what, const char *behind)
{
    vlt_text_put_escaped(ask, vlt_slice_text(what));
    vlt_buf_put_text(ask, behind);
    return vlt_buf_text(ask);
}

int
run_confirm_shown(struct run *run, const char *what, const char *otherwise)
{
    struct vlt_buf ask = { 0 };
    bool yes = args_has(run->args, "yes");
    int code = RUN_DONE;

    if (!yes) {
        shown_put(vlt_buf_slice(&run->text), false, &ask);
        vlt_buf_put_text(&ask, run->text.len > 0 ? "\n" : "");

        const char *text = print_ask(&ask, what, " [y/N] ");

        if (text == NULL || prompt_yes(text, &yes) != VLT_OK) {
            code = nobody_to_ask(run, what, otherwise);
        } else if (!yes) {
            code = run_says(run, RUN_FAILED, "nothing was done");
        }
    }
    vlt_buf_clear(&run->text);
    vlt_buf_free(&ask);
    return code;
}

int
run_confirm(struct run *run, const char *what)
{
    return run_confirm_shown(run, what, NULL);
}

int
run_confirm_name(struct run *run, const char *what, const char *name)
{
    struct vlt_buf ask = { 0 };
    char line[PROMPT_LINE];
    int code = RUN_DONE;

    if (args_has(run->args, "yes")) {
        return RUN_DONE;
    }
    const char *text = print_ask(&ask, what, ": ");

    if (text == NULL || prompt_line(text, line) != VLT_OK) {
        code = nobody_to_ask(run, what, NULL);
    } else if (strcmp(line, name) != 0) {
        code =
            run_says(run, RUN_FAILED, "that is another name: nothing was done");
    }
    vlt_buf_free(&ask);
    return code;
}
