#include <string.h>

#include "base/text.h"
#include "vaultctl/vaultctl.h"

static const struct view_column list_columns[] = {
    { "interaction", "id", VIEW_TEXT },
    { "firm", "firm", VIEW_TEXT },
    { "when", "t_event", VIEW_AGO },
    { "kind", "kind", VIEW_TEXT },
    { "by", "channel", VIEW_TEXT },
    { "what", "subject", VIEW_TEXT },
    { "quality", "perceived.q", VIEW_NUMBER },
    { .head = NULL },
};

static const struct view_column added_columns[] = {
    { "interaction", "id", VIEW_TEXT },
    { .head = NULL },
};

static const struct view_column rated_columns[] = {
    { "interaction", "id", VIEW_TEXT },
    { "quality of 1000", "q", VIEW_TEXT },
    { "against expected", "d", VIEW_TEXT },
    { "score", "score", VIEW_MILLI },
    { .head = NULL },
};

static const struct view_column score_columns[] = {
    { "firm", "firm", VIEW_TEXT },
    { "score", "S", VIEW_MILLI },
    { "level of 1000", "L", VIEW_MILLI },
    { "class", "class", VIEW_TEXT },
    { "n", "n", VIEW_TEXT },
    { "constants", "version", VIEW_TEXT },
    { .head = NULL },
};

static const struct view_column part_columns[] = {
    { "interaction", "id", VIEW_TEXT },
    { "difference", "d", VIEW_NUMBER },
    { "weight", "weight", VIEW_NUMBER },
    { "share, ppm", "share_ppm", VIEW_NUMBER },
    { "adds", "delta", VIEW_NANO },
    { .head = NULL },
};

/* A number on a scale, as {"scale","raw"} or as members of its own. */
static int
put_raw(struct run *run, struct vlt_json_out *put, const char *text)
{
    double raw;

    if (vlt_double_parse(vlt_slice_text(text), &raw) != VLT_OK) {
        return run_says(run, RUN_USAGE,
                        "\"%s\" is no number; rate from 0 to 10, or say "
                        "--scale",
                        text);
    }
    vlt_put_double(put, "raw", raw);
    return RUN_DONE;
}

static int
put_scaled(struct run *run, const char *member, const char *option)
{
    const char *value = args_value(run->args, option);
    const char *scale = args_value(run->args, "scale");

    if (value == NULL) {
        return RUN_DONE;
    }
    vlt_put_object(&run->put, member);
    vlt_put_text(&run->put, "scale", scale != NULL ? scale : "nps");
    int code = put_raw(run, &run->put, value);

    vlt_put_end(&run->put);
    return code;
}

static void
put_practices(struct run *run, struct vlt_json_out *put)
{
    if (!args_has(run->args, "practice")) {
        return;
    }
    vlt_put_list(put, "practices");
    for (size_t i = 0; args_each(run->args, "practice", i) != NULL; i++) {
        vlt_put_object(put, NULL);
        vlt_put_text(put, "practice", args_each(run->args, "practice", i));
        vlt_put_end(put);
    }
    vlt_put_end(put);
}

static int
put_effort(struct run *run, struct vlt_json_out *put)
{
    int code = RUN_DONE;

    if (!args_has(run->args, "minutes") && !args_has(run->args, "contacts")) {
        return code;
    }
    vlt_put_object(put, "effort");
    code = run_put_int(run, "minutes", "minutes");
    if (code == RUN_DONE) {
        code = run_put_int(run, "contacts", "contacts");
    }
    vlt_put_end(put);
    return code;
}

static int
add(struct run *run)
{
    struct vlt_json_out *put = run_params(run, true);
    int code = run_put_time(run, "t_event", "at");

    ctl_put_word(run, "firm", 0);
    put_practices(run, put);
    run_put_text(run, "channel", "channel");
    run_put_text(run, "direction", "direction");
    run_put_text(run, "kind", "kind");
    run_put_text(run, "role", "role");
    run_put_text(run, "subject", "subject");
    run_put_text(run, "words", "words");
    if (code == RUN_DONE) {
        code = put_effort(run, put);
    }
    if (code == RUN_DONE) {
        code = run_put_int(run, "weight", "weight");
    }
    if (code == RUN_DONE) {
        code = put_scaled(run, "expected", "expect");
    }
    if (code == RUN_DONE) {
        code = put_scaled(run, "perceived", "rate");
    }
    return code != RUN_DONE
               ? code
               : view_answer(run, "interaction.add", NULL, added_columns);
}

static int
fill_list(struct run *run)
{
    ctl_put_word(run, "firm", 0);
    run_put_text(run, "role", "role");
    run_put_text(run, "kind", "kind");
    run_put_text(run, "practice", "practice");
    int code = run_put_time(run, "from", "from");

    return code != RUN_DONE ? code : run_put_time(run, "to", "to");
}

static int
list(struct run *run)
{
    static const struct view_list view = {
        .method = "interaction.list",
        .array = "interactions",
        .columns = list_columns,
        .none = "no interactions; type: vaultctl interaction add FIRM",
        .fill = fill_list,
    };

    return view_list(run, &view);
}

static int
rate(struct run *run)
{
    struct vlt_json_out *put = run_params(run, true);

    ctl_put_word(run, "id", 0);
    run_put_text(run, "scale", "scale");
    run_put_text(run, "words", "words");
    int code = put_raw(run, put, args_word(run->args, 1));

    return code != RUN_DONE
               ? code
               : view_answer(run, "interaction.rate", NULL, rated_columns);
}

static int
score(struct run *run)
{
    struct vlt_json_out *put = run_params(run, false);

    ctl_put_word(run, "firm", 0);
    run_put_text(run, "role", "role");
    if (args_has(run->args, "with-retrospective")) {
        vlt_put_bool(put, "with_retrospective", true);
    }
    int code = run_put_time(run, "at", "at");

    if (code == RUN_DONE) {
        code = view_answer(run, "interaction.score", NULL, score_columns);
    }
    if (code == RUN_DONE && !run->json) {
        vlt_buf_put_text(&run->text, "\n");
        view_table(run, part_columns,
                   vlt_json_get(run->result, "contributions"));
    }
    return code;
}

static const struct args_option add_options[] = {
    { "at", "TIME", "when it was; now", false },
    { "practice", "NAME",
      "informing, greeting, delivering, charging or helping", true },
    { "channel", "HOW",
      "face, phone, email, chat, web, app, letter, device, community, other",
      false },
    { "direction", "WAY", "firm-person, person-firm or mutual", false },
    { "kind", "KIND", "stabilizing, critical, planned or routine", false },
    { "role", "ROLE", "yours: user, payer, buyer-for-others, employee, other",
      false },
    { "subject", "TEXT", "in a few words", false },
    { "words", "TEXT", "your own, kept apart", false },
    { "minutes", "N", "what it cost you", false },
    { "contacts", "N", "how often you had to turn to them", false },
    { "weight", "N", "1 to 3", false },
    { "expect", "N", "what you had expected, 0 to 10", false },
    { "rate", "N", "what it was, 0 to 10", false },
    { "scale", "NAME", "of both; nps", false },
    { .name = NULL },
};

static const struct args_option list_options[] = {
    { "from", "TIME", "RFC 3339, a date, or 7d", false },
    { "to", "TIME", "the same", false },
    { "role", "ROLE", "only in this role of yours", false },
    { "kind", "KIND", "only of this kind", false },
    { "practice", "NAME", "only with this practice", false },
    { .name = NULL },
};

static const struct args_option rate_options[] = {
    { "scale", "NAME", "nps where it is not said", false },
    { "words", "TEXT", "your own, kept apart", false },
    { .name = NULL },
};

static const struct args_option score_options[] = {
    { "role", "ROLE", "in this role of yours", false },
    { "at", "TIME", "as it was known then", false },
    { "with-retrospective", NULL, "count what was expected afterwards", false },
    { .name = NULL },
};

const struct args_command noun_interaction[] = {
    { .name = "add",
      .takes = "FIRM",
      .says = "note what happened with a firm",
      .examples = { "interaction add brightgrid --practice informing "
                    "--channel phone",
                    "interaction add brightgrid --at 2d --expect 7 --rate 3" },
      .min = 1,
      .max = 1,
      .options = add_options,
      .run = add },
    { .name = "list",
      .takes = "[FIRM]",
      .says = "what was noted",
      .examples = { "interaction list", "interaction list brightgrid" },
      .max = 1,
      .options = list_options,
      .run = list },
    { .name = "rate",
      .takes = "ID 0-10",
      .says = "how it was: one number is all that is ever asked for",
      .examples = { "interaction rate 01M80XE2R06J9ATSEGBABKZVWJ 8",
                    "interaction rate 01M80XE2R06J9ATSEGBABKZVWJ 4 --scale "
                    "likert-5" },
      .min = 2,
      .max = 2,
      .options = rate_options,
      .run = rate },
    { .name = "score",
      .takes = "FIRM",
      .says = "the running score of a firm, and what it is made of",
      .examples = { "interaction score brightgrid",
                    "interaction score brightgrid --json" },
      .min = 1,
      .max = 1,
      .options = score_options,
      .run = score },
    { .name = "mark", .says = "" },
    { .name = "show", .says = "" },
    { .name = "amend", .says = "" },
    { .name = "gone", .says = "" },
    { .name = "import", .says = "" },
    { .name = "rule", .says = "" },
    { .name = NULL },
};
