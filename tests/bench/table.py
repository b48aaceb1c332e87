"""Figures of several rounds, and how they are printed."""
import statistics

NOISY = 0.25  # a range wider than this on either side of the median
TIMES = ('us', 'ms')  # less is better: their ratios are turned round


class Table:
    """One value a round for each figure, and its ratio to another figure of
    the same round; above 1 is always better than the other side."""

    def __init__(self):
        self.rows = {}
        self.ranges = []

    def add(self, figure, value, unit, against=None, limit=None):
        """limit: what the other side reached in this round, in the unit of
        value."""
        row = self.rows.setdefault(figure, (unit, against or '-', [], []))
        row[2].append(value)
        if limit and value > 0:
            row[3].append(limit / value if unit in TIMES + ('B',)
                          else value / limit)

    def print(self):
        """Print what was added since the last time, and forget it."""
        for figure, (unit, against, values, ratios) in self.rows.items():
            print('\t'.join([figure, number(statistics.median(values)), unit,
                             against, number(statistics.median(ratios))
                             if ratios else '-']), flush=True)
            if len(ratios) > 1:
                self.ranges.append('# range\t%s\t%s' % (figure,
                                                        spread(ratios)))
        self.rows = {}

    def print_ranges(self):
        """The least and the greatest ratio of each figure."""
        for line in self.ranges:
            print(line)


def spread(ratios):
    middle, low, high = statistics.median(ratios), min(ratios), max(ratios)
    noisy = low < middle * (1 - NOISY) or high > middle * (1 + NOISY)
    return '%s..%s%s' % (number(low), number(high), '\tnoisy' * noisy)


def number(value):
    return '%.0f' % value if value >= 1000 else '%.3g' % value
