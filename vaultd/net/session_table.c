#include "session_table.h"

#include "session.h"

/* clang-format off */
static const struct session_row rows[] = {
    { SESSION_NEW,        EVENT_BINARY,   on_hello,    SESSION_CHALLENGED },
    { SESSION_CHALLENGED, EVENT_BINARY,   on_auth,     SESSION_ADMITTING  },
    { SESSION_ADMITTING,  EVENT_ADMITTED, on_admitted, SESSION_READY      },
    { SESSION_READY,      EVENT_TEXT,     on_text,     SESSION_READY      },
    { SESSION_READY,      EVENT_BINARY,   on_block,    SESSION_READY      },
};
/* clang-format on */

const struct session_row *
session_row_of(enum session_state state, enum session_event event)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].state == state && rows[i].event == event) {
            return &rows[i];
        }
    }
    return NULL;
}
