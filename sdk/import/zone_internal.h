/*
 * zone_internal: what a zone holds, and the rule behind its table.
 */
#ifndef ZONE_INTERNAL_H
#define ZONE_INTERNAL_H

#include "import/zone.h"

enum zone_day {
    ZONE_JULIAN,  /* 1 to 365, 29 February never counted */
    ZONE_ORDINAL, /* 0 to 365, 29 February counted */
    ZONE_MONTH,   /* the n-th of a weekday in a month, 5 the last */
};

struct zone_change {
    enum zone_day kind;
    int day, week, month;
    int32_t seconds; /* of the day; may be negative or over a day */
};

/* The footer: what holds after the last change of the table. */
struct zone_rule {
    bool summer;                /* there is a second offset */
    int32_t standard, daylight; /* seconds east */
    struct zone_change begin, end;
};

struct zone {
    size_t count;    /* of changes */
    int64_t *at;     /* when, ascending */
    int32_t *offset; /* and what holds from then on */
    int32_t first;   /* before the first change */
    bool ruled;
    struct zone_rule rule;
};

/* Read a footer as CET-1CEST,M3.5.0,M10.5.0/3.  False: it is none. */
bool zone_rule_read(struct vlt_slice text, struct zone_rule *out);

/* The offset that the rule gives at a time. */
int32_t zone_rule_offset(const struct zone_rule *rule, int64_t utc);

#endif
