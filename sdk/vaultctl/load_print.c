#include "base/text.h"
#include "vaultctl/load.h"

static void
print_json(struct load *load)
{
    struct vlt_json_out put = vlt_json_out(&load->run->text);

    vlt_put_object(&put, NULL);
    vlt_put_text(&put, "file", load->file);
    vlt_put_uint(&put, "accepted", load->accepted);
    vlt_put_uint(&put, "duplicates", load->duplicates);
    vlt_put_uint(&put, "quarantined", load->quarantined);
    vlt_put_list(&put, "errors");
    if (load->errors.len > 0) {
        vlt_put_raw(&put, NULL, vlt_buf_slice(&load->errors));
    }
    vlt_put_end(&put);
    vlt_put_end(&put);
    vlt_buf_put_u8(&load->run->text, '\n');
}

/* The first of them; all that are kept are in --json. */
static void
print_errors(struct load *load)
{
    struct vlt_buf *out = &load->run->text;
    struct vlt_buf list = { 0 };
    struct vlt_json *errors = NULL;

    vlt_buf_put_text(&list, "[");
    vlt_buf_put_slice(&list, vlt_buf_slice(&load->errors));
    vlt_buf_put_text(&list, "]");
    if (vlt_json_parse(vlt_buf_slice(&list), VLT_BUF_MAX, 8, NULL, &errors) !=
        VLT_OK) {
        vlt_buf_free(&list);
        return;
    }
    for (size_t i = 0; i < vlt_json_count(errors) && i < LOAD_SHOWN; i++) {
        const struct vlt_json *error = vlt_json_item(errors, i);

        vlt_buf_printf(out, "  line %lld, byte %lld: ",
                       (long long)vlt_json_int_of(vlt_json_get(error, "line")),
                       (long long)vlt_json_int_of(vlt_json_get(error, "byte")));
        vlt_text_put_escaped(out,
                             vlt_json_text_of(vlt_json_get(error, "what")));
        vlt_buf_put_text(out, "\n");
    }
    if (load->quarantined > LOAD_SHOWN) {
        vlt_buf_printf(out, "  and %llu more\n",
                       (unsigned long long)(load->quarantined - LOAD_SHOWN));
    }
    vlt_json_free(errors);
    vlt_buf_free(&list);
}

void
load_print(struct load *load, size_t made, bool dry)
{
    struct vlt_buf *out = &load->run->text;

    if (load->run->json) {
        print_json(load);
        return;
    }
    vlt_text_put_escaped(out, vlt_slice_text(load->file));
    if (dry) {
        vlt_buf_printf(out, "  %llu would be taken, %llu not",
                       (unsigned long long)load->accepted,
                       (unsigned long long)load->quarantined);
    } else {
        vlt_buf_printf(out,
                       "  %llu accepted, %llu there already, %llu not taken",
                       (unsigned long long)load->accepted,
                       (unsigned long long)load->duplicates,
                       (unsigned long long)load->quarantined);
    }
    if (made > 0) {
        vlt_buf_printf(out, ", %zu new stream%s", made, made == 1 ? "" : "s");
    }
    vlt_buf_put_text(out, "\n");
    print_errors(load);
}
