#include "client/where.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "wire/limits.h"

/* A cursor over the text. */
struct scan {
    const char *at;
    char *says;
};

static enum vlt_status
wrong(struct scan *scan, const char *what)
{
    snprintf(scan->says, VLT_WHERE_SAYS, "%s at \"%.40s\"", what, scan->at);
    return VLT_E_FORMAT;
}

static void
skip_blanks(struct scan *scan)
{
    scan->at += strspn(scan->at, " \t\n\r");
}

static bool
letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* Bytes of the name that begins here; 0: none does. */
static size_t
name_len(const char *at)
{
    size_t len = 0;

    if (!letter(*at)) {
        return 0;
    }
    while (letter(at[len]) || (at[len] >= '0' && at[len] <= '9') ||
           at[len] == '-' || at[len] == '.') {
        len++;
    }
    return len;
}

/* The longer ones first. */
static const struct {
    const char *text;
    const char *op;
} ops[] = {
    { "<=", "<=" }, { ">=", ">=" }, { "!=", "!=" }, { "==", "=" },
    { "<", "<" },   { ">", ">" },   { "=", "=" },
};

static enum vlt_status
put_op(struct scan *scan, struct vlt_json_out *out)
{
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++) {
        size_t len = strlen(ops[i].text);

        if (strncmp(scan->at, ops[i].text, len) == 0) {
            vlt_put_text(out, "op", ops[i].op);
            scan->at += len;
            return VLT_OK;
        }
    }
    return wrong(scan, "one of < <= = != >= > is expected");
}

static enum vlt_status
put_quoted(struct scan *scan, struct vlt_json_out *out)
{
    char value[VLT_WHERE_MAX];
    char quote = *scan->at;
    const char *at = scan->at + 1;
    size_t len = 0;

    while (*at != '\0' && (*at != quote || at[1] == quote)) {
        at += *at == quote ? 1 : 0;
        value[len++] = *at++;
    }
    if (*at == '\0') {
        return wrong(scan, "a text has no end");
    }
    vlt_put_slice(out, "value", vlt_slice_of(value, len));
    scan->at = at + 1;
    return VLT_OK;
}

static enum vlt_status
put_number(struct scan *scan, struct vlt_json_out *out)
{
    struct vlt_slice text =
        vlt_slice_of(scan->at, strspn(scan->at, "+-.0123456789eE"));
    int64_t whole;
    double real;

    if (vlt_int_parse(text, &whole) == VLT_OK) {
        vlt_put_int(out, "value", whole);
    } else if (vlt_double_parse(text, &real) == VLT_OK) {
        vlt_put_double(out, "value", real);
    } else {
        return wrong(scan, "a number, true, false or a quoted text is "
                           "expected");
    }
    scan->at += text.len;
    return VLT_OK;
}

static enum vlt_status
put_value(struct scan *scan, struct vlt_json_out *out)
{
    size_t len = name_len(scan->at);

    if (*scan->at == '"' || *scan->at == '\'') {
        return put_quoted(scan, out);
    }
    if (len > 0) {
        struct vlt_slice word = vlt_slice_of(scan->at, len);

        if (!vlt_slice_is(word, "true") && !vlt_slice_is(word, "false")) {
            return wrong(scan, "a text must stand in quotes");
        }
        vlt_put_bool(out, "value", vlt_slice_is(word, "true"));
        scan->at += len;
        return VLT_OK;
    }
    return put_number(scan, out);
}

static enum vlt_status
put_test(struct scan *scan, struct vlt_json_out *out)
{
    skip_blanks(scan);
    size_t len = name_len(scan->at);

    if (len == 0 || len > VLT_LIMIT_NAME + 1) {
        return wrong(scan, "a column is expected");
    }
    vlt_put_slice(out, "column", vlt_slice_of(scan->at, len));
    scan->at += len;
    skip_blanks(scan);
    enum vlt_status st = put_op(scan, out);

    if (st != VLT_OK) {
        return st;
    }
    skip_blanks(scan);
    st = put_value(scan, out);
    skip_blanks(scan);
    return st;
}

/* Step over what joins two tests.  False: nothing does. */
static bool
skip_joint(struct scan *scan)
{
    if (*scan->at == ',') {
        scan->at++;
        return true;
    }
    if (name_len(scan->at) == 3 && strncmp(scan->at, "and", 3) == 0) {
        scan->at += 3;
        return true;
    }
    return false;
}

enum vlt_status
vlt_where_put(struct vlt_json_out *out, const char *name, const char *text,
              char *says)
{
    struct scan scan = { text, says };
    size_t tests = 0;

    if (strnlen(text, VLT_WHERE_MAX) == VLT_WHERE_MAX ||
        !vlt_utf8_valid(vlt_slice_text(text))) {
        return wrong(&scan, "not UTF-8 of less than 4096 bytes");
    }
    vlt_put_list(out, name);
    do {
        if (tests++ == VLT_WHERE_TESTS) {
            return wrong(&scan, "more than 16 comparisons");
        }
        vlt_put_object(out, NULL);
        enum vlt_status st = put_test(&scan, out);

        if (st != VLT_OK) {
            return st;
        }
        vlt_put_end(out);
    } while (skip_joint(&scan));
    if (*scan.at != '\0') {
        return wrong(&scan, "\"and\" or the end is expected");
    }
    vlt_put_end(out);
    return VLT_OK;
}
