/* What is about to be granted is shown, and asked about. */
#include <string.h>

#include "base/text.h"
#include "cli/prompt.h"
#include "cli/shown.h"
#include "vaultctl/vaultctl.h"

enum { ATOMS = 32 };

/* A purpose and an item of it; n 0 is contact. */
struct atom {
    struct vlt_slice purpose; /* borrowed from the answer of request.show */
    int64_t n;
    bool yes;
};

/* ---- a use that waits ---- */

static const struct view_column use_columns[] = {
    { "use", "id", VIEW_TEXT },
    { "firm", "firm", VIEW_TEXT },
    { "grant", "grant", VIEW_TEXT },
    { "purpose", "purpose", VIEW_TEXT },
    { "asked", "asked", VIEW_AGO },
    { "for", "says", VIEW_TEXT },
    { .head = NULL },
};

static int
ask_use(struct run *run)
{
    run_params(run, false);
    enum vault_status status = run_try(run, "request.list");

    if (status != VAULT_OK) {
        return run_fail(run, status);
    }
    const struct vlt_json *uses = vlt_json_get(run->result, "uses");

    for (size_t i = 0; i < vlt_json_count(uses); i++) {
        const struct vlt_json *use = vlt_json_item(uses, i);

        if (vlt_slice_is(vlt_json_text_of(vlt_json_get(use, "id")),
                         args_word(run->args, 0))) {
            view_fields(run, use_columns, use);
            return run_confirm_shown(run, "Is the firm to be given this, once?",
                                     NULL);
        }
    }
    return RUN_DONE; /* nothing of that id: approving tells */
}

/* ---- the parts of a request ---- */

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

/* A yes to what was not named would be one to all. */
static int
several_parts(struct run *run)
{
    return run_says(run, RUN_USAGE,
                    "this request has several parts, and there is nobody to "
                    "ask about each; say --only PURPOSE:N for each that you "
                    "want, or --all (vaultctl request show names them)");
}

/* The first time behind what is printed so far, which is the request. */
static int
ask_atom(struct run *run, struct atom *atom)
{
    struct vlt_buf ask = { 0 };

    shown_put(vlt_buf_slice(&run->text), false, &ask);
    vlt_buf_put_text(&ask, run->text.len > 0 ? "\n" : "");
    vlt_buf_clear(&run->text);
    vlt_text_put_escaped(&ask, atom->purpose);
    if (atom->n > 0) {
        vlt_buf_printf(&ask, ":%lld", (long long)atom->n);
    }
    vlt_buf_put_text(&ask, ": yes? [y/N] ");
    const char *text = vlt_buf_text(&ask);
    enum vlt_status st =
        text != NULL ? prompt_yes(text, &atom->yes) : VLT_E_NOMEM;

    vlt_buf_free(&ask);
    return st == VLT_OK ? RUN_DONE : several_parts(run);
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

/* Those that were chosen, as JSON. */
static void
put_chosen(const struct atom *atoms, size_t count, struct vlt_buf *only)
{
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
}

static int
choose_parts(struct run *run, struct atom *atoms, size_t count,
             struct vlt_buf *only)
{
    bool some = false;
    int code = args_has(run->args, "yes") ? several_parts(run)
                                          : choose(run, atoms, count, &some);

    if (code != RUN_DONE) {
        return code;
    }
    if (!some) {
        return run_says(run, RUN_FAILED,
                        "nothing was chosen and nothing was done; to say no "
                        "type: vaultctl request deny ID");
    }
    put_chosen(atoms, count, only);
    return RUN_DONE;
}

static int
choose_whole(struct run *run)
{
    return run_confirm_shown(
        run,
        ctl_narrows(run) ? "Grant this, less what your options take away?"
                         : "Grant this?",
        "--only PURPOSE:N or --all (vaultctl request show tells what is "
        "asked)");
}

int
ctl_choose(struct run *run, struct vlt_buf *only)
{
    struct atom atoms[ATOMS];
    int code = run_connect(run);

    if (code != RUN_DONE) {
        return code;
    }
    run_params(run, false);
    ctl_put_word(run, "request", 0);
    enum vault_status status = run_try(run, "request.show");

    if (status == VAULT_E_NOT_FOUND) {
        return args_has(run->args, "yes") ? RUN_DONE : ask_use(run);
    }
    if (status != VAULT_OK) {
        return run_fail(run, status);
    }
    size_t count = atoms_of(vlt_json_get(run->result, "terms"), atoms);

    ctl_show_request(run, run->result);
    code =
        count <= 1 ? choose_whole(run) : choose_parts(run, atoms, count, only);
    vlt_buf_clear(&run->text);
    return code;
}
