#include "import/fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum {
    SHOWN = 24 /* bytes of a text that are shown, before escaping */
};

const char *
import_reason_word(enum import_reason reason)
{
    static const char *const words[] = {
        [IMPORT_SYNTAX] = "syntax",     [IMPORT_WIDTH] = "width",
        [IMPORT_ENCODING] = "encoding", [IMPORT_DEPTH] = "depth",
        [IMPORT_SIZE] = "size",         [IMPORT_TYPE] = "type",
        [IMPORT_RANGE] = "range",       [IMPORT_TIME] = "time",
        [IMPORT_NAME] = "name",
    };

    return words[reason];
}

void
import_fault_print(const struct import_fault *fault, struct vlt_buf *out)
{
    if (fault->field[0] != '\0') {
        vlt_buf_printf(out, "field \"%s\": ", fault->field);
    }
    vlt_buf_put_text(out, fault->says);
}

/* Print the first bytes of text, escaped.  An escape takes at most four
 * characters a byte, so out has room for all of them. */
static void
show(struct vlt_slice text, size_t most, char *out, size_t size)
{
    struct vlt_buf buf = { 0 };

    if (text.len > most) {
        text.len = most;
        /* No character is cut in two. */
        while (text.len > 0 && (text.at[text.len] & 0xc0) == 0x80) {
            text.len--;
        }
    }
    vlt_text_put_escaped(&buf, text);
    const char *shown = vlt_buf_text(&buf);

    snprintf(out, size, "%s", shown != NULL ? shown : "");
    vlt_buf_free(&buf);
}

void
fault_field(struct import_fault *fault, struct vlt_slice field)
{
    bool plain = field.len < IMPORT_FIELD && vlt_text_printable(field);

    show(field, plain ? field.len : IMPORT_FIELD / 4 - 1, fault->field,
         sizeof fault->field);
}

void
fault_says(struct import_fault *fault, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(fault->says, sizeof fault->says, format, args);
    va_end(args);
}

void
fault_quote(struct import_fault *fault, struct vlt_slice text, const char *rest)
{
    char shown[SHOWN * 4 + 1];

    show(text, SHOWN, shown, sizeof shown);
    snprintf(fault->says, sizeof fault->says, "\"%s%s\"%s", shown,
             text.len > SHOWN ? "…" : "", rest);
}
