#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "text/text_internal.h"

void
policy_fault_print(struct vlt_buf *out, const struct policy_fault *fault)
{
    vlt_text_put_escaped(out, vlt_slice_text(fault->file));
    vlt_buf_printf(out, ":%d:%d: ", fault->line, fault->column);
    vlt_buf_put_text(out, fault->says);
}

void
policy_fault_unreadable(struct policy_fault *out, const char *file,
                        const char *why)
{
    *out = (struct policy_fault){ .file = file, .line = 1, .column = 1 };
    snprintf(out->code, sizeof out->code, "P01");
    snprintf(out->says, sizeof out->says,
             "cannot be read: %.200s, would be right: a file that you may "
             "read",
             why);
}

struct text_place
text_value_at(const struct vlt_yaml_node *node)
{
    return (struct text_place){ node->line, node->column };
}

struct text_place
text_key_at(const struct vlt_yaml_node *node)
{
    return (struct text_place){ node->key_line, node->key_column };
}

const char *
text_shown(struct vlt_slice text, char out[TEXT_SHOWN_LEN])
{
    struct vlt_buf buf;
    size_t cut = 0;
    size_t count = 0;

    vlt_buf_init(&buf, 0);
    while (cut < text.len && count < TEXT_SHOWN) {
        cut++;
        while (cut < text.len && (text.at[cut] & 0xC0) == 0x80) {
            cut++;
        }
        count++;
    }
    vlt_text_put_escaped(&buf, vlt_slice_of(text.at, cut));
    if (cut < text.len) {
        vlt_buf_put_text(&buf, "…");
    }
    const char *shown = vlt_buf_text(&buf);

    snprintf(out, TEXT_SHOWN_LEN, "%s", shown == NULL ? "?" : shown);
    vlt_buf_free(&buf);
    return out;
}

/* Room for one fault more; false: none, or enough are kept. */
static bool
grow(struct text_fault_list *list)
{
    if (list->count < list->room) {
        return true;
    }
    if (list->room >= TEXT_FAULTS_KEPT) {
        return false;
    }
    size_t room = list->room == 0 ? 16 : list->room * 2;
    struct policy_fault *at = realloc(list->at, room * sizeof *at);

    if (at == NULL) {
        list->failed = true;
        return false;
    }
    list->at = at;
    list->room = room;
    return true;
}

/* Has the YAML itself a fault at this place?  code NULL: any. */
static bool
spoilt(const struct text_fault_list *list, struct text_place at,
       const char *code)
{
    for (size_t i = 0; i < list->yaml; i++) {
        const struct policy_fault *fault = &list->at[i];

        if (fault->line == at.line && fault->column == at.column &&
            (code == NULL || strcmp(fault->code, code) == 0)) {
            return true;
        }
    }
    return false;
}

bool
text_repeated(const struct text_reading *reading,
              const struct vlt_yaml_node *member)
{
    return spoilt(&reading->faults, text_key_at(member), "P07");
}

void
text_fault(struct text_reading *reading, const char *code, struct text_place at,
           const char *format, ...)
{
    va_list args;

    reading->any_fault = true;
    if (spoilt(&reading->faults, at, NULL)) {
        return;
    }
    if (!grow(&reading->faults)) {
        reading->faults.lost++;
        return;
    }
    struct policy_fault *fault = &reading->faults.at[reading->faults.count++];

    *fault = (struct policy_fault){ .file = reading->file->name,
                                    .line = at.line,
                                    .column = at.column };
    snprintf(fault->code, sizeof fault->code, "%s", code);
    va_start(args, format);
    vsnprintf(fault->says, sizeof fault->says, format, args);
    va_end(args);
}

static int
by_place(const void *a, const void *b)
{
    const struct policy_fault *left = a;
    const struct policy_fault *right = b;

    if (left->line != right->line) {
        return left->line < right->line ? -1 : 1;
    }
    if (left->column != right->column) {
        return left->column < right->column ? -1 : 1;
    }
    int order = strcmp(left->code, right->code);

    return order != 0 ? order : strcmp(left->says, right->says);
}

void
text_faults_tell(struct text_reading *reading, policy_fault_fn *fn, void *ctx)
{
    struct text_fault_list *list = &reading->faults;
    size_t told = list->count;

    if (list->count > 0) {
        qsort(list->at, list->count, sizeof *list->at, by_place);
    }
    if (list->count > POLICY_TEXT_FAULTS) {
        struct policy_fault *last = &list->at[POLICY_TEXT_FAULTS - 1];
        size_t more = list->count - (POLICY_TEXT_FAULTS - 1) + list->lost;

        told = POLICY_TEXT_FAULTS;
        snprintf(last->code, sizeof last->code, "P03");
        snprintf(last->says, sizeof last->says,
                 "%zu more faults, would be right: those above put right first",
                 more);
    }
    for (size_t i = 0; i < told; i++) {
        fn(ctx, &list->at[i]);
    }
    if (list->failed) {
        reading->st = VLT_E_NOMEM;
    }
    list->count = 0;
    list->yaml = 0;
    list->lost = 0;
}
