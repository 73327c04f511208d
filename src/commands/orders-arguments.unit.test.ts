import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readListArguments } from './orders-list.ts';
import { readReleaseArguments } from './release-arguments.ts';

const [one, two] = ['a'.repeat(24), 'b'.repeat(24)];
const reason = ['--reason', 'the hall is closed'];
const read = (args: string[]) => readReleaseArguments({ args, signal: new AbortController().signal });

function fileWith(text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'orders-')), 'ids');
  writeFileSync(file, text);
  return file;
}

test.each<[string[], object]>([
  [['--user', 'anna'], { wanted: { userId: 'anna' }, format: 'table' }],
  [['--ticket', one.toUpperCase(), '--json'], { wanted: { ticketId: one }, format: 'json' }],
  [
    ['--status', 'paid', '--since', '2030-01-01T00:00:00Z', '--csv'],
    { wanted: { status: 'paid', since: new Date('2030-01-01T00:00:00Z') }, format: 'csv' },
  ],
])('When a list is asked for by %j, then that is what is looked for', (args, expected) => {
  expect(readListArguments(args)).toEqual(expected);
});

test.each([
  [[], 'list needs --user <id>, --ticket <id>, --status <status>, --since <time> or several of them'],
  [['--user', ''], '--user must have the id of a user'],
  [['--ticket', 'x'], '--ticket x is not an id: ids have 24 hexadecimal digits'],
  [['--status', 'done'], '--status done is no status: the statuses are pending, paid, cancelled, expired'],
  [['--since', 'yesterday'], '--since yesterday is not a time with a zone'],
  [['--user', 'anna', '--json', '--csv'], '--json and --csv are two forms'],
  [['--user', 'anna', '--user', 'bert'], '--user is there twice'],
])('When a list is asked for by %j, then it says what is wrong: %s', (args, problem) => {
  expect(() => readListArguments(args)).toThrow(problem);
});

test('When orders or tickets are named, then each counts once, whatever its letters', async () => {
  const of = async (...args: string[]) => (await read([...args, ...reason])).targets;
  expect(await of(one, one.toUpperCase(), two)).toEqual({ kind: 'orders', ids: [one, two] });
  expect(await of('--ticket', one, two, '--ticket', one)).toEqual({ kind: 'tickets', ids: [one, two] });
  const file = fileWith(`# the balcony\n${two}\r\n\n ${one}\n`);
  expect(await of('--from-file', file)).toEqual({ kind: 'tickets', ids: [two, one] });
  expect(await of('--from-file', file, '--ticket', one)).toEqual({ kind: 'tickets', ids: [one, two] });
});

test('When a file has more ids than a call takes arguments, then all are read', async () => {
  const ids = Array.from({ length: 300_000 }, (_, index) => index.toString(16).padStart(24, '0'));
  const { targets } = await read(['--from-file', fileWith(ids.join('\n')), ...reason]);
  expect(targets.ids.length).toBe(ids.length);
});

test('When nothing else is said, then it is a dry run for people, and nothing is withdrawn', async () => {
  expect(await read([one, ...reason])).toEqual({
    targets: { kind: 'orders', ids: [one] },
    ...{ reason: 'the hall is closed', withdraws: false, isMeant: false, isJson: false },
  });
  expect(await read(['--ticket', one, ...reason, '--withdraw', '--yes', '--json'])).toMatchObject({
    withdraws: true,
    isMeant: true,
    isJson: true,
  });
});

test.each([
  [reason, 'release needs the ids of orders, --ticket <id>… or --from-file <file>'],
  [['x', ...reason], 'x is not an id: ids have 24 hexadecimal digits'],
  [['--ticket', 'x', ...reason], '--ticket x is not an id'],
  [[one, '--ticket', two, ...reason], 'give the ids of orders, or those of tickets behind --ticket'],
  [[one, '--from-file', 'f', ...reason], 'give the ids of orders, or those of tickets behind --ticket'],
  [['--from-file', '/nowhere/ids', ...reason], '--from-file /nowhere/ids cannot be read: ENOENT'],
  [[one, '--withdraw', ...reason], '--withdraw takes tickets from sale: name them by --ticket'],
  [[one], '--reason must say why, in at most 500 characters'],
  [[one, '--reason', ' '], '--reason must say why'],
  [[one, '--reason', 'r'.repeat(501)], '--reason must say why'],
  [[one, ...reason, ...reason], '--reason is there twice'],
  [[one, ...reason, '--force'], "Unknown option '--force'"],
])('When %j is to be released, then it says what is wrong: %s', async (args, problem) => {
  await expect(read(args)).rejects.toThrow(problem);
});

test.each([
  ['', 'has no ids: it needs the id of a ticket on each line'],
  ['# nothing\n', 'has no ids'],
  [`${one}\n${two},\n`, 'has no id on line 2: ids have 24 hexadecimal digits'],
])('When a file has %j, then it says what is wrong: %s', async (text, problem) => {
  await expect(read(['--from-file', fileWith(text), ...reason])).rejects.toThrow(problem);
});
