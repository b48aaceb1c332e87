#include "interaction/record.h"

#include "interaction/record_internal.h"
#include "json/json_write.h"

static void
print_source(struct vlt_json_out *out, const struct record *record)
{
    vlt_put_object(out, "source");
    vlt_put_text(out, "kind", record_sources[record->source]);
    if (record->ref[0] != '\0') {
        vlt_put_text(out, "ref", record->ref);
    }
    vlt_put_end(out);
}

static void
print_head(struct vlt_json_out *out, const struct record *record)
{
    vlt_put_text(out, "type", "interaction");
    vlt_put_int(out, "v", RECORD_V);
    vlt_put_ulid(out, "id", record->id);
    vlt_put_int(out, "rev", record->rev);
    if (record->gone) {
        vlt_put_bool(out, "gone", true);
    }
    vlt_put_time(out, "t_event", record->t_event);
    vlt_put_time(out, "t_recorded", record->t_recorded);
    vlt_put_text(out, "firm", record->firm);
    vlt_put_text(out, "role", record_roles[record->role]);
    print_source(out, record);
    vlt_put_text(out, "asserted_by", record_writers[record->asserted_by]);
    vlt_put_text(out, "sens", "normal");
}

static void
print_perceived(struct vlt_json_out *out,
                const struct record_perceived *perceived)
{
    char scale[FORMULA_WORD];

    vlt_put_object(out, "perceived");
    vlt_put_text(out, "scale", formula_scale_print(perceived->scale, scale));
    vlt_put_int(out, "raw", perceived->raw);
    vlt_put_int(out, "q", perceived->q);
    vlt_put_time(out, "at", perceived->at);
    vlt_put_end(out);
}

void
record_print(const struct record *record, struct vlt_buf *out)
{
    struct vlt_json_out json = vlt_json_out(out);

    vlt_put_object(&json, NULL);
    print_head(&json, record);
    vlt_put_text(&json, "channel", record_channels[record->channel]);
    vlt_put_text(&json, "direction", record_directions[record->direction]);
    if (record->subject[0] != '\0') {
        vlt_put_text(&json, "subject", record->subject);
    }
    if (record->rated) {
        print_perceived(&json, &record->perceived);
    }
    vlt_put_int(&json, "weight", record->weight);
    vlt_put_end(&json);
}
