/*
 * vault/page.h: rows, as they come out of the vault.
 *
 * Since 0.1.
 */
#ifndef VAULT_PAGE_H
#define VAULT_PAGE_H

#include <stddef.h>
#include <stdint.h>

#include "vault/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum vault_type {
    VAULT_F64 = 0,
    VAULT_I64 = 1,
    VAULT_BOOL = 2,
    VAULT_TEXT = 3,
    VAULT_JSON = 4
};

/* Text of a cell: UTF-8, not ended by a zero. */
struct vault_text {
    const char *at;
    size_t len; /* bytes */
};

/* A column.  Exactly the array of its type is not NULL; it has a value for
 * each row of the page, of which those absent are zero. */
struct vault_column {
    const char *name;
    enum vault_type type;
    const uint8_t *present; /* bit i%8 of byte i/8; NULL: all present */
    const double *f64;
    const int64_t *i64;
    const uint8_t *flag;           /* 0 or 1 */
    const struct vault_text *text; /* text and json */
};

enum {
    VAULT_PAGE_FINAL = 1, /* the last of a query's answer */
    VAULT_PAGE_LATE = 2,  /* rows whose time is before what was sent */
    VAULT_PAGE_GAP = 4    /* rows are withheld before this page, or more came
                             than was taken, and it catches up: none is lost */
};

/* Rows of one stream, sorted by time. */
struct vault_page {
    const char *stream; /* its name or alias; NULL in an empty last page */
    uint64_t seq;       /* from 1, without gaps, for a query or subscription */
    unsigned flags;     /* VAULT_PAGE_… */
    size_t rows;
    const int64_t *time; /* ns UTC since 1970 */
    size_t columns;
    const struct vault_column *column;
};

/* Is the cell there? */
VAULT_API int vault_present(const struct vault_column *column, size_t row);

/* Take a page: everything in it is borrowed for the call.  Return 0 to go on,
 * else the query or subscription ends. */
typedef int vault_page_fn(void *ctx, const struct vault_page *page);

#ifdef __cplusplus
}
#endif

#endif
