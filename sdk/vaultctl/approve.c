#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/prompt.h"
#include "vaultctl/vaultctl.h"

enum { ATOMS = 32 };

/* A purpose and an item of it; n 0 is contact. */
struct atom {
    struct vlt_slice purpose; /* borrowed from the answer of request.show */
    int64_t n;
    bool yes;
};

static const struct view_column done_columns[] = {
    { "request", "request", VIEW_TEXT },
    { "grant", "grant", VIEW_TEXT },
    { "state", "state", VIEW_TEXT },
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

static bool
is_narrower(const struct run *run)
{
    bool any = args_has(run->args, "streams") || args_has(run->args, "uses") ||
               args_has(run->args, "ask-each");

    for (size_t i = 0; i < NARROW; i++) {
        any = any || args_has(run->args, narrow_texts[i][1]);
    }
    return any;
}

int
ctl_put_narrow(struct run *run, struct vlt_json_out *put)
{
    int code = RUN_DONE;

    if (!is_narrower(run)) {
        return code;
    }
    vlt_put_object(put, "narrow");
    run_put_list(run, "streams", "streams");
    for (size_t i = 0; i < NARROW; i++) {
        run_put_text(run, narrow_texts[i][0], narrow_texts[i][1]);
    }
    if (args_has(run->args, "uses") &&
        strcmp(args_value(run->args, "uses"), "none") == 0) {
        run_put_text(run, "uses", "uses");
    } else {
        code = run_put_int(run, "uses", "uses");
    }
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

static int
put_given(struct run *run, struct vlt_json_out *put)
{
    int code = RUN_DONE;

    vlt_put_list(put, "only");
    for (size_t i = 0;
         code == RUN_DONE && args_each(run->args, "only", i) != NULL; i++) {
        code = put_only(run, put, args_each(run->args, "only", i));
    }
    vlt_put_end(put);
    return code;
}

/* Is the item asked for this purpose?  Without `for` it is for all. */
static bool
item_is_for(const struct vlt_json *item, struct vlt_slice purpose)
{
    const struct vlt_json *only = vlt_json_get(item, "for");

    if (vlt_json_kind(only) != VLT_JSON_LIST) {
        return true;
    }
    for (size_t i = 0; i < vlt_json_count(only); i++) {
        if (vlt_slice_equal(vlt_json_text_of(vlt_json_item(only, i)),
                            purpose)) {
            return true;
        }
    }
    return false;
}

static size_t
atoms_of(const struct vlt_json *terms, struct atom atoms[ATOMS])
{
    const struct vlt_json *purposes = vlt_json_get(terms, "purposes");
    const struct vlt_json *items = vlt_json_get(terms, "items");
    size_t count = 0;

    for (size_t p = 0; p < vlt_json_count(purposes); p++) {
        struct vlt_slice purpose =
            vlt_json_text_of(vlt_json_get(vlt_json_item(purposes, p), "id"));

        if (vlt_json_count(items) == 0 && count < ATOMS) {
            atoms[count++] = (struct atom){ .purpose = purpose };
        }
        for (size_t i = 0; i < vlt_json_count(items); i++) {
            const struct vlt_json *item = vlt_json_item(items, i);

            if (item_is_for(item, purpose) && count < ATOMS) {
                atoms[count++] = (struct atom){
                    .purpose = purpose,
                    .n = vlt_json_int_of(vlt_json_get(item, "n")),
                };
            }
        }
    }
    return count;
}

static int
ask_atom(struct run *run, struct atom *atom)
{
    struct vlt_buf ask = { 0 };
    int code = RUN_DONE;

    vlt_text_put_escaped(&ask, atom->purpose);
    if (atom->n > 0) {
        vlt_buf_printf(&ask, ":%lld", (long long)atom->n);
    }
    vlt_buf_put_text(&ask, ": yes? [y/N] ");
    const char *text = vlt_buf_text(&ask);

    if (text == NULL || prompt_yes(text, &atom->yes) != VLT_OK) {
        code = run_says(run, RUN_USAGE,
                        "this request has several parts, and there is no "
                        "terminal to ask about each; say --only PURPOSE:N for "
                        "each that you want, or --all (vaultctl request show "
                        "names them)");
    }
    vlt_buf_free(&ask);
    return code;
}

/* The request has several parts and none was named: ask about each, nothing
 * chosen beforehand.  *some: any yes. */
static int
choose(struct run *run, struct atom *atoms, size_t count, bool *some)
{
    for (size_t i = 0; i < count; i++) {
        int code = ask_atom(run, &atoms[i]);

        if (code != RUN_DONE) {
            return code;
        }
        *some = *some || atoms[i].yes;
    }
    return RUN_DONE;
}

/* What was chosen as text, since the answer that names it goes with the next
 * call. */
static int
put_chosen(struct run *run, struct vlt_buf *only)
{
    struct atom atoms[ATOMS];
    bool some = false;

    int code = run_connect(run);

    if (code != RUN_DONE) {
        return code;
    }
    run_params(run, false);
    ctl_put_word(run, "request", 0);
    enum vault_status status = run_try(run, "request.show");

    if (status == VAULT_E_NOT_FOUND) {
        return RUN_DONE; /* a use, or nothing: approving tells */
    }
    if (status != VAULT_OK) {
        return run_fail(run, status);
    }
    size_t count = atoms_of(vlt_json_get(run->result, "terms"), atoms);

    if (count <= 1) {
        return RUN_DONE;
    }
    code = choose(run, atoms, count, &some);
    if (code != RUN_DONE) {
        return code;
    }
    if (!some) {
        return run_says(run, RUN_FAILED,
                        "nothing was chosen and nothing was done; to say no "
                        "type: vaultctl request deny ID");
    }
    struct vlt_json_out put = vlt_json_out(only);

    vlt_put_list(&put, NULL);
    for (size_t i = 0; i < count; i++) {
        if (!atoms[i].yes) {
            continue;
        }
        vlt_put_object(&put, NULL);
        vlt_put_slice(&put, "purpose", atoms[i].purpose);
        if (atoms[i].n > 0) {
            vlt_put_int(&put, "n", atoms[i].n);
        }
        vlt_put_end(&put);
    }
    vlt_put_end(&put);
    return RUN_DONE;
}

int
cmd_request_approve(struct run *run)
{
    struct vlt_buf chosen = { 0 };
    bool named = args_has(run->args, "only");
    bool all = args_has(run->args, "all");
    int code = RUN_DONE;

    if (named && all) {
        return run_says(run, RUN_USAGE, "--only and --all do not go together");
    }
    if (!named && !all) {
        code = put_chosen(run, &chosen);
    }
    struct vlt_json_out *put = run_params(run, true);

    ctl_put_word(run, "request", 0);
    if (code == RUN_DONE && named) {
        code = put_given(run, put);
    } else if (chosen.len > 0) {
        vlt_put_raw(put, "only", vlt_buf_slice(&chosen));
    } else if (all) {
        vlt_put_bool(put, "all", true);
    }
    if (code == RUN_DONE) {
        code = ctl_put_narrow(run, put);
    }
    vlt_buf_free(&chosen);
    return code != RUN_DONE
               ? code
               : view_answer(run, "request.approve", NULL, done_columns);
}
