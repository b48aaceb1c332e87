/*
 * grant held-by: what a firm still holds, by its own statements.
 */
#include "vaultctl/vaultctl.h"

static const struct view_column held_columns[] = {
    { "  uses", "uses", VIEW_LIST },
    { "to be deleted", "delete_by", VIEW_AGO },
    { "asked", "demanded", VIEW_AGO },
    { "to say so", "due", VIEW_AGO },
    { .head = NULL },
};

static const struct view_column exception_columns[] = {
    { "  kept all the same, uses", "uses", VIEW_LIST },
    { "by", "law", VIEW_THEIRS },
    { "until", "until", VIEW_AGO },
    { .head = NULL },
};

static void
show_grant(struct run *run, const struct vlt_json *grant)
{
    const struct vlt_json *held = vlt_json_get(grant, "held_by_firm");
    const struct vlt_json *exceptions = vlt_json_get(grant, "exceptions");
    const struct vlt_json *signed_for =
        view_member(grant, "acknowledged.count");

    view_value(vlt_json_get(grant, "id"), VIEW_TEXT, run->now, &run->text);
    vlt_buf_put_text(&run->text, " for ");
    view_value(vlt_json_get(grant, "purpose"), VIEW_TEXT, run->now, &run->text);
    vlt_buf_put_text(&run->text, ", ");
    view_value(vlt_json_get(grant, "state"), VIEW_TEXT, run->now, &run->text);
    if (vlt_json_bool_of(vlt_json_get(grant, "overdue"))) {
        vlt_buf_put_text(&run->text, ", a statement is overdue");
    }
    if (signed_for != NULL) {
        vlt_buf_printf(&run->text, ", %lld signed for",
                       (long long)vlt_json_int_of(signed_for));
    }
    vlt_buf_put_text(&run->text, "\n");
    if (vlt_json_count(held) > 0) {
        view_table(run, held_columns, held);
    }
    if (vlt_json_count(exceptions) > 0) {
        view_table(run, exception_columns, exceptions);
    }
}

int
cmd_grant_held(struct run *run)
{
    run_params(run, false);
    ctl_put_word(run, "firm", 0);
    int code = run_ask(run, "grant.held");
    const struct vlt_json *grants;

    if (code == RUN_DONE && run->json) {
        run_print_answer(run);
        return code;
    }
    if (code != RUN_DONE) {
        return code;
    }
    grants = vlt_json_get(run->result, "grants");
    if (vlt_json_count(grants) == 0) {
        vlt_buf_put_text(&run->text, "nothing\n");
    }
    for (size_t i = 0; i < vlt_json_count(grants); i++) {
        show_grant(run, vlt_json_item(grants, i));
    }
    return code;
}
