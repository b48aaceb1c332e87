"""Decisions of consent with many grants, and with their entries in the log."""
import os
import shutil

GRANTS = 10000  # what a vault may have; making them takes a while


def measure(tools, table, options):
    """Within a round the sides take turns at every slice."""
    grants = 500 if options.quick else GRANTS
    folder = os.path.join(tools.scratch, 'consent')
    os.mkdir(folder)
    got = tools.run('bench_consent', folder, grants, 2 * tools.ms,
                    options.rounds,
                    more=300 + 8 * options.rounds * tools.ms / 1000)
    shutil.rmtree(folder)
    for number in range(options.rounds):
        few, many, most, leaves, trees, sealed, audited = (
            got['%s.%d' % (name, number)]
            for name in ('decide.few', 'decide.many', 'most', 'leaves',
                         'trees', 'sealed', 'audited'))
        table.add('consent.decide.10', few, '/s')
        table.add('consent.decide.%d' % grants, many, '/s', 'few', few)
        table.add('consent.decide.%d.most' % grants, most, '/s', 'few', few)
        table.add('consent.decide.%d.read' % grants, many, '/s', 'most', most)
        table.add('consent.leaves', leaves, '/s')
        table.add('consent.trees', trees, '/s', 'leaves', leaves)
        table.add('consent.sealed', sealed, '/s', 'leaves', leaves)
        table.add('consent.audited', audited, '/s', 'leaves', leaves)
        table.add('consent.audited.put', audited, '/s', 'sealed', sealed)
    table.print()
