#include <stdlib.h>
#include <string.h>

#include "unit.h"

#include "service/page_internal.h"
#include "service/service_internal.h"
#include "wire/limits.h"

enum { STREAMS = 5 };

struct fixture {
    struct service service;
    struct reading *reading; /* of the firm "A", under the grant "G" */
    struct position positions[CURSOR_STREAMS];
    struct vlt_buf text;
};

static void
begin(struct fixture *fixture, size_t streams)
{
    struct principal who = { .role = ROLE_FIRM };

    memset(fixture, 0, sizeof *fixture);
    memset(who.id, 'A', sizeof who.id);
    assert_int_equal(vlt_secret_random(32, &fixture->service.cursor_key),
                     VLT_OK);
    fixture->reading = reading_new(&fixture->service, &who);
    assert_non_null(fixture->reading);
    memset(fixture->reading->grant, 'G', VLT_ID_LEN);
    for (size_t i = 0; i < streams; i++) {
        struct position *position = &fixture->positions[i];

        memset(position->stream, (int)i + 1, VLT_ID_LEN);
        position->at.time = INT64_MIN + (int64_t)i;
        position->at.count = SERIES_EQUAL_TIMES - (uint32_t)i;
        position->late.arrival = UINT64_MAX - i;
        position->late.count = VLT_BLOCK_ROWS - 1 - (uint32_t)i;
    }
    vlt_buf_init(&fixture->text, VLT_LIMIT_CURSOR);
    fixture->reading->count = streams;
    cursor_put(fixture->reading, fixture->positions, &fixture->text);
    trail_begin(fixture->reading, vlt_buf_slice(&fixture->text),
                fixture->positions);
    fixture->reading->count = 0;
    assert_false(vlt_buf_failed(&fixture->text));
}

static void
end(struct fixture *fixture)
{
    reading_release(fixture->reading);
    trail_forget_all(&fixture->service);
    vlt_secret_free(fixture->service.cursor_key);
    vlt_buf_free(&fixture->text);
}

/* Open a text as firm `id` under grant `grant`; asked is cleared. */
static enum vlt_status
open(struct fixture *fixture, struct vlt_slice text, int id, int grant)
{
    struct principal who = { .role = ROLE_FIRM };
    struct asked *asked = calloc(1, sizeof *asked);
    enum vlt_status st;

    assert_non_null(asked);
    memset(who.id, id, sizeof who.id);
    asked->has_grant = true;
    memset(asked->grant, grant, sizeof asked->grant);
    st = cursor_get(&fixture->service, &who, asked, text);
    if (st == VLT_OK) {
        assert_true(asked->has_cursor);
        for (size_t i = 0; i < asked->positions; i++) {
            const struct position *got = &asked->position[i];
            const struct position *put = &fixture->positions[i];

            assert_memory_equal(got->stream, put->stream, VLT_ID_LEN);
            assert_true(got->at.time == put->at.time);
            assert_int_equal(got->at.count, put->at.count);
            assert_true(got->late.arrival == put->late.arrival);
            assert_int_equal(got->late.count, put->late.count);
        }
    }
    free(asked->position);
    free(asked);
    return st;
}

static void
what_was_put_is_read_back(void **state)
{
    static const size_t counts[] = { 0, 1, STREAMS, CURSOR_STREAMS };

    (void)state;
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        struct fixture fixture;

        begin(&fixture, counts[i]);
        assert_int_equal(open(&fixture, vlt_buf_slice(&fixture.text), 'A', 'G'),
                         VLT_OK);
        end(&fixture);
    }
}

static void
another_firm_or_grant_cannot_open_it(void **state)
{
    struct fixture fixture;

    (void)state;
    begin(&fixture, STREAMS);
    assert_int_equal(open(&fixture, vlt_buf_slice(&fixture.text), 'B', 'G'),
                     VLT_E_FORMAT);
    assert_int_equal(open(&fixture, vlt_buf_slice(&fixture.text), 'A', 'H'),
                     VLT_E_FORMAT);
    end(&fixture);
}

static void
a_change_of_any_character_is_refused(void **state)
{
    struct fixture fixture;
    struct vlt_buf text;

    (void)state;
    begin(&fixture, STREAMS);
    vlt_buf_init(&text, VLT_LIMIT_CURSOR);
    for (size_t i = 0; i < fixture.text.len; i++) {
        vlt_buf_clear(&text);
        vlt_buf_put_slice(&text, vlt_buf_slice(&fixture.text));
        text.at[i] = text.at[i] == 'A' ? 'B' : 'A';
        assert_int_not_equal(open(&fixture, vlt_buf_slice(&text), 'A', 'G'),
                             VLT_OK);
        assert_int_not_equal(
            open(&fixture, vlt_slice_of(fixture.text.at, i), 'A', 'G'), VLT_OK);
    }
    vlt_buf_free(&text);
    end(&fixture);
}

static void
a_page_behind_it_must_be_one_that_was_made(void **state)
{
    static const struct {
        const char *end;
        enum vlt_status st;
    } ends[] = {
        { ".0", VLT_OK },
        { ".1", VLT_E_FORMAT },
        { ".18446744073709551615", VLT_E_FORMAT },
        { ".18446744073709551616", VLT_E_FORMAT },
        { ".", VLT_E_FORMAT },
        { ".-1", VLT_E_FORMAT },
        { ".0.0", VLT_E_FORMAT },
        { ".0x", VLT_E_FORMAT },
        { "..0", VLT_E_FORMAT },
    };
    struct fixture fixture;
    struct vlt_buf text;

    (void)state;
    begin(&fixture, STREAMS);
    vlt_buf_init(&text, VLT_LIMIT_CURSOR);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        vlt_buf_clear(&text);
        vlt_buf_put_slice(&text, vlt_buf_slice(&fixture.text));
        vlt_buf_put_text(&text, ends[i].end);
        assert_int_equal(open(&fixture, vlt_buf_slice(&text), 'A', 'G'),
                         ends[i].st);
    }
    vlt_buf_free(&text);
    end(&fixture);
}

static void
a_vault_that_is_locked_has_none(void **state)
{
    struct fixture fixture;

    (void)state;
    begin(&fixture, STREAMS);
    vlt_secret_free(fixture.service.cursor_key);
    fixture.service.cursor_key = NULL;
    assert_int_equal(open(&fixture, vlt_buf_slice(&fixture.text), 'A', 'G'),
                     VLT_E_FORMAT);
    vlt_buf_clear(&fixture.text);
    cursor_put(fixture.reading, fixture.positions, &fixture.text);
    assert_int_equal(fixture.text.len, 0);
    end(&fixture);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_put_is_read_back),
        cmocka_unit_test(another_firm_or_grant_cannot_open_it),
        cmocka_unit_test(a_change_of_any_character_is_refused),
        cmocka_unit_test(a_page_behind_it_must_be_one_that_was_made),
        cmocka_unit_test(a_vault_that_is_locked_has_none),
    };

    if (vlt_secret_init() != VLT_OK) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
