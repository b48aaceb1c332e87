#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "judge.h"

static void
mark_line(struct judge_marks *marks, const char *line)
{
    if (strncmp(line, "sent ", 5) == 0) {
        marks->sent = (unsigned)strtoul(line + 5, NULL, 10) + 1;
    } else if (strncmp(line, "done ", 5) == 0) {
        marks->done = (unsigned)strtoul(line + 5, NULL, 10) + 1;
    }
}

void
judge_mark(struct judge_marks *marks, const char *text, size_t len)
{
    while (len > 0) {
        const char *end = memchr(text, '\n', len);
        size_t part = end != NULL ? (size_t)(end - text) : len;
        char line[100];

        (void)snprintf(line, sizeof line, "%.*s", (int)part, text);
        mark_line(marks, line);
        part += end != NULL;
        text += part;
        len -= part;
    }
}
