#include "cli/view.h"

#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "cli/ago.h"
#include "cli/table.h"

enum { LIST_SHOWN = 6, NANO = 1000000000 };

const struct vlt_json *
view_member(const struct vlt_json *object, const char *path)
{
    char name[64];

    for (;;) {
        size_t len = strcspn(path, ".");

        if (len >= sizeof name) {
            return NULL;
        }
        memcpy(name, path, len);
        name[len] = '\0';
        object = vlt_json_get(object, name);
        if (path[len] == '\0' || object == NULL) {
            return object;
        }
        path += len + 1;
    }
}

static void
put_plain(const struct vlt_json *value, struct vlt_buf *out)
{
    if (vlt_json_kind(value) == VLT_JSON_TEXT) {
        vlt_buf_put_slice(out, vlt_json_text_of(value));
    } else if (vlt_json_kind(value) == VLT_JSON_BOOL) {
        vlt_buf_put_text(out, vlt_json_bool_of(value) ? "yes" : "no");
    } else {
        vlt_json_print(value, false, out);
    }
}

static void
put_list(const struct vlt_json *list, struct vlt_buf *out)
{
    size_t count = vlt_json_count(list);

    if (count == 0) {
        vlt_buf_put_text(out, "-");
        return;
    }
    if (vlt_json_kind(vlt_json_item(list, 0)) == VLT_JSON_OBJECT) {
        vlt_buf_printf(out, "%zu", count);
        return;
    }
    for (size_t i = 0; i < count && i < LIST_SHOWN; i++) {
        vlt_buf_put_text(out, i > 0 ? ", " : "");
        put_plain(vlt_json_item(list, i), out);
    }
    if (count > LIST_SHOWN) {
        vlt_buf_printf(out, " and %zu more", count - LIST_SHOWN);
    }
}

static void
put_time(const struct vlt_json *value, int64_t now, struct vlt_buf *out)
{
    int64_t time;

    if (vlt_time_parse(vlt_json_text_of(value), &time) == VLT_OK) {
        ago_put(time, now, out);
    } else {
        put_plain(value, out);
    }
}

/* Half away from zero. */
static int64_t
scaled(int64_t value, int64_t by)
{
    int64_t half = value < 0 ? -by / 2 : by / 2;

    return value / by + (value % by + half) / by;
}

static void
put_signed(int64_t value, struct vlt_buf *out)
{
    vlt_buf_printf(out, "%s%lld", value > 0 ? "+" : "", (long long)value);
}

static void
put_ms(double ms, struct vlt_buf *out)
{
    if (ms < 0.1) {
        vlt_buf_put_text(out, "less than 0.1 ms");
    } else {
        vlt_buf_printf(out, ms < 10 ? "%.1f ms" : "%.0f ms", ms);
    }
}

void
view_value(const struct vlt_json *value, enum view_as as, int64_t now,
           struct vlt_buf *out)
{
    enum vlt_json_kind kind = vlt_json_kind(value);

    if (kind == VLT_JSON_NULL ||
        (as == VIEW_LINE && vlt_json_int_of(value) == 0)) {
        vlt_buf_put_text(out, "-");
    } else if (kind == VLT_JSON_LIST) {
        put_list(value, out);
    } else if (as == VIEW_THEIRS) {
        vlt_buf_put_text(out, "» ");
        put_plain(value, out);
    } else if (as == VIEW_AGO || as == VIEW_ENDS) {
        put_time(value, now, out);
    } else if (as == VIEW_SPAN && kind == VLT_JSON_INT) {
        ago_put_span(vlt_json_int_of(value), out);
    } else if (as == VIEW_MS &&
               (kind == VLT_JSON_INT || kind == VLT_JSON_REAL)) {
        put_ms(vlt_json_number_of(value), out);
    } else if (as == VIEW_SIGNED && kind == VLT_JSON_INT) {
        put_signed(vlt_json_int_of(value), out);
    } else if (as == VIEW_NANO && kind == VLT_JSON_INT) {
        put_signed(scaled(vlt_json_int_of(value), NANO), out);
    } else if (as == VIEW_MILLI && kind == VLT_JSON_INT) {
        vlt_buf_printf(out, "%lld",
                       (long long)scaled(vlt_json_int_of(value), 1000));
    } else if (as == VIEW_BYTES && kind == VLT_JSON_INT) {
        ago_put_bytes(vlt_json_int_of(value), out);
    } else {
        put_plain(value, out);
    }
}

static bool
state_is(const struct vlt_json *object, const char *state)
{
    return vlt_slice_is(vlt_json_text_of(vlt_json_get(object, "state")), state);
}

static bool
waits(const struct vlt_json *object)
{
    return state_is(object, "pending") || state_is(object, "countered");
}

static bool
part_waits(const struct vlt_json *object)
{
    const struct vlt_json *parts = vlt_json_get(object, "parts");

    for (size_t i = 0; i < vlt_json_count(parts); i++) {
        if (waits(vlt_json_item(parts, i))) {
            return true;
        }
    }
    return waits(object);
}

/* The member of a column; NULL: what is over has no end to come. */
static const struct vlt_json *
value_of(const struct vlt_json *object, const struct view_column *column)
{
    bool over = column->as == VIEW_ENDS && !part_waits(object) &&
                !state_is(object, "active") && !state_is(object, "suspended");

    return over ? NULL : view_member(object, column->member);
}

/* Append a column's value of an object. */
static void
put_cell(const struct vlt_json *object, const struct view_column *column,
         int64_t now, struct vlt_buf *out)
{
    view_value(value_of(object, column), column->as, now, out);
    if (column->as == VIEW_STATE && !waits(object) && part_waits(object)) {
        vlt_buf_put_text(out, ", other parts wait");
    }
}

static bool
is_right(enum view_as as)
{
    return as == VIEW_NUMBER || as == VIEW_LINE || as == VIEW_SIGNED ||
           as == VIEW_BYTES || as == VIEW_SPAN || as == VIEW_MS ||
           as == VIEW_MILLI || as == VIEW_NANO;
}

/* The heads and the alignment of a table of columns; their number. */
static size_t
layout(const struct view_column *columns, const char **heads, char *align)
{
    size_t count = 0;

    for (; count < TABLE_COLUMNS && columns[count].head != NULL; count++) {
        heads[count] = columns[count].head;
        align[count] = is_right(columns[count].as) ? 'r' : 'l';
    }
    align[count] = '\0';
    return count;
}

static void
put_row(struct run *run, struct table *table, const struct view_column *columns,
        const struct vlt_json *item)
{
    struct vlt_buf cell = { 0 };

    for (; columns->head != NULL; columns++) {
        vlt_buf_clear(&cell);
        put_cell(item, columns, run->now, &cell);
        table_put(table, vlt_buf_slice(&cell));
    }
    vlt_buf_free(&cell);
}

void
view_table(struct run *run, const struct view_column *columns,
           const struct vlt_json *list)
{
    const char *heads[TABLE_COLUMNS];
    char align[TABLE_COLUMNS + 1];

    layout(columns, heads, align);
    struct table *table = table_new(heads, align);

    if (table == NULL) {
        return;
    }
    for (size_t i = 0; i < vlt_json_count(list); i++) {
        put_row(run, table, columns, vlt_json_item(list, i));
    }
    table_print(table, run->out.colour, &run->text);
    table_free(table);
}

void
view_fields(struct run *run, const struct view_column *columns,
            const struct vlt_json *object)
{
    struct table *table = table_new(NULL, "ll");
    struct vlt_buf cell = { 0 };

    if (table == NULL) {
        return;
    }
    for (; columns->head != NULL; columns++) {
        if (vlt_json_kind(value_of(object, columns)) == VLT_JSON_NULL) {
            continue;
        }
        vlt_buf_clear(&cell);
        put_cell(object, columns, run->now, &cell);
        table_put_text(table, columns->head);
        table_put(table, vlt_buf_slice(&cell));
    }
    table_print(table, false, &run->text);
    vlt_buf_free(&cell);
    table_free(table);
}

void
view_theirs(struct run *run, const struct vlt_json *text)
{
    vlt_buf_put_text(&run->text, "  » ");
    vlt_text_put_escaped(&run->text, vlt_json_text_of(text));
    vlt_buf_put_text(&run->text, "\n");
}

void
view_result(struct run *run, const char *member,
            const struct view_column *columns)
{
    if (run->json) {
        run_print_answer(run);
    } else {
        view_fields(run, columns,
                    member != NULL ? vlt_json_get(run->result, member)
                                   : run->result);
    }
}

int
view_answer(struct run *run, const char *method, const char *member,
            const struct view_column *columns)
{
    int code = run_ask(run, method);

    if (code == RUN_DONE) {
        view_result(run, member, columns);
    }
    return code;
}
