/* The patterns by which the owner says which streams are to be given. */
#include "bench.h"

#include "base/text.h"
#include "consent/granting_internal.h"

enum { MANY = 40, LONG = 300 };

static int
electricity(void)
{
    return vocab_category_find("energy.electricity", 18);
}

/* Streams of electricity of such names, of which the last is of gas. */
struct streams {
    struct consent_stream stream[MANY];
    size_t count;
};

static void
each(void *ctx, consent_stream_fn *fn, void *fn_ctx)
{
    const struct streams *streams = ctx;

    for (size_t i = 0; i < streams->count && fn(fn_ctx, &streams->stream[i]);
         i++) {
    }
}

static void
add(struct streams *streams, const char *name, int category)
{
    struct consent_stream *stream = &streams->stream[streams->count++];

    stream->name = vlt_slice_text(name);
    stream->category = category;
}

/* What is said of one pattern: "" where it names some stream. */
static void
said_of(struct streams *streams, const char *pattern, char out[2 * LONG])
{
    struct vlt_slice one = vlt_slice_text(pattern);
    struct consent_narrow narrow = { .streams = 1, .stream = &one };
    struct consent_asked asked = { .items = 1, .data = { electricity() } };
    struct consent_world world = { .ctx = streams, .each = each };
    struct vlt_buf why;
    enum vlt_status st;

    vlt_buf_init(&why, 0);
    st = narrow_names(&narrow, &asked, &world, &why);
    assert_int_equal(st, why.len == 0 ? VLT_OK : VLT_E_FORMAT);
    (void)snprintf(out, 2 * LONG, "%.*s", (int)why.len,
                   why.len > 0 ? (const char *)why.at : "");
    vlt_buf_free(&why);
}

static void
a_pattern_names_streams_of_what_is_asked_for_alone(void **state)
{
    struct streams streams = { .count = 0 };
    char said[2 * LONG];

    add(&streams, "power/a", electricity());
    add(&streams, "power/gas", vocab_category_find("energy.gas", 10));
    add(&streams, "power/unsorted", VOCAB_NONE);
    said_of(&streams, "power/*", said);
    assert_string_equal(said, "");
    said_of(&streams, "power/a", said);
    assert_string_equal(said, "");
    said_of(&streams, "power/gas", said);
    assert_string_equal(said, "No stream of what is asked for is named "
                              "'power/gas'; there are: power/a.");
    said_of(&streams, "power/unsorted", said);
    assert_string_equal(said, "No stream of what is asked for is named "
                              "'power/unsorted'; there are: power/a.");
}

static void
where_there_is_no_stream_yet_that_is_said(void **state)
{
    struct streams streams = { .count = 0 };
    char said[2 * LONG];

    add(&streams, "power/gas", vocab_category_find("energy.gas", 10));
    said_of(&streams, "a", said);
    assert_string_equal(said, "No stream of what is asked for is named 'a'; "
                              "there is none yet.");
}

/* A sentence is no list: those beyond it are counted. */
static void
of_many_streams_some_are_named_and_the_others_counted(void **state)
{
    static char names[MANY][20];
    struct streams streams = { .count = 0 };
    char said[2 * LONG];

    for (size_t i = 0; i < MANY; i++) {
        (void)snprintf(names[i], sizeof names[i], "power/meter-%02zu", i);
        add(&streams, names[i], electricity());
    }
    said_of(&streams, "a", said);
    assert_non_null(
        strstr(said, "; there are: power/meter-00, power/meter-01,"));
    assert_non_null(strstr(said, ", power/meter-13 and 26 more."));
}

/* One name may be too long by itself. */
static void
streams_of_long_names_are_counted_alone(void **state)
{
    static char name[LONG];
    struct streams streams = { .count = 0 };
    char said[2 * LONG];

    memset(name, 'a', LONG - 1);
    add(&streams, name, electricity());
    said_of(&streams, "b", said);
    assert_string_equal(said, "No stream of what is asked for is named 'b'; "
                              "their names (1) are too long to be said here.");
    add(&streams, name, electricity());
    said_of(&streams, "b", said);
    assert_string_equal(said, "No stream of what is asked for is named 'b'; "
                              "their names (2) are too long to be said here.");
}

/* Of several patterns each is looked at; without one nothing is said. */
static void
each_pattern_is_to_name_a_stream(void **state)
{
    const struct vlt_slice patterns[] = { vlt_slice_text("power/a"),
                                          vlt_slice_text("power/b") };
    struct consent_narrow narrow = { .streams = 2, .stream = patterns };
    struct consent_asked asked = {
        .items = 2,
        .data = { vocab_category_find("energy.gas", 10), electricity() }
    };
    struct streams streams = { .count = 0 };
    struct consent_world world = { .ctx = &streams, .each = each };
    struct vlt_buf why;

    vlt_buf_init(&why, 0);
    add(&streams, "power/a", electricity());
    assert_int_equal(narrow_names(&narrow, &asked, &world, &why), VLT_E_FORMAT);
    assert_non_null(strstr(vlt_buf_text(&why), "'power/b'"));
    add(&streams, "power/b", electricity());
    vlt_buf_free(&why);
    vlt_buf_init(&why, 0);
    assert_int_equal(narrow_names(&narrow, &asked, &world, &why), VLT_OK);
    narrow.streams = 0;
    assert_int_equal(narrow_names(&narrow, &asked, &world, &why), VLT_OK);
    assert_int_equal(narrow_names(NULL, &asked, &world, &why), VLT_OK);
    assert_int_equal(why.len, 0);
    vlt_buf_free(&why);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pattern_names_streams_of_what_is_asked_for_alone),
        cmocka_unit_test(where_there_is_no_stream_yet_that_is_said),
        cmocka_unit_test(of_many_streams_some_are_named_and_the_others_counted),
        cmocka_unit_test(streams_of_long_names_are_counted_alone),
        cmocka_unit_test(each_pattern_is_to_name_a_stream),
    };

    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
