/*
 * chart: a line of numbers over time, in characters.
 *
 * Pure.  Dots of Braille (2 by 4 a character), or stars where the terminal has
 * no Unicode.  Points of one column of dots are drawn from their lowest to
 * their highest, so that no peak is lost however many there are.
 */
#ifndef CHART_H
#define CHART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum { CHART_WIDTH = 400, CHART_HEIGHT = 60 };

struct chart {
    const int64_t *time; /* ns, in any order */
    const double *value; /* NaN and infinities are left out */
    size_t count;
    size_t width;  /* characters of the whole; 20 to CHART_WIDTH */
    size_t height; /* lines of the drawing; 2 to CHART_HEIGHT */
    bool unicode;
};

/* Append the chart: height lines with their values at the left, and one with
 * the first and last time.  Says so where there is nothing to draw. */
void chart_draw(const struct chart *chart, struct vlt_buf *out);

#endif
