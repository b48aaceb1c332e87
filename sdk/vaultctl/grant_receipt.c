/*
 * grant_receipt: receipts, as they were signed or in the forms of others.
 */
#include <errno.h>
#include <string.h>

#include "cli/file.h"
#include "vaultctl/export.h"
#include "vaultctl/vaultctl.h"

static const struct view_column receipt_columns[] = {
    { "seq", "seq", VIEW_NUMBER },
    { "receipt", "receipt", VIEW_TEXT },
    { "countersignature", "countersignature", VIEW_TEXT },
    { .head = NULL },
};

static const struct {
    const char *name;
    void (*put)(const struct export *export, struct vlt_buf *out);
} forms[] = {
    { "dpv", export_dpv },
    { "kantara", export_kantara },
};

enum { FORMS = sizeof forms / sizeof forms[0] };

/* Which form is asked for; FORMS: none. */
static int
find_form(struct run *run, size_t *out)
{
    const char *as = args_value(run->args, "as");

    *out = 0;
    while (*out < FORMS && (as == NULL || strcmp(forms[*out].name, as) != 0)) {
        ++*out;
    }
    return as != NULL && *out == FORMS
               ? run_says(run, RUN_USAGE, "--as is dpv or kantara, not %s", as)
               : RUN_DONE;
}

/* The newest of those that were asked for. */
static int
make_form(struct run *run, size_t form, struct vlt_buf *out)
{
    const struct vlt_json *all = vlt_json_get(run->result, "receipts");
    const struct vlt_json *newest =
        vlt_json_count(all) > 0 ? vlt_json_item(all, vlt_json_count(all) - 1)
                                : NULL;
    struct export export;

    if (export_begin(vlt_json_text_of(vlt_json_get(newest, "receipt")),
                     vlt_json_text_of(vlt_json_get(newest, "countersignature")),
                     &export) != VLT_OK) {
        return run_says(run, RUN_FAILED, "the vault's receipt cannot be read");
    }
    forms[form].put(&export, out);
    export_end(&export);
    return RUN_DONE;
}

static int
keep(struct run *run, const char *path, struct vlt_slice text)
{
    if (file_write(path, text) != VLT_OK) {
        return run_says(run, RUN_FAILED, "%s cannot be written: %s", path,
                        strerror(errno));
    }
    return RUN_DONE;
}

static int
tell_form(struct run *run, size_t form)
{
    const char *path = args_value(run->args, "out");
    struct vlt_buf text;
    int code;

    vlt_buf_init(&text, 0);
    code = make_form(run, form, &text);
    vlt_buf_put_text(&text, "\n");
    if (code == RUN_DONE && path != NULL) {
        code = keep(run, path, vlt_buf_slice(&text));
    } else if (code == RUN_DONE) {
        vlt_buf_put_slice(&run->text, vlt_buf_slice(&text));
    }
    vlt_buf_free(&text);
    return code;
}

static int
tell_signed(struct run *run)
{
    const char *path = args_value(run->args, "out");
    const struct vlt_json *all = vlt_json_get(run->result, "receipts");

    if (path != NULL) {
        return keep(run, path, vlt_slice_text(run->answer));
    }
    if (run->json) {
        run_print_answer(run);
        return RUN_DONE;
    }
    for (size_t i = 0; i < vlt_json_count(all); i++) {
        view_fields(run, receipt_columns, vlt_json_item(all, i));
    }
    return RUN_DONE;
}

int
cmd_grant_receipt(struct run *run)
{
    size_t form;
    int code = find_form(run, &form);

    run_params(run, false);
    ctl_put_word(run, "grant", 0);
    if (code == RUN_DONE) {
        code = run_put_int(run, "from", "from");
    }
    if (code == RUN_DONE) {
        code = run_ask(run, "grant.receipt");
    }
    if (code != RUN_DONE) {
        return code;
    }
    return form < FORMS ? tell_form(run, form) : tell_signed(run);
}
