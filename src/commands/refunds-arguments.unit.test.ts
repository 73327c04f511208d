import { readArguments } from './refunds-arguments.ts';

const since = '2026-01-01T00:00:00Z';
const id = 'a'.repeat(24);
const other = 'b'.repeat(24);

test.each<[string[], object]>([
  [['list'], { command: 'list', undated: 'without', format: 'table' }],
  [
    ['list', '--since', since, '--csv'],
    { command: 'list', since: new Date(since), undated: 'without', format: 'csv' },
  ],
  [['list', '--undated', '--json'], { command: 'list', undated: 'with', format: 'json' }],
  [['remind', id.toUpperCase(), other, id], { command: 'remind', orderIds: [id, other], isMeant: false }],
  [
    ['remind', '--since', since, '--yes'],
    { command: 'remind', orderIds: [], since: new Date(since), isMeant: true },
  ],
  [
    ['done', id, 'pay 7', '--note', ' in cash '],
    { command: 'done', orderId: id, paymentId: 'pay 7', note: 'in cash', isMeant: false },
  ],
])('When the command line is %j, then that is read', (args, request) => {
  expect(readArguments(args)).toEqual(request);
});

test.each([
  [[], 'a command is missing'],
  [['give'], 'there is no command give'],
  [['list', '--json', '--csv'], '--json and --csv are two forms'],
  [['list', '--undated', '--since', since], '--undated has no time'],
  [['list', '--since', 'yesterday'], '--since yesterday is not a time with a zone'],
  [['remind'], 'all at once are never sent'],
  [['remind', id, '--since', since], 'all at once are never sent'],
  [['remind', 'x'], 'x is not an id'],
  [['done', id], 'done needs the id of one order and the id of one payment'],
  [['done', id, 'p', 'q'], 'done needs the id of one order and the id of one payment'],
  [['done', id, 'p'], '--note must say how it was given back'],
  [['done', id, 'p', '--note', ' '], '--note must say how it was given back'],
  [['done', id, 'p', '--note', 'n'.repeat(501)], 'in at most 500 characters'],
  [['list', '--since', since, '--since', since], '--since is there twice'],
  [['remind', '--since', since, '--since', since], '--since is there twice'],
  [['done', id, 'p', '--note', 'n', '--note', 'm'], '--note is there twice'],
  [['done', 'x', 'p', '--note', 'n'], 'x is not an id'],
  [['list', '--sure'], "Unknown option '--sure'"],
])('When the command line is %j, then it says what is wrong: %s', (args, text) => {
  expect(() => readArguments(args)).toThrow(text);
});
