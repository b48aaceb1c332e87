#include "vaultctl/heads.h"

static const struct view_column list_columns[] = {
    { "grant", "id", VIEW_TEXT },
    { "firm", "firm", VIEW_TEXT },
    { "state", "state", VIEW_TEXT },
    { "purpose", "purpose", VIEW_TEXT },
    { "action", "action", VIEW_TEXT },
    { "streams", "streams", VIEW_LIST },
    { "ends", "exp", VIEW_ENDS },
    { "last read", "last_use", VIEW_AGO },
    { .head = NULL },
};

static const struct view_column show_columns[] = {
    { "grant", "id", VIEW_TEXT },
    { "firm", "firm", VIEW_TEXT },
    { "state", "state", VIEW_TEXT },
    { "purpose", "purpose", VIEW_TEXT },
    { "basis", "basis", VIEW_TEXT },
    { "action", "action", VIEW_TEXT },
    { "given by", "born", VIEW_TEXT },
    { "rules", "rules", VIEW_LIST },
    { "from", "nbf", VIEW_TEXT },
    { "until", "exp", VIEW_TEXT },
    { "ended", "ended.at", VIEW_TEXT },
    { "ended by", "ended.by", VIEW_TEXT },
    { "uses left", "uses_left", VIEW_NUMBER },
    { "it keeps for", "keep_s", VIEW_SPAN },
    { "streams", "streams", VIEW_LIST },
    { "waiting streams", "held", VIEW_LIST },
    { "suspended from", "suspension.from", VIEW_TEXT },
    { "suspended until", "suspension.until", VIEW_TEXT },
    { "hidden from the firm", "suspension.hidden", VIEW_TEXT },
    { "in place of", "renews", VIEW_TEXT },
    { "last read", "last_use", VIEW_AGO },
    { "uses that wait for you", "uses_waiting.count", VIEW_NUMBER },
    { "the oldest", "uses_waiting.since", VIEW_AGO },
    { "countersigned", "countersigned", VIEW_TEXT },
    { "uses it signed for", "acknowledged.count", VIEW_NUMBER },
    { "the last", "acknowledged.last", VIEW_AGO },
    { .head = NULL },
};

static const struct view_column item_columns[] = {
    { "item", "n", VIEW_NUMBER },
    { "data", "data", VIEW_TEXT },
    { "as", "stats", VIEW_LIST },
    { "of each", "bucket_s", VIEW_SPAN },
    { "back", "window_s", VIEW_SPAN },
    { "late", "delay_s", VIEW_SPAN },
    { .head = NULL },
};

static const struct view_column revoked_columns[] = {
    { "grant", "grant", VIEW_TEXT },
    { "state", "state", VIEW_TEXT },
    { "ended", "ended_at", VIEW_TEXT },
    { "rows sent by open answers", "rows", VIEW_NUMBER },
    { "sending stopped after", "silence_ms", VIEW_MS },
    { .head = NULL },
};

static const struct view_column many_columns[] = {
    { "grant", "grant", VIEW_TEXT },
    { "state", "state", VIEW_TEXT },
    { "rows sent by open answers", "rows", VIEW_NUMBER },
    { .head = NULL },
};

static int
fill_list(struct run *run)
{
    run_put_text(run, "state", "state");
    run_put_text(run, "firm", "firm");
    return RUN_DONE;
}

static int
list(struct run *run)
{
    char none[VIEW_NONE];
    struct view_list view = {
        .method = "grant.list",
        .array = "grants",
        .columns = list_columns,
        .none = view_none(run, "grant", "no grants in force", none),
        .fill = fill_list,
    };

    return view_list(run, &view);
}

static int
show(struct run *run)
{
    run_params(run, false);
    ctl_put_word(run, "grant", 0);
    int code = view_answer(run, "grant.show", "grant", show_columns);

    if (code == RUN_DONE && !run->json) {
        vlt_buf_put_text(&run->text, "\n");
        const struct vlt_json *items = view_member(run->result, "grant.items");

        view_table(run, item_columns, items);
        ctl_show_least(run, items,
                       vlt_json_int_of(view_member(
                           run->result, "grant.obligations.min_readings")));
    }
    return code;
}

/* One at a time, so that each answer tells of one grant. */
static int
revoke_one(struct run *run, const char *id)
{
    struct vlt_json_out *put = run_params(run, true);

    vlt_put_text(put, "grant", id);
    return view_answer(run, "grant.revoke", NULL, revoked_columns);
}

/* One that cannot be ended keeps no other in force, and is named. */
static int
revoke_each(struct run *run)
{
    int first = RUN_DONE;

    for (size_t i = 0; i < run->args->count; i++) {
        const char *id = args_word(run->args, i);
        int code = revoke_one(run, id);

        if (code != RUN_DONE && run->args->count > 1) {
            (void)run_says(run, code, "so grant %s was not ended by this", id);
        }
        first = first == RUN_DONE ? code : first;
    }
    return first;
}

static int
revoke_many(struct run *run)
{
    int code;

    run_params(run, true);
    ctl_put_grants(run);
    code = run_ask(run, "grant.revoke");

    if (code != RUN_DONE || run->json) {
        if (code == RUN_DONE) {
            run_print_answer(run);
        }
        return code;
    }
    const struct vlt_json *grants = vlt_json_get(run->result, "grants");

    if (vlt_json_count(grants) == 0) {
        vlt_buf_put_text(&run->text, "there was no grant to revoke\n");
    } else {
        view_table(run, many_columns, grants);
    }
    return code;
}

/* Asked before anything ends, and only where there is something to end: the
 * vault knows the firm, and it has a grant in force. */
static int
confirm_many(struct run *run)
{
    bool all = args_has(run->args, "all");
    int code = args_has(run->args, "yes") ? RUN_DONE : run_connect(run);

    if (code != RUN_DONE || args_has(run->args, "yes")) {
        return code;
    }
    run_params(run, false);
    run_put_text(run, "firm", "firm");
    enum vault_status status = run_try(run, "grant.list");

    if (status == VAULT_E_NOT_FOUND) {
        return run_fail(run, status);
    }
    if (status == VAULT_OK &&
        vlt_json_count(vlt_json_get(run->result, "grants")) == 0) {
        return RUN_DONE;
    }
    return run_confirm(run, all ? "End every grant of every firm?"
                                : "End every grant of this firm?");
}

static int
revoke(struct run *run)
{
    bool many = args_has(run->args, "firm") || args_has(run->args, "all");
    int code = ctl_grants_said(run, "the grants' ids");

    if (code != RUN_DONE) {
        return code;
    }
    /* Taking back is no harder than giving: what is named is not asked for. */
    if (many) {
        code = confirm_many(run);
        code = code == RUN_DONE ? revoke_many(run) : code;
    } else {
        code = revoke_each(run);
    }
    if (code == RUN_DONE) {
        heads_note(run);
    }
    return code;
}

/* ---- between birth and end ---- */

static const struct view_column narrowed_columns[] = {
    { "grant", "grant", VIEW_TEXT },
    { "state", "state", VIEW_TEXT },
    { "terms", "terms", VIEW_NUMBER },
    { "until", "exp", VIEW_TEXT },
    { .head = NULL },
};

static const struct view_column renewed_columns[] = {
    { "grant", "grant", VIEW_TEXT }, { "in place of", "renews", VIEW_TEXT },
    { "state", "state", VIEW_TEXT }, { "from", "nbf", VIEW_TEXT },
    { "until", "exp", VIEW_TEXT },   { .head = NULL },
};

static const struct view_column admitted_columns[] = {
    { "grant", "grant", VIEW_TEXT },
    { "stream", "stream", VIEW_TEXT },
    { .head = NULL },
};

static const struct view_column invalid_columns[] = {
    { "grant", "grant", VIEW_TEXT },
    { "state", "state", VIEW_TEXT },
    { "ended", "ended_at", VIEW_TEXT },
    { .head = NULL },
};

static int
narrow(struct run *run)
{
    struct vlt_json_out *put = run_params(run, true);
    int code;

    ctl_put_word(run, "grant", 0);
    code = ctl_put_narrow(run, put);
    return code == RUN_DONE
               ? view_answer(run, "grant.narrow", NULL, narrowed_columns)
               : code;
}

static int
renew(struct run *run)
{
    return ctl_act(run, "grant.renew", "grant", renewed_columns);
}

static int
admit(struct run *run)
{
    run_params(run, true);
    ctl_put_word(run, "grant", 0);
    ctl_put_word(run, "stream", 1);
    return view_answer(run, "grant.admit", NULL, admitted_columns);
}

static int
invalidate(struct run *run)
{
    int code = run_confirm(run, "Mark this grant as unlawful from the start, "
                                "and end it?");

    return code == RUN_DONE
               ? ctl_act(run, "grant.invalidate", "grant", invalid_columns)
               : code;
}

static const struct args_option list_options[] = {
    { "state", "STATE",
      "one of those below; active and suspended where it is not said", false },
    { "firm", "NAME", "only of this firm", false },
    { .name = NULL },
};

static const struct args_option revoke_options[] = {
    { "firm", "NAME", "all of this firm", false },
    { "all", NULL, "all of all firms", false },
    { "yes", NULL, "do not ask", false },
    { .name = NULL },
};

static const struct args_option narrow_options[] = {
    { "streams", "PATTERN", "only these streams", true },
    { "detail", "DETAIL", "coarser, as mean/1h", false },
    { "round", "STEP", "rounded, as 0.5", false },
    { "delay", "SPAN", "later, as 1d", false },
    { "every", "SPAN", "less often, as 1h", false },
    { "window", "SPAN", "less far back, as 30d, or new", false },
    { "rate", "N/SPAN", "fewer, as 4/day", false },
    { "uses", "N", "at most so often in all", false },
    { "life", "SPAN", "shorter, as 90d", false },
    { "until", "TIME", "the same, by date", false },
    { "names", "HOW", "hide the names of streams", false },
    { "new-streams", "HOW", "hold streams that come later", false },
    { "ask-each", NULL, "ask me before each use", false },
    { "notify", "HOW", "tell me of each use, the first, daily or weekly",
      false },
    { .name = NULL },
};

static const struct args_option invalidate_options[] = {
    { "yes", NULL, "do not ask", false },
    { .name = NULL },
};

static const struct args_option receipt_options[] = {
    { "from", "N", "from this one on; the newest where it is not said", false },
    { "as", "FORM", "dpv or kantara, with the signed one in it", false },
    { "out", "FILE", "keep it there, for vaultfirm receipt verify", false },
    { .name = NULL },
};

static const char states[] =
    "states:\n"
    "  active     the firm may read by it\n"
    "  suspended  it gives nothing until it is resumed, or until a time\n"
    "  expired    its time is over\n"
    "  exhausted  all of its uses were taken\n"
    "  withdrawn  you ended it (grant revoke)\n"
    "  revoked    the vault ended it: a rule forbids it by now, its firm was "
    "blocked\n"
    "             or forgotten, or the agreement that it needs is missing\n"
    "  ended      the firm gave it back\n"
    "  invalid    you marked it as unlawful from the start (grant invalidate)\n"
    "  replaced   another took its place\n";

const struct args_command noun_grant[] = {
    { .name = "list",
      .more = states,
      .says = "what is given, to whom, until when",
      .examples = { "grant list", "grant list --firm brightgrid" },
      .options = list_options,
      .run = list },
    { .name = "show",
      .takes = "ID",
      .says = "one grant, with its terms",
      .examples = { "grant show 01M80XE2R06J9ATSEGBABKZVWC",
                    "grant show 01M80XE2R06J9ATSEGBABKZVWC --json" },
      .min = 1,
      .max = 1,
      .run = show },
    { .name = "revoke",
      .takes = "ID… | --firm NAME | --all",
      .says = "end it, now",
      .examples = { "grant revoke 01M80XE2R06J9ATSEGBABKZVWC",
                    "grant revoke --firm brightgrid --yes" },
      .max = ARGS_MANY,
      .options = revoke_options,
      .run = revoke },
    { .name = "receipt",
      .takes = "ID",
      .says = "the signed receipt of a grant",
      .examples = { "grant receipt 01M80XE2R06J9ATSEGBABKZVWC --as dpv",
                    "grant receipt 01M80XE2R06J9ATSEGBABKZVWC --from 1 --out "
                    "receipt.json" },
      .min = 1,
      .max = 1,
      .options = receipt_options,
      .run = cmd_grant_receipt },
    { .name = "suspend",
      .takes = "ID | --firm NAME | --all",
      .says = "give nothing until it is resumed, or until a time",
      .examples = { "grant suspend 01M80XE2R06J9ATSEGBABKZVWC --until 2d",
                    "grant suspend --firm brightgrid --from "
                    "2026-12-24T16:00:00Z --until 2027-01-02" },
      .max = 1,
      .options = grant_suspend_options,
      .run = cmd_grant_suspend },
    { .name = "resume",
      .takes = "ID | --firm NAME | --all",
      .says = "give again, or do not suspend it later on; rows dated between "
              "stay withheld, also those that come late; rows of before that "
              "came between are given",
      .examples = { "grant resume 01M80XE2R06J9ATSEGBABKZVWC",
                    "grant resume 01M80XE2R06J9ATSEGBABKZVWC --release-gap" },
      .max = 1,
      .options = grant_resume_options,
      .run = cmd_grant_resume },
    { .name = "narrow",
      .takes = "ID",
      .says = "give less from now on; the firm is not asked",
      .examples = { "grant narrow 01M80XE2R06J9ATSEGBABKZVWC --window 7d",
                    "grant narrow 01M80XE2R06J9ATSEGBABKZVWC --detail mean/1d "
                    "--rate 1/day" },
      .min = 1,
      .max = 1,
      .options = narrow_options,
      .run = narrow },
    { .name = "renew",
      .takes = "ID",
      .says = "the same terms again, in the 14 days before its end",
      .examples = { "grant renew 01M80XE2R06J9ATSEGBABKZVWC",
                    "grant renew 01M80XE2R06J9ATSEGBABKZVWC --json" },
      .min = 1,
      .max = 1,
      .run = renew },
    { .name = "admit",
      .takes = "GRANT STREAM",
      .says = "give a stream that waits",
      .examples = { "grant admit 01M80XE2R06J9ATSEGBABKZVWC home/meter",
                    "grant admit 01M80XE2R06J9ATSEGBABKZVWC home/meter "
                    "--json" },
      .min = 2,
      .max = 2,
      .run = admit },
    { .name = "invalidate",
      .takes = "ID",
      .says = "mark it as unlawful from the start, and end it",
      .examples = { "grant invalidate 01M80XE2R06J9ATSEGBABKZVWC",
                    "grant invalidate 01M80XE2R06J9ATSEGBABKZVWC --yes" },
      .min = 1,
      .max = 1,
      .options = invalidate_options,
      .run = invalidate },
    { .name = "held-by",
      .takes = "FIRM",
      .says = "what the firm still holds, by its own statements",
      .examples = { "grant held-by brightgrid",
                    "grant held-by brightgrid --json" },
      .min = 1,
      .max = 1,
      .run = cmd_grant_held },
    { .name = NULL },
};
