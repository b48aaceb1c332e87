#include "vaultctl/vaultctl.h"

static const struct view_column list_columns[] = {
    { "request", "id", VIEW_TEXT },      { "firm", "firm", VIEW_TEXT },
    { "state", "state", VIEW_STATE },    { "came", "received", VIEW_AGO },
    { "lapses", "reply_by", VIEW_ENDS }, { "asks for", "data", VIEW_LIST },
    { "to", "purposes", VIEW_LIST },     { .head = NULL },
};

static const struct view_column denied_columns[] = {
    { "request", "request", VIEW_TEXT },
    { "state", "state", VIEW_TEXT },
    { .head = NULL },
};

static const struct view_column never_columns[] = {
    { "request", "request", VIEW_TEXT },
    { "state", "state", VIEW_TEXT },
    { "denied with it", "denied", VIEW_LIST },
    { "grants ended by it", "ended", VIEW_LIST },
    { .head = NULL },
};

static int
fill_list(struct run *run)
{
    run_put_text(run, "state", "state");
    run_put_text(run, "firm", "firm");
    return RUN_DONE;
}

static const struct view_column use_columns[] = {
    { "use", "id", VIEW_TEXT },          { "firm", "firm", VIEW_TEXT },
    { "purpose", "purpose", VIEW_TEXT }, { "asked", "asked", VIEW_AGO },
    { "for", "says", VIEW_TEXT },        { .head = NULL },
};

/* Uses of which each is the owner's to allow; a part of the same answer. */
static int
list_uses(struct run *run)
{
    run_params(run, false);
    run_put_text(run, "firm", "firm");
    int code = run_ask(run, "request.list");
    const struct vlt_json *uses = vlt_json_get(run->result, "uses");

    if (code == RUN_DONE && run->json) {
        run_print_answer(run);
    } else if (code == RUN_DONE && vlt_json_count(uses) > 0) {
        vlt_buf_put_text(&run->text, "uses that wait for your yes (request "
                                     "approve or deny):\n");
        view_table(run, use_columns, uses);
    }
    return code;
}

static int
list(struct run *run)
{
    char none[VIEW_NONE];
    struct view_list view = {
        .method = "request.list",
        .array = "requests",
        .columns = list_columns,
        .none = view_none(run, "request", "no request waits for you", none),
        .fill = fill_list,
    };
    if (args_has(run->args, "uses")) {
        return list_uses(run);
    }
    int code = view_list(run, &view);

    return code == RUN_DONE && !run->json && !args_has(run->args, "state")
               ? list_uses(run)
               : code;
}

static int
deny(struct run *run)
{
    struct vlt_json_out *put = run_params(run, true);

    ctl_put_word(run, "request", 0);
    run_put_text(run, "reason", "reason");
    if (args_has(run->args, "never")) {
        vlt_put_bool(put, "never", true);
    }
    return view_answer(run, "request.deny", NULL,
                       args_has(run->args, "never") ? never_columns
                                                    : denied_columns);
}

static const struct args_option list_options[] = {
    { "state", "STATE",
      "pending, countered, granted, denied, lapsed or dropped", false },
    { "firm", "NAME", "only of this firm", false },
    { "uses", NULL, "uses of grants that ask you each time", false },
    { .name = NULL },
};

/* What is picked of a request, and how it is narrowed. */
/* clang-format off */
#define ANSWER_OPTIONS                                                         \
    { "only", "PURPOSE:N", "only this purpose and item", true },               \
    { "all", NULL, "everything that need not be named", false },               \
    { "streams", "PATTERN", "only these streams", true },                      \
    { "detail", "DETAIL", "coarser, as mean/1h", false },                      \
    { "round", "STEP", "rounded, as 0.5", false },                             \
    { "delay", "SPAN", "later, as 1d", false },                                \
    { "every", "SPAN", "less often, as 1h", false },                           \
    { "window", "SPAN", "less far back, as 30d, or new", false },              \
    { "rate", "N/SPAN", "fewer, as 4/day", false },                            \
    { "uses", "N", "at most so often in all", false },                         \
    { "life", "SPAN", "shorter, as 90d", false },                              \
    { "until", "TIME", "the same, by date", false },                           \
    { "names", "HOW", "hide or show the names of streams", false },            \
    { "new-streams", "HOW", "hold or include streams that come later",         \
      false },                                                                 \
    { "notify", "HOW", "how you hear of uses", false },                        \
    { "ask-each", NULL, "ask me before each use", false }
/* clang-format on */

static const struct args_option approve_options[] = {
    ANSWER_OPTIONS,
    { "yes", NULL, "do not ask, where there is one part", false },
    { .name = NULL },
};

static const struct args_option preview_options[] = {
    ANSWER_OPTIONS,
    { "rows", "N", "so many of each stream, the newest; 5", false },
    { .name = NULL },
};

static const struct args_option counter_options[] = {
    { "item", "N", "only this item, needed or not", true },
    { "detail", "DETAIL", "coarser, as mean/1h", false },
    { "round", "STEP", "rounded, as 0.5", false },
    { "delay", "SPAN", "later, as 1d", false },
    { "every", "SPAN", "less often, as 1h", false },
    { "window", "SPAN", "less far back, as 30d, or new", false },
    { "rate", "N/SPAN", "fewer, as 4/day", false },
    { "uses", "N", "at most so often in all", false },
    { "life", "SPAN", "shorter, as 90d", false },
    { "keep", "SPAN", "it keeps what it has for less, as 7d", false },
    { "onward", "NAME", "only to these, or: no, processors", true },
    { "where", "CC", "only in these countries, as GB", true },
    { "profiling", "HOW", "none, or service", false },
    { "automated", "no", "no decisions by machine", false },
    { "training", "no", "no model is trained with it", false },
    { .name = NULL },
};

static const struct args_option deny_options[] = {
    { "reason", "TEXT", "which the firm is told", false },
    { "never", NULL, "and make it a rule", false },
    { .name = NULL },
};

const struct args_command noun_request[] = {
    { .name = "list",
      .says = "what waits for your word",
      .examples = { "request list", "request list --state denied" },
      .options = list_options,
      .run = list },
    { .name = "show",
      .takes = "ID",
      .says = "what is asked, in the vault's own words, with its risks",
      .examples = { "request show 01M80XBAVGRFVVVX9QRHKJ8E9C",
                    "request show 01M80XBAVGRFVVVX9QRHKJ8E9C --json" },
      .min = 1,
      .max = 1,
      .run = cmd_request_show },
    { .name = "approve",
      .takes = "ID",
      .says = "say yes, to all, to part, or to less; shows it and asks, unless "
              "you name what",
      .examples = { "request approve ID --only service.billing:1",
                    "request approve ID --all --window 30d --life 90d" },
      .min = 1,
      .max = 1,
      .options = approve_options,
      .run = cmd_request_approve },
    { .name = "deny",
      .takes = "ID",
      .says = "say no",
      .examples = { "request deny ID", "request deny ID --never" },
      .min = 1,
      .max = 1,
      .options = deny_options,
      .run = deny },
    { .name = "counter",
      .takes = "ID PURPOSE",
      .says = "offer less, also of what the firm promises; it may accept it",
      .examples = { "request counter ID service.billing --keep 7d",
                    "request counter ID service.billing --item 1 --detail "
                    "mean/1h --onward no" },
      .min = 2,
      .max = 2,
      .options = counter_options,
      .run = cmd_request_counter },
    { .name = "preview",
      .takes = "ID",
      .says = "the rows that would leave, if you approved it so now",
      .examples = { "request preview ID --rows 20",
                    "request preview ID --all --detail mean/1h" },
      .min = 1,
      .max = 1,
      .options = preview_options,
      .run = cmd_request_preview },
    { .name = NULL },
};
