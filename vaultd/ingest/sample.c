#include "ingest/sample.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/name.h"
#include "base/text.h"

enum {
    QUOTE_MAX = 48 /* bytes of a quotation, before escaping */
};

const char *
sample_reason_word(enum sample_reason reason)
{
    static const char *const words[] = {
        [SAMPLE_SYNTAX] = "syntax", [SAMPLE_ENCODING] = "encoding",
        [SAMPLE_SIZE] = "size",     [SAMPLE_TYPE] = "type",
        [SAMPLE_RANGE] = "range",   [SAMPLE_TIME] = "time",
        [SAMPLE_NAME] = "name",
    };

    return words[reason];
}

bool
sample_path_valid(struct vlt_slice path)
{
    return vlt_name_valid(path);
}

/* Escape at most max bytes of text into out, cut so that no escape and no
 * character is split. */
static void
escape(struct vlt_slice text, size_t max, char *out, size_t size)
{
    struct vlt_buf buf = { 0 };
    size_t len;

    if (text.len > max) {
        text.len = max;
    }
    /* A character that the cut went through shows as its bytes. */
    vlt_text_put_escaped(&buf, text);
    len = vlt_buf_failed(&buf) ? 0 : buf.len;
    if (len > size - 1) {
        len = size - 1;
    }
    if (len > 0) {
        memcpy(out, buf.at, len);
    }
    out[len] = '\0';
    vlt_buf_free(&buf);
}

void
sample_fault_field(struct sample_fault *fault, struct vlt_slice field)
{
    escape(field, VLT_COLUMN_MAX / 4, fault->field, sizeof fault->field);
}

void
sample_fault_says(struct sample_fault *fault, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(fault->says, sizeof fault->says, format, args);
    va_end(args);
}

void
sample_fault_quote(struct sample_fault *fault, struct vlt_slice text,
                   const char *rest)
{
    char quote[QUOTE_MAX * 4 + 1];
    size_t used = strlen(fault->says);

    /* Escaped bytes are up to four times as long, so few of them are shown. */
    escape(text, QUOTE_MAX / 2, quote, sizeof quote);
    snprintf(fault->says + used, sizeof fault->says - used, "\"%s%s\"%s", quote,
             text.len > QUOTE_MAX / 2 ? "…" : "", rest);
}

void
sample_fault_print(const struct sample_fault *fault, struct vlt_buf *out)
{
    vlt_buf_printf(out, "line %zu, byte %zu: ", fault->place.line, fault->byte);
    if (fault->field[0] != '\0') {
        vlt_buf_printf(out, "field \"%s\": ", fault->field);
    }
    vlt_buf_put_text(out, fault->says);
}
