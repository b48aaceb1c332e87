#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/table.h"
#include "cli/view.h"

enum { PAGES = 10000 };

/* All pages of a list as one JSON list, in text. */
static int
gather(struct run *run, const struct view_list *list, struct vlt_buf *all)
{
    char *cursor = NULL;
    int code = RUN_DONE;
    size_t pages = 0;

    vlt_buf_put_text(all, "[");
    do {
        struct vlt_json_out *put = run_params(run, false);

        code = list->fill != NULL ? list->fill(run) : RUN_DONE;
        if (cursor != NULL) {
            vlt_put_text(put, "cursor", cursor);
        }
        free(cursor);
        cursor = NULL;
        if (code != RUN_DONE || (code = run_ask(run, list->method)) != 0) {
            break;
        }
        const struct vlt_json *items = vlt_json_get(run->result, list->array);
        const struct vlt_json *next = vlt_json_get(run->result, "cursor");

        for (size_t i = 0; i < vlt_json_count(items); i++) {
            vlt_buf_put_text(all, all->len > 1 ? "," : "");
            vlt_json_print(vlt_json_item(items, i), false, all);
        }
        if (vlt_json_kind(next) == VLT_JSON_TEXT) {
            cursor = vlt_text_copy(vlt_json_text_of(next));
        }
    } while (cursor != NULL && ++pages < PAGES);
    free(cursor);
    vlt_buf_put_text(all, "]");
    return code;
}

static int
print(struct run *run, const struct view_list *list, struct vlt_buf *all)
{
    struct vlt_json *items = NULL;

    if (run->json) {
        vlt_buf_printf(&run->text, "{\"%s\":", list->array);
        vlt_buf_put_slice(&run->text, vlt_buf_slice(all));
        vlt_buf_put_text(&run->text, "}\n");
        return RUN_DONE;
    }
    if (vlt_json_parse(vlt_buf_slice(all), VLT_BUF_MAX, 40, NULL, &items) !=
        VLT_OK) {
        return run_says(run, RUN_FAILED, "the list does not fit into memory");
    }
    if (vlt_json_count(items) == 0) {
        vlt_buf_printf(&run->text, "%s\n", list->none);
    } else {
        view_table(run, list->columns, items);
    }
    vlt_json_free(items);
    return RUN_DONE;
}

const char *
view_none(const struct run *run, const char *what, const char *none,
          char out[VIEW_NONE])
{
    const char *state = args_value(run->args, "state");
    const char *firm = args_value(run->args, "firm");

    if (state != NULL) {
        snprintf(out, VIEW_NONE, "no %s%s%.100s is %.32s", what,
                 firm != NULL ? " of " : "", firm != NULL ? firm : "", state);
    } else {
        snprintf(out, VIEW_NONE, "%s%s%.100s", none, firm != NULL ? " of " : "",
                 firm != NULL ? firm : "");
    }
    return out;
}

int
view_list(struct run *run, const struct view_list *list)
{
    struct vlt_buf all = { 0 };
    int code = gather(run, list, &all);

    if (code == RUN_DONE) {
        code = print(run, list, &all);
    }
    vlt_buf_free(&all);
    return code;
}
