#include "wire/rpc.h"

/* A walk over text that is known to be JSON. */
struct scan {
    struct vlt_slice text;
    size_t at;
};

static bool
more(const struct scan *scan)
{
    return scan->at < scan->text.len;
}

static uint8_t
peek(const struct scan *scan)
{
    return scan->text.at[scan->at];
}

static void
skip_blanks(struct scan *scan)
{
    while (more(scan) && (peek(scan) == ' ' || peek(scan) == '\t' ||
                          peek(scan) == '\n' || peek(scan) == '\r')) {
        scan->at++;
    }
}

static void
skip_string(struct scan *scan)
{
    scan->at++;
    while (more(scan) && peek(scan) != '"') {
        scan->at += peek(scan) == '\\' ? 2 : 1;
    }
    scan->at++;
}

/* One value: up to the comma or the end of what holds it. */
static void
skip_value(struct scan *scan)
{
    size_t depth = 0;

    while (more(scan)) {
        uint8_t c = peek(scan);

        if (c == '"') {
            skip_string(scan);
            continue;
        }
        if (depth == 0 && (c == ',' || c == '}' || c == ']')) {
            return;
        }
        if (c == '{' || c == '[') {
            depth++;
        }
        if (c == '}' || c == ']') {
            depth--;
        }
        scan->at++;
    }
}

/* The bytes from here to where the cursor is now, blanks at the end off. */
static struct vlt_slice
since(const struct scan *scan, size_t begin)
{
    size_t end = scan->at < scan->text.len ? scan->at : scan->text.len;
    struct vlt_slice bytes = { .len = 0 };

    if (begin >= end) {
        return bytes;
    }
    bytes = vlt_slice_of(scan->text.at + begin, end - begin);
    while (bytes.len > 0 && bytes.at[bytes.len - 1] <= ' ') {
        bytes.len--;
    }
    return bytes;
}

/* The name without its quotes; names with escapes are none that we look for. */
static bool
named(struct vlt_slice quoted, const char *member)
{
    return quoted.len >= 2 &&
           vlt_slice_is(vlt_slice_of(quoted.at + 1, quoted.len - 2), member);
}

struct vlt_slice
vlt_rpc_raw(struct vlt_slice text, const char *member)
{
    struct scan scan = { .text = text };
    struct vlt_slice none = { .len = 0 };

    skip_blanks(&scan);
    if (!more(&scan) || peek(&scan) != '{') {
        return none;
    }
    while (more(&scan)) {
        scan.at++; /* the brace, or a comma */
        skip_blanks(&scan);
        size_t begin = scan.at;

        if (!more(&scan) || peek(&scan) != '"') {
            return none;
        }
        skip_string(&scan);
        bool found = named(since(&scan, begin), member);

        skip_blanks(&scan);
        scan.at++; /* the colon */
        skip_blanks(&scan);
        begin = scan.at;
        skip_value(&scan);
        if (found) {
            return since(&scan, begin);
        }
    }
    return none;
}
