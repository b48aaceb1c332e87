/*
 * stat_probe: exact statistics on a pipe, for tests in other languages.
 *
 * A line in, a line out; an empty line ends it:
 *
 *     in    TYPE CELL … | CELL …   type f or i; 16 hex digits a cell, - absent;
 *                                  a bar ends a part that is merged apart
 *     out   N NAN SUM MEAN MIN MAX FIRST LAST WHOLE STORED
 *
 * Row i has time i.  SUM to LAST are bits in hex, MEAN - without values; WHOLE
 * is the sum of integers in decimal, - of doubles.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/stat.h"

enum { LINE_MAX = 16 << 20 };

static void
must(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "stat_probe: %s\n", what);
        exit(1);
    }
}

static struct vlt_stat
stat_of(const struct vlt_rows *rows)
{
    struct vlt_stat stat;

    vlt_stat_init(&stat, vlt_rows_column(rows, 0).field.type);
    vlt_stat_add(&stat, rows, 0, vlt_rows_all(rows));
    return stat;
}

static struct vlt_stat
read_parts(char *line, enum vlt_type type)
{
    struct vlt_field field = { 0, type };
    struct vlt_schema schema = { .fields = &field, .count = 1 };
    struct vlt_rows *rows = NULL;
    struct vlt_stat all;
    int64_t time = 0;

    vlt_stat_init(&all, type);
    must(vlt_rows_new(&schema, &rows) == VLT_OK, "rows");
    for (char *word = strtok(line, " "); word != NULL;
         word = strtok(NULL, " ")) {
        if (word[0] == '|') {
            struct vlt_stat part = stat_of(rows);

            vlt_stat_merge(&all, &part);
            vlt_rows_clear(rows);
            continue;
        }
        must(vlt_rows_add(rows, time) == VLT_OK, "a row");
        time++;
        if (word[0] != '-') {
            vlt_rows_set(rows, 0, strtoull(word, NULL, 16));
        }
    }
    struct vlt_stat last = stat_of(rows);

    vlt_stat_merge(&all, &last);
    vlt_rows_free(rows);
    return all;
}

static void
print_stat(const struct vlt_stat *stat)
{
    char text[VLT_SUM_TEXT] = "-";
    struct vlt_buf buf = { 0 };

    if (stat->type != VLT_TYPE_F64) {
        vlt_stat_sum_text(stat, text);
    }
    printf("%" PRIu64 " %" PRIu64 " %016" PRIx64, stat->n, stat->nan,
           vlt_bits_of(vlt_stat_sum(stat)));
    if (stat->n > 0) {
        printf(" %016" PRIx64, vlt_bits_of(vlt_stat_mean(stat)));
    } else {
        printf(" -");
    }
    printf(" %016" PRIx64 " %016" PRIx64 " %016" PRIx64 " %016" PRIx64 " %s ",
           stat->min, stat->max, stat->first, stat->last, text);
    must(vlt_stat_store(stat, &buf) == VLT_OK, "store");
    for (size_t i = 0; i < buf.len; i++) {
        printf("%02x", buf.at[i]);
    }
    printf("\n");
    vlt_buf_free(&buf);
}

int
main(void)
{
    char *line = malloc(LINE_MAX);

    must(line != NULL, "no memory");
    while (fgets(line, LINE_MAX, stdin) != NULL && line[0] != '\n') {
        line[strcspn(line, "\n")] = 0;
        struct vlt_stat stat =
            read_parts(line + 1, line[0] == 'f' ? VLT_TYPE_F64 : VLT_TYPE_I64);

        print_stat(&stat);
        fflush(stdout);
    }
    free(line);
    return 0;
}
