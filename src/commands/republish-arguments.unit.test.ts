import { readArguments } from './republish-arguments.ts';

const now = new Date('2026-06-01T00:00:00Z');
const since = '2026-01-01T00:00:00Z';
const id = 'a'.repeat(24);

test('When a time is given, then it ends now at the latest: the service sends what comes from now on', () => {
  const scopeOf = (...args: string[]) => readArguments(args, now).scope;
  const from = new Date(since);
  expect(scopeOf('--since', since)).toEqual({ since: from, until: now, released: 'leave_out' });
  expect(scopeOf('--since', since, '--until', '2026-07-01T00:00:00Z').until).toEqual(now);
  const until = '2026-02-01T01:00:00+01:00';
  expect(scopeOf('--since', since, '--until', until, '--all')).toEqual({
    since: from,
    until: new Date('2026-02-01T00:00:00Z'),
    released: 'send',
  });
});

test('When an order alone is given, then all that it has had is meant', () => {
  expect(readArguments(['--order', id.toUpperCase()], now)).toEqual({
    scope: { since: new Date(0), until: now, released: 'leave_out' },
    orderId: id,
    rate: 50,
    isMeant: false,
  });
  expect(readArguments(['--order', id, '--rate', '1000', '--yes'], now)).toMatchObject({
    rate: 1_000,
    isMeant: true,
  });
});

test.each([
  [[], '--since <time>, --order <id> or both must say which events'],
  [['--until', since], '--since <time>, --order <id> or both must say which events'],
  [['--since', 'yesterday'], '--since yesterday is not a time with a zone, such as 2030-01-31T12:00:00Z'],
  [['--since', '2026-11-01T10:00'], '--since 2026-11-01T10:00 is not a time with a zone, such as'],
  [['--since', '2026-02-30T10:00:00Z'], '--since 2026-02-30T10:00:00Z is not a time with a zone, such as'],
  [['--since', since, '--until', '2026-11-01'], '--until 2026-11-01 is not a time with a zone, such as'],
  [
    ['--since', since, '--until', since],
    `--until ${since} must be later than --since 2026-01-01T00:00:00.000Z`,
  ],
  [['--order', 'x'], '--order x is not an id: ids have 24 hexadecimal digits'],
  [['--order', id, '--order', id], '--order is there twice: give it once'],
  [['--since', since, '--rate', '0'], '--rate 0 is not a whole number from 1 to 1000'],
  [['--since', since, '--rate', '1.5'], '--rate 1.5 is not a whole number from 1 to 1000'],
  [['--since', since, '--rate', '1001'], '--rate 1001 is not a whole number from 1 to 1000'],
  [['--since', since, '--sure'], "Unknown option '--sure'"],
])('When the command line is %j, then it says what is wrong and what is right', (args, text) => {
  expect(() => readArguments(args, now)).toThrow(text);
});
