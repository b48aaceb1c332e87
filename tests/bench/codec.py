"""The codec of blocks beside one that only packs."""

SHARE = 4  # of the length of one measurement, for each figure


def measure(tools, table, rounds):
    """The two sides take turns at coming first."""
    for number in range(rounds):
        sides = ('plain', 'block') if number % 2 == 0 else ('block', 'plain')
        done = {side: tools.run('bench_codec', side, tools.ms // SHARE)
                for side in sides}
        plain, block = done['plain'], done['block']
        table.add('plain.encode', plain['encode'], 'rows/s')
        table.add('plain.decode', plain['decode'], 'rows/s')
        table.add('block.encode', block['encode'], 'rows/s', 'plain',
                  plain['encode'])
        table.add('block.decode', block['decode'], 'rows/s', 'plain',
                  plain['decode'])
        table.add('block.fill', block['fill'], 'rows/s', 'plain',
                  plain['encode'])
