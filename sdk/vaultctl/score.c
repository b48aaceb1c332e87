/*
 * The score of a firm, in points and words: a level and a gap always stand side
 * by side.
 */
#include "base/text.h"
#include "cli/table.h"
#include "vaultctl/vaultctl.h"

enum { MILLI = 1000 };

static const struct view_column part_columns[] = {
    { "interaction", "id", VIEW_TEXT },
    { "against expected", "d", VIEW_SIGNED },
    { "weight", "weight", VIEW_NUMBER },
    { "adds", "delta", VIEW_NANO },
    { .head = NULL },
};

/* Whole points of thousandths, half away from zero. */
static int64_t
points(const struct vlt_json *thousandths)
{
    int64_t value = vlt_json_int_of(thousandths);
    int64_t half = value < 0 ? -MILLI / 2 : MILLI / 2;

    return value / MILLI + (value % MILLI + half) / MILLI;
}

static const char *
words_of(int64_t score)
{
    return score > 0   ? "better than expected"
           : score < 0 ? "worse than expected"
                       : "as expected";
}

/* One line of a list of fields, as printf of one number. */
static void
put_line(struct table *table, const char *head, struct vlt_buf *cell)
{
    table_put_text(table, head);
    table_put(table, vlt_buf_slice(cell));
    vlt_buf_clear(cell);
}

static void
put_score(struct table *table, const struct vlt_json *score,
          struct vlt_buf *cell)
{
    int64_t value = points(score);

    vlt_buf_printf(cell, "%s%lld, %s", value > 0 ? "+" : "", (long long)value,
                   words_of(value));
    put_line(table, "score", cell);
}

static void
put_fields(struct run *run, const struct vlt_json *score, struct table *table)
{
    const struct vlt_json *n = vlt_json_get(score, "n");
    const struct vlt_json *class = vlt_json_get(score, "class");
    struct vlt_buf cell = { 0 };

    put_score(table, vlt_json_get(score, "S"), &cell);
    vlt_buf_printf(&cell, "%lld of 1000",
                   (long long)points(vlt_json_get(score, "L")));
    put_line(table, "level", &cell);
    vlt_buf_printf(&cell, "%lld%s", (long long)vlt_json_int_of(n),
                   vlt_json_bool_of(vlt_json_get(score, "settled"))
                       ? ""
                       : ", not settled yet");
    put_line(table, "n", &cell);
    view_value(vlt_json_get(score, "last"), VIEW_AGO, run->now, &cell);
    vlt_buf_put_text(&cell, ", ");
    view_value(class, VIEW_TEXT, run->now, &cell);
    put_line(table, "last", &cell);
    view_value(vlt_json_get(score, "version"), VIEW_TEXT, run->now, &cell);
    put_line(table, "constants", &cell);
    vlt_buf_free(&cell);
}

void
ctl_show_score(struct run *run, const char *firm, const struct vlt_json *score)
{
    struct table *table = table_new(NULL, "ll");

    if (vlt_json_int_of(vlt_json_get(score, "n")) == 0) {
        vlt_buf_put_text(&run->text, "score  none yet; type: vaultctl "
                                     "interaction add ");
        vlt_text_put_escaped(&run->text, vlt_slice_text(firm));
        vlt_buf_put_text(&run->text, " --rate N\n");
    } else if (table != NULL) {
        put_fields(run, score, table);
        table_print(table, false, &run->text);
        vlt_buf_put_text(&run->text, "\n");
        view_table(run, part_columns, vlt_json_get(score, "contributions"));
    }
    table_free(table);
}

void
ctl_show_rating(struct run *run, const struct vlt_json *rated)
{
    struct table *table = table_new(NULL, "ll");
    struct vlt_buf cell = { 0 };

    if (table == NULL) {
        return;
    }
    view_value(vlt_json_get(rated, "id"), VIEW_TEXT, run->now, &cell);
    put_line(table, "interaction", &cell);
    vlt_buf_printf(&cell, "%lld of 1000",
                   (long long)vlt_json_int_of(vlt_json_get(rated, "q")));
    put_line(table, "quality", &cell);
    view_value(vlt_json_get(rated, "d"), VIEW_SIGNED, run->now, &cell);
    put_line(table, "against expected", &cell);
    put_score(table, vlt_json_get(rated, "score"), &cell);
    table_print(table, false, &run->text);
    vlt_buf_free(&cell);
    table_free(table);
}
