#include "util/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The log's lock, and what it guards: the one such thing beside the signal
 * flag, so that a fault can be told from anywhere. */
static struct {
    pthread_mutex_t lock;
    enum log_level least;
    log_sink_fn *sink; /* NULL: standard error */
    void *ctx;
} out = { .lock = PTHREAD_MUTEX_INITIALIZER, .least = LOG_INFO };

static const char *const words[] = {
    [LOG_ERROR] = "ERROR",
    [LOG_WARNING] = "WARNING",
    [LOG_INFO] = "INFO",
    [LOG_DEBUG] = "DEBUG",
};

void
log_set_level(enum log_level least)
{
    pthread_mutex_lock(&out.lock);
    out.least = least;
    pthread_mutex_unlock(&out.lock);
}

void
log_set_sink(log_sink_fn *sink, void *ctx)
{
    pthread_mutex_lock(&out.lock);
    out.sink = sink;
    out.ctx = ctx;
    pthread_mutex_unlock(&out.lock);
}

/* One line is one line, whatever is in it. */
static void
hide_controls(char *line)
{
    for (char *at = line; *at != '\0'; at++) {
        if ((unsigned char)*at < ' ' || *at == 0x7f) {
            *at = '?';
        }
    }
}

/* The line stays in the caller's memory, so that a log line costs no
 * allocation; the last byte is kept for the newline. */
static void
put_line(enum log_level level, char line[LOG_LINE_MAX + 2])
{
    size_t len = strlen(line);

    if (out.sink != NULL) {
        out.sink(out.ctx, level, line);
        return;
    }
    line[len] = '\n';
    /* There is nobody to tell when this fails. */
    ssize_t written = write(STDERR_FILENO, line, len + 1);

    (void)written;
}

__attribute__((format(printf, 3, 0))) static void
put(enum log_level level, const char *room, const char *format, va_list args)
{
    char line[LOG_LINE_MAX + 2];
    int head = snprintf(line, LOG_LINE_MAX + 1, "%s %s: ", words[level], room);

    if (head < 0 || head > LOG_LINE_MAX) {
        head = 0;
    }
    (void)vsnprintf(line + head, (size_t)(LOG_LINE_MAX + 1 - head), format,
                    args);
    hide_controls(line);
    pthread_mutex_lock(&out.lock);
    if (level <= out.least) {
        put_line(level, line);
    }
    pthread_mutex_unlock(&out.lock);
}

void
log_error(const char *room, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    put(LOG_ERROR, room, format, args);
    va_end(args);
}

void
log_warning(const char *room, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    put(LOG_WARNING, room, format, args);
    va_end(args);
}

void
log_info(const char *room, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    put(LOG_INFO, room, format, args);
    va_end(args);
}

void
log_debug(const char *room, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    put(LOG_DEBUG, room, format, args);
    va_end(args);
}
