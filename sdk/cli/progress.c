#include "cli/progress.h"

#include <time.h>
#include <unistd.h>

#include "base/time.h"
#include "cli/ago.h"
#include "cli/file.h"

enum { BAR = 24, EVERY = 100000000 };

static int64_t
ticks(void)
{
    struct timespec now = { 0 };

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * VLT_SECOND + now.tv_nsec;
}

struct progress
progress_begin(struct term term, const char *what, uint64_t all)
{
    int64_t now = term.tty ? ticks() : 0;

    return (struct progress){
        .term = term, .what = what, .all = all, .began = now, .shown = now
    };
}

static void
put_rows(uint64_t rows, double seconds, struct vlt_buf *out)
{
    vlt_buf_printf(out, "  %llu rows", (unsigned long long)rows);
    if (seconds > 0.5) {
        vlt_buf_printf(out, ", %.0f a second", (double)rows / seconds);
    }
}

static void
put_bytes(uint64_t bytes, double seconds, struct vlt_buf *out)
{
    vlt_buf_put_text(out, "  ");
    ago_put_bytes((int64_t)bytes, out);
    if (seconds > 0.5) {
        vlt_buf_put_text(out, ", ");
        ago_put_bytes((int64_t)((double)bytes / seconds), out);
        vlt_buf_put_text(out, " a second");
    }
}

void
progress_line(const struct progress *progress, uint64_t done, uint64_t rows,
              int64_t took, struct vlt_buf *out)
{
    double seconds = (double)took / (double)VLT_SECOND;

    vlt_buf_printf(out, "%.40s ", progress->what);
    if (progress->all > 0) {
        double part = (double)done / (double)progress->all;
        int full = part >= 1 ? BAR : (int)(part * BAR);

        for (int i = 0; i < BAR; i++) {
            vlt_buf_put_text(out, i >= full                ? "."
                                  : progress->term.unicode ? "█"
                                                           : "#");
        }
        vlt_buf_printf(out, " %3d %%", (int)(part >= 1 ? 100 : part * 100));
    }
    if (progress->of_bytes) {
        put_bytes(done, seconds, out);
    } else {
        put_rows(rows, seconds, out);
    }
    if (seconds > 0.5 && done > 0 && progress->all > done) {
        double left = seconds / (double)done * (double)(progress->all - done);

        vlt_buf_printf(out, ", %.0f s left", left);
    }
}

void
progress_at(struct progress *progress, uint64_t done, uint64_t rows)
{
    if (!progress->term.tty) {
        return;
    }
    int64_t now = ticks();

    if (now - progress->shown < EVERY) {
        return;
    }
    struct vlt_buf line = { 0 };

    vlt_buf_put_text(&line, "\r\033[K");
    progress_line(progress, done, rows, now - progress->began, &line);
    enum vlt_status st = file_put(STDERR_FILENO, vlt_buf_slice(&line));

    (void)st; /* nothing depends on whether it is seen */
    vlt_buf_free(&line);
    progress->shown = now;
    progress->any = true;
}

void
progress_end(struct progress *progress)
{
    if (progress->any) {
        enum vlt_status st =
            file_put(STDERR_FILENO, vlt_slice_text("\r\033[K"));

        (void)st;
        progress->any = false;
    }
}
