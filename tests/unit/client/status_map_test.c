#include "unit.h"

#include <string.h>

#include "client/status_map.h"

static const struct {
    const char *reason;
    enum vault_status status;
} reasons[] = {
    { "parse", VAULT_E_PROTOCOL },  { "invalid", VAULT_E_PROTOCOL },
    { "method", VAULT_E_USAGE },    { "params", VAULT_E_PARAMS },
    { "denied", VAULT_E_DENIED },   { "pending", VAULT_E_PENDING },
    { "ended", VAULT_E_ENDED },     { "scope", VAULT_E_SCOPE },
    { "rate", VAULT_E_RATE },       { "locked", VAULT_E_LOCKED },
    { "reauth", VAULT_E_REAUTH },   { "conflict", VAULT_E_CONFLICT },
    { "storage", VAULT_E_STORAGE }, { "unknown_outcome", VAULT_E_UNKNOWN },
    { "busy", VAULT_E_BUSY },       { "internal", VAULT_E_INTERNAL },
};

static void
every_reason_of_the_wire_has_its_status(void **state)
{
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        enum vlt_rpc_code code;
        struct vlt_rpc_error error = { 0 };

        assert_int_equal(
            vlt_rpc_code_of(vlt_slice_text(reasons[i].reason), &code), VLT_OK);
        error.code = (int)code;
        assert_int_equal(vlt_status_of_error(&error), reasons[i].status);
    }
}

static void
not_found_is_told_from_other_parameters(void **state)
{
    struct vlt_rpc_error error = { .code = VLT_RPC_PARAMS,
                                   .detail = vlt_slice_text("not_found") };

    assert_int_equal(vlt_status_of_error(&error), VAULT_E_NOT_FOUND);
}

static void
a_code_of_no_table_breaks_the_protocol(void **state)
{
    struct vlt_rpc_error error = { .code = 77 };

    assert_int_equal(vlt_status_of_error(&error), VAULT_E_PROTOCOL);
}

static void
every_status_has_words_of_its_own(void **state)
{
    for (int i = VAULT_OK; i <= VAULT_E_FILE; i++) {
        assert_string_not_equal(vault_strerror((enum vault_status)i),
                                "no such status");
        for (int j = VAULT_OK; j < i; j++) {
            assert_string_not_equal(vault_strerror((enum vault_status)i),
                                    vault_strerror((enum vault_status)j));
        }
    }
    assert_string_equal(vault_strerror((enum vault_status)99),
                        "no such status");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_reason_of_the_wire_has_its_status),
        cmocka_unit_test(not_found_is_told_from_other_parameters),
        cmocka_unit_test(a_code_of_no_table_breaks_the_protocol),
        cmocka_unit_test(every_status_has_words_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
