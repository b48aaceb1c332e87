/*
 * beside_make: the computing part of packing a lane.
 */
#include <stdlib.h>

#include "series/beside.h"

struct beside_job *
beside_job_new(void)
{
    struct beside_job *job = calloc(1, sizeof *job);

    if (job != NULL) {
        vlt_buf_init(&job->blocks, 0);
        job->schema.fields = job->field;
    }
    return job;
}

void
beside_job_free(struct beside_job *job)
{
    if (job == NULL) {
        return;
    }
    for (size_t i = 0; i < job->cuts; i++) {
        cut_free(&job->cut[i]);
    }
    vlt_buf_free(&job->blocks);
    free(job->tail);
    free(job);
}

/* ---- making ---- */

static enum vlt_status
take_tail(const struct beside_job *job, const struct beside_tail *tail,
          struct vlt_rows **room, struct vlt_rows *all)
{
    struct vlt_block_window times = { VLT_TIME_MIN, VLT_TIME_MAX };
    struct vlt_slice block = vlt_slice_of(job->blocks.at + tail->at, tail->len);
    enum vlt_status st;

    if (tail->after >= times.from) {
        times.from = tail->after + 1;
    }
    st = vlt_block_append(block, &times, NULL, room, all);
    return st == VLT_OK || st == VLT_E_NOMEM ? st : VLT_E_STORAGE;
}

static enum vlt_status
gather(const struct beside_job *job, struct vlt_rows *all)
{
    struct vlt_rows *room = NULL;
    enum vlt_status st = vlt_rows_reserve(all, job->rows);

    for (size_t i = 0; st == VLT_OK && i < job->tails; i++) {
        st = take_tail(job, &job->tail[i], &room, all);
    }
    vlt_rows_free(room);
    return st == VLT_OK ? vlt_rows_sort(all) : st;
}

/* Is there room for a chunk more? */
static bool
has_room(const struct beside_job *job, const struct cutting *cutting,
         size_t sums)
{
    return job->cuts < BESIDE_CHUNKS &&
           (sums < BESIDE_SUMS || !cutting_may_end(cutting));
}

static enum vlt_status
cut_all(struct beside_job *job, const struct chunk_rows *rows)
{
    struct cutting cutting = { .rows = rows,
                               .range = vlt_rows_all(rows->plain),
                               .how = { .rest = CHUNK_REST_STAYS } };
    size_t sums = 0;
    bool any = true;
    enum vlt_status st = VLT_OK;

    while (st == VLT_OK && any && has_room(job, &cutting, sums)) {
        struct cut *cut = &job->cut[job->cuts];

        cut_init(cut);
        st = cutting_next(&cutting, cut, &any);
        if (st == VLT_OK && any) {
            sums += hours_bytes(&cut->hours);
            job->cuts++;
        } else {
            cut_free(cut);
        }
    }
    job->rest = cutting.rest;
    job->more = any;
    /* So many rows of one time: they are packed in the turn. */
    return st == VLT_OK && !cutting_may_end(&cutting) ? VLT_E_LIMIT : st;
}

void
beside_job_make(struct beside_job *job)
{
    struct chunk_rows rows = { NULL, NULL };

    job->st = vlt_rows_new(&job->schema, &rows.plain);
    if (job->st == VLT_OK) {
        job->st = gather(job, rows.plain);
    }
    if (job->st == VLT_OK) {
        job->st = cut_all(job, &rows);
    }
    chunk_rows_free(&rows);
    vlt_buf_free(&job->blocks);
    free(job->tail);
    job->tail = NULL;
    job->tails = 0;
}
