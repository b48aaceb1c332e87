"""Figures of several rounds, and how they are printed."""
import statistics

NOISY = 0.25  # a range wider than this on either side of the median


class Table:
    """One value a round for each figure, and its ratio to another figure of
    the same round."""

    def __init__(self):
        self.rows = {}

    def add(self, figure, value, unit, against=None, limit=None):
        """limit: what the other side reached in this round, in the unit of
        value.  For times less is better, so the ratio is turned round: above 1
        is always better than the other side."""
        row = self.rows.setdefault(figure, (unit, against or '-', [], []))
        row[2].append(value)
        if limit:
            better = limit / value if unit == 'ms' else value / limit
            row[3].append(better)
        return value

    def print(self):
        for figure, (unit, against, values, ratios) in self.rows.items():
            print('\t'.join([figure, number(statistics.median(values)), unit,
                             against, *spread(ratios)]), flush=True)
        self.rows = {}


def spread(ratios):
    """The median of the ratios, and their range."""
    if not ratios:
        return '-', '-'
    middle, low, high = statistics.median(ratios), min(ratios), max(ratios)
    noisy = low < middle * (1 - NOISY) or high > middle * (1 + NOISY)
    return number(middle), '%s..%s%s' % (number(low), number(high),
                                         ' noisy' if noisy else '')


def number(value):
    if value >= 1000:
        return '%.0f' % value
    return '%.3g' % value
