#include "cli/table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/term.h"

enum { GAP = 2, WIDE = 48 };

struct table {
    const char *const *heads;
    char align[TABLE_COLUMNS + 1];
    size_t columns;
    size_t widths[TABLE_COLUMNS];
    struct vlt_buf text; /* all cells, one behind the other */
    struct vlt_buf ends; /* of each: size_t */
    size_t cells;
};

struct table *
table_new(const char *const *heads, const char *align)
{
    struct table *table = calloc(1, sizeof *table);

    if (table == NULL) {
        return NULL;
    }
    table->columns = strlen(align);
    assert(table->columns >= 1 && table->columns <= TABLE_COLUMNS);
    memcpy(table->align, align, table->columns);
    table->heads = heads;
    for (size_t i = 0; heads != NULL && i < table->columns; i++) {
        table->widths[i] = term_width(vlt_slice_text(heads[i]));
    }
    return table;
}

void
table_free(struct table *table)
{
    if (table != NULL) {
        vlt_buf_free(&table->text);
        vlt_buf_free(&table->ends);
        free(table);
    }
}

void
table_put(struct table *table, struct vlt_slice text)
{
    size_t begin = table->text.len;

    vlt_text_put_escaped(&table->text, text);
    if (vlt_buf_failed(&table->text)) {
        return;
    }
    size_t end = table->text.len;
    size_t *width = &table->widths[table->cells % table->columns];
    size_t own =
        end == begin
            ? 0
            : term_width(vlt_slice_of(table->text.at + begin, end - begin));

    own = own > WIDE ? WIDE : own; /* it stands out, and widens nothing */
    *width = own > *width ? own : *width;
    vlt_buf_put(&table->ends, &end, sizeof end);
    table->cells++;
}

void
table_put_text(struct table *table, const char *text)
{
    table_put(table, vlt_slice_text(text != NULL ? text : ""));
}

size_t
table_rows(const struct table *table)
{
    return table->cells / table->columns;
}

static size_t
end_of(const struct table *table, size_t cell)
{
    size_t end;

    memcpy(&end, table->ends.at + cell * sizeof end, sizeof end);
    return end;
}

static struct vlt_slice
cell_at(const struct table *table, size_t cell)
{
    size_t begin = cell == 0 ? 0 : end_of(table, cell - 1);
    size_t len = end_of(table, cell) - begin;

    return len == 0 ? vlt_slice_text("")
                    : vlt_slice_of(table->text.at + begin, len);
}

static void
blanks(struct vlt_buf *out, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        vlt_buf_put_u8(out, ' ');
    }
}

static void
put_cell(const struct table *table, size_t column, struct vlt_slice text,
         struct vlt_buf *out)
{
    size_t used = term_width(text);
    size_t width = table->widths[column];
    size_t room = width > used ? width - used : 0;
    bool right = table->align[column] == 'r';

    if (right) {
        blanks(out, room);
    }
    vlt_buf_put_slice(out, text);
    if (column + 1 < table->columns) {
        blanks(out, (right ? 0 : room) + GAP);
    }
}

/* Blanks at the end of a row say nothing. */
static void
end_row(struct vlt_buf *out, size_t begin)
{
    while (!vlt_buf_failed(out) && out->len > begin &&
           out->at[out->len - 1] == ' ') {
        out->len--;
    }
    vlt_buf_put_u8(out, '\n');
}

void
table_print(const struct table *table, bool colour, struct vlt_buf *out)
{
    if (vlt_buf_failed(&table->text) || vlt_buf_failed(&table->ends)) {
        return;
    }
    size_t begin = out->len;

    if (table->heads != NULL) {
        vlt_buf_put_text(out, colour ? "\033[1m" : "");
        begin = out->len;
        for (size_t i = 0; i < table->columns; i++) {
            put_cell(table, i, vlt_slice_text(table->heads[i]), out);
        }
        end_row(out, begin);
        vlt_buf_put_text(out, colour ? "\033[0m" : "");
    }
    for (size_t row = 0; row < table_rows(table); row++) {
        begin = out->len;
        for (size_t i = 0; i < table->columns; i++) {
            put_cell(table, i, cell_at(table, row * table->columns + i), out);
        }
        end_row(out, begin);
    }
}
