"""Rows in and out of the owner's socket, in every form."""
import ws
from vault import Vault, nanoseconds, refused, stamp, ulid

T0 = 1764072000  # 2025-11-25T12:00:00Z, on the grid of an hour
NS = 10**9
vault = Vault()
owner = vault.owner()


def row(minute, value):
    return [stamp(T0 + 60 * minute), value]


def read(minute, value):
    return [(T0 + 60 * minute) * NS, value]


def a_batch_is_counted():
    owner.create('home/t', 'home.climate')
    owner.create('home/load', 'energy.electricity', value='i64')
    got = owner.append('home/t', [row(0, 20.5), row(10, 21.25), row(20, None)])
    assert got == {'accepted': 3, 'duplicates': 0, 'late': 0,
                   'duplicate': False}


def a_batch_sent_twice_is_stored_once():
    idem = ulid()
    first = owner.append('home/t', [row(30, 22.0)], idem=idem)
    again = owner.append('home/t', [row(30, 22.0)], idem=idem)
    assert first['accepted'] == 1 and first['duplicate'] is False
    assert again['duplicate'] is True or again == first
    assert len(owner.query('home/t').rows) == 4


def an_equal_row_is_a_duplicate_and_an_early_one_late():
    got = owner.append('home/t', [row(30, 22.0), row(-10, 19.5)])
    assert (got['accepted'], got['duplicates'], got['late']) == (1, 1, 1), got


def two_values_at_one_time_are_both_kept():
    owner.create('home/twin')
    got = owner.append('home/twin', [row(0, 1.0), row(0, 2.0), row(0, 1.0)])
    assert (got['accepted'], got['duplicates']) == (2, 1), got
    assert sorted(owner.query('home/twin').rows) == [read(0, 1.0),
                                                     read(0, 2.0)]


def both_forms_give_the_same_rows_in_order():
    rows = [read(-10, 19.5), read(0, 20.5), read(10, 21.25), read(20, None),
            read(30, 22.0)]
    for form in ('json', 'blocks'):
        assert owner.query('home/t', form=form).rows == rows, form
    assert owner.query('home/t').result['columns'] == ['value']


def an_interval_is_half_open():
    got = owner.query('home/t', **{'from': stamp(T0), 'to': row(30, 0)[0]})
    assert got.rows == [read(0, 20.5), read(10, 21.25), read(20, None)]
    late = owner.query('home/t', **{'from': stamp(T0 + 7200)})
    assert late.rows == [] and late.pages[-1].final


def buckets_have_every_stat():
    stats = ['mean', 'sum', 'min', 'max', 'count', 'first', 'last']
    for form in ('json', 'blocks'):
        got = owner.query('home/t', every='1h', stats=stats, form=form)
        columns = ['time'] + got.result['columns']
        assert sorted(columns) == sorted(['time'] + ['value.' + s
                                                     for s in stats])
        before, after = (dict(zip(columns, row)) for row in got.rows)
        assert before == {
            'time': (T0 - 3600) * NS, 'value.count': 1, 'value.mean': 19.5,
            'value.sum': 19.5, 'value.min': 19.5, 'value.max': 19.5,
            'value.first': 19.5, 'value.last': 19.5}
        assert after == {
            'time': T0 * NS, 'value.count': 3, 'value.mean': 63.75 / 3,
            'value.sum': 63.75, 'value.min': 20.5, 'value.max': 22.0,
            'value.first': 20.5, 'value.last': 22.0}


def off_the_grid_is_refused():
    got = refused(owner.query, 'home/t', every='1h',
                  **{'from': stamp(T0 + 60)})
    assert got.reason == 'params' and got.data['at'] == 'from', got
    got = refused(owner.query, 'home/t', stats=['mean'])
    assert got.reason == 'params' and got.data['at'] == 'stats', got


def where_limit_and_order():
    over = [{'column': 'value', 'op': '>', 'value': 20.5}]
    assert owner.query('home/t', where=over).rows == [read(10, 21.25),
                                                      read(30, 22.0)]
    both = over + [{'column': 'value', 'op': '<=', 'value': 21.25}]
    assert owner.query('home/t', where=both).rows == [read(10, 21.25)]
    none = [{'column': 'value', 'op': '>', 'value': -1}] * 15 + [
        {'column': 'value', 'op': '>', 'value': 100}]
    assert owner.query('home/t', where=none).rows == []
    assert owner.query('home/t', limit=2).rows == [read(-10, 19.5),
                                                   read(0, 20.5)]
    back = owner.query('home/t', order='desc', form='json', limit=3)
    assert back.rows == [read(30, 22.0), read(20, None), read(10, 21.25)]
    wrong = refused(owner.query, 'home/t', order='desc')
    assert wrong.reason == 'params' and wrong.data['at'] == 'order'
    for method in ('data.subscribe', 'data.latest'):
        for name, value in (('where', over), ('limit', 1), ('order', 'asc'),
                            ('to', stamp(T0))):
            wrong = refused(owner.call, method, streams=['home/t'],
                            **{name: value})
            assert (wrong.reason, wrong.data['at']) == ('params', name), wrong


def types_come_back_as_they_went():
    owner.create('all', a='f64', b='i64', c='bool', d='text', e='json')
    names = ['a', 'b', 'c', 'd', 'e']
    rows = [[stamp(T0), 0.1, 2**62, True, 'Tür é', {'x': [1, None]}],
            [stamp(T0 + 1), -0.0, -2**63, False, '', []],
            [stamp(T0 + 2), 5e-324, 0, None, 'x' * 4000, 'text'],
            [stamp(T0 + 3), None, None, None, None, None]]
    owner.append('all', rows, columns=names)
    for form in ('json', 'blocks'):
        got = owner.query('all', form=form)
        for want, have in zip(rows, got.rows):
            if form == 'json' and isinstance(have[2], str):
                have[2] = int(have[2])  # beyond 2^53
            assert have == [nanoseconds(want[0])] + want[1:], (form, have)


def a_time_may_be_nanoseconds():
    owner.create('clock')
    for at, time in enumerate((T0 * NS + 1, str(T0 * NS + 2),
                               stamp(T0)[:-1] + '.000000003Z',
                               stamp(T0 + 3600)[:-1] + '.000000004+01:00')):
        owner.append('clock', [[time, at]])
    assert owner.query('clock').rows == [[T0 * NS + 1 + i, float(i)]
                                         for i in range(4)]


def many_rows_come_in_pages():
    owner.create('long')
    want = []
    for at in range(0, 30000, 5000):
        rows = [[(T0 + i) * NS, (i * 7919) % 1000 / 8]
                for i in range(at, at + 5000)]
        want += rows
        owner.append('long', rows)
    for form in ('json', 'blocks'):
        got = owner.query('long', form=form)
        assert got.rows == want, form
        assert form == 'blocks' or len(got.pages) > 1
    for stat, total in (('count', 30000), ('sum', sum(v for _, v in want))):
        got = owner.query('long', every='1h', stats=[stat])
        assert sum(r[1] for r in got.rows) == total, stat


def the_longest_rows_of_numbers_fill_a_message():
    """As many as fit into one, however long they are printed."""
    longest, i64 = -1.7976931348623157e308, -2**53
    for name, columns, most in (('one', 1, 3956), ('many', 40, 241)):
        names = ['c%02d' % i for i in range(columns)]
        kinds = ['i64' if i % 2 else 'f64' for i in range(columns)]
        cells = [i64 if kind == 'i64' else longest for kind in kinds]
        owner.create('long/' + name, **dict(zip(names, kinds)))
        rows = [[(T0 + i) * NS + 123456789, *cells] for i in range(4500)]
        step = 3000 // columns
        for at in range(0, len(rows), step):
            owner.append('long/' + name, rows[at:at + step], columns=names)
            if at > 2 * most:
                break
        got = owner.query('long/' + name, form='json')
        assert len(got.pages[0].rows) == most, len(got.pages[0].rows)
        assert len(got.rows) > most and got.rows == rows[:len(got.rows)]


def rows_of_numbers_fill_their_messages_whatever_comes():
    """Short ones come in fewer pages, and where longer ones follow, which would
    not fit, all are there as well."""
    owner.create('grows')
    short = [[(T0 + i) * NS, 0.5] for i in range(20000)]
    rows = short + [[(T0 + i) * NS + 123456789, -1.7976931348623157e308]
                    for i in range(20000, 30000)]
    for at in range(0, len(rows), 5000):
        owner.append('grows', rows[at:at + 5000])
    frame, sizes = owner.wire.frame, []

    def weighed():
        got = frame()
        sizes.append(len(got[1]))
        return got
    owner.wire.frame = weighed
    got = owner.query('grows', form='json')
    del owner.wire.frame
    assert got.rows == rows
    assert 200000 < max(sizes) <= 262144, sizes
    assert max(len(page.rows) for page in got.pages) > 6000
    assert max(len(page.rows) for page in got.pages
               if page.rows[-1][1] != 0.5) < 7000
    got = owner.query('grows', 'long', form='json')
    assert got.of('grows') == rows and len(got.of('long')) == 30000


def latest_is_the_newest_row():
    owner.append('home/load', [row(0, 5), row(1, 7)])
    got = owner.call('data.latest', streams=['home/t', 'home/load'])
    assert {s['stream']: (nanoseconds(s['time']), s['values'])
            for s in got['series']} == {
        'home/t': (read(30, 0)[0], [22.0]), 'home/load': (read(1, 0)[0], [7])}


def reads_are_logged_once_a_session():
    def entries(session):
        listed = session.call('audit.list', types=['owner'], limit=1000)
        return len(listed['entries'])

    other = vault.owner()
    before = entries(other)
    for _ in range(3):
        other.query('home/t', form='json')
        other.call('data.latest', streams=['home/t'])
    live = other.call('data.subscribe', streams=['home/t'])
    other.call('data.unsubscribe', subscription=live['subscription'])
    assert entries(other) == before + 1
    other.close()


def an_unknown_stream_is_named():
    got = refused(owner.query, 'no/such')
    assert got.reason == 'params' and 'not_found' in got.data['detail'], got
    got = refused(owner.append, 'no/such', [row(0, 1)])
    assert got.reason == 'params' and got.data['at'] == 'streams[0].stream'
    assert owner.query('no/*').rows == []


def sixty_four_streams_and_columns_may_be_named():
    rows = owner.query('home/t').rows
    most = ['none/%d/*' % i for i in range(63)]
    names = ['none_%d' % i for i in range(63)]
    assert owner.query('home/t', *most).rows == rows
    assert owner.query('home/t', columns=names + ['value']).rows == rows
    newest = owner.call('data.latest', streams=most + ['home/t'],
                        columns=names + ['value'])
    assert [one['stream'] for one in newest['series']] == ['home/t'], newest
    live = owner.call('data.subscribe', streams=most + ['home/t'])
    owner.call('data.unsubscribe', subscription=live['subscription'])


def more_or_none_or_one_that_is_none_is_refused():
    most = ['none/%d' % i for i in range(63)]
    for method in ('data.query', 'data.latest', 'data.subscribe'):
        for streams in ([], most + ['home/t', '**'], most + ['a//b'], 'home/t',
                        most + [7]):
            refusal = refused(owner.call, method, streams=streams)
            assert 'streams' in refusal.message, refusal.message
        for columns in ([], ['c%d' % i for i in range(65)], ['value', ''],
                        ['value', 'c' * 65], {'value': 1}):
            refusal = refused(owner.call, method, streams=['home/t'],
                              columns=columns)
            assert 'columns' in refusal.message, refusal.message


def a_bad_cell_stores_nothing():
    got = refused(owner.append, 'home/t', [row(50, 1.0), row(51, 'warm')])
    assert got.reason == 'params', got
    assert got.data['at'] == 'streams[0].rows[1][1]', got
    assert len(owner.query('home/t').rows) == 5


def a_subscription_goes_on_behind_its_cursor():
    for form in ('json', 'blocks'):
        name = 'live/' + form
        owner.create(name)
        owner.append(name, [row(0, 0.0)])
        one = vault.owner()
        live = one.call('data.subscribe', streams=[name], form=form)
        owner.append(name, [row(1, 1.0)])
        page = one.page(live['subscription'])
        assert page.seq == 1 and page.rows == [read(1, 1.0)], page.rows
        owner.append(name, [row(2, 2.0)])
        page = one.page(live['subscription'])
        assert page.seq == 2 and page.rows == [read(2, 2.0)], page.rows
        one.close()
        owner.append(name, [row(3, 3.0)])
        two = vault.owner()
        live = two.call('data.subscribe', streams=[name], form=form,
                        cursor=live['cursor'] + '.1')
        owner.append(name, [row(4, 4.0)])
        rows = []
        while len(rows) < 3:
            rows += two.page(live['subscription']).rows
        assert rows == [read(m, float(m)) for m in (2, 3, 4)], rows
        done = two.call('data.unsubscribe', subscription=live['subscription'])
        owner.append(name, [row(5, 5.0)])
        two.call('vault.status')
        assert done['last_seq'] >= 1 and two.pages == []
        two.close()


def a_subscription_outlives_a_restart():
    global owner
    owner.create('again')
    live = owner.call('data.subscribe', streams=['again'])
    owner.append('again', [row(0, 1.0)])
    page = owner.page(live['subscription'])
    done = owner.call('data.ack', subscription=live['subscription'],
                      seq=page.seq)
    owner.close()
    vault.restart()
    owner = vault.owner()
    owner.append('again', [row(1, 2.0)])
    live = owner.call('data.subscribe', streams=['again'],
                      cursor=done['cursor'])
    assert owner.page(live['subscription']).rows == [read(1, 2.0)]


def what_was_stored_is_there_after_a_restart():
    global owner
    before = owner.query('**').rows
    owner.close()
    vault.restart()
    owner = vault.owner()
    assert owner.query('**').rows == before
    owner.close()
    vault.stop()
    vault.check()


ws.run([a_batch_is_counted, a_batch_sent_twice_is_stored_once,
        an_equal_row_is_a_duplicate_and_an_early_one_late,
        two_values_at_one_time_are_both_kept,
        both_forms_give_the_same_rows_in_order, an_interval_is_half_open,
        buckets_have_every_stat, off_the_grid_is_refused,
        where_limit_and_order, types_come_back_as_they_went,
        a_time_may_be_nanoseconds, many_rows_come_in_pages,
        the_longest_rows_of_numbers_fill_a_message,
        rows_of_numbers_fill_their_messages_whatever_comes,
        latest_is_the_newest_row, reads_are_logged_once_a_session,
        an_unknown_stream_is_named,
        sixty_four_streams_and_columns_may_be_named,
        more_or_none_or_one_that_is_none_is_refused, a_bad_cell_stores_nothing,
        a_subscription_goes_on_behind_its_cursor,
        a_subscription_outlives_a_restart,
        what_was_stored_is_there_after_a_restart])
