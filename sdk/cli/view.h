/*
 * view: answers of the vault as tables and lists of fields.
 *
 * A view is a table of columns: what stands above, which member, and how it is
 * shown.  Text that a firm or a device wrote is VIEW_THEIRS: it is marked ».
 * Everything is escaped.
 */
#ifndef VIEW_H
#define VIEW_H

#include "cli/run.h"

enum { VIEW_NONE = 256 }; /* bytes of view_none() */

enum view_as {
    VIEW_TEXT,   /* text, number or bool as it is; null is - */
    VIEW_THEIRS, /* text that others wrote */
    VIEW_NUMBER, /* at the right */
    VIEW_LINE,   /* likewise, - where there is none (0) */
    VIEW_SIGNED, /* likewise, + in front of what is over 0 */
    VIEW_AGO,    /* a time, from now */
    VIEW_ENDS,   /* likewise, of a grant or request that is not over; else - */
    VIEW_STATE,  /* the state, and whether other parts wait for the owner */
    VIEW_SPAN,   /* seconds */
    VIEW_MS,     /* milliseconds, as "0.5 ms" */
    VIEW_BYTES,  /* bytes */
    VIEW_MILLI,  /* thousandths, rounded to whole ones */
    VIEW_NANO,   /* 10^-9, likewise, + in front of what is over 0 */
    VIEW_LIST,   /* a list of texts, by commas; of objects, their number */
};

struct view_column {
    const char *head;   /* NULL ends a table */
    const char *member; /* "claims.name" is a member of a member */
    enum view_as as;
};

/* Append one value. */
void view_value(const struct vlt_json *value, enum view_as as, int64_t now,
                struct vlt_buf *out);

/* A member of a member …: borrowed; NULL when it is absent. */
const struct vlt_json *view_member(const struct vlt_json *object,
                                   const char *path);

/* The words for what a list that is empty was asked for: "no WHAT is STATE, of
 * FIRM" by the options state and firm, or `none` where neither was given. */
const char *view_none(const struct run *run, const char *what, const char *none,
                      char out[VIEW_NONE]);

/* Put to what is printed: a list of objects, one a row. */
void view_table(struct run *run, const struct view_column *columns,
                const struct vlt_json *list);

/* Put to what is printed: one object, one member a line; those that are absent
 * or null are left out. */
void view_fields(struct run *run, const struct view_column *columns,
                 const struct vlt_json *object);

/* Text marked as others' words, in a line of its own, indented. */
void view_theirs(struct run *run, const struct vlt_json *text);

struct view_list {
    const char *method;
    const char *array; /* the list's name in the answer */
    const struct view_column *columns;
    const char *none;             /* said where there are none */
    int (*fill)(struct run *run); /* puts parameters; may be NULL */
};

/* Ask, for as many pages as there are, and print; with --json one object. */
int view_list(struct run *run, const struct view_list *list);

/* Ask with the parameters in run, then print the fields of the answer's
 * member (NULL: of the answer itself); with --json the answer. */
int view_answer(struct run *run, const char *method, const char *member,
                const struct view_column *columns);

/* The answer that is there: its member (NULL: all of it) as fields, or as it is
 * with --json. */
void view_result(struct run *run, const char *member,
                 const struct view_column *columns);

#endif
