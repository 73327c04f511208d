import pino from 'pino';
import { createRetrySchedule } from './retry-schedule.ts';

let now = 0;
let lines: Record<string, unknown>[] = [];

function newSchedule() {
  now = Date.parse('2030-01-01T00:00:00Z');
  lines = [];
  const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) });
  return createRetrySchedule({ kind: 'overdue order', clock: () => new Date(now), log });
}

test('When an item keeps failing, then its pause doubles from 2 s to an hour', () => {
  const schedule = newSchedule();
  for (const seconds of [2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 2_048, 3_600, 3_600]) {
    schedule.failed('a', new Error('no'));
    now += seconds * 1_000 - 1;
    expect(schedule.isPaused('a')).toBe(true);
    expect(schedule.due(10)).toEqual([]);
    now += 1;
    expect(schedule.isPaused('a')).toBe(false);
    expect(schedule.due(10)).toEqual(['a']);
  }
});

test('When an item fails often and then works, then its begin and its end are logged once, with its id', () => {
  const schedule = newSchedule();
  for (let failure = 0; failure < 3; failure++) schedule.failed('a', new Error('no'));
  schedule.succeeded('a');
  schedule.succeeded('a');
  expect(lines.map(({ kind, id, level }) => ({ kind, id, level }))).toEqual([
    { kind: 'overdue order', id: 'a', level: 50 },
    { kind: 'overdue order', id: 'a', level: 30 },
  ]);
  expect(schedule.isPaused('a')).toBe(false);
});

test('When several fail, then it reports how many, and since when the first', () => {
  const schedule = newSchedule();
  const first = new Date(now);
  schedule.failed('a', new Error('no'));
  now += 5_000;
  schedule.failed('b', new Error('no'));
  schedule.failed('a', new Error('no'));
  expect(schedule.failing()).toEqual({ kind: 'overdue order', count: 2, since: first });
  schedule.succeeded('a');
  expect(schedule.failing()).toEqual({ kind: 'overdue order', count: 1, since: new Date(now) });
  schedule.succeeded('b');
  expect(schedule.failing()).toEqual({ kind: 'overdue order', count: 0, since: undefined });
});

test('When more fail than there is room for, then the rest is not kept', () => {
  const schedule = newSchedule();
  for (let item = 0; item < 20_001; item++) schedule.failed(String(item), new Error('no'));
  expect(schedule.failing().count).toBe(20_000);
  expect(schedule.isPaused('20000')).toBe(false);
  expect(schedule.due(3)).toEqual([]);
});
