#include "service/nouns.h"

const struct method *const nouns[] = {
    op_session, op_vault,     op_key,         op_stream,  op_source,
    op_data,    op_subscribe, op_firm,        op_request, op_grant,
    op_policy,  op_audit,     op_interaction, op_backup,  NULL,
};
