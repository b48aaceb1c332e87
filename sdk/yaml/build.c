#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/text.h"
#include "yaml/walk_internal.h"

/* libyaml's long form of the tags that a file writes as !!name. */
static const char long_tag[] = "tag:yaml.org,2002:";

/* A node while its parts are still coming. */
struct built {
    struct vlt_yaml_node node; /* first, so that it is the other way round */
    struct built *parent;
    struct built *last; /* part, so far */
    size_t count;       /* of parts */
    bool key_waits;     /* a map's next part has this key: */
    struct vlt_slice key;
    struct vlt_yaml_place key_place;
};

struct build {
    struct vlt_slice text;
    unsigned depth_max;
    struct vlt_yaml_faults *faults;
    struct vlt_yaml *yaml;
    struct built *inside; /* the innermost list or map; NULL at the root */
    unsigned depth;
    bool had_document;
    bool ended; /* nothing more is to be read */
    bool no_memory;
};

static struct vlt_yaml_place
place_of(yaml_mark_t mark)
{
    return (struct vlt_yaml_place){ .line = (int)mark.line + 1,
                                    .column = (int)mark.column + 1 };
}

static const char *
text_of(const yaml_char_t *text)
{
    return (const char *)text;
}

static void
refuse(struct build *b, yaml_mark_t mark, const char *feature)
{
    vlt_yaml_faults_printf(b->faults, VLT_YAML_FEATURE, place_of(mark), "%s",
                           feature);
}

static void
refuse_named(struct build *b, yaml_mark_t mark, const char *feature,
             const char *name)
{
    vlt_yaml_faults_printf(b->faults, VLT_YAML_FEATURE, place_of(mark), "%s%s'",
                           feature, name);
}

static void
refuse_decoration(struct build *b, yaml_mark_t mark, const yaml_char_t *anchor,
                  const yaml_char_t *tag)
{
    size_t len = sizeof long_tag - 1;

    if (anchor != NULL) {
        refuse_named(b, mark, "anchor '&", text_of(anchor));
    }
    if (tag == NULL) {
        return;
    }
    if (strncmp(text_of(tag), long_tag, len) == 0) {
        refuse_named(b, mark, "tag '!!", text_of(tag) + len);
    } else {
        refuse_named(b, mark, "tag '", text_of(tag));
    }
}

/* The escapes of a quoted text may say what may not stand there plainly. */
static void
check_text(struct build *b, yaml_mark_t mark, struct vlt_slice text)
{
    uint32_t code;
    size_t len;

    for (size_t at = 0; at < text.len; at += len) {
        len = vlt_utf8_next(text, at, &code);
        if (len == 0 || vlt_yaml_forbidden(code) || code == '\r') {
            vlt_yaml_faults_printf(b->faults, VLT_YAML_CONTROL, place_of(mark),
                                   "U+%04X",
                                   len > 0 ? (unsigned)code : 0xFFFDU);
            return;
        }
    }
}

static struct vlt_slice
copy(struct build *b, struct vlt_slice text)
{
    uint8_t *at = vlt_yaml_arena_take(&b->yaml->arena, text.len + 1);

    if (at == NULL) {
        b->no_memory = true;
        return (struct vlt_slice){ 0 };
    }
    if (text.len > 0) {
        memcpy(at, text.at, text.len);
    }
    return vlt_slice_of(at, text.len);
}

/* Hang a node where the next one belongs; NULL: no memory. */
static struct built *
add_node(struct build *b, enum vlt_yaml_kind kind, yaml_mark_t mark)
{
    struct built *node = vlt_yaml_arena_take(&b->yaml->arena, sizeof *node);
    struct built *parent = b->inside;

    if (node == NULL) {
        b->no_memory = true;
        return NULL;
    }
    node->node.kind = kind;
    node->node.line = place_of(mark).line;
    node->node.column = place_of(mark).column;
    node->parent = parent;
    if (parent == NULL) {
        b->yaml->root = &node->node;
        return node;
    }
    if (parent->last != NULL) {
        parent->last->node.next = &node->node;
    } else {
        parent->node.first = &node->node;
    }
    parent->last = node;
    parent->count++;
    node->node.key = parent->key;
    node->node.key_line = parent->key_place.line;
    node->node.key_column = parent->key_place.column;
    parent->key_waits = false;
    return node;
}

static bool
wants_key(const struct build *b)
{
    return b->inside != NULL && b->inside->node.kind == VLT_YAML_MAP &&
           !b->inside->key_waits;
}

static void
keep_key(struct build *b, struct vlt_slice key, yaml_mark_t mark)
{
    b->inside->key = copy(b, key);
    b->inside->key_place = place_of(mark);
    b->inside->key_waits = true;
}

static void
on_scalar(struct build *b, const yaml_event_t *event)
{
    struct vlt_slice text =
        vlt_slice_of(event->data.scalar.value, event->data.scalar.length);
    bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;

    refuse_decoration(b, event->start_mark, event->data.scalar.anchor,
                      event->data.scalar.tag);
    check_text(b, event->start_mark, text);
    if (wants_key(b)) {
        if (plain && vlt_slice_is(text, "<<")) {
            refuse(b, event->start_mark, "merge key '<<'");
        }
        keep_key(b, text, event->start_mark);
        return;
    }
    struct built *node = add_node(b, VLT_YAML_SCALAR, event->start_mark);

    if (node != NULL) {
        node->node.text = copy(b, text);
    }
}

/* What the alias stands for is left out; the reading goes on. */
static void
on_alias(struct build *b, const yaml_event_t *event)
{
    struct vlt_slice name = vlt_slice_text(text_of(event->data.alias.anchor));

    refuse_named(b, event->start_mark, "alias '*",
                 text_of(event->data.alias.anchor));
    if (wants_key(b)) {
        keep_key(b, name, event->start_mark);
    } else {
        (void)add_node(b, VLT_YAML_SCALAR, event->start_mark);
    }
}

static void
enter(struct build *b, enum vlt_yaml_kind kind, yaml_mark_t mark)
{
    if (wants_key(b)) {
        refuse(b, mark, "key that is a list or a map");
        b->ended = true;
        return;
    }
    if (b->depth == b->depth_max) {
        vlt_yaml_faults_printf(b->faults, VLT_YAML_FEATURE, place_of(mark),
                               "depth %u", b->depth + 1);
        b->ended = true;
        return;
    }
    struct built *node = add_node(b, kind, mark);

    if (node != NULL) {
        b->inside = node;
        b->depth++;
    }
}

static void
on_list(struct build *b, const yaml_event_t *event)
{
    refuse_decoration(b, event->start_mark, event->data.sequence_start.anchor,
                      event->data.sequence_start.tag);
    enter(b, VLT_YAML_LIST, event->start_mark);
}

static void
on_map(struct build *b, const yaml_event_t *event)
{
    refuse_decoration(b, event->start_mark, event->data.mapping_start.anchor,
                      event->data.mapping_start.tag);
    enter(b, VLT_YAML_MAP, event->start_mark);
}

static void
leave(struct build *b)
{
    if (b->inside->node.kind == VLT_YAML_MAP &&
        vlt_yaml_refuse_duplicates(&b->inside->node, b->inside->count,
                                   b->faults) != VLT_OK) {
        b->no_memory = true;
    }
    b->inside = b->inside->parent;
    b->depth--;
}

static void
on_document(struct build *b, const yaml_event_t *event)
{
    if (b->had_document) {
        refuse(b, event->start_mark, "second document");
        b->ended = true;
        return;
    }
    b->had_document = true;
    if (event->data.document_start.tag_directives.start !=
        event->data.document_start.tag_directives.end) {
        refuse(b, event->start_mark, "tag directive '%TAG'");
    }
}

static void
on_event(struct build *b, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        on_scalar(b, event);
        break;
    case YAML_ALIAS_EVENT:
        on_alias(b, event);
        break;
    case YAML_SEQUENCE_START_EVENT:
        on_list(b, event);
        break;
    case YAML_MAPPING_START_EVENT:
        on_map(b, event);
        break;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        leave(b);
        break;
    case YAML_DOCUMENT_START_EVENT:
        on_document(b, event);
        break;
    case YAML_DOCUMENT_END_EVENT:
        b->yaml->whole = true;
        break;
    case YAML_NO_EVENT:
    case YAML_STREAM_END_EVENT:
        b->ended = true;
        break;
    case YAML_STREAM_START_EVENT:
        break;
    }
}

/* Is there a tab where libyaml stopped?  Its marks count characters. */
static bool
tab_at(struct vlt_slice text, size_t index)
{
    size_t at = 0;

    while (at < text.len && index > 0) {
        at++;
        index -= at == text.len || (text.at[at] & 0xC0) != 0x80;
    }
    return at < text.len && text.at[at] == '\t';
}

static void
on_error(struct build *b, const yaml_parser_t *parser)
{
    const char *problem =
        parser->problem != NULL ? parser->problem : "cannot be read";
    yaml_mark_t mark = parser->problem_mark;

    if (parser->error == YAML_MEMORY_ERROR) {
        b->no_memory = true;
    } else if (tab_at(b->text, mark.index)) {
        refuse(b, mark, "tab as indentation");
    } else {
        vlt_yaml_faults_printf(b->faults, VLT_YAML_SYNTAX, place_of(mark), "%s",
                               problem);
    }
    b->ended = true;
}

enum vlt_status
vlt_yaml_build(struct vlt_slice text, unsigned depth,
               struct vlt_yaml_faults *faults, struct vlt_yaml *out)
{
    struct build b = {
        .text = text, .depth_max = depth, .faults = faults, .yaml = out
    };
    yaml_parser_t parser;
    yaml_event_t event;

    if (!yaml_parser_initialize(&parser)) {
        return VLT_E_NOMEM;
    }
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    /* It wants some pointer even to nothing. */
    yaml_parser_set_input_string(
        &parser, text.len > 0 ? text.at : (const uint8_t *)"", text.len);
    while (!b.ended && !b.no_memory) {
        if (yaml_parser_parse(&parser, &event)) {
            on_event(&b, &event);
            yaml_event_delete(&event);
        } else {
            on_error(&b, &parser);
        }
    }
    yaml_parser_delete(&parser);
    return b.no_memory ? VLT_E_NOMEM : VLT_OK;
}
