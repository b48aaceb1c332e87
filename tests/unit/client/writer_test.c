/*
 * Writers: in blocks, each once, whatever happens to the connection.
 */
#include "scene.h"

/* What the fake stores, over all its connections. */
static struct {
    uint64_t seqs[64]; /* that were stored */
    size_t seq_count;
    size_t rows;
    int64_t sum; /* of the values */
    size_t sent; /* blocks that came, repeated ones too */
} kept;

static bool
known(uint64_t seq)
{
    for (size_t i = 0; i < kept.seq_count; i++) {
        if (kept.seqs[i] == seq) {
            return true;
        }
    }
    return false;
}

/* The binary message behind an append, stored unless its number is known. */
static void
take_block(struct fake *fake, const struct vlt_rpc *rpc)
{
    uint64_t seq = (uint64_t)vlt_json_int_of(vlt_json_get(rpc->params, "seq"));
    struct vlt_slice boot = vlt_json_text_of(vlt_json_get(rpc->params, "boot"));
    struct vlt_frame frame;
    struct vlt_rows *rows = NULL;
    size_t len;

    if (boot.len != 16 || seq == 0 || fake_next(fake, &len) != 2 ||
        vlt_frame_decode(vlt_slice_of(fake->in, len), &frame) != VLT_OK ||
        frame.kind != VLT_FRAME_APPEND ||
        frame.ref != (uint64_t)rpc->id.number || frame.seq != 1 ||
        vlt_block_decode(frame.block, VLT_BLOCK_WIRE, NULL, NULL, &rows) !=
            VLT_OK) {
        _exit(1);
    }
    kept.sent++;
    if (!known(seq)) {
        size_t value = vlt_rows_find(rows, 3);

        kept.seqs[kept.seq_count++] = seq;
        for (size_t i = 0; i < vlt_rows_count(rows); i++) {
            kept.sum += value != SIZE_MAX
                            ? (int64_t)vlt_f64_of(vlt_rows_bits(rows, i, value))
                            : 0;
        }
        kept.rows += vlt_rows_count(rows);
    }
    vlt_rows_free(rows);
}

static void
tell(struct fake *fake, int64_t id)
{
    char text[160];

    snprintf(text, sizeof text,
             "{\"rows\":%zu,\"blocks\":%zu,\"sent\":%zu,\"sum\":%lld}",
             kept.rows, kept.seq_count, kept.sent, (long long)kept.sum);
    fake_result(fake, id, text);
}

static void
show_stream(struct fake *fake, int64_t id)
{
    fake_result(fake, id,
                "{\"stream\":{\"name\":\"home/meter\",\"columns\":["
                "{\"name\":\"word\",\"type\":\"text\",\"id\":1},"
                "{\"name\":\"value\",\"type\":\"f64\",\"id\":3}]}}");
}

/* Takes everything. */
static bool
answer(struct fake *fake, const struct vlt_rpc *rpc)
{
    if (vlt_slice_is(rpc->method, "stream.show")) {
        show_stream(fake, rpc->id.number);
    } else if (vlt_slice_is(rpc->method, "data.append")) {
        take_block(fake, rpc);
        fake_result(fake, rpc->id.number, "{\"accepted\":1}");
    } else {
        tell(fake, rpc->id.number);
    }
    return true;
}

/* The first connections swallow an answer and break. */
static bool
answer_and_break(struct fake *fake, const struct vlt_rpc *rpc)
{
    if (!vlt_slice_is(rpc->method, "data.append") || fake->connection > 1) {
        return answer(fake, rpc);
    }
    take_block(fake, rpc);
    return false;
}

static bool
answer_busy(struct fake *fake, const struct vlt_rpc *rpc)
{
    size_t len;

    if (!vlt_slice_is(rpc->method, "data.append")) {
        return answer(fake, rpc);
    }
    (void)fake_next(fake, &len);
    fake_error(fake, rpc->id.number,
               "{\"code\":11,\"message\":\"Full.\",\"data\":{\"reason\":"
               "\"busy\",\"retry_after_ms\":1}}");
    return true;
}

static bool
answer_refusing(struct fake *fake, const struct vlt_rpc *rpc)
{
    size_t len;

    if (!vlt_slice_is(rpc->method, "data.append")) {
        return answer(fake, rpc);
    }
    (void)fake_next(fake, &len);
    fake_error(fake, rpc->id.number,
               "{\"code\":-32602,\"message\":\"No such stream.\",\"data\":"
               "{\"reason\":\"params\",\"at\":\"block\"}}");
    return true;
}

/* A stream of four texts; takes everything. */
static bool
answer_texts(struct fake *fake, const struct vlt_rpc *rpc)
{
    if (!vlt_slice_is(rpc->method, "stream.show")) {
        return answer(fake, rpc);
    }
    fake_result(fake, rpc->id.number,
                "{\"stream\":{\"name\":\"home/meter\",\"columns\":["
                "{\"name\":\"a\",\"type\":\"text\",\"id\":1},"
                "{\"name\":\"b\",\"type\":\"text\",\"id\":2},"
                "{\"name\":\"c\",\"type\":\"text\",\"id\":3},"
                "{\"name\":\"d\",\"type\":\"text\",\"id\":4}]}}");
    return true;
}

/* ---- what the caller does ---- */

static struct {
    size_t rows;
    int64_t first;
    enum vault_status why;
} lost;

static void
on_dropped(void *ctx, enum vault_status why, int64_t first, int64_t last,
           size_t rows)
{
    (void)ctx;
    assert_true(first <= last);
    if (lost.rows == 0) {
        lost.first = first;
    }
    lost.rows += rows;
    lost.why = why;
}

static const char *const columns[] = { "value", "word", NULL };

static struct vault_writer *
writer_of(struct scene *scene, size_t batch_rows, int batch_ms, size_t memory)
{
    struct vault_write write = { .size = sizeof write,
                                 .stream = "home/meter",
                                 .columns = columns,
                                 .batch_rows = batch_rows,
                                 .batch_ms = batch_ms,
                                 .memory = memory,
                                 .dropped = on_dropped };
    struct vault_writer *writer = NULL;

    lost.rows = 0;
    assert_int_equal(
        vault_writer_open_wait(scene->client, &write, WAIT_MS, &writer),
        VAULT_OK);
    return writer;
}

static void
put(struct vault_writer *writer, int64_t time, const char *word)
{
    struct vault_cell cells[2] = { { .present = 1, .f64 = (double)time },
                                   { .present = word != NULL } };

    if (word != NULL) {
        cells[1].text = (struct vault_text){ word, strlen(word) };
    }
    assert_int_equal(vault_writer_put(writer, time, cells), VAULT_OK);
}

static int64_t
told(struct scene *scene, const char *what)
{
    struct vlt_json *document = NULL;
    char *result = NULL;

    assert_int_equal(
        vault_call_wait(scene->client, "tell", NULL, WAIT_MS, &result),
        VAULT_OK);
    assert_int_equal(
        vlt_json_parse(vlt_slice_text(result), 4096, 8, NULL, &document),
        VLT_OK);
    int64_t value = vlt_json_int_of(vlt_json_get(document, what));

    vlt_json_free(document);
    vault_free(result);
    return value;
}

static void
rows_go_in_blocks(void **state)
{
    struct scene *scene = scene_ready(answer, 0);
    struct vault_writer *writer = writer_of(scene, 10, 60000, 0);

    for (int64_t i = 1; i <= 25; i++) {
        put(writer, 26 - i, i % 2 == 0 ? "even" : NULL);
    }
    assert_int_equal(vault_writer_pending(writer), 25);
    assert_int_equal(vault_writer_flush_wait(writer, WAIT_MS), VAULT_OK);
    assert_int_equal(vault_writer_pending(writer), 0);
    assert_int_equal(vault_writer_stored(writer), 25);
    assert_int_equal(told(scene, "blocks"), 3);
    assert_int_equal(told(scene, "rows"), 25);
    assert_int_equal(told(scene, "sum"), 25 * 26 / 2);
    vault_writer_free(writer);
    scene_end(scene);
}

static void
a_row_waits_no_longer_than_was_said(void **state)
{
    struct scene *scene = scene_ready(answer, 0);
    struct vault_writer *writer = writer_of(scene, 1000, 20, 0);

    put(writer, 5, NULL);
    for (int i = 0; i < 1000 && vault_writer_pending(writer) > 0; i++) {
        assert_int_equal(vault_run(scene->client, NULL, 20), VAULT_OK);
    }
    assert_int_equal(vault_writer_stored(writer), 1);
    scene_end(scene); /* frees the writer, too */
}

/* Its answer was lost with the connection; the number is the same again. */
static void
what_a_break_swallowed_is_stored_once(void **state)
{
    struct scene *scene = scene_ready(answer_and_break, 1);
    struct vault_writer *writer = writer_of(scene, 4, 60000, 0);

    for (int64_t i = 1; i <= 20; i++) {
        put(writer, i, "x");
    }
    assert_int_equal(vault_writer_flush_wait(writer, WAIT_MS), VAULT_OK);
    assert_int_equal(vault_writer_stored(writer), 20);
    assert_int_equal(told(scene, "rows"), 20);
    assert_int_equal(told(scene, "sum"), 210);
    assert_true(told(scene, "sent") > told(scene, "blocks"));
    scene_end(scene);
}

static void
what_is_refused_for_good_is_dropped_and_told(void **state)
{
    struct scene *scene = scene_ready(answer_refusing, 0);
    struct vault_writer *writer = writer_of(scene, 2, 60000, 0);

    put(writer, 7, NULL);
    put(writer, 8, NULL);
    assert_int_equal(vault_writer_flush_wait(writer, WAIT_MS), VAULT_OK);
    assert_int_equal(vault_writer_stored(writer), 0);
    assert_int_equal(lost.rows, 2);
    assert_int_equal(lost.first, 7);
    assert_int_equal(lost.why, VAULT_E_PARAMS);
    scene_end(scene);
}

/* Letters that do not pack well. */
static void
make_noise(char *out, size_t len, uint32_t noise)
{
    for (size_t i = 0; i < len; i++) {
        noise = noise * 1664525 + 1013904223;
        out[i] = (char)('!' + (noise >> 24) % 90);
    }
}

static void
memory_is_bounded_and_the_oldest_go_first(void **state)
{
    enum { ROWS = 4000, WORD = 100, MEMORY = 64 << 10 };
    struct scene *scene = scene_ready(answer_busy, 0);
    struct vault_writer *writer = writer_of(scene, 50, 60000, MEMORY);
    char word[WORD + 1];

    for (int64_t i = 1; i <= ROWS; i++) {
        make_noise(word, WORD, (uint32_t)i);
        word[WORD] = '\0';
        put(writer, i, word);
        if (i % 100 == 0) {
            assert_int_equal(vault_run(scene->client, NULL, 0), VAULT_OK);
        }
    }
    assert_true(lost.rows > ROWS / 2);
    assert_int_equal(lost.why, VAULT_E_BUSY);
    /* Those that were on their way are kept; nothing is counted twice. */
    assert_true(lost.first <= 101);
    assert_int_equal(lost.rows + vault_writer_pending(writer), ROWS);
    assert_true(vault_writer_pending(writer) * WORD < 3 * MEMORY);
    scene_end(scene);
}

static void
what_the_stream_has_not_is_refused(void **state)
{
    struct scene *scene = scene_ready(answer, 0);
    const char *const wrong[] = { "value", "colour", NULL };
    const char *const twice[] = { "value", "value", NULL };
    struct vault_write write = { .size = sizeof write, .stream = "home/meter" };
    struct vault_writer *writer = NULL;

    write.columns = wrong;
    assert_int_equal(
        vault_writer_open_wait(scene->client, &write, WAIT_MS, &writer),
        VAULT_E_USAGE);
    write.columns = twice;
    assert_int_equal(
        vault_writer_open_wait(scene->client, &write, WAIT_MS, &writer),
        VAULT_E_USAGE);
    write.columns = columns;
    write.memory = 1;
    assert_int_equal(
        vault_writer_open_wait(scene->client, &write, WAIT_MS, &writer),
        VAULT_E_USAGE);
    assert_null(writer);
    scene_end(scene);
}

static void
a_time_out_of_range_is_not_taken(void **state)
{
    struct scene *scene = scene_ready(answer, 0);
    struct vault_writer *writer = writer_of(scene, 4, 60000, 0);
    struct vault_cell cells[2] = { { .present = 1 }, { .present = 0 } };

    assert_int_equal(vault_writer_put(writer, INT64_MAX, cells), VAULT_E_USAGE);
    assert_int_equal(vault_writer_pending(writer), 0);
    scene_end(scene);
}

/* A row of four texts of 256 KiB. */
static enum vault_status
put_large(struct vault_writer *writer, int64_t time, const char *texts)
{
    struct vault_cell cells[4];

    for (size_t i = 0; i < 4; i++) {
        cells[i] = (struct vault_cell){
            .present = 1,
            .text = { texts + i * VLT_VALUE_MAX, VLT_VALUE_MAX },
        };
    }
    return vault_writer_put(writer, time, cells);
}

static void
a_row_that_no_block_can_hold_is_not_taken(void **state)
{
    struct scene *scene = scene_ready(answer_texts, 0);
    const char *const names[] = { "a", "b", "c", "d", NULL };
    struct vault_write write = { .size = sizeof write,
                                 .stream = "home/meter",
                                 .columns = names,
                                 .dropped = on_dropped };
    struct vault_writer *writer = NULL;
    size_t len = 4 * VLT_VALUE_MAX;
    char *texts = malloc(len);
    uint32_t noise = 1;

    lost.rows = 0;
    assert_int_equal(
        vault_writer_open_wait(scene->client, &write, WAIT_MS, &writer),
        VAULT_OK);
    make_noise(texts, len, 1);
    memset(texts, 'x', len / 4); /* three quarters may just fit */
    assert_int_equal(put_large(writer, 1, texts), VAULT_OK);
    for (size_t i = 0; i < len; i++) {
        noise = noise * 1664525 + 1013904223;
        texts[i] = (char)(noise >> 24);
    }
    assert_int_equal(put_large(writer, 2, texts), VAULT_E_USAGE);
    memset(texts, 'x', len);
    assert_int_equal(put_large(writer, 3, texts), VAULT_OK);
    assert_int_equal(vault_writer_flush_wait(writer, WAIT_MS), VAULT_OK);
    assert_int_equal(vault_writer_stored(writer), 2);
    assert_int_equal(lost.rows, 0);
    free(texts);
    scene_end(scene);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_go_in_blocks),
        cmocka_unit_test(a_row_waits_no_longer_than_was_said),
        cmocka_unit_test(what_a_break_swallowed_is_stored_once),
        cmocka_unit_test(what_is_refused_for_good_is_dropped_and_told),
        cmocka_unit_test(memory_is_bounded_and_the_oldest_go_first),
        cmocka_unit_test(what_the_stream_has_not_is_refused),
        cmocka_unit_test(a_time_out_of_range_is_not_taken),
        cmocka_unit_test(a_row_that_no_block_can_hold_is_not_taken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
