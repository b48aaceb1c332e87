#include "cli/ago.h"

#include <string.h>
#include <time.h>

#include "base/time.h"

enum { DATE_LEN = 10 };

static const struct {
    int64_t below, unit; /* ns */
    const char *name;
} spans[] = {
    { 2 * VLT_MINUTE, VLT_SECOND, "s" },
    { 2 * VLT_HOUR, VLT_MINUTE, "min" },
    { 2 * VLT_DAY, VLT_HOUR, "h" },
    { 366 * VLT_DAY, VLT_DAY, "d" },
};

void
ago_put(int64_t then, int64_t now, struct vlt_buf *out)
{
    bool past = then <= now;
    int64_t far = past ? now - then : then - now;
    char text[VLT_TIME_TEXT];

    if (far < 5 * VLT_SECOND) {
        vlt_buf_put_text(out, "now");
        return;
    }
    for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++) {
        if (far < spans[i].below) {
            vlt_buf_printf(
                out, "%s%lld %s%s", past ? "" : "in ",
                (long long)((far + spans[i].unit / 2) / spans[i].unit),
                spans[i].name, past ? " ago" : "");
            return;
        }
    }
    vlt_buf_put(out, vlt_time_print(then, text), DATE_LEN);
}

void
ago_put_span(int64_t seconds, struct vlt_buf *out)
{
    static const struct {
        int64_t unit;
        const char *name;
    } units[] = { { 86400, "d" }, { 3600, "h" }, { 60, "min" }, { 1, "s" } };

    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (units[i].unit == 1 ||
            (seconds != 0 && seconds % units[i].unit == 0)) {
            vlt_buf_printf(out, "%lld%s", (long long)(seconds / units[i].unit),
                           units[i].name);
            return;
        }
    }
}

void
ago_put_bytes(int64_t bytes, struct vlt_buf *out)
{
    static const char *const units[] = { "KiB", "MiB", "GiB", "TiB" };
    double value = (double)bytes;
    const char *unit = NULL;

    for (size_t i = 0; i < 4 && value >= 1000; i++) {
        value /= 1024;
        unit = units[i];
    }
    if (unit == NULL) {
        vlt_buf_printf(out, "%lld B", (long long)bytes);
    } else {
        vlt_buf_printf(out, "%.1f %s", value, unit);
    }
}

static enum vlt_status
parse_date(struct vlt_slice text, int64_t *out)
{
    char whole[DATE_LEN + sizeof "T00:00:00Z"];

    if (text.len != DATE_LEN) {
        return VLT_E_FORMAT;
    }
    memcpy(whole, text.at, DATE_LEN);
    memcpy(whole + DATE_LEN, "T00:00:00Z", sizeof "T00:00:00Z");
    return vlt_time_parse(vlt_slice_text(whole), out);
}

enum vlt_status
ago_parse(struct vlt_slice text, int64_t now, int64_t *out, bool *rough)
{
    int64_t span;

    if (vlt_slice_is(text, "now")) {
        *out = now;
        *rough = true;
        return VLT_OK;
    }
    if (vlt_duration_parse(text, &span) == VLT_OK) {
        *out = now - span;
        *rough = true;
        return VLT_OK;
    }
    *rough = false;
    if (parse_date(text, out) == VLT_OK ||
        vlt_time_parse(text, out) == VLT_OK) {
        return VLT_OK;
    }
    return VLT_E_FORMAT;
}

int64_t
ago_now(void)
{
    struct timespec now = { 0 };

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * VLT_SECOND + now.tv_nsec;
}
