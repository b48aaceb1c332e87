/*
 * judge: is a vault as its journal says?
 *
 * usage: judge FOLDER JOURNAL SEED OPS
 *
 * Of FOLDER/vault, after the program that wrote the journal has ended, however.
 * The operation that was under way is then done again, and the next one.  Ends
 * with 0, or with 1 and a sentence.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "judge.h"

static bool
read_marks(const char *name, struct judge_marks *marks)
{
    FILE *file = fopen(name, "r");
    char line[100];

    if (file == NULL) {
        return false;
    }
    while (fgets(line, sizeof line, file) != NULL) {
        judge_mark(marks, line, strlen(line));
    }
    return fclose(file) == 0;
}

int
main(int count, char **word)
{
    struct judge_case what = { .use = true };
    char why[JUDGE_WHY] = "";

    if (count != 5 || !judge_begin(strtoull(word[3], NULL, 10),
                                   (unsigned)strtoul(word[4], NULL, 10))) {
        (void)fprintf(stderr, "usage: judge FOLDER JOURNAL SEED OPS\n");
        return 2;
    }
    what.folder = word[1];
    /* Without a journal it did not come so far. */
    (void)read_marks(word[2], &what.marks);
    if (!judge(&what, why)) {
        (void)printf("%u of %u operations done: %s\n", what.marks.done,
                     what.marks.sent, why);
        return 1;
    }
    return 0;
}
