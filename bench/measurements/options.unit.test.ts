import { BadOptions } from '../../dev/command-options.ts';
import { measurementNames, readOptions } from './options.ts';

test('When nothing is asked for, then everything is measured with a million orders', () => {
  expect(readOptions([])).toEqual({
    measurements: measurementNames.filter((name) => name !== 'pairs'),
    rounds: 5,
    firstRound: 0,
    requests: 3_000,
    events: 50_000,
    orders: [1_000, 100_000, 1_000_000],
    loadSeconds: 600,
    viewers: 100,
    growthRequests: 500,
    alone: 256,
    inFlight: [32, 128],
    eventsInFlight: [32, 128, 256],
    memoryOrders: 10_000,
    crowds: [1_000, 3_000, 8_000],
    crowdSeconds: 15,
  });
});

test('When it is to be quick, then numbers are small, but those given are taken', () => {
  const options = readOptions(['--quick', '--rounds', '2', '--json', 'figures.json']);
  expect(options).toMatchObject({ rounds: 2, firstRound: 1, json: 'figures.json' });
  expect(Math.max(...options.orders)).toBeLessThan(1_000);
});

test('When some measurements are named, then only these are measured', () => {
  expect(readOptions(['--only', 'cost, relay']).measurements).toEqual(['cost', 'relay']);
});

test('When a commit is given, then this build is compared with its build', () => {
  expect(readOptions(['--against', '71a664b'])).toMatchObject({
    measurements: ['pairs'],
    against: '71a664b',
  });
  expect(readOptions(['--only', 'events', '--against', '71a664b']).measurements).toEqual(['events']);
});

test('When settings are given, then this build is compared with itself under them', () => {
  expect(readOptions(['--with', 'ORDER_COOLDOWN_SECONDS=600', '--with', 'TRUST_PROXY='])).toMatchObject({
    measurements: ['pairs'],
    settings: { ORDER_COOLDOWN_SECONDS: '600', TRUST_PROXY: '' },
  });
});

test('When the requests in flight are given, then that is so in every measurement', () => {
  const wanted = [8, 256];
  expect(readOptions(['--in-flight', '8,256'])).toMatchObject({ inFlight: wanted, eventsInFlight: wanted });
});

test.each([
  [
    ['--only', 'speed'],
    '--only knows requests, replication, relay, events, spacing, growth, cost, gaps, overload, pairs, not "speed"',
  ],
  [['--rounds', '0'], '--rounds must be a whole number from 1 to 100, not "0"'],
  [['--requests', '127'], '--requests must be a whole number from 128 to 1000000'],
  [['--in-flight', '32,0'], '--in-flight must be a whole number from 1 to 1024, not "0"'],
  [['--orders', '1000,x'], '--orders must be a whole number from 100 to 10000000, not "x"'],
  [['--orders', '1000,500'], '--orders must rise, not "1000,500"'],
  [['--with', 'cooldown'], '--with must be NAME=VALUE, not "cooldown"'],
  [['--load-seconds'], "Option '--load-seconds <value>' argument missing"],
  [['--slow'], "Unknown option '--slow'"],
  [['quick'], "Unexpected argument 'quick'"],
])('When the arguments are %j, then the error says what is wrong', (args, problem) => {
  expect(() => readOptions(args)).toThrow(BadOptions);
  expect(() => readOptions(args)).toThrow(problem);
});
