#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "yaml/walk_internal.h"

/* Cut what is longer than the room for it, but never within a character. */
static void
keep(char out[VLT_YAML_SAYS], const char *says)
{
    size_t len = strlen(says);

    if (len >= VLT_YAML_SAYS) {
        len = VLT_YAML_SAYS - 1;
        while (len > 0 && ((uint8_t)says[len] & 0xC0) == 0x80) {
            len--;
        }
    }
    memcpy(out, says, len);
    out[len] = 0;
}

struct vlt_yaml_fault *
vlt_yaml_faults_add(struct vlt_yaml_faults *faults, enum vlt_yaml_why why,
                    struct vlt_yaml_place at, struct vlt_slice says)
{
    struct vlt_buf shown = { 0 };

    if (faults->count == VLT_YAML_FAULTS) {
        return NULL;
    }
    struct vlt_yaml_fault *fault = &faults->all[faults->count];

    faults->count++;
    *fault = (struct vlt_yaml_fault){ .why = why,
                                      .line = at.line,
                                      .column = at.column };
    vlt_text_put_escaped(&shown, says);
    const char *text = vlt_buf_text(&shown);

    keep(fault->says, text != NULL ? text : "");
    vlt_buf_free(&shown);
    return fault;
}

void
vlt_yaml_faults_printf(struct vlt_yaml_faults *faults, enum vlt_yaml_why why,
                       struct vlt_yaml_place at, const char *format, ...)
{
    char says[4 * VLT_YAML_SAYS];
    va_list args;

    va_start(args, format);
    vsnprintf(says, sizeof says, format, args);
    va_end(args);
    vlt_yaml_faults_add(faults, why, at, vlt_slice_text(says));
}

static int
by_place(const void *a, const void *b)
{
    const struct vlt_yaml_fault *one = a;
    const struct vlt_yaml_fault *other = b;

    if (one->line != other->line) {
        return one->line < other->line ? -1 : 1;
    }
    if (one->column != other->column) {
        return one->column < other->column ? -1 : 1;
    }
    return (int)one->why - (int)other->why;
}

void
vlt_yaml_faults_tell(struct vlt_yaml_faults *faults, vlt_yaml_fault_fn *fn,
                     void *ctx)
{
    qsort(faults->all, faults->count, sizeof faults->all[0], by_place);
    for (size_t i = 0; fn != NULL && i < faults->count; i++) {
        fn(ctx, &faults->all[i]);
    }
}
