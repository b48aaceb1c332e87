/*
 * policy_request: requests as lines of text, for policy_oracle.
 *
 * What cannot be read ends the program with status 2 and the line.
 */
#ifndef TESTS_POLICY_REQUEST_H
#define TESTS_POLICY_REQUEST_H

#include "terms/terms.h"

enum {
    REQUEST_TEXTS = 64,
};

/* A request and the texts that it borrows. */
struct request_lines {
    struct terms_request request;
    size_t text_count;
    char *texts[REQUEST_TEXTS]; /* owned */
    bool well_formed;           /* the caller's, until a line is added */
};

/* Say what cannot be read, and end. */
void cannot_read(const char *line);

/* A well-formed request without purposes and items; old texts are freed. */
void request_begin(struct request_lines *lines);
void request_end(struct request_lines *lines);

/* The rest of a line behind `request`, `purpose` and `item`; cut up. */
void request_common(struct request_lines *lines, char *rest);
void request_purpose(struct request_lines *lines, char *rest);
void request_item(struct request_lines *lines, char *rest);

#endif
