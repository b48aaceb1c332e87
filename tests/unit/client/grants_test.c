/*
 * Lists of grants, and vaults that would keep a firm listing for ever.
 */
#include <vault/firm.h>

#include "scene.h"

enum { LISTS = 3 };

static void
say_grants(struct fake *fake, int64_t id, int count, const char *cursor)
{
    static const char grant[] =
        "{\"id\":\"01M8AA8V8W7BKR7TPZ45Y658ZA\",\"state\":\"active\","
        "\"purpose\":\"service.repair\",\"action\":\"live\",\"streams\":[]}";
    char text[512];

    snprintf(text, sizeof text, "{\"grants\":[%s]%s%s%s}",
             count > 0 ? grant : "", cursor[0] != '\0' ? ",\"cursor\":\"" : "",
             cursor, cursor[0] != '\0' ? "\"" : "");
    fake_result(fake, id, text);
}

/* Three answers. */
static bool
answer_well(struct fake *fake, const struct vlt_rpc *rpc)
{
    static int lists;

    lists++;
    say_grants(fake, rpc->id.number, 1,
               lists == 1   ? "one"
               : lists == 2 ? "two"
                            : "");
    return true;
}

static bool
answer_in_a_circle(struct fake *fake, const struct vlt_rpc *rpc)
{
    say_grants(fake, rpc->id.number, 1, "round");
    return true;
}

static bool
answer_without_any(struct fake *fake, const struct vlt_rpc *rpc)
{
    char cursor[32];

    snprintf(cursor, sizeof cursor, "c%lld", (long long)rpc->id.number);
    say_grants(fake, rpc->id.number, 0, cursor);
    return true;
}

static bool
answer_without_end(struct fake *fake, const struct vlt_rpc *rpc)
{
    char cursor[32];

    snprintf(cursor, sizeof cursor, "c%lld", (long long)rpc->id.number);
    say_grants(fake, rpc->id.number, 1, cursor);
    return true;
}

static int
count_grant(void *ctx, const struct vault_grant *grant)
{
    size_t *count = ctx;

    assert_string_equal(grant->state, "active");
    (*count)++;
    return 0;
}

static enum vault_status
list(fake_fn *fn, size_t *count)
{
    struct scene *scene = scene_ready(fn, 0);
    enum vault_status status =
        vault_grants_wait(scene->client, NULL, count_grant, count, WAIT_MS);

    scene_end(scene);
    return status;
}

static void
a_list_goes_on_to_its_end(void **state)
{
    size_t count = 0;

    assert_int_equal(list(answer_well, &count), VAULT_OK);
    assert_int_equal(count, LISTS);
}

static void
a_list_that_does_not_go_on_is_refused(void **state)
{
    size_t count = 0;

    assert_int_equal(list(answer_in_a_circle, &count), VAULT_E_PROTOCOL);
    assert_in_range(count, 1, 2);
    count = 0;
    assert_int_equal(list(answer_without_any, &count), VAULT_E_PROTOCOL);
    assert_int_equal(count, 0);
}

static void
a_list_without_end_ends(void **state)
{
    size_t count = 0;

    assert_int_equal(list(answer_without_end, &count), VAULT_E_PROTOCOL);
    assert_true(count > 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_goes_on_to_its_end),
        cmocka_unit_test(a_list_that_does_not_go_on_is_refused),
        cmocka_unit_test(a_list_without_end_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
