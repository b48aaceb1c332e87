#define _GNU_SOURCE
#include "cli/term.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/text.h"

bool
term_colour(bool tty, const char *no_color, const char *term)
{
    if (no_color != NULL && no_color[0] != '\0') {
        return false;
    }
    return tty && term != NULL && term[0] != '\0' && strcmp(term, "dumb") != 0;
}

bool
term_unicode(const char *all, const char *ctype, const char *lang)
{
    const char *const names[] = { all, ctype, lang };

    for (size_t i = 0; i < 3; i++) {
        if (names[i] != NULL && names[i][0] != '\0') {
            return strcasestr(names[i], "utf-8") != NULL ||
                   strcasestr(names[i], "utf8") != NULL;
        }
    }
    return true;
}

struct term
term_of(int fd)
{
    struct winsize size = { 0 };
    bool tty = isatty(fd) == 1;
    struct term term = {
        .tty = tty,
        .colour = term_colour(tty, getenv("NO_COLOR"), getenv("TERM")),
        .unicode =
            term_unicode(getenv("LC_ALL"), getenv("LC_CTYPE"), getenv("LANG")),
        .width = 80,
    };

    if (tty && ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20) {
        term.width = size.ws_col;
    }
    return term;
}

/* From Unicode 15, EastAsianWidth.txt, in the blocks that people write. */
static const struct {
    uint32_t from, to;
    size_t width;
} widths[] = {
    { 0x300, 0x36f, 0 },     { 0x1ab0, 0x1aff, 0 },   { 0x1100, 0x115f, 2 },
    { 0x20d0, 0x20ff, 0 },   { 0x2e80, 0x303e, 2 },   { 0x3041, 0xa4cf, 2 },
    { 0xac00, 0xd7a3, 2 },   { 0xf900, 0xfaff, 2 },   { 0xfe00, 0xfe0f, 0 },
    { 0xfe20, 0xfe2f, 0 },   { 0xfe30, 0xfe6f, 2 },   { 0xff00, 0xff60, 2 },
    { 0xffe0, 0xffe6, 2 },   { 0x1f300, 0x1f64f, 2 }, { 0x1f900, 0x1f9ff, 2 },
    { 0x20000, 0x3fffd, 2 },
};

static size_t
width_of(uint32_t c)
{
    for (size_t i = 0; i < sizeof widths / sizeof widths[0]; i++) {
        if (c >= widths[i].from && c <= widths[i].to) {
            return widths[i].width;
        }
    }
    return 1;
}

size_t
term_width(struct vlt_slice text)
{
    size_t width = 0;
    size_t at = 0;

    while (at < text.len) {
        uint32_t c = ' ';
        size_t len = vlt_utf8_next(text, at, &c);

        width += width_of(c);
        at += len > 0 ? len : 1;
    }
    return width;
}
