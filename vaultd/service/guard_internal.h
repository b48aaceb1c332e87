/*
 * guard_internal: the turn, for the files that make guard.
 */
#ifndef GUARD_INTERNAL_H
#define GUARD_INTERNAL_H

#include "service/service_internal.h"

struct page;

struct turn {
    struct service *service;
    struct store_txn *txn; /* NULL until somebody needs it */
    int64_t now;
    bool control;       /* half of the reserve will do */
    bool lock_after;    /* lock when this has committed */
    struct page *pages; /* whose evidence is signed at the end */
    struct after *ends; /* to be stamped with the time of the commit */
};

#endif
