"""Plant a fault into a copy of a source: plant.py FAULT TREE OUT

A fault is a text in a source and what is put in its place.  The text must be
there, or the fault is none any more and has to be written anew.  So a
library that goes out to others, and a room that has no seeds of its own, need
no trace of a fault in their sources.
"""

import sys

FAULTS = {
    # -0 equals 0, and goes through as its mantissa.
    "neg-zero-lost": (
        "sdk/wire/decimal.c",
        "return give(*out, power) == bits;",
        "return vlt_f64_of(give(*out, power)) == vlt_f64_of(bits);"),
    # A patch is copied as a double would be by arithmetic.
    "nan-quieted": (
        "sdk/wire/block_number_put.c",
        "block_put_u64(out, values[patches->at[i]]);",
        "block_put_u64(out, vlt_bits_of(vlt_f64_of(values[patches->at[i]])"
        " + 0.0));"),
    # A group is as wide as it needs to be, even if no such width exists.
    "width-57": (
        "sdk/wire/block_integer.c",
        "unsigned width = vlt_pack_width_of(all);",
        "unsigned width ="
        " all == 0 ? 0 : 64 - (unsigned)__builtin_clzll(all);"),
    # The last time is not held against the end of time.
    "time-overflow": (
        "sdk/wire/block_time.c",
        "if (sum > room / unit) {",
        "if (sum > UINT64_MAX / unit && room > 0) {"),
    # Every record is sealed under one nonce.
    "nonce-constant": (
        "sdk/crypto/aead.c",
        "memcpy(out, drawn.nonce[drawn.left], VLT_NONCE_LEN);",
        "memset(out, 7, VLT_NONCE_LEN);"),
    # The buffer is drawn, but what is taken from it stays there.
    "nonce-not-advanced": (
        "sdk/crypto/aead.c",
        "    drawn.left--;\n"
        "    memcpy(out, drawn.nonce[drawn.left], VLT_NONCE_LEN);\n"
        "    sodium_memzero(drawn.nonce[drawn.left], VLT_NONCE_LEN);\n",
        "    memcpy(out, drawn.nonce[0], VLT_NONCE_LEN);\n"),
    # What the owner denied is remembered for a use, not for a request.
    "quiet-forgotten": (
        "policies/engine/decide.c",
        "           now < quiet->until &&\n",
        "           now < 0 &&\n"),
    # It is over a moment late.
    "quiet-too-long": (
        "policies/engine/decide.c",
        "           now < quiet->until &&\n",
        "           now <= quiet->until &&\n"),
    # It looks at the category, whatever it was denied for.
    "quiet-any-purpose": (
        "policies/engine/decide.c",
        "return quiet->purpose == atom->purpose && quiet->data",
        "return quiet->data"),
    # A use is told of it, too.
    "quiet-at-use": (
        "policies/engine/decide.c",
        "    firm->quiet_count = 0;\n",
        ""),
    # The owner hears as seldom as one permit allows.
    "notify-loosest": (
        "policies/engine/duties.c",
        "a.notify < b.notify ?",
        "a.notify > b.notify ?"),
    # One permit that does not ask each time is enough.
    "ask-loosest": (
        "policies/engine/duties.c",
        "a.ask_each || b.ask_each",
        "a.ask_each && b.ask_each"),
    # One permit that takes new streams is enough.
    "join-loosest": (
        "policies/engine/duties.c",
        "a.join_new_streams && b.join_new_streams",
        "a.join_new_streams || b.join_new_streams"),
    # A group is added up as doubles, and rounded at each step.
    "naive-sum": (
        "sdk/wire/sum.c",
        "        add_wide(sum, add_up_wide(bits, n, lowest), lowest);\n",
        "        double naive = 0;\n"
        "        for (size_t i = 0; i < n; i++) {\n"
        "            naive += vlt_f64_of(bits[i]);\n"
        "        }\n"
        "        (void)add_up_wide;\n"
        "        add_wide(sum, mantissa_of(vlt_bits_of(naive)),\n"
        "                 place_of(vlt_bits_of(naive)));\n"),
    # Merged chunks leave the roll-ups of their days as they were.
    "rollup-not-rebuilt": (
        "vaultd/series/tidy.c",
        "    if (st == VLT_OK && rolled) {\n",
        "    if (st == VLT_OK && rolled && group->count > PACK_GROUP) {\n"),
    # A row that stands among those of its time is kept once more.
    "late-row-twice": (
        "vaultd/series/twins.c",
        "*new = !is_among(rows, row, twins->stored, twins->among) &&",
        "*new = (!is_among(rows, row, twins->stored, twins->among) ||"
        " twins->among.count < SERIES_EQUAL_TIMES) &&"),
    # What is known of sequences goes with the tails that name them.
    "dedup-not-persisted": (
        "vaultd/series/sequence.c",
        "    if (st == VLT_OK) {\n"
        "        st = store_dedup_put(",
        "    if (st == VLT_OK && source == UINT32_MAX) {\n"
        "        st = store_dedup_put("),
    # What a device signed is taken for what it says.
    "envelope-unchecked": (
        "sdk/wire/envelope.c",
        "return vlt_equal(want, mac->mac, sizeof want) ? VLT_OK : VLT_E_AUTH;",
        "return VLT_OK;"),
    # What it signed is of any address.
    "envelope-any-target": (
        "sdk/wire/envelope.c",
        "        request->target,\n",
        "        request->method,\n"),
    # A batch of which nothing was new is known until the next start.
    "nothing-new-forgotten": (
        "vaultd/series/append.c",
        "if (batch->seq == 0 || (putting->records > 0 && !came_back)) {",
        "if (batch->parts < SIZE_MAX || came_back) {"),
    # A boot that is used again is of the past once more from the next start on.
    "boot-again-forgotten": (
        "vaultd/series/append.c",
        "(putting->records > 0 && !came_back)",
        "(putting->records > 0 || came_back)"),
    # A client's frame need not be masked.
    "unmasked-accepted": (
        "vaultd/net/ws_reader.c",
        "if (((reader->head[1] & MASKED) == 0) != reader->from_server) {",
        "if (((reader->head[1] & MASKED) == 0) != reader->from_server &&"
        " reader->broken) {"),
    # A text is taken as it is.
    "utf8-unchecked": (
        "vaultd/net/ws_reader.c",
        "if (text && !vlt_utf8_valid(message)) {",
        "if (text && message.len > SIZE_MAX / 2) {"),
    # What is signed is of any connection.
    "no-exporter": (
        "sdk/wire/handshake.c",
        "vlt_slice_of(channel->ekm, VLT_EKM_LEN),",
        "vlt_slice_of(channel->ekm, 0),"),
}


def main():
    fault, tree, out = sys.argv[1:]
    path, was, planted = FAULTS[fault]
    with open(f"{tree}/{path}", encoding="utf-8") as source:
        text = source.read()
    if was not in text:
        print(f"{path} has no place for the fault {fault}: {was}")
        return 1
    with open(out, "w", encoding="utf-8") as copy:
        copy.write(text.replace(was, planted))
    return 0


if __name__ == "__main__":
    sys.exit(main())
