/*
 * hex_file: bytes from a text of hex digits.  Blanks do not count, nor does a
 * line from a # on.
 */
#ifndef TESTS_HEX_FILE_H
#define TESTS_HEX_FILE_H

#include <ctype.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static inline int
hex_digit(int c)
{
    return isdigit(c) ? c - '0' : tolower(c) - 'a' + 10;
}

/* Read the file into at most cap bytes; it must exist and fit.  Returns how
 * many there are. */
static inline size_t
hex_file(const char *path, uint8_t *out, size_t cap)
{
    FILE *file = fopen(path, "r");
    size_t digits = 0;
    int c;

    if (file == NULL) {
        perror(path);
        abort();
    }
    while ((c = fgetc(file)) != EOF) {
        while (c == '#' && (c = fgetc(file)) != EOF && c != '\n') {
            c = '#';
        }
        if (!isxdigit(c)) {
            continue;
        }
        if (digits / 2 == cap) {
            abort();
        }
        int high = digits % 2 == 0 ? 0 : out[digits / 2] << 4;

        out[digits / 2] = (uint8_t)(high | hex_digit(c));
        digits++;
    }
    fclose(file);
    return digits / 2;
}

#endif
