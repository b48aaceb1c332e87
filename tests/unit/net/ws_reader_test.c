/* ws_reader: frames into messages, and what is refused. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "net/ws_reader.h"

static const struct ws_limits limits = {
    .text = 300, .binary = 70000, .fragments = 3, .too_large = 1009
};

struct wire {
    uint8_t at[200000];
    size_t len;
};

static void
put(struct wire *wire, uint8_t first, const void *payload, size_t len)
{
    static const uint8_t mask[4] = { 1, 2, 3, 4 };
    uint8_t head[WS_HEAD_MAX];
    size_t head_len = ws_head_put(head, WS_OP_TEXT, len);

    head[0] = first;
    head[1] |= 0x80;
    memcpy(wire->at + wire->len, head, head_len);
    wire->len += head_len;
    memcpy(wire->at + wire->len, mask, sizeof mask);
    wire->len += sizeof mask;
    for (size_t i = 0; i < len; i++) {
        wire->at[wire->len++] = ((const uint8_t *)payload)[i] ^ mask[i & 3];
    }
}

static void
put_text(struct wire *wire, uint8_t first, const char *text)
{
    put(wire, first, text, strlen(text));
}

/* Read the whole wire in pieces; the last event that is not WS_MORE. */
static struct ws_event
read_in_pieces(struct ws_reader *reader, const struct wire *wire, size_t piece)
{
    struct ws_event last = { .kind = WS_MORE };

    for (size_t at = 0; at < wire->len; at += piece) {
        struct vlt_slice bytes = {
            .at = wire->at + at,
            .len = wire->len - at < piece ? wire->len - at : piece,
        };

        while (bytes.len > 0) {
            struct ws_event event;

            ws_read(reader, &bytes, &event);
            if (event.kind != WS_MORE) {
                last = event;
            }
        }
    }
    return last;
}

static void
check(const struct wire *wire, enum ws_kind kind, int code)
{
    for (size_t piece = 1; piece <= wire->len; piece += 1 + piece / 3) {
        struct ws_reader reader;

        ws_reader_init(&reader, &limits);
        struct ws_event event = read_in_pieces(&reader, wire, piece);

        assert_int_equal(event.kind, kind);
        assert_int_equal(event.code, code);
        assert_true((kind == WS_BROKEN) == (event.why != NULL));
        ws_reader_fini(&reader);
    }
}

static void
a_message_comes_however_it_is_cut(void **state)
{
    struct wire wire = { .len = 0 };

    put_text(&wire, 0x01, "one ");
    put_text(&wire, 0x89, "ping");
    put_text(&wire, 0x00, "two ");
    put_text(&wire, 0x80, "three");
    for (size_t piece = 1; piece <= wire.len; piece++) {
        struct ws_reader reader;

        ws_reader_init(&reader, &limits);
        struct ws_event event = read_in_pieces(&reader, &wire, piece);

        assert_int_equal(event.kind, WS_TEXT);
        assert_int_equal(event.fragments, 3);
        assert_true(vlt_slice_is(event.payload, "one two three"));
        ws_reader_fini(&reader);
    }
}

static void
every_length_is_read_as_it_was_written(void **state)
{
    static const size_t lens[] = { 0,   1,     125,   126,   127,
                                   128, 65535, 65536, 65537, 70000 };
    static uint8_t payload[70000];

    for (size_t i = 0; i < sizeof payload; i++) {
        payload[i] = (uint8_t)(i * 7);
    }
    for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++) {
        struct wire *wire = calloc(1, sizeof *wire);
        struct ws_reader reader;

        assert_non_null(wire);
        put(wire, 0x82, payload, lens[i]);
        ws_reader_init(&reader, &limits);
        struct ws_event event = read_in_pieces(&reader, wire, 1000);

        assert_int_equal(event.kind, WS_BINARY);
        assert_int_equal(event.payload.len, lens[i]);
        assert_memory_equal(event.payload.at, payload, lens[i]);
        ws_reader_fini(&reader);
        free(wire);
    }
}

static void
one_message_follows_the_other(void **state)
{
    struct wire wire = { .len = 0 };
    struct ws_reader reader;
    struct ws_event event;

    put_text(&wire, 0x81, "first");
    put_text(&wire, 0x82, "second");
    put_text(&wire, 0x8a, "pong");
    struct vlt_slice bytes = { wire.at, wire.len };

    ws_reader_init(&reader, &limits);
    ws_read(&reader, &bytes, &event);
    assert_int_equal(event.kind, WS_TEXT);
    assert_true(vlt_slice_is(event.payload, "first"));
    ws_read(&reader, &bytes, &event);
    assert_int_equal(event.kind, WS_BINARY);
    assert_true(vlt_slice_is(event.payload, "second"));
    ws_read(&reader, &bytes, &event);
    assert_int_equal(event.kind, WS_PONG);
    assert_int_equal(bytes.len, 0);
    ws_reader_fini(&reader);
}

static void
a_message_that_has_served_is_wiped(void **state)
{
    static const uint8_t zero[6];
    struct wire wire = { .len = 0 };
    struct ws_reader reader;
    struct ws_event event;

    put_text(&wire, 0x81, "secret");
    put_text(&wire, 0x82, "next");
    struct vlt_slice bytes = { wire.at, wire.len };

    ws_reader_init(&reader, &limits);
    ws_reader_forget(&reader);
    ws_read(&reader, &bytes, &event);
    assert_true(vlt_slice_is(event.payload, "secret"));
    const uint8_t *at = event.payload.at;

    ws_reader_forget(&reader);
    assert_ptr_equal(reader.message.at, at); /* kept for the next */
    assert_memory_equal(at, zero, sizeof zero);
    ws_reader_forget(&reader);
    ws_read(&reader, &bytes, &event);
    assert_true(vlt_slice_is(event.payload, "next"));
    ws_reader_fini(&reader);
}

static const struct {
    const char *says;
    uint8_t bytes[24];
    size_t len;
    int code;
} broken[] = {
    { "unmasked", { 0x81, 0x01, 'a' }, 2, 1002 },
    { "unmasked ping", { 0x89, 0x00 }, 2, 1002 },
    { "rsv1", { 0xc1, 0x80 }, 2, 1002 },
    { "rsv2", { 0xa1, 0x80 }, 2, 1002 },
    { "rsv3", { 0x91, 0x80 }, 2, 1002 },
    { "opcode 3", { 0x83, 0x80 }, 2, 1002 },
    { "opcode 7", { 0x87, 0x80 }, 2, 1002 },
    { "opcode 11", { 0x8b, 0x80 }, 2, 1002 },
    { "opcode 15", { 0x8f, 0x80 }, 2, 1002 },
    { "fragmented ping", { 0x09, 0x80 }, 2, 1002 },
    { "long ping", { 0x89, 0xfe }, 2, 1002 },
    { "longer ping", { 0x89, 0xff }, 2, 1002 },
    { "continuation of nothing", { 0x80, 0x80 }, 2, 1002 },
    { "16 bits for 125", { 0x81, 0xfe, 0, 125, 0, 0, 0, 0 }, 8, 1002 },
    { "64 bits for 65535",
      { 0x82, 0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0 },
      14,
      1002 },
    { "the top bit",
      { 0x82, 0xff, 0x80, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0 },
      14,
      1002 },
    { "text too large", { 0x81, 0xfe, 1, 45, 0, 0, 0, 0 }, 8, 1009 },
    { "binary too large",
      { 0x82, 0xff, 0, 0, 0, 0, 0, 1, 0x11, 0x71, 0, 0, 0, 0 },
      14,
      1009 },
    { "huge",
      { 0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0,
        0 },
      14,
      1009 },
    { "close of one byte", { 0x88, 0x81, 0, 0, 0, 0, 3 }, 7, 1002 },
    { "close 1005", { 0x88, 0x82, 0, 0, 0, 0, 3, 0xed }, 8, 1002 },
    { "close 999", { 0x88, 0x82, 0, 0, 0, 0, 3, 0xe7 }, 8, 1002 },
    { "close reason", { 0x88, 0x83, 0, 0, 0, 0, 3, 0xe8, 0xff }, 9, 1007 },
    { "bad UTF-8", { 0x81, 0x81, 0, 0, 0, 0, 0xff }, 7, 1007 },
    { "half a character", { 0x81, 0x81, 0, 0, 0, 0, 0xc3 }, 7, 1007 },
    { "a zero", { 0x81, 0x81, 0, 0, 0, 0, 0 }, 7, 1007 },
    { "a message in a message",
      { 0x01, 0x80, 0, 0, 0, 0, 0x81, 0x80 },
      8,
      1002 },
};

static void
what_breaks_a_rule_is_refused_at_once(void **state)
{
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        struct wire wire = { .len = broken[i].len };

        print_message("%s\n", broken[i].says);
        memcpy(wire.at, broken[i].bytes, broken[i].len);
        check(&wire, WS_BROKEN, broken[i].code);
    }
}

static void
fragments_together_are_limited(void **state)
{
    static const uint8_t much[300];
    struct wire wire = { .len = 0 };

    put(&wire, 0x02, much, 0);
    put(&wire, 0x00, much, 0);
    put(&wire, 0x00, much, 0);
    check(&wire, WS_MORE, 0);
    put(&wire, 0x80, much, 0);
    check(&wire, WS_BROKEN, 1008);
    wire.len = 0;
    put_text(&wire, 0x01, "x");
    put(&wire, 0x80, much, 300);
    check(&wire, WS_BROKEN, 1009);
}

static void
behind_a_refusal_nothing_is_read(void **state)
{
    struct wire wire = { .len = 0 };
    struct ws_reader reader;
    struct ws_event event;

    ws_reader_init(&reader, &limits);
    struct vlt_slice bytes = vlt_slice_of("\x81\x01", 2);

    ws_read(&reader, &bytes, &event);
    assert_int_equal(event.kind, WS_BROKEN);
    put_text(&wire, 0x81, "again");
    event = read_in_pieces(&reader, &wire, wire.len);
    assert_int_equal(event.kind, WS_MORE);
    ws_reader_fini(&reader);
}

static void
a_close_tells_its_code(void **state)
{
    struct wire wire = { .len = 0 };

    put(&wire, 0x88, "", 0);
    check(&wire, WS_CLOSE, 1005);
    wire.len = 0;
    put_text(&wire, 0x88, "\x03\xe9gone");
    check(&wire, WS_CLOSE, 1001);
}

static void
limits_may_be_raised_between_messages(void **state)
{
    static const struct ws_limits small = { 5, 5, 1, 1008 };
    static const uint8_t six[6];
    struct wire wire = { .len = 0 };
    struct ws_reader reader;

    put(&wire, 0x82, six, sizeof six);
    ws_reader_init(&reader, &small);
    assert_int_equal(read_in_pieces(&reader, &wire, 100).code, 1008);
    ws_reader_fini(&reader);
    ws_reader_init(&reader, &small);
    reader.limits = limits;
    assert_int_equal(read_in_pieces(&reader, &wire, 100).kind, WS_BINARY);
    ws_reader_fini(&reader);
}

static void
an_idle_reader_holds_little_memory(void **state)
{
    static const uint8_t much[60000];
    struct wire *wire = calloc(1, sizeof *wire);
    struct ws_reader reader;

    assert_non_null(wire);
    put(wire, 0x82, much, sizeof much);
    put_text(wire, 0x89, "");
    ws_reader_init(&reader, &limits);
    assert_int_equal(read_in_pieces(&reader, wire, 4000).kind, WS_PING);
    assert_true(reader.message.cap <= 4096);
    ws_reader_fini(&reader);
    free(wire);
}

/* Where the vault dialled, the other end is the server. */
static void
frames_of_a_server_are_not_masked(void **state)
{
    static const uint8_t frames[] = { 0x81, 2, 'h', 'i', 0x89, 0, 0x82, 1, 7 };
    struct ws_reader reader;

    for (size_t piece = 1; piece <= sizeof frames; piece++) {
        struct wire *wire = calloc(1, sizeof *wire);

        assert_non_null(wire);
        memcpy(wire->at, frames, sizeof frames);
        wire->len = sizeof frames;
        ws_reader_init(&reader, &limits);
        reader.from_server = true;
        struct ws_event last = read_in_pieces(&reader, wire, piece);

        assert_int_equal(last.kind, WS_BINARY);
        assert_int_equal(last.payload.len, 1);
        ws_reader_fini(&reader);
        free(wire);
    }
}

static void
a_server_that_masks_is_refused(void **state)
{
    static const uint8_t frame[] = { 0x81, 0x82, 0, 0, 0, 0, 'h', 'i' };
    struct vlt_slice bytes = vlt_slice_of(frame, sizeof frame);
    struct ws_reader reader;
    struct ws_event event;

    ws_reader_init(&reader, &limits);
    reader.from_server = true;
    ws_read(&reader, &bytes, &event);
    assert_int_equal(event.kind, WS_BROKEN);
    assert_int_equal(event.code, 1002);
    ws_reader_fini(&reader);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_comes_however_it_is_cut),
        cmocka_unit_test(every_length_is_read_as_it_was_written),
        cmocka_unit_test(one_message_follows_the_other),
        cmocka_unit_test(a_message_that_has_served_is_wiped),
        cmocka_unit_test(what_breaks_a_rule_is_refused_at_once),
        cmocka_unit_test(fragments_together_are_limited),
        cmocka_unit_test(behind_a_refusal_nothing_is_read),
        cmocka_unit_test(a_close_tells_its_code),
        cmocka_unit_test(limits_may_be_raised_between_messages),
        cmocka_unit_test(an_idle_reader_holds_little_memory),
        cmocka_unit_test(frames_of_a_server_are_not_masked),
        cmocka_unit_test(a_server_that_masks_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
