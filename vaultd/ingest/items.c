#include "ingest/items.h"

struct items
items_over(struct vlt_slice body)
{
    return (struct items){ .body = body, .line = 1 };
}

static bool
left(const struct items *items)
{
    return items->at < items->body.len;
}

static uint8_t
peek(const struct items *items)
{
    return items->body.at[items->at];
}

static void
step(struct items *items)
{
    if (peek(items) == '\n') {
        items->line++;
    }
    items->at++;
}

static void
skip_blanks(struct items *items)
{
    while (left(items) && (peek(items) == ' ' || peek(items) == '\t' ||
                           peek(items) == '\r' || peek(items) == '\n')) {
        step(items);
    }
}

/* Step over a string, from its opening quote on.  False: it does not end. */
static bool
skip_string(struct items *items)
{
    step(items);
    while (left(items) && peek(items) != '"') {
        if (peek(items) == '\\') {
            step(items);
        }
        if (left(items)) {
            step(items);
        }
    }
    if (!left(items)) {
        return false;
    }
    step(items);
    return true;
}

/* Step over one element, up to the , or ] that ends it.  NULL, or what is
 * wrong. */
static const char *
skip_element(struct items *items)
{
    size_t depth = 0;

    while (left(items)) {
        uint8_t c = peek(items);

        if (depth == 0 && (c == ',' || c == ']')) {
            return NULL;
        }
        if (c == '"') {
            if (!skip_string(items)) {
                return "a text does not end";
            }
            continue;
        }
        if (c == '[' || c == '{') {
            depth++;
        } else if (c == ']' || c == '}') {
            if (depth == 0) {
                return "a brace closes what was not opened";
            }
            depth--;
        }
        if (depth > ITEMS_DEPTH) {
            return "it is nested too deep";
        }
        step(items);
    }
    return "the array does not end";
}

/* All from byte `from` on is broken. */
static enum items_state
broken(struct items *items, struct items from, const char *says,
       struct items_one *out)
{
    *out = (struct items_one){
        .text = vlt_slice_of(from.body.at + from.at, from.body.len - from.at),
        .byte = from.at,
        .line = from.line,
        .says = says,
    };
    items->over = true;
    return ITEMS_BROKEN;
}

/* After the closing bracket there may be blanks only. */
static enum items_state
end(struct items *items, struct items_one *out)
{
    step(items);
    skip_blanks(items);
    if (left(items)) {
        return broken(items, *items, "something follows the array", out);
    }
    items->over = true;
    return ITEMS_END;
}

/* Step over what stands before an element: [ before the first, a comma before
 * the others.  NULL, or what is wrong. */
static const char *
skip_before(struct items *items)
{
    skip_blanks(items);
    if (!left(items)) {
        return items->some ? "the array does not end" : "there is no array";
    }
    if (!items->some) {
        if (peek(items) != '[') {
            return "it does not begin with [";
        }
        step(items);
    } else if (peek(items) == ',') {
        step(items);
    }
    skip_blanks(items);
    return left(items) ? NULL : "the array does not end";
}

enum items_state
items_next(struct items *items, struct items_one *out)
{
    struct items begin = *items;
    bool first = !items->some;
    const char *says;

    if (items->over) {
        return ITEMS_END;
    }
    if (items->some && left(items) && peek(items) == ']') {
        return end(items, out);
    }
    says = skip_before(items);
    if (says != NULL) {
        return broken(items, begin, says, out);
    }
    if (first && peek(items) == ']') {
        return end(items, out);
    }
    begin = *items;
    says = skip_element(items);
    if (says != NULL) {
        return broken(items, begin, says, out);
    }
    size_t len = items->at - begin.at;

    while (len > 0 && begin.body.at[begin.at + len - 1] <= ' ') {
        len--;
    }
    items->some = true;
    *out = (struct items_one){
        .text = vlt_slice_of(begin.body.at + begin.at, len),
        .byte = begin.at,
        .line = begin.line,
    };
    return ITEMS_ONE;
}
