/*
 * inspect: does everything of an unlocked vault agree?
 */
#include <stdio.h>

#include "audit/audit.h"
#include "main/main_internal.h"
#include "series/series.h"
#include "store/record.h"

struct checking {
    struct store *store;
    struct series *series;
    bool bad;
};

static void
on_problem(void *ctx, const char *problem)
{
    struct checking *checking = ctx;

    (void)printf("%s\n", problem);
    checking->bad = true;
}

static enum vlt_status
check_store(struct checking *checking, const struct store_view *view)
{
    struct store_check found = { 0 };
    struct vlt_buf why;
    enum vlt_status st;

    vlt_buf_init(&why, 64 << 10);
    st = store_check(view, &why, &found);
    if (st == VLT_E_AUTH) {
        (void)printf("%s", vlt_buf_text(&why));
        checking->bad = true;
        st = VLT_OK;
    }
    if (st == VLT_OK) {
        (void)printf("records %llu, of which bad %llu\n",
                     (unsigned long long)found.records,
                     (unsigned long long)found.bad);
    }
    vlt_buf_free(&why);
    return st;
}

static enum vlt_status
check_audit(struct checking *checking, const struct store_view *view)
{
    struct audit_head head = { 0 };
    enum vlt_status st = audit_verify(view, on_problem, checking, &head);

    if (st == VLT_OK) {
        (void)printf("log entries %llu\n", (unsigned long long)head.size);
    }
    return st;
}

/* What was packed is what lanes and summaries say. */
static enum vlt_status
check_packed(struct checking *checking, struct series *series,
             const struct store_view *view)
{
    struct series_check packed;
    struct vlt_buf why;
    enum vlt_status st;

    vlt_buf_init(&why, 0);
    st = series_check(series, view, &why, &packed);
    if (st == VLT_OK || st == VLT_E_AUTH) {
        (void)printf("lanes %llu, chunks %llu, rows in them %llu\n",
                     (unsigned long long)packed.lanes,
                     (unsigned long long)packed.chunks,
                     (unsigned long long)packed.rows);
    }
    if (st == VLT_E_AUTH || st == VLT_E_STORAGE) {
        (void)printf("%.*s", (int)why.len, (const char *)why.at);
        checking->bad = true;
        st = VLT_OK;
    }
    vlt_buf_free(&why);
    return st;
}

static enum vlt_status
check_rows(struct checking *checking, const struct store_view *view)
{
    struct series *series = checking->series;
    struct series_totals totals = { 0 };
    enum vlt_status st = series_load(series, view);

    if (st == VLT_OK) {
        series_totals(series, &totals);
        (void)printf("streams %llu, rows %llu\n",
                     (unsigned long long)totals.streams,
                     (unsigned long long)totals.rows);
        st = check_packed(checking, series, view);
    } else {
        (void)printf("the rows do not read: %s\n", vlt_status_word(st));
        checking->bad = true;
        st = VLT_OK;
    }
    return st;
}

static enum vlt_status
check_all(struct checking *checking)
{
    struct store_read *read = NULL;
    enum vlt_status st = series_new(checking->store, &checking->series);

    /* What was erased is not damaged. */
    if (st == VLT_OK) {
        st = series_load_tombs(checking->series);
    }
    if (st == VLT_OK) {
        st = store_read_begin(checking->store, &read);
    }
    if (st != VLT_OK) {
        return st;
    }
    const struct store_view *view = store_read_view(read);

    st = check_store(checking, view);
    if (st == VLT_OK) {
        st = check_rows(checking, view);
    }
    if (st == VLT_OK) {
        st = check_audit(checking, view);
    }
    store_read_end(read);
    return st;
}

enum vlt_status
inspect(struct store *store, bool *good)
{
    struct checking checking = { .store = store };
    enum vlt_status st = check_all(&checking);

    series_free(checking.series);
    *good = st == VLT_OK && !checking.bad;
    return st;
}
