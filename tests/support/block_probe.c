/*
 * block_probe: the block codec on a pipe, for tests in other languages.
 *
 * A line in, a line out; an empty line ends it:
 *
 *     e ROWS         the block of these rows, in hex
 *     w HEX, d HEX   the rows of a block from the wire, from disk; or
 *                    "refused: WHY"
 *
 * ROWS is "ID:TYPE …;TIME CELL …;TIME CELL …": types are the format's numbers,
 * times decimal, a cell is - or 16 hex digits or t and the bytes in hex.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "wire/block.h"

enum { LINE_MAX = 16 << 20 };

static void
must(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "block_probe: %s\n", what);
        exit(1);
    }
}

static bool
is_text(enum vlt_type type)
{
    return type == VLT_TYPE_TEXT || type == VLT_TYPE_JSON;
}

/* The word at *at, ended by a zero in place of its blank or semicolon; ends
 * tells which it was, or 0 at the end. */
static char *
next_word(char **at, char *ends)
{
    char *word = *at;
    size_t len = strcspn(word, " ;");

    *ends = word[len];
    word[len] = 0;
    *at = word + len + (*ends != 0);
    return word;
}

static struct vlt_rows *
read_columns(char **at, char *ends)
{
    struct vlt_field fields[VLT_COLUMNS_MAX];
    struct vlt_schema schema = { .fields = fields };
    struct vlt_rows *rows = NULL;

    do {
        char *word = next_word(at, ends);
        char *colon = strchr(word, ':');

        if (colon != NULL) {
            must(schema.count < VLT_COLUMNS_MAX, "too many columns");
            fields[schema.count].id = (uint8_t)strtoul(word, NULL, 10);
            fields[schema.count].type =
                (enum vlt_type)strtoul(colon + 1, NULL, 10);
            schema.count++;
        }
    } while (*ends == ' ');
    must(vlt_rows_new(&schema, &rows) == VLT_OK, "columns");
    return rows;
}

static void
read_cell(struct vlt_rows *rows, size_t column, const char *word)
{
    size_t len = strlen(word) / 2;

    if (word[0] == '-') {
        return;
    }
    if (word[0] != 't') {
        vlt_rows_set(rows, column, strtoull(word, NULL, 16));
        return;
    }
    uint8_t *bytes = malloc(len + 1);

    must(bytes != NULL &&
             vlt_hex_parse(vlt_slice_text(word + 1), bytes, len) == VLT_OK &&
             vlt_rows_set_text(rows, column, vlt_slice_of(bytes, len)) ==
                 VLT_OK,
         "a text");
    free(bytes);
}

static struct vlt_rows *
read_rows(char *at)
{
    char ends;
    struct vlt_rows *rows = read_columns(&at, &ends);

    while (ends == ';') {
        int64_t time = strtoll(next_word(&at, &ends), NULL, 10);

        must(vlt_rows_add(rows, time) == VLT_OK, "a row");
        for (size_t c = 0; ends == ' '; c++) {
            must(c < vlt_rows_columns(rows), "too many cells");
            read_cell(rows, c, next_word(&at, &ends));
        }
    }
    return rows;
}

static void
print_hex(struct vlt_slice bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        printf("%02x", bytes.at[i]);
    }
}

static void
print_cell(const struct vlt_rows *rows, size_t row, size_t column)
{
    if (!vlt_rows_has(rows, row, column)) {
        printf(" -");
    } else if (is_text(vlt_rows_column(rows, column).field.type)) {
        printf(" t");
        print_hex(vlt_rows_text(rows, row, column));
    } else {
        printf(" %016" PRIx64, vlt_rows_bits(rows, row, column));
    }
}

static void
print_rows(const struct vlt_rows *rows)
{
    for (size_t c = 0; c < vlt_rows_columns(rows); c++) {
        struct vlt_field field = vlt_rows_column(rows, c).field;

        printf("%s%d:%d", c > 0 ? " " : "", field.id, (int)field.type);
    }
    for (size_t i = 0; i < vlt_rows_count(rows); i++) {
        printf(";%" PRId64, vlt_rows_times(rows)[i]);
        for (size_t c = 0; c < vlt_rows_columns(rows); c++) {
            print_cell(rows, i, c);
        }
    }
    printf("\n");
}

static void
encode(char *line)
{
    struct vlt_rows *rows = read_rows(line);
    struct vlt_buf buf = { 0 };

    must(vlt_block_encode(rows, vlt_rows_all(rows), 0, &buf) == VLT_OK,
         "encode");
    print_hex(vlt_buf_slice(&buf));
    printf("\n");
    vlt_buf_free(&buf);
    vlt_rows_free(rows);
}

static void
decode(const char *line, enum vlt_block_mode mode)
{
    size_t len = strlen(line) / 2;
    uint8_t *bytes = malloc(len + 1);
    struct vlt_rows *rows = NULL;
    const char *why = "";

    must(bytes != NULL &&
             vlt_hex_parse(vlt_slice_text(line), bytes, len) == VLT_OK,
         "hex");
    if (vlt_block_decode(vlt_slice_of(bytes, len), mode, NULL, &why, &rows) !=
        VLT_OK) {
        printf("refused: %s\n", why);
    } else {
        print_rows(rows);
    }
    vlt_rows_free(rows);
    free(bytes);
}

int
main(void)
{
    char *line = malloc(LINE_MAX);

    must(line != NULL, "no memory");
    while (fgets(line, LINE_MAX, stdin) != NULL && line[0] != '\n') {
        line[strcspn(line, "\n")] = 0;
        if (line[0] == 'e') {
            encode(line + 2);
        } else {
            decode(line + 2, line[0] == 'w' ? VLT_BLOCK_WIRE : VLT_BLOCK_DISK);
        }
        fflush(stdout);
    }
    free(line);
    return 0;
}
