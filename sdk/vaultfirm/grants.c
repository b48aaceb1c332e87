#include "vaultfirm/vaultfirm.h"

static const struct view_column grant_columns[] = {
    { "grant", "id", VIEW_TEXT },
    { "state", "state", VIEW_TEXT },
    { "purpose", "purpose", VIEW_TEXT },
    { "action", "action", VIEW_TEXT },
    { "streams", "streams", VIEW_LIST },
    { "ends", "exp", VIEW_AGO },
    { "uses left", "uses_left", VIEW_NUMBER },
    { "countersigned", "countersigned", VIEW_TEXT },
    { "signed for", "acknowledged.count", VIEW_NUMBER },
    { .head = NULL },
};

static const struct view_column ended_columns[] = {
    { "grant", "grant", VIEW_TEXT },
    { "state", "state", VIEW_TEXT },
    { .head = NULL },
};

static int
fill_state(struct run *run)
{
    run_put_text(run, "state", "state");
    return RUN_DONE;
}

int
cmd_grants(struct run *run)
{
    static const struct view_list view = {
        .method = "grant.list",
        .array = "grants",
        .columns = grant_columns,
        .none = "no grants in force; type: vaultfirm request FILE.json",
        .fill = fill_state,
    };

    return view_list(run, &view);
}

int
cmd_end(struct run *run)
{
    vlt_put_text(run_params(run, true), "grant", args_word(run->args, 0));
    return view_answer(run, "grant.end", NULL, ended_columns);
}
