"""The codec of blocks beside one that only packs."""


def measure(tools, table, rounds):
    """Within a round the sides take turns at every block."""
    for _ in range(rounds):
        got = tools.run('bench_codec', tools.ms)
        for figure, against in (
                ('plain.encode', None), ('plain.decode', None),
                ('block.encode', 'plain.encode'),
                ('block.decode', 'plain.decode'),
                ('block.fill', 'plain.encode')):
            table.add(figure, got[figure], 'rows/s', against and 'plain',
                      against and got[against])
