#include "cli/chart.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"

enum {
    LABEL = 10, /* of the values at the left */
    DOTS_X = 2,
    DOTS_Y = 4,
    MINUTE_TEXT = 16, /* 2026-11-25T18:20 */
    SECOND_TEXT = 19,
};

struct extent {
    int64_t first, last;
    double low, high;
    size_t count;
};

/* Dots, row by row from the top. */
struct canvas {
    size_t across, down; /* dots */
    uint8_t dot[CHART_HEIGHT * DOTS_Y][CHART_WIDTH * DOTS_X];
};

static struct extent
extent_of(const struct chart *chart)
{
    struct extent e = { 0 };

    for (size_t i = 0; i < chart->count; i++) {
        double value = chart->value[i];

        if (!isfinite(value)) {
            continue;
        }
        if (e.count == 0) {
            e = (struct extent){ chart->time[i], chart->time[i], value, value,
                                 0 };
        }
        e.first = chart->time[i] < e.first ? chart->time[i] : e.first;
        e.last = chart->time[i] > e.last ? chart->time[i] : e.last;
        e.low = value < e.low ? value : e.low;
        e.high = value > e.high ? value : e.high;
        e.count++;
    }
    return e;
}

/* Where a part of a whole lies on so many dots. */
static size_t
place(double part, double whole, size_t dots)
{
    if (!(whole > 0)) {
        return dots / 2;
    }
    double at = part / whole * (double)(dots - 1);

    return at <= 0                    ? 0
           : at >= (double)(dots - 1) ? dots - 1
                                      : (size_t)(at + .5);
}

static void
plot(const struct chart *chart, const struct extent *e, struct canvas *canvas)
{
    /* Differences of halves: the whole range of a double may be needed. */
    double high = e->high / 2 - e->low / 2;

    for (size_t i = 0; i < chart->count; i++) {
        if (!isfinite(chart->value[i])) {
            continue;
        }
        size_t x = place((double)(chart->time[i] - e->first),
                         (double)(e->last - e->first), canvas->across);
        size_t y = place(chart->value[i] / 2 - e->low / 2, high, canvas->down);

        canvas->dot[canvas->down - 1 - y][x] = 1;
    }
}

/* Fill between the dots of one column, and from each column to the next that
 * has any: a line, not a cloud. */
static void
join(struct canvas *canvas)
{
    size_t before = SIZE_MAX;

    for (size_t x = 0; x < canvas->across; x++) {
        size_t top = SIZE_MAX;
        size_t bottom = 0;

        for (size_t y = 0; y < canvas->down; y++) {
            if (canvas->dot[y][x] != 0) {
                top = top == SIZE_MAX ? y : top;
                bottom = y;
            }
        }
        if (top == SIZE_MAX) {
            continue;
        }
        size_t middle = (top + bottom) / 2;

        if (before != SIZE_MAX) {
            top = before < top ? before : top;
            bottom = before > bottom ? before : bottom;
        }
        for (size_t y = top; y <= bottom; y++) {
            canvas->dot[y][x] = 1;
        }
        before = middle;
    }
}

static void
put_braille(const struct canvas *canvas, size_t row, size_t column,
            struct vlt_buf *out)
{
    static const uint8_t bits[DOTS_Y][DOTS_X] = {
        { 0x01, 0x08 }, { 0x02, 0x10 }, { 0x04, 0x20 }, { 0x40, 0x80 }
    };
    unsigned mark = 0;

    for (size_t y = 0; y < DOTS_Y; y++) {
        for (size_t x = 0; x < DOTS_X; x++) {
            if (canvas->dot[row * DOTS_Y + y][column * DOTS_X + x] != 0) {
                mark |= bits[y][x];
            }
        }
    }
    if (mark == 0) {
        vlt_buf_put_u8(out, ' ');
        return;
    }
    vlt_buf_put_u8(out, 0xe2);
    vlt_buf_put_u8(out, (uint8_t)(0xa0 | mark >> 6));
    vlt_buf_put_u8(out, (uint8_t)(0x80 | (mark & 0x3f)));
}

static void
put_label(double value, struct vlt_buf *out)
{
    char text[32];

    snprintf(text, sizeof text, "%*.4g", LABEL - 2, value);
    vlt_buf_printf(out, "%s ", text);
}

static void
put_rows(const struct chart *chart, const struct extent *e,
         const struct canvas *canvas, struct vlt_buf *out)
{
    size_t columns = chart->unicode ? canvas->across / DOTS_X : canvas->across;

    for (size_t row = 0; row < chart->height; row++) {
        size_t begin = out->len;

        if (row == 0 || row == chart->height - 1) {
            put_label(row == 0 ? e->high : e->low, out);
        } else {
            vlt_buf_printf(out, "%*s", LABEL - 1, "");
        }
        vlt_buf_put_text(out, chart->unicode ? "┤" : "|");
        for (size_t x = 0; x < columns; x++) {
            if (chart->unicode) {
                put_braille(canvas, row, x, out);
            } else {
                vlt_buf_put_u8(out, canvas->dot[row][x] != 0 ? '*' : ' ');
            }
        }
        while (!vlt_buf_failed(out) && out->len > begin &&
               out->at[out->len - 1] == ' ') {
            out->len--;
        }
        vlt_buf_put_u8(out, '\n');
    }
}

/* A time to no more places than tell both ends apart. */
static size_t
print_time(int64_t time, int64_t span, char text[VLT_TIME_TEXT])
{
    vlt_time_print(time, text);
    return span >= 10 * VLT_MINUTE || span == 0 ? MINUTE_TEXT
           : span >= 2 * VLT_SECOND             ? SECOND_TEXT
                                                : strlen(text);
}

static void
put_times(const struct chart *chart, const struct extent *e,
          struct vlt_buf *out)
{
    char first[VLT_TIME_TEXT];
    char last[VLT_TIME_TEXT];
    size_t room = chart->width - LABEL;
    size_t first_len = print_time(e->first, e->last - e->first, first);
    size_t last_len = print_time(e->last, e->last - e->first, last);

    vlt_buf_printf(out, "%*s", LABEL, "");
    vlt_buf_put(out, first, first_len);
    if (e->last == e->first) {
        vlt_buf_put_u8(out, '\n');
        return;
    }
    size_t used = first_len + last_len;
    size_t gap = room > used ? room - used : 1;

    vlt_buf_printf(out, "%*s", (int)gap, "");
    vlt_buf_put(out, last, last_len);
    vlt_buf_put_u8(out, '\n');
}

void
chart_draw(const struct chart *chart, struct vlt_buf *out)
{
    struct extent e = extent_of(chart);
    struct canvas canvas;

    assert(chart->width >= 20 && chart->width <= CHART_WIDTH);
    assert(chart->height >= 2 && chart->height <= CHART_HEIGHT);
    if (e.count == 0) {
        vlt_buf_put_text(out, "nothing to draw: no row has a number\n");
        return;
    }
    memset(&canvas, 0, sizeof canvas);
    canvas.across = (chart->width - LABEL) * (chart->unicode ? DOTS_X : 1);
    canvas.down = chart->height * (chart->unicode ? DOTS_Y : 1);
    plot(chart, &e, &canvas);
    join(&canvas);
    put_rows(chart, &e, &canvas, out);
    put_times(chart, &e, out);
}
