/*
 * Heads of the log that are kept outside the vault: written by audit head
 * --out, read by audit verify --with; heads.h has the one that is kept by
 * itself.
 */
#include <string.h>

#include "base/id.h"
#include "base/text.h"
#include "vaultctl/audit.h"

enum {
    FILE_MAX = 65536,
    DEPTH = 8,
    HEADS = 16, /* of one call */
    LINES = 5,
    ROOT = 32,
    SIGNATURE = 4 + 64, /* the key's id stands in front */
};

static const char origin[] = "vaultd.invalid/";
static const char mark[] = "\xe2\x80\x94 vaultd.invalid/";

static bool
blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct vlt_slice
trim(struct vlt_slice text)
{
    while (text.len > 0 && blank(text.at[text.len - 1])) {
        text.len--;
    }
    while (text.len > 0 && blank(text.at[0])) {
        text = vlt_slice_of(text.at + 1, text.len - 1);
    }
    return text;
}

static bool
begins(struct vlt_slice line, const char *with)
{
    size_t len = strlen(with);

    return line.len > len && memcmp(line.at, with, len) == 0;
}

/* Is it the base64 of so many bytes? */
static bool
holds(struct vlt_slice text, size_t len)
{
    struct vlt_buf bytes = { 0 };
    bool is = vlt_base64_get(text, &bytes) == VLT_OK && bytes.len == len;

    vlt_buf_free(&bytes);
    return is;
}

/* What stands behind the last blank of the line of the signature. */
static struct vlt_slice
last_word(struct vlt_slice line)
{
    size_t at = line.len;

    while (at > 0 && line.at[at - 1] != ' ') {
        at--;
    }
    return vlt_slice_of(line.at + at, line.len - at);
}

/* Has it the form of a checkpoint?  Whether it is a true one is the vault's to
 * say. */
static bool
looks_whole(struct vlt_slice text)
{
    struct vlt_slice line[LINES] = { { 0 } };
    size_t count = 0;
    uint64_t size;

    while (count < LINES) {
        size_t len = 0;

        while (len < text.len && text.at[len] != '\n') {
            len++;
        }
        line[count++] = vlt_slice_of(text.at, len);
        if (len == text.len) {
            text.len = 0;
            break;
        }
        text = vlt_slice_of(text.at + len + 1, text.len - len - 1);
    }
    return count == LINES && text.len == 0 && begins(line[0], origin) &&
           vlt_uint_parse(line[1], &size) == VLT_OK && holds(line[2], ROOT) &&
           line[3].len == 0 && begins(line[4], mark) &&
           holds(last_word(line[4]), SIGNATURE);
}

/* Put the checkpoint of a file's text, which may be the answer of audit head
 * --json.  False: it holds none. */
static bool
put_head(struct vlt_slice text, struct vlt_json_out *put)
{
    struct vlt_buf head = { 0 };
    struct vlt_json *answer = NULL;
    struct vlt_slice inner = trim(text);

    if (begins(inner, "{") &&
        vlt_json_parse(inner, FILE_MAX, DEPTH, NULL, &answer) == VLT_OK) {
        inner = trim(vlt_json_text_of(vlt_json_get(answer, "checkpoint")));
    }
    bool whole = looks_whole(inner);

    vlt_buf_put_slice(&head, inner);
    vlt_buf_put_u8(&head, '\n');
    if (whole) {
        vlt_put_slice(put, NULL, vlt_buf_slice(&head));
    }
    vlt_json_free(answer);
    vlt_buf_free(&head);
    return whole;
}

/* The heads in the files of --with; their number. */
static int
put_given(struct run *run, struct vlt_json_out *put, size_t *count)
{
    int code = RUN_DONE;

    for (size_t i = 0;
         code == RUN_DONE && args_each(run->args, "with", i) != NULL; i++) {
        const char *path = args_each(run->args, "with", i);
        struct vlt_buf text = { 0 };

        code = run_read_file(run, path, FILE_MAX, &text);
        if (code == RUN_DONE && !put_head(vlt_buf_slice(&text), put)) {
            code = run_says(run, RUN_FAILED,
                            "%s holds no signed head of a log; one is made by "
                            "vaultctl audit head --out FILE",
                            path);
        }
        vlt_buf_free(&text);
        *count = i + 1;
    }
    return code;
}

int
audit_put_heads(struct run *run, struct vlt_json_out *put,
                struct vlt_slice kept)
{
    size_t count = 0;

    vlt_put_list(put, "heads");
    int code = put_given(run, put, &count);

    if (code == RUN_DONE && kept.len > 0 && count < HEADS) {
        vlt_put_slice(put, NULL, kept);
    }
    vlt_put_end(put);
    return code;
}

/* "head 2 …", as the vault counts those that it was given: which file, and
 * what stands behind it. */
static const char *
file_of(struct run *run, const char *kept_in, struct vlt_slice says,
        struct vlt_slice *rest)
{
    size_t len = strlen("head ");
    size_t digits = 0;
    uint64_t number = 0;

    if (!begins(says, "head ")) {
        return NULL;
    }
    while (len + digits < says.len && says.at[len + digits] >= '0' &&
           says.at[len + digits] <= '9') {
        digits++;
    }
    if (vlt_uint_parse(vlt_slice_of(says.at + len, digits), &number) !=
            VLT_OK ||
        number == 0) {
        return NULL;
    }
    *rest = vlt_slice_of(says.at + len + digits, says.len - len - digits);
    const char *file = args_each(run->args, "with", (size_t)number - 1);

    return file != NULL ? file : kept_in;
}

void
audit_show_problems(struct run *run, const char *kept_in)
{
    const struct vlt_json *list = vlt_json_get(run->result, "problems");

    for (size_t i = 0; i < vlt_json_count(list); i++) {
        const struct vlt_json *problem = vlt_json_item(list, i);
        const struct vlt_json *index = vlt_json_get(problem, "index");
        struct vlt_slice says = vlt_json_text_of(vlt_json_get(problem, "says"));
        const char *file = file_of(run, kept_in, says, &says);

        if (vlt_json_kind(index) == VLT_JSON_INT) {
            vlt_buf_printf(&run->text,
                           "entry %lld: ", (long long)vlt_json_int_of(index));
        }
        if (file != NULL) {
            vlt_text_put_escaped(&run->text, vlt_slice_text(file));
        }
        vlt_text_put_escaped(&run->text, says);
        vlt_buf_put_text(&run->text, "\n");
    }
}
