#include "json/json_write.h"

#include <stdlib.h>

#include "base/reader.h"
#include "json/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* A name of letters that is another each time, since an object must not have
 * the same twice. */
static const char *
fresh_name(char name[16], unsigned *count)
{
    unsigned rest = *count;
    size_t len = 0;

    do {
        name[len] = (char)('a' + rest % 26);
        rest /= 26;
        len++;
    } while (rest > 0);
    name[len] = 0;
    (*count)++;
    return name;
}

/* A NUL may be written, but is not read by the strict parser. */
static struct vlt_slice
text_of(struct vlt_reader *r)
{
    struct vlt_slice text = vlt_read_slice(r, vlt_read_u8(r) % 16);

    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == 0) {
            text.len = i;
        }
    }
    return text;
}

static double
double_of(struct vlt_reader *r)
{
    union {
        uint64_t bits;
        double value;
    } both = { .bits = vlt_read_u64(r) };

    return both.value;
}

static void
put_leaf(struct vlt_json_out *out, const char *name, struct vlt_reader *r)
{
    switch (vlt_read_u8(r) % 8) {
    case 0:
        vlt_put_null(out, name);
        break;
    case 1:
        vlt_put_bool(out, name, vlt_read_u8(r) & 1);
        break;
    case 2:
        vlt_put_int(out, name, vlt_read_i64(r));
        break;
    case 3:
        vlt_put_uint(out, name, vlt_read_u64(r));
        break;
    case 4:
        vlt_put_double(out, name, double_of(r));
        break;
    case 5:
        vlt_put_time(out, name, vlt_read_i64(r));
        break;
    case 6:
        vlt_put_base64(out, name, vlt_read_slice(r, vlt_read_u8(r) % 16));
        break;
    default:
        vlt_put_slice(out, name, text_of(r));
        break;
    }
}

/* Whatever is written in pairs must parse. */
int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct vlt_reader r = vlt_reader_over(vlt_slice_of(bytes, len));
    struct vlt_buf buf = { 0 };
    struct vlt_json_out out = vlt_json_out(&buf);
    struct vlt_json *json = NULL;
    unsigned count = 0;
    char letters[16];

    vlt_put_list(&out, NULL);
    while (vlt_reader_left(&r) > 0) {
        bool in_object = out.closes[out.depth] == '}';
        const char *name = in_object ? fresh_name(letters, &count) : NULL;
        uint8_t what = vlt_read_u8(&r) % 4;

        if (what == 0 && out.depth < VLT_JSON_DEPTH) {
            vlt_put_list(&out, name);
        } else if (what == 1 && out.depth < VLT_JSON_DEPTH) {
            vlt_put_object(&out, name);
        } else if (what == 2 && out.depth > 1) {
            vlt_put_end(&out);
        } else {
            put_leaf(&out, name, &r);
        }
    }
    while (out.depth > 0) {
        vlt_put_end(&out);
    }
    if (vlt_json_parse(vlt_buf_slice(&buf), SIZE_MAX, VLT_JSON_DEPTH, NULL,
                       &json) != VLT_OK) {
        abort();
    }
    vlt_json_free(json);
    vlt_buf_free(&buf);
    return 0;
}
