/*
 * Writers that are freed from inside a callback, while they are in use.
 */
#include "scene.h"

/* ---- the vault ---- */

static void
show_stream(struct fake *fake, int64_t id)
{
    fake_result(fake, id,
                "{\"stream\":{\"name\":\"home/meter\",\"columns\":["
                "{\"name\":\"word\",\"type\":\"text\",\"id\":1},"
                "{\"name\":\"value\",\"type\":\"f64\",\"id\":3}]}}");
}

/* Swallows blocks, and breaks when it is asked for anything else. */
static bool
answer_nothing(struct fake *fake, const struct vlt_rpc *rpc)
{
    size_t len;

    if (vlt_slice_is(rpc->method, "data.append")) {
        (void)fake_next(fake, &len);
        return true;
    }
    if (!vlt_slice_is(rpc->method, "stream.show")) {
        return false;
    }
    show_stream(fake, rpc->id.number);
    return true;
}

static bool
answer_refusing(struct fake *fake, const struct vlt_rpc *rpc)
{
    size_t len;

    if (!vlt_slice_is(rpc->method, "data.append")) {
        show_stream(fake, rpc->id.number);
        return true;
    }
    (void)fake_next(fake, &len);
    fake_error(fake, rpc->id.number,
               "{\"code\":-32602,\"message\":\"No such stream.\",\"data\":"
               "{\"reason\":\"params\",\"at\":\"block\"}}");
    return true;
}

/* ---- the program ---- */

static size_t lost; /* rows */

static struct vault_writer *to_free;

static void
free_in_reply(void *ctx, enum vault_status status, const char *result)
{
    assert_int_equal(status, VAULT_E_CONNECT);
    vault_writer_free(to_free);
    to_free = NULL;
}

static void
free_when_dropped(void *ctx, enum vault_status why, int64_t first, int64_t last,
                  size_t rows)
{
    lost += rows;
    vault_writer_free(to_free);
    to_free = NULL;
}

/* The writer that is freed as soon as rows are lost. */
static struct vault_writer *
open_writer(struct scene *scene, size_t batch_rows)
{
    static const char *const columns[] = { "value", "word", NULL };
    struct vault_write write = { .size = sizeof write,
                                 .stream = "home/meter",
                                 .columns = columns,
                                 .batch_rows = batch_rows,
                                 .batch_ms = 60000,
                                 .memory = 64 << 10,
                                 .dropped = free_when_dropped };

    lost = 0;
    assert_int_equal(
        vault_writer_open_wait(scene->client, &write, WAIT_MS, &to_free),
        VAULT_OK);
    return to_free;
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

/* Blocks are on their way, and the call that ends first frees their writer. */
static void
a_reply_may_free_a_writer(void **state)
{
    struct scene *scene = scene_ready(answer_nothing, 1);

    open_writer(scene, 1);
    put(to_free, 1, NULL);
    put(to_free, 2, NULL);
    put(to_free, 3, NULL);
    assert_int_equal(
        vault_call(scene->client, "tell", NULL, free_in_reply, NULL, NULL),
        VAULT_OK);
    for (int i = 0; to_free != NULL && i < WAIT_MS / 20; i++) {
        assert_int_equal(vault_run(scene->client, NULL, 20), VAULT_OK);
    }
    assert_null(to_free);
    assert_int_equal(vault_ready_wait(scene->client, WAIT_MS), VAULT_OK);
    scene_end(scene);
}

static void
whoever_hears_of_lost_rows_may_free_the_writer(void **state)
{
    struct scene *scene = scene_ready(answer_nothing, 0);
    struct vault_writer *writer = open_writer(scene, 10);
    char word[1001] = { 0 };
    uint32_t noise = 1;

    for (int64_t i = 1; to_free != NULL && i < 1000; i++) {
        for (size_t c = 0; c < sizeof word - 1; c++) { /* packs badly */
            noise = noise * 1664525 + 1013904223;
            word[c] = (char)('!' + (noise >> 24) % 90);
        }
        put(writer, i, word);
    }
    assert_null(to_free);
    assert_true(lost > 0);
    size_t rows = lost;

    assert_int_equal(vault_run(scene->client, NULL, 0), VAULT_OK);
    assert_int_equal(lost, rows); /* it hears of no more */
    scene_end(scene);
}

static void
a_writer_may_be_freed_while_it_is_flushed(void **state)
{
    struct scene *scene = scene_ready(answer_refusing, 0);
    struct vault_writer *writer = open_writer(scene, 10);

    for (int64_t i = 1; i <= 15; i++) {
        put(writer, i, NULL);
    }
    assert_int_equal(vault_writer_flush_wait(writer, WAIT_MS), VAULT_E_USAGE);
    assert_null(to_free);
    assert_int_equal(lost, 10);
    scene_end(scene);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reply_may_free_a_writer),
        cmocka_unit_test(whoever_hears_of_lost_rows_may_free_the_writer),
        cmocka_unit_test(a_writer_may_be_freed_while_it_is_flushed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
