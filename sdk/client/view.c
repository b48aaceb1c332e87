#include "client/view.h"

#include <stdlib.h>
#include <string.h>

/* The numbers of both lists are those of the block format. */
_Static_assert((int)VAULT_JSON == (int)VLT_TYPE_JSON, "the types differ");

enum { BITS = 8 };

int
vault_present(const struct vault_column *column, size_t row)
{
    return column->present == NULL ||
           (column->present[row / BITS] >> (row % BITS) & 1) != 0;
}

static void *
as_doubles(const struct vlt_column *from, size_t rows)
{
    double *out = calloc(rows, sizeof *out);

    for (size_t i = 0; out != NULL && from->bits != NULL && i < rows; i++) {
        out[i] = vlt_f64_of(from->bits[i]);
    }
    return out;
}

static void *
as_integers(const struct vlt_column *from, size_t rows)
{
    int64_t *out = calloc(rows, sizeof *out);

    if (out != NULL && from->bits != NULL) {
        memcpy(out, from->bits, rows * sizeof *out);
    }
    return out;
}

static void *
as_flags(const struct vlt_column *from, size_t rows)
{
    uint8_t *out = calloc(rows, sizeof *out);

    for (size_t i = 0; out != NULL && from->bits != NULL && i < rows; i++) {
        out[i] = from->bits[i] != 0;
    }
    return out;
}

static void *
as_texts(const struct vlt_rows *rows, size_t place, size_t count)
{
    struct vault_text *out = calloc(count, sizeof *out);

    for (size_t i = 0; out != NULL && place != SIZE_MAX && i < count; i++) {
        struct vlt_slice text = vlt_rows_text(rows, i, place);

        out[i] = (struct vault_text){ (const char *)text.at, text.len };
    }
    return out;
}

/* Fill a column from the rows' at place; SIZE_MAX: they have none. */
static enum vlt_status
fill(struct vlt_view *view, size_t at, const struct vlt_rows *rows,
     size_t place)
{
    struct vault_column *out = &view->columns[at];
    struct vlt_column from = { .bits = NULL };
    size_t count = view->page.rows;

    out->present = view->absent;
    if (place != SIZE_MAX) {
        from = vlt_rows_column(rows, place);
        out->present = from.bitmap;
    }
    switch (out->type) {
    case VAULT_F64:
        out->f64 = view->values[at] = as_doubles(&from, count);
        break;
    case VAULT_I64:
        out->i64 = view->values[at] = as_integers(&from, count);
        break;
    case VAULT_BOOL:
        out->flag = view->values[at] = as_flags(&from, count);
        break;
    case VAULT_TEXT:
    case VAULT_JSON:
        out->text = view->values[at] = as_texts(rows, place, count);
        break;
    }
    return view->values[at] != NULL ? VLT_OK : VLT_E_NOMEM;
}

enum vlt_status
vlt_view_make(const struct vlt_rows *rows, const struct vlt_one_series *one,
              struct vlt_view *out)
{
    enum vlt_status st = VLT_OK;
    size_t count = vlt_rows_count(rows);

    *out = (struct vlt_view){ .page = { .rows = count } };
    if (count == 0 || one == NULL) {
        out->page.stream = one != NULL ? one->stream : NULL;
        out->page.rows = 0;
        return VLT_OK;
    }
    out->page.stream = one->stream;
    out->page.time = vlt_rows_times(rows);
    out->page.columns = one->count;
    out->page.column = out->columns;
    out->absent = calloc(count / BITS + 1, 1);
    if (out->absent == NULL) {
        return VLT_E_NOMEM;
    }
    for (size_t i = 0; i < one->count && st == VLT_OK; i++) {
        const struct vlt_series_column *column = &one->columns[i];

        out->columns[i].name = column->name;
        out->columns[i].type = (enum vault_type)column->field.type;
        st = fill(out, i, rows, vlt_rows_find(rows, column->field.id));
    }
    return st;
}

void
vlt_view_free(struct vlt_view *view)
{
    for (size_t i = 0; i < VLT_COLUMNS_MAX; i++) {
        free(view->values[i]);
    }
    free(view->absent);
    *view = (struct vlt_view){ .absent = NULL };
}
