/*
 * late: rows that arrived behind a subscription, in order of arrival.
 *
 * They lie in tails, where every row has its arrival, or in chunks, where those
 * have it that did not come behind all others.  Pages may end within a record:
 * a source may bring as many rows at once as a record holds.
 */
#include <stdlib.h>

#include "series/series_internal.h"

enum {
    POOL_ROWS = 65536 /* rows of chunks that are held for one page */
};

struct gathering {
    const struct store_view *view;
    const struct series_want *want;
    int64_t before;
    struct series_mark mark;
    struct page page;
    bool held; /* the page is full, or a row is not due yet */
    /* Rows of chunks: all that arrived before `whole`. */
    struct vlt_rows *pool;
    size_t *order; /* owned; of the pool, by arrival */
    size_t at;     /* next in order */
    uint64_t whole;
};

/* ---- rows of chunks ---- */

static uint64_t
arrival_of(const struct vlt_rows *rows, size_t row)
{
    return vlt_rows_bits(rows, row, vlt_rows_columns(rows) - 1);
}

/* Does a row that so arrived belong into the pool?  0: it came behind all. */
static bool
is_pooled(const struct gathering *gathering, uint64_t arrival)
{
    return arrival > 0 && arrival >= gathering->mark.arrival &&
           arrival < gathering->whole;
}

/* Rows of a chunk that arrived from the mark on. */
static enum vlt_status
pool_chunk(struct gathering *gathering, const struct piece *piece, uint64_t end)
{
    struct vlt_rows *rows = NULL;
    enum vlt_status st = piece_open(gathering->view, piece, end, &rows);

    if (st != VLT_OK) {
        return st;
    }
    size_t stop = vlt_rows_seek(rows, gathering->before);

    for (size_t row = 0; st == VLT_OK && row < stop; row++) {
        struct vlt_range one = { .from = row, .count = 1 };

        if (is_pooled(gathering, arrival_of(rows, row))) {
            st = vlt_rows_append(gathering->pool, rows, one);
        }
    }
    vlt_rows_free(rows);
    return st;
}

struct ranked {
    uint64_t arrival;
    size_t row;
};

static int
by_arrival(const void *a, const void *b)
{
    const struct ranked *x = a;
    const struct ranked *y = b;

    if (x->arrival != y->arrival) {
        return x->arrival < y->arrival ? -1 : 1;
    }
    return x->row < y->row ? -1 : x->row > y->row;
}

/* Put the pool in order of arrival, of one arrival in order of time. */
static enum vlt_status
rank_pool(struct gathering *gathering)
{
    size_t count = vlt_rows_count(gathering->pool);
    struct ranked *ranked = calloc(count + 1, sizeof *ranked);
    size_t *order = calloc(count + 1, sizeof *order);
    enum vlt_status st = vlt_rows_sort(gathering->pool);

    if (ranked == NULL || order == NULL || st != VLT_OK) {
        free(ranked);
        free(order);
        return st != VLT_OK ? st : VLT_E_NOMEM;
    }
    for (size_t i = 0; i < count; i++) {
        ranked[i].arrival = arrival_of(gathering->pool, i);
        ranked[i].row = i;
    }
    qsort(ranked, count, sizeof *ranked, by_arrival);
    for (size_t i = 0; i < count; i++) {
        order[i] = ranked[i].row;
    }
    free(ranked);
    free(gathering->order);
    gathering->order = order;
    return VLT_OK;
}

/* Keep those that arrived first, about half of what may be held; of what
 * arrives together all or nothing. */
static enum vlt_status
thin_pool(struct gathering *gathering)
{
    struct vlt_rows *kept = NULL;
    struct vlt_range none = { .count = 0 };
    enum vlt_status st = rank_pool(gathering);

    if (st != VLT_OK) {
        return st;
    }
    gathering->whole =
        arrival_of(gathering->pool, gathering->order[POOL_ROWS / 2]) + 1;
    st = vlt_rows_slice(gathering->pool, none, &kept);
    for (size_t i = 0; st == VLT_OK && i < vlt_rows_count(gathering->pool);
         i++) {
        struct vlt_range one = { .from = i, .count = 1 };

        if (is_pooled(gathering, arrival_of(gathering->pool, i))) {
            st = vlt_rows_append(kept, gathering->pool, one);
        }
    }
    if (st != VLT_OK) {
        vlt_rows_free(kept);
        return st;
    }
    vlt_rows_free(gathering->pool);
    gathering->pool = kept;
    return VLT_OK;
}

static enum vlt_status
pool_all(struct gathering *gathering, const struct plan *plan,
         const struct stream *stream)
{
    struct vlt_field fields[SERIES_COLUMNS_MAX + 1];
    struct vlt_schema schema;
    enum vlt_status st;

    schema_of(stream, fields, &schema);
    fields[schema.count].id = VLT_COLUMN_ARRIVAL;
    fields[schema.count++].type = VLT_TYPE_I64;
    st = vlt_rows_new(&schema, &gathering->pool);
    for (size_t i = 0; st == VLT_OK && i < plan->count; i++) {
        const struct piece *piece = &plan->piece[i];

        if (piece->tail || !piece->marked ||
            piece->arrival < gathering->mark.arrival) {
            continue;
        }
        st = pool_chunk(gathering, piece, plan->end);
        if (st == VLT_OK && vlt_rows_count(gathering->pool) > POOL_ROWS) {
            st = thin_pool(gathering);
        }
    }
    return st == VLT_OK ? rank_pool(gathering) : st;
}

/* ---- giving ---- */

/* Give rows [row, due) of rows, which are the first that arrived as `arrival`;
 * end is behind the last that is wanted at all. */
struct giving {
    const struct vlt_rows *rows;
    uint64_t arrival;
    size_t row, due, end;
};

static enum vlt_status
give(struct gathering *gathering, struct giving giving)
{
    struct series_mark *mark = &gathering->mark;
    bool full = false;
    enum vlt_status st = VLT_OK;

    while (st == VLT_OK && giving.row < giving.due && !full) {
        st = page_add(&gathering->page, giving.rows, giving.row, &full);
        giving.row += !full;
    }
    gathering->held = giving.row < giving.end;
    *mark = gathering->held
                ? (struct series_mark){ .arrival = giving.arrival,
                                        .count = (uint32_t)giving.row }
                : (struct series_mark){ .arrival = giving.arrival + 1 };
    return st;
}

static int64_t
due_before(const struct gathering *gathering)
{
    return gathering->want->to < gathering->before ? gathering->want->to
                                                   : gathering->before;
}

/* The first of the rows that arrived together that is to be given: of a tail
 * not before `row`. */
static size_t
begin_of(const struct gathering *gathering, const struct vlt_rows *rows,
         uint64_t arrival, size_t row)
{
    size_t from = vlt_rows_seek(rows, gathering->want->from);
    size_t given =
        arrival == gathering->mark.arrival ? gathering->mark.count : 0;

    row = row > from ? row : from;
    return row > given ? row : given;
}

/* The rows of one arrival out of the pool.  They are the first of their
 * record, since what came behind all others is not marked. */
static enum vlt_status
take_pooled(struct gathering *gathering)
{
    struct vlt_rows *rows = NULL;
    struct vlt_range none = { .count = 0 };
    size_t count = vlt_rows_count(gathering->pool);
    uint64_t arrival =
        arrival_of(gathering->pool, gathering->order[gathering->at]);
    enum vlt_status st = vlt_rows_slice(gathering->pool, none, &rows);

    while (st == VLT_OK && gathering->at < count &&
           arrival_of(gathering->pool, gathering->order[gathering->at]) ==
               arrival) {
        struct vlt_range one = { .from = gathering->order[gathering->at++],
                                 .count = 1 };

        st = vlt_rows_append(rows, gathering->pool, one);
    }
    if (st == VLT_OK) {
        st = give(gathering,
                  (struct giving){
                      .rows = rows,
                      .arrival = arrival,
                      .row = begin_of(gathering, rows, arrival, 0),
                      .due = vlt_rows_seek(rows, due_before(gathering)),
                      .end = vlt_rows_count(rows),
                  });
    }
    vlt_rows_free(rows);
    return st;
}

/* The rows of a tail: those that are not in a chunk. */
static enum vlt_status
take_tail(struct gathering *gathering, const struct piece *piece)
{
    struct vlt_rows *rows = NULL;
    enum vlt_status st = tail_open(gathering->view, piece->no, &rows);

    if (st == VLT_OK) {
        size_t row = piece->after == INT64_MIN
                         ? 0
                         : vlt_rows_seek(rows, piece->after + 1);

        st = give(gathering,
                  (struct giving){
                      .rows = rows,
                      .arrival = piece->no,
                      .row = begin_of(gathering, rows, piece->no, row),
                      .due = vlt_rows_seek(rows, due_before(gathering)),
                      .end = vlt_rows_seek(rows, gathering->before),
                  });
        vlt_rows_free(rows);
    }
    return st;
}

/* Both in order of arrival; of one arrival the rows in chunks are the earlier
 * ones. */
static enum vlt_status
take_all(struct gathering *gathering, const struct plan *plan)
{
    size_t pooled = vlt_rows_count(gathering->pool);
    size_t next = 0;
    enum vlt_status st = VLT_OK;

    while (st == VLT_OK && !gathering->held) {
        uint64_t tail;
        uint64_t chunk;

        while (next < plan->count &&
               (!plan->piece[next].tail ||
                plan->piece[next].no < gathering->mark.arrival)) {
            next++;
        }
        tail = next < plan->count ? plan->piece[next].no : UINT64_MAX;
        chunk =
            gathering->at < pooled
                ? arrival_of(gathering->pool, gathering->order[gathering->at])
                : gathering->whole;
        if (tail == UINT64_MAX && chunk == UINT64_MAX) {
            return VLT_OK;
        }
        if (chunk <= tail && gathering->at == pooled) {
            /* The pool did not hold what came from here on. */
            gathering->mark = (struct series_mark){ .arrival = chunk };
            gathering->held = true;
        } else if (chunk <= tail) {
            struct series_mark was = gathering->mark;

            st = take_pooled(gathering);
            if (st == VLT_OK && chunk == tail && !gathering->held) {
                /* The last page may have ended behind those in chunks. */
                gathering->mark = was;
                st = take_tail(gathering, &plan->piece[next++]);
            }
        } else {
            st = take_tail(gathering, &plan->piece[next++]);
        }
    }
    return st;
}

enum vlt_status
series_late(struct series *series, const struct store_view *view,
            const struct stream *stream, const struct series_want *want,
            struct series_since since, struct vlt_rows *out,
            struct series_mark *mark)
{
    struct gathering gathering = {
        .view = view,
        .want = want,
        .before = since.before,
        .mark = since.mark,
        .page = { .rows = out,
                  .most_rows = since.most_rows,
                  .most_bytes = since.most_bytes },
        .whole = UINT64_MAX,
    };
    struct plan_range range = {
        .from = want->from,
        .to = since.before,
        .below = want->below,
    };
    struct plan plan = { .count = 0 };
    enum vlt_status st = VLT_OK;

    vlt_rows_clear(out);
    if (range.from < range.to) {
        st = plan_make(series, view, series_slot(series, stream->id), &range,
                       &plan);
    } else {
        st = series_end(series, view, &plan.end);
    }
    if (st == VLT_OK) {
        st = pool_all(&gathering, &plan, stream);
    }
    if (st == VLT_OK) {
        st = take_all(&gathering, &plan);
    }
    if (st == VLT_OK) {
        st = vlt_rows_sort(out);
    }
    if (st == VLT_OK && !gathering.held && gathering.mark.arrival < plan.end) {
        gathering.mark = (struct series_mark){ .arrival = plan.end };
    }
    if (st == VLT_OK) {
        *mark = gathering.mark;
    }
    vlt_rows_free(gathering.pool);
    free(gathering.order);
    plan_free(&plan);
    return st;
}
