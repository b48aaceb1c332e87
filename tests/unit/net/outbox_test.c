/* outbox: order, releases, the cut. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "net/outbox.h"

/* What the service would answer for a release of each grant. */
struct release {
    uint8_t grant[VLT_ID_LEN];
};

static enum release_now answers[256];
static unsigned begun;
static unsigned sent;
static uint8_t sent_grants[8]; /* of the first */
static unsigned freed;
static struct outbox *follows; /* into which a release that ends puts one */

static void put(struct outbox *outbox, char c, size_t len, uint8_t number);

enum release_now
release_check(const struct release *leave)
{
    return answers[leave->grant[0]];
}

void
release_begun(struct release *leave)
{
    assert_int_equal(answers[leave->grant[0]], RELEASE_SEND);
    begun++;
}

const uint8_t *
release_grant(const struct release *leave)
{
    return leave->grant;
}

void
release_sent(struct release *leave)
{
    if (sent < sizeof sent_grants) {
        sent_grants[sent] = leave->grant[0];
    }
    sent++;
    free(leave);
}

void
release_free(struct release *leave)
{
    if (leave != NULL) {
        freed++;
        free(leave);
    }
    if (leave != NULL && follows != NULL) {
        struct outbox *outbox = follows;

        follows = NULL;
        put(outbox, 'f', 1, 0);
    }
}

/* ---- arrangements ---- */

static uint8_t memory[OUTBOX_TURN];

static int
begin(void **state)
{
    memset(answers, 0, sizeof answers); /* RELEASE_SEND */
    begun = 0;
    sent = 0;
    freed = 0;
    return 0;
}

static const uint8_t *
grant(uint8_t number)
{
    static uint8_t id[VLT_ID_LEN];

    memset(id, number, sizeof id);
    return id;
}

/* Queue len times c; number 0: without release. */
static void
put(struct outbox *outbox, char c, size_t len, uint8_t number)
{
    struct vlt_buf frame = { 0 };
    struct release *leave = NULL;

    memset(vlt_buf_extend(&frame, len), c, len);
    if (number != 0) {
        leave = calloc(1, sizeof *leave);
        assert_non_null(leave);
        memcpy(leave->grant, grant(number), VLT_ID_LEN);
    }
    assert_int_equal(outbox_put(outbox, WS_OP_BINARY, &frame, leave, false),
                     VLT_OK);
    assert_null(frame.at);
}

static void
put_held(struct outbox *outbox, const char *text)
{
    struct vlt_buf frame = { 0 };

    vlt_buf_put_text(&frame, text);
    assert_int_equal(outbox_put(outbox, WS_OP_TEXT, &frame, NULL, true),
                     VLT_OK);
}

/* One turn, whose bytes are then in memory. */
static struct vlt_slice
turn(struct outbox *outbox, enum outbox_next wanted)
{
    struct vlt_writer writer = vlt_writer_over(memory, sizeof memory);
    struct outbox_again again;

    assert_int_equal(outbox_fill(outbox, &writer, &again), wanted);
    assert_false(writer.failed);
    return vlt_writer_slice(&writer);
}

static void
check_turn(struct outbox *outbox, const char *wanted, size_t len)
{
    struct vlt_slice bytes = turn(outbox, OUTBOX_EMPTY);

    assert_int_equal(bytes.len, len);
    assert_memory_equal(bytes.at, wanted, len);
    outbox_wrote(outbox, false);
}

/* ---- tests ---- */

static void
messages_leave_in_order_many_in_a_turn(void **state)
{
    struct outbox outbox = { 0 };

    put(&outbox, 'a', 2, 0);
    put(&outbox, 'b', 1, 0);
    put(&outbox, 'c', 3, 0);
    assert_int_equal(outbox.bytes, 4 + 3 + 5);
    check_turn(&outbox,
               "\x82\x02"
               "aa\x82\x01"
               "b\x82\x03"
               "ccc",
               12);
    assert_int_equal(outbox.bytes, 0);
    assert_false(outbox_ready(&outbox));
    outbox_fini(&outbox);
}

static void
a_large_message_is_one_frame_over_many_turns(void **state)
{
    struct outbox outbox = { 0 };
    size_t len = 100000;
    size_t got = 0;

    put(&outbox, 'x', len, 0);
    while (outbox.bytes > 0) {
        size_t before = outbox.bytes;
        struct vlt_slice bytes =
            turn(&outbox, before > OUTBOX_TURN ? OUTBOX_FULL : OUTBOX_EMPTY);

        assert_true(got == 0 || outbox_half(&outbox) || outbox.bytes == 0);
        if (got == 0) {
            assert_memory_equal(bytes.at, "\x82\x7f\0\0\0\0\0\x01\x86\xa0xx",
                                12);
        }
        got += bytes.len;
        assert_int_equal(outbox.bytes, before - bytes.len);
        outbox_wrote(&outbox, false);
    }
    assert_int_equal(got, len + 10);
    outbox_fini(&outbox);
}

static void
control_frames_go_between_messages_only(void **state)
{
    struct outbox outbox = { 0 };

    put(&outbox, 'x', 20000, 0);
    put(&outbox, 'y', 1, 0);
    outbox_wrote(&outbox, (turn(&outbox, OUTBOX_FULL), false));
    outbox_ping(&outbox);
    outbox_pong(&outbox, vlt_slice_text("old"));
    outbox_pong(&outbox, vlt_slice_text("new"));
    struct vlt_slice bytes = turn(&outbox, OUTBOX_EMPTY);
    size_t rest = 20004 - OUTBOX_TURN;

    assert_int_equal(bytes.len, rest + 5 + 2 + 3);
    assert_int_equal(bytes.at[rest - 1], 'x');
    assert_memory_equal(bytes.at + rest, "\x8a\x03new\x89\x00\x82\x01y", 10);
    outbox_wrote(&outbox, false);
    outbox_fini(&outbox);
}

static void
what_is_held_waits_for_the_tick_with_all_behind(void **state)
{
    struct outbox outbox = { 0 };

    put(&outbox, 'a', 1, 0);
    put_held(&outbox, "no");
    put(&outbox, 'b', 1, 0);
    check_turn(&outbox,
               "\x82\x01"
               "a",
               3);
    assert_false(outbox_ready(&outbox));
    check_turn(&outbox, "", 0);
    outbox_tick(&outbox);
    assert_true(outbox_ready(&outbox));
    check_turn(&outbox,
               "\x81\x02no\x82\x01"
               "b",
               7);
    outbox_fini(&outbox);
}

static void
a_close_waits_for_the_queue_or_goes_before_it(void **state)
{
    struct outbox outbox = { 0 };

    put(&outbox, 'a', 1, 0);
    outbox_end(&outbox, 1001, "bye", true);
    check_turn(&outbox,
               "\x82\x01"
               "a\x88\x05\x03\xe9"
               "bye",
               10);
    assert_true(outbox.close.put);
    outbox_fini(&outbox);
    put(&outbox, 'a', 1, 7);
    outbox_end(&outbox, 1008, NULL, true);
    outbox_end(&outbox, 1000, "later", false);
    check_turn(&outbox, "\x88\x02\x03\xf0", 4);
    check_turn(&outbox, "", 0);
    outbox_fini(&outbox);
    assert_int_equal(freed, 1);
}

static void
a_reason_is_cut_to_what_a_frame_holds(void **state)
{
    struct outbox outbox = { 0 };
    char why[200];

    memset(why, 'w', sizeof why - 1);
    why[sizeof why - 1] = '\0';
    outbox_end(&outbox, 1008, why, false);
    assert_int_equal(turn(&outbox, OUTBOX_EMPTY).len, 2 + 125);
    outbox_fini(&outbox);
}

static void
a_release_is_sent_with_its_message(void **state)
{
    struct outbox outbox = { 0 };

    put(&outbox, 'a', 10, 1);
    put(&outbox, 'b', 10, 2);
    (void)turn(&outbox, OUTBOX_EMPTY);
    assert_int_equal(sent, 0);
    outbox_wrote(&outbox, false);
    assert_int_equal(sent, 2);
    outbox_fini(&outbox);
    assert_int_equal(freed, 0);
}

static void
releases_of_one_turn_are_sent_in_the_order_of_their_messages(void **state)
{
    struct outbox outbox = { 0 };

    for (uint8_t i = 1; i <= 3; i++) {
        put(&outbox, 'a', 10, i);
    }
    (void)turn(&outbox, OUTBOX_EMPTY);
    outbox_wrote(&outbox, false);
    for (uint8_t i = 0; i < 3; i++) {
        assert_int_equal(sent_grants[i], i + 1);
    }
    outbox_fini(&outbox);
}

static void
a_release_is_told_once_that_its_message_begins(void **state)
{
    struct outbox outbox = { 0 };

    put(&outbox, 'a', 40000, 1);
    put(&outbox, 'b', 10, 2);
    put(&outbox, 'c', 10, 3);
    answers[2] = RELEASE_DROP;
    assert_int_equal(begun, 0);
    for (unsigned turns = 0; turns < 2; turns++) {
        outbox_wrote(&outbox, (turn(&outbox, OUTBOX_FULL), false));
        assert_int_equal(begun, 1);
    }
    outbox_wrote(&outbox, (turn(&outbox, OUTBOX_EMPTY), false));
    assert_int_equal(begun, 2);
    assert_int_equal(sent, 2);
    outbox_fini(&outbox);
}

static void
what_may_no_longer_leave_is_dropped(void **state)
{
    struct outbox outbox = { 0 };

    put(&outbox, 'a', 1, 1);
    put(&outbox, 'b', 1, 2);
    put(&outbox, 'c', 1, 1);
    answers[1] = RELEASE_DROP;
    check_turn(&outbox,
               "\x82\x01"
               "b",
               3);
    assert_int_equal(freed, 2);
    assert_int_equal(sent, 1);
    assert_int_equal(outbox.bytes, 0);
    outbox_fini(&outbox);
}

static void
what_is_to_be_decided_anew_is_given_back(void **state)
{
    struct outbox outbox = { 0 };
    struct vlt_writer writer = vlt_writer_over(memory, sizeof memory);
    struct outbox_again again;

    put(&outbox, 'a', 1, 1);
    put(&outbox, 'b', 1, 2);
    answers[1] = RELEASE_AGAIN;
    assert_int_equal(outbox_fill(&outbox, &writer, &again), OUTBOX_AGAIN);
    assert_true(again.binary);
    assert_memory_equal(again.leave->grant, grant(1), VLT_ID_LEN);
    assert_int_equal(again.frame.len, 1);
    assert_int_equal(outbox_fill(&outbox, &writer, &again), OUTBOX_EMPTY);
    assert_int_equal(writer.len, 3);
    release_free(again.leave);
    vlt_buf_free(&again.frame);
    outbox_wrote(&outbox, false);
    outbox_fini(&outbox);
}

static void
half_a_message_whose_grant_ended_is_not_finished(void **state)
{
    struct outbox outbox = { 0 };

    put(&outbox, 'a', 20000, 1);
    outbox_wrote(&outbox, (turn(&outbox, OUTBOX_FULL), false));
    answers[1] = RELEASE_DROP;
    assert_int_equal(turn(&outbox, OUTBOX_ENDED).len, 0);
    outbox_fini(&outbox);
    assert_int_equal(freed, 1);
}

static void
half_a_message_whose_consent_moved_goes_on(void **state)
{
    struct outbox outbox = { 0 };

    put(&outbox, 'a', 20000, 1);
    outbox_wrote(&outbox, (turn(&outbox, OUTBOX_FULL), false));
    answers[1] = RELEASE_AGAIN;
    assert_int_equal(turn(&outbox, OUTBOX_EMPTY).len, 20004 - OUTBOX_TURN);
    outbox_wrote(&outbox, false);
    assert_int_equal(sent, 1);
    outbox_fini(&outbox);
}

static void
a_cut_drops_what_waits_of_one_grant(void **state)
{
    struct outbox outbox = { 0 };

    put(&outbox, 'a', 1, 1);
    put(&outbox, 'b', 1, 2);
    put(&outbox, 'c', 1, 0);
    put(&outbox, 'd', 1, 1);
    struct outbox_silence found = outbox_silence(&outbox, grant(1));

    assert_int_equal(found.dropped, 2);
    assert_false(found.half);
    assert_int_equal(freed, 2);
    put(&outbox, 'e', 1, 0);
    check_turn(&outbox,
               "\x82\x01"
               "b\x82\x01"
               "c\x82\x01"
               "e",
               9);
    outbox_fini(&outbox);
}

static void
a_cut_of_all_leaves_what_no_grant_let_out(void **state)
{
    struct outbox outbox = { 0 };

    put(&outbox, 'a', 1, 1);
    put(&outbox, 'b', 1, 0);
    put(&outbox, 'c', 1, 2);
    struct outbox_silence found = outbox_silence(&outbox, NULL);

    assert_int_equal(found.dropped, 2);
    assert_false(found.half);
    check_turn(&outbox,
               "\x82\x01"
               "b",
               3);
    outbox_fini(&outbox);
}

static void
what_is_put_while_a_cut_drops_stays_in_order(void **state)
{
    struct outbox outbox = { 0 };

    put(&outbox, 'a', 1, 1);
    put(&outbox, 'b', 1, 0);
    put(&outbox, 'c', 1, 1);
    put(&outbox, 'd', 1, 0);
    follows = &outbox;
    assert_int_equal(outbox_silence(&outbox, grant(1)).dropped, 2);
    check_turn(&outbox,
               "\x82\x01"
               "b\x82\x01"
               "d\x82\x01"
               "f",
               9);
    assert_int_equal(outbox.bytes, 0);
    outbox_fini(&outbox);
}

static void
a_cut_sees_what_is_half_written(void **state)
{
    struct outbox outbox = { 0 };

    put(&outbox, 'a', 20000, 1);
    put(&outbox, 'b', 1, 1);
    outbox_wrote(&outbox, (turn(&outbox, OUTBOX_FULL), false));
    struct outbox_silence found = outbox_silence(&outbox, grant(2));

    assert_false(found.half);
    assert_int_equal(found.dropped, 0);
    found = outbox_silence(&outbox, grant(1));
    assert_true(found.half);
    assert_int_equal(found.dropped, 2);
    assert_int_equal(outbox.bytes, 0);
    outbox_fini(&outbox);
}

static void
a_cut_sees_what_the_library_still_holds(void **state)
{
    struct outbox outbox = { 0 };

    put(&outbox, 'a', 1, 1);
    put(&outbox, 'b', 1, 2);
    outbox_wrote(&outbox, (turn(&outbox, OUTBOX_EMPTY), true));
    assert_int_equal(sent, 2);
    assert_true(outbox_silence(&outbox, grant(1)).half);
    assert_true(outbox_silence(&outbox, grant(2)).half);
    assert_false(outbox_silence(&outbox, grant(3)).half);
    outbox_flushed(&outbox);
    assert_false(outbox_silence(&outbox, grant(1)).half);
    outbox_fini(&outbox);
    assert_int_equal(freed, 0);
}

static void
what_is_dropped_is_freed_and_the_close_still_leaves(void **state)
{
    struct outbox outbox = { 0 };

    put(&outbox, 'a', 1000, 1);
    put(&outbox, 'b', 1000, 0);
    outbox_end(&outbox, 1013, "busy", false);
    outbox_drop(&outbox);
    assert_int_equal(freed, 1);
    assert_int_equal(outbox.bytes, 0);
    struct vlt_slice out = turn(&outbox, OUTBOX_EMPTY);

    assert_int_equal(out.len, 2 + 2 + 4);
    assert_memory_equal(out.at,
                        "\x88\x06\x03\xf5"
                        "busy",
                        8);
    outbox_drop(&outbox);
    outbox_fini(&outbox);
}

static void
an_outbox_frees_what_it_never_sent(void **state)
{
    struct outbox outbox = { 0 };

    put(&outbox, 'a', 20000, 1);
    put(&outbox, 'b', 1, 2);
    (void)turn(&outbox, OUTBOX_FULL);
    outbox_fini(&outbox);
    outbox_fini(&outbox);
    assert_int_equal(freed, 2);
    assert_int_equal(sent, 0);
}

/* The next event of what was written, which a reader of clients' frames
 * takes. */
static struct ws_event
heard(struct ws_reader *reader, struct outbox *outbox, struct vlt_slice *bytes)
{
    struct ws_event event = { .kind = WS_MORE };

    while (event.kind == WS_MORE) {
        if (bytes->len == 0) {
            assert_true(outbox_ready(outbox));
            *bytes = turn(outbox, outbox->bytes > OUTBOX_TURN ? OUTBOX_FULL
                                                              : OUTBOX_EMPTY);
            outbox_wrote(outbox, false);
        }
        ws_read(reader, bytes, &event);
    }
    return event;
}

static void
what_the_vault_dialled_with_is_masked(void **state)
{
    static const struct ws_limits limits = {
        .text = 1, .binary = 50000, .fragments = 1, .too_large = 1009
    };
    struct outbox outbox = { .masks = true };
    struct ws_reader reader;
    struct vlt_slice bytes = { 0 };

    ws_reader_init(&reader, &limits);
    outbox_pong(&outbox, vlt_slice_text("there"));
    put(&outbox, 'a', 40000, 0);
    put(&outbox, 'b', 3, 0);
    outbox_end(&outbox, 1000, "well", true);
    struct ws_event event = heard(&reader, &outbox, &bytes);

    assert_int_equal(event.kind, WS_PONG);
    assert_true(vlt_slice_is(event.payload, "there"));
    event = heard(&reader, &outbox, &bytes);
    assert_int_equal(event.kind, WS_BINARY);
    assert_int_equal(event.payload.len, 40000);
    for (size_t i = 0; i < event.payload.len; i++) {
        assert_int_equal(event.payload.at[i], 'a');
    }
    event = heard(&reader, &outbox, &bytes);
    assert_true(vlt_slice_is(event.payload, "bbb"));
    event = heard(&reader, &outbox, &bytes);
    assert_int_equal(event.kind, WS_CLOSE);
    assert_int_equal(event.code, 1000);
    assert_true(vlt_slice_is(event.payload, "well"));
    ws_reader_fini(&reader);
    outbox_fini(&outbox);
}

/* A mask that came twice would hide nothing from who knows the text. */
static void
each_frame_has_a_mask_of_its_own(void **state)
{
    struct outbox outbox = { .masks = true };
    uint8_t first[4];

    put(&outbox, 'a', 1, 0);
    memcpy(first, turn(&outbox, OUTBOX_EMPTY).at + 2, sizeof first);
    outbox_wrote(&outbox, false);
    put(&outbox, 'a', 1, 0);
    assert_memory_not_equal(turn(&outbox, OUTBOX_EMPTY).at + 2, first,
                            sizeof first);
    outbox_wrote(&outbox, false);
    outbox_fini(&outbox);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(messages_leave_in_order_many_in_a_turn, begin),
        cmocka_unit_test_setup(a_large_message_is_one_frame_over_many_turns,
                               begin),
        cmocka_unit_test_setup(control_frames_go_between_messages_only, begin),
        cmocka_unit_test_setup(what_is_held_waits_for_the_tick_with_all_behind,
                               begin),
        cmocka_unit_test_setup(a_close_waits_for_the_queue_or_goes_before_it,
                               begin),
        cmocka_unit_test_setup(a_reason_is_cut_to_what_a_frame_holds, begin),
        cmocka_unit_test_setup(a_release_is_sent_with_its_message, begin),
        cmocka_unit_test_setup(
            releases_of_one_turn_are_sent_in_the_order_of_their_messages,
            begin),
        cmocka_unit_test_setup(a_release_is_told_once_that_its_message_begins,
                               begin),
        cmocka_unit_test_setup(what_may_no_longer_leave_is_dropped, begin),
        cmocka_unit_test_setup(what_is_to_be_decided_anew_is_given_back, begin),
        cmocka_unit_test_setup(half_a_message_whose_grant_ended_is_not_finished,
                               begin),
        cmocka_unit_test_setup(half_a_message_whose_consent_moved_goes_on,
                               begin),
        cmocka_unit_test_setup(a_cut_drops_what_waits_of_one_grant, begin),
        cmocka_unit_test_setup(what_is_put_while_a_cut_drops_stays_in_order,
                               begin),
        cmocka_unit_test_setup(a_cut_sees_what_is_half_written, begin),
        cmocka_unit_test_setup(a_cut_of_all_leaves_what_no_grant_let_out,
                               begin),
        cmocka_unit_test_setup(a_cut_sees_what_the_library_still_holds, begin),
        cmocka_unit_test_setup(
            what_is_dropped_is_freed_and_the_close_still_leaves, begin),
        cmocka_unit_test_setup(an_outbox_frees_what_it_never_sent, begin),
        cmocka_unit_test_setup(what_the_vault_dialled_with_is_masked, begin),
        cmocka_unit_test_setup(each_frame_has_a_mask_of_its_own, begin),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
