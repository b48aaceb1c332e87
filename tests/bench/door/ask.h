/*
 * ask: a firm's questions and their ends.
 *
 * Threads: one belongs to one.
 */
#ifndef ASK_H
#define ASK_H

#include "firm.h"

/* Ask method of the streams by a grant; more is what further members begin
 * with a comma, or "". */
struct ask {
    const char *method;
    const char *grant;
    const char *streams; /* one pattern */
    const char *more;
};

void ask_send(struct line *line, const struct ask *ask);

/* A page: its rows, and whether it is the last. */
struct ask_page {
    uint32_t ordinal;
    uint64_t rows;
    bool final;
};

/* Is this message a page, in either form?  One that is refused ends the
 * program. */
bool ask_page(const struct line_frame *frame, struct ask_page *out);

/* Wait for the last page; returns rows. */
uint64_t ask_pages(struct line *line);

/* Make a subscriber ready for so many pages more. */
void ask_credit(struct line *line, unsigned pages);

#endif
