#include "wire/upgrade_internal.h"

#include <string.h>
#include <strings.h>

bool
vlt_http_same(struct vlt_slice a, const char *word)
{
    return a.len == strlen(word) &&
           strncasecmp((const char *)a.at, word, a.len) == 0;
}

static struct vlt_slice
trimmed(struct vlt_slice text)
{
    while (text.len > 0 && (text.at[0] == ' ' || text.at[0] == '\t')) {
        text = vlt_slice_of(text.at + 1, text.len - 1);
    }
    while (text.len > 0 &&
           (text.at[text.len - 1] == ' ' || text.at[text.len - 1] == '\t')) {
        text.len--;
    }
    return text;
}

bool
vlt_http_list_holds(struct vlt_slice list, const char *word)
{
    size_t from = 0;

    for (size_t i = 0; i <= list.len; i++) {
        if (i < list.len && list.at[i] != ',') {
            continue;
        }
        if (vlt_http_same(trimmed(vlt_slice_of(list.at + from, i - from)),
                          word)) {
            return true;
        }
        from = i + 1;
    }
    return false;
}

/* A character of a field's name (RFC 9110, 5.6.2). */
static bool
token(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
           (c >= 'a' && c <= 'z') ||
           (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

bool
vlt_http_printable(struct vlt_slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((text.at[i] < 0x20 && text.at[i] != '\t') || text.at[i] == 0x7f) {
            return false;
        }
    }
    return true;
}

bool
vlt_http_field(struct vlt_slice line, struct vlt_slice *name,
               struct vlt_slice *value)
{
    size_t colon = 0;

    while (colon < line.len && token(line.at[colon])) {
        colon++;
    }
    if (colon == 0 || colon == line.len || line.at[colon] != ':' ||
        !vlt_http_printable(line)) {
        return false;
    }
    *name = vlt_slice_of(line.at, colon);
    *value = trimmed(vlt_slice_of(line.at + colon + 1, line.len - colon - 1));
    return true;
}

bool
vlt_http_line(struct vlt_slice bytes, size_t *at, struct vlt_slice *line)
{
    for (size_t i = *at; i + 1 < bytes.len; i++) {
        if (bytes.at[i] == '\r' && bytes.at[i + 1] == '\n') {
            *line = vlt_slice_of(bytes.at + *at, i - *at);
            *at = i + 2;
            return true;
        }
    }
    return false;
}
