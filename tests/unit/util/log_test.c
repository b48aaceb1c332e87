#include "unit.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "util/log.h"

/* What a sink heard. */
struct heard {
    unsigned lines;
    enum log_level level;
    char last[LOG_LINE_MAX + 2];
};

static void
hear(void *ctx, enum log_level level, const char *line)
{
    struct heard *heard = ctx;

    heard->lines++;
    heard->level = level;
    (void)snprintf(heard->last, sizeof heard->last, "%s", line);
}

static int
set_up(void **state)
{
    static struct heard heard;

    heard = (struct heard){ 0 };
    log_set_level(LOG_INFO);
    log_set_sink(hear, &heard);
    *state = &heard;
    return 0;
}

static int
tear_down(void **state)
{
    log_set_sink(NULL, NULL);
    return 0;
}

static void
a_line_has_level_room_and_message(void **state)
{
    struct heard *heard = *state;

    log_error("store", "commit %d: %s", 17, "EIO");
    assert_string_equal(heard->last, "ERROR store: commit 17: EIO");
    log_warning("net", "slow");
    assert_string_equal(heard->last, "WARNING net: slow");
    assert_int_equal(heard->level, LOG_WARNING);
    log_info("main", "ready");
    assert_string_equal(heard->last, "INFO main: ready");
    assert_int_equal(heard->lines, 3);
}

static void
what_is_below_the_level_is_left_out(void **state)
{
    struct heard *heard = *state;

    log_debug("net", "no");
    assert_int_equal(heard->lines, 0);
    log_set_level(LOG_DEBUG);
    log_debug("net", "yes");
    assert_string_equal(heard->last, "DEBUG net: yes");
    log_set_level(LOG_ERROR);
    log_warning("net", "no");
    log_error("net", "yes");
    assert_int_equal(heard->lines, 2);
}

static void
one_line_is_one_line(void **state)
{
    struct heard *heard = *state;

    log_error("net", "a\nERROR store: b\r\x1b[2J\x7f");
    assert_string_equal(heard->last, "ERROR net: a?ERROR store: b??[2J?");
}

static void
a_long_line_is_cut(void **state)
{
    struct heard *heard = *state;
    char text[2 * LOG_LINE_MAX];

    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    log_error("net", "%s", text);
    assert_int_equal(strlen(heard->last), LOG_LINE_MAX);
    log_error(text, "never seen");
    assert_true(strlen(heard->last) <= LOG_LINE_MAX);
    assert_int_equal(heard->lines, 2);
}

static void
without_a_sink_a_line_goes_to_standard_error(void **state)
{
    static const char expected[] = "ERROR main: no vault\n";
    char got[64] = { 0 };
    int ends[2];
    int saved = dup(STDERR_FILENO);

    assert_int_equal(pipe(ends), 0);
    assert_int_equal(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
    log_set_sink(NULL, NULL);
    log_error("main", "no vault");
    assert_int_equal(dup2(saved, STDERR_FILENO), STDERR_FILENO);
    assert_int_equal(read(ends[0], got, sizeof got - 1), strlen(expected));
    assert_string_equal(got, expected);
    close(saved);
    close(ends[0]);
    close(ends[1]);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(a_line_has_level_room_and_message),
        EACH(what_is_below_the_level_is_left_out),
        EACH(one_line_is_one_line),
        EACH(a_long_line_is_cut),
        EACH(without_a_sink_a_line_goes_to_standard_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
