import { BadOptions } from '../../dev/command-options.ts';
import { readOptions } from './options.ts';

test('When nothing is asked for, then it is one round of two minutes with a seed of its own', () => {
  const options = readOptions([]);
  expect(options).toEqual({
    ...{ rounds: 1, seconds: 120, seed: expect.any(Number) as number },
    broker: 'nats-streaming',
  });
  expect(readOptions([])).not.toEqual(options);
});

test('When rounds, seed and seconds are given, then they are taken', () => {
  const options = readOptions(['--rounds', '3', '--seed', '0', '--seconds=180']);
  expect(options).toMatchObject({ rounds: 3, seed: 0, seconds: 180 });
});

test('When classic peers are wanted, then they are', () => {
  expect(readOptions(['--peers', 'classic'])).toMatchObject({ rounds: 1, peers: 'classic' });
});

test('When another broker is wanted, then it is', () => {
  expect(readOptions(['--broker', 'jetstream'])).toMatchObject({ broker: 'jetstream' });
  expect(readOptions(['--broker', 'jetstream-cluster'])).toMatchObject({ broker: 'jetstream-cluster' });
});

test('When a history is to be checked, then nothing is played', () => {
  expect(readOptions(['--check', 'history.jsonl'])).toEqual({ check: 'history.jsonl' });
});

test.each([
  [['--rounds', '0'], '--rounds must be a whole number from 1 to 1000, not "0"'],
  [['--seed', '-1'], "Option '--seed' argument is ambiguous"],
  [['--seed', '4294967296'], '--seed must be a whole number from 0 to 4294967295'],
  [['--seconds', '1e2'], '--seconds must be a whole number from 10 to 3600, not "1e2"'],
  [['--seconds'], "Option '--seconds <value>' argument missing"],
  [['--round', '1'], "Unknown option '--round'"],
  [['--peers', 'modern'], '--peers must be classic, not "modern"'],
  [
    ['--broker', 'kafka'],
    '--broker must be one of nats-streaming, jetstream, jetstream-cluster, not "kafka"',
  ],
  [['--broker', 'jetstream', '--peers', 'classic'], '--peers classic needs --broker nats-streaming'],
  [['3'], "Unexpected argument '3'"],
])('When the arguments are %j, then the error says what is wrong', (args, problem) => {
  expect(() => readOptions(args)).toThrow(BadOptions);
  expect(() => readOptions(args)).toThrow(problem);
});
