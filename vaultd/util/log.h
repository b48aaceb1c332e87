/*
 * log: one line a fault, on standard error: "LEVEL room: message".
 *
 * A fault is logged once, where a foreign code (errno, MDB_*, lws, OpenSSL)
 * becomes ours.  A message holds ids, codes and counts only: never a value, a
 * name from outside, a path from outside or a key.
 *
 * A line has at most LOG_LINE_MAX bytes and is cut beyond; control characters
 * in it become "?".  It is written at once and whole.
 *
 * Threads: any.
 */
#ifndef UTIL_LOG_H
#define UTIL_LOG_H

enum { LOG_LINE_MAX = 1000 };

enum log_level {
    LOG_ERROR,   /* something does not work that should */
    LOG_WARNING, /* it works, but somebody should look */
    LOG_INFO,    /* started, stopped, unlocked, erased */
    LOG_DEBUG,   /* for who works on the program */
};

/* As printf, with the name of the room that tells.  No newline at the end. */
void log_error(const char *room, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Likewise, LOG_WARNING. */
void log_warning(const char *room, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Likewise, LOG_INFO. */
void log_info(const char *room, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Likewise, LOG_DEBUG. */
void log_debug(const char *room, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* What is below this level (LOG_INFO at first) is left out. */
void log_set_level(enum log_level least);

/* Gets each line, without its newline; borrowed for the call.  Called under the
 * log's lock, so it must not log. */
typedef void log_sink_fn(void *ctx, enum log_level level, const char *line);

/* Send lines here instead of to standard error; NULL: back again.  For
 * tests. */
void log_set_sink(log_sink_fn *sink, void *ctx);

#endif
