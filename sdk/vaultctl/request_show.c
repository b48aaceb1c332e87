#include "base/text.h"
#include "vaultctl/vaultctl.h"

/* Readings of a bucket, where no rule wants more; policies/engine has it so,
 * and tests/flow/firm_cli.py compares. */
enum { LEAST_UNSAID = 2 };

static const struct view_column head_columns[] = {
    { "request", "id", VIEW_TEXT },      { "firm", "firm", VIEW_TEXT },
    { "state", "state", VIEW_STATE },    { "came", "received", VIEW_AGO },
    { "lapses", "reply_by", VIEW_ENDS }, { .head = NULL },
};

static const struct view_column rule_columns[] = {
    { "rule", "name", VIEW_TEXT },     { "says", "effect", VIEW_TEXT },
    { "file", "file", VIEW_TEXT },     { "line", "line", VIEW_LINE },
    { "column", "column", VIEW_LINE }, { .head = NULL },
};

static const struct view_column bind_columns[] = {
    { "item", "n", VIEW_NUMBER },
    { "would read", "stream", VIEW_TEXT },
    { "rows of the last period", "rows", VIEW_NUMBER },
    { .head = NULL },
};

static void
put_section(struct run *run, const char *title,
            const struct view_column *columns, const struct vlt_json *list)
{
    if (vlt_json_count(list) > 0) {
        vlt_buf_printf(&run->text, "\n%s\n", title);
        view_table(run, columns, list);
    }
}

/* The firm's own words: last, indented, every one marked. */
static void
put_claims(struct run *run, const struct vlt_json *claims)
{
    if (vlt_json_count(claims) == 0) {
        return;
    }
    vlt_buf_put_text(&run->text, "\nthe firm's own words\n");
    for (size_t i = 0; i < vlt_json_count(claims); i++) {
        const struct vlt_json *claim = vlt_json_item(claims, i);

        vlt_buf_put_text(&run->text, "  ");
        vlt_text_put_escaped(&run->text,
                             vlt_json_text_of(vlt_json_get(claim, "purpose")));
        vlt_buf_put_text(&run->text, "\n  ");
        view_theirs(run, vlt_json_get(claim, "text"));
        if (vlt_json_kind(vlt_json_get(claim, "if_denied")) == VLT_JSON_TEXT) {
            vlt_buf_put_text(&run->text, "    if you say no:\n  ");
            view_theirs(run, vlt_json_get(claim, "if_denied"));
        }
    }
}

static void
put_risks(struct run *run, const struct vlt_json *risks)
{
    for (size_t i = 0; i < vlt_json_count(risks); i++) {
        vlt_buf_put_text(&run->text, i == 0 ? "\nrisks\n  ! " : "  ! ");
        vlt_text_put_escaped(&run->text,
                             vlt_json_text_of(vlt_json_item(risks, i)));
        vlt_buf_put_text(&run->text, "\n");
    }
}

static void
put_explicit(struct run *run, const struct vlt_json *atoms)
{
    for (size_t i = 0; i < vlt_json_count(atoms); i++) {
        const struct vlt_json *atom = vlt_json_item(atoms, i);
        int64_t n = vlt_json_int_of(vlt_json_get(atom, "n"));

        vlt_buf_put_text(
            &run->text, i == 0 ? "\nto be named, --all is no yes to it\n" : "");
        vlt_buf_put_text(&run->text, "  --only ");
        vlt_text_put_escaped(&run->text,
                             vlt_json_text_of(vlt_json_get(atom, "purpose")));
        if (n > 0) {
            vlt_buf_printf(&run->text, ":%lld", (long long)n);
        }
        vlt_buf_put_text(&run->text, "\n");
    }
}

/* The rules are those of now: of what is answered they decided nothing. */
static const char *
rules_title(const struct vlt_json *all)
{
    struct vlt_slice state =
        vlt_json_text_of(view_member(all, "request.state"));

    return vlt_slice_is(state, "pending") || vlt_slice_is(state, "countered")
               ? "rules that speak"
               : "rules that would speak now, if it were asked again";
}

void
ctl_show_request(struct run *run, const struct vlt_json *all)
{
    view_fields(run, head_columns, vlt_json_get(all, "request"));
    vlt_buf_put_text(&run->text, "\n");
    vlt_text_put_escaped(&run->text,
                         vlt_json_text_of(vlt_json_get(all, "words")));
    vlt_buf_put_text(&run->text, "\n");
    ctl_show_least(run, view_member(all, "terms.items"), LEAST_UNSAID);
    put_section(run, rules_title(all), rule_columns,
                vlt_json_get(all, "rules"));
    put_section(run, "streams", bind_columns, vlt_json_get(all, "binds"));
    put_risks(run, vlt_json_get(all, "risks"));
    put_explicit(run, vlt_json_get(all, "explicit"));
    put_claims(run, vlt_json_get(all, "claims"));
}

int
cmd_request_show(struct run *run)
{
    run_params(run, false);
    ctl_put_word(run, "request", 0);
    int code = run_ask(run, "request.show");

    if (code != RUN_DONE) {
        return code;
    }
    if (run->json) {
        run_print_answer(run);
        return code;
    }
    ctl_show_request(run, run->result);
    return code;
}
