import pino from 'pino';
import { problemsOf, requiredVariables } from '../tests/support/required-variables.ts';
import { readEventConfig, readMessageConfig } from './command-config.ts';
import { readConfig } from './config.ts';
import { logPeers } from './peer-presets.ts';

const classicNames = { pending: 'created', paid: 'complete', cancelled: 'cancelled', expired: 'cancelled' };
const classic = { ...requiredVariables, PEERS: 'classic' };
const asWritten = {
  ...requiredVariables,
  STATUS_NAMES: 'pending=created,paid=complete,expired=cancelled',
  EVENT_SPACING_SECONDS: '6',
  LIST_SORT: 'createdAt',
};

test('When PEERS is classic, then it is three settings, and everything else is as without it', () => {
  const { peers, ...rest } = readConfig(classic);
  expect(peers).toBe('classic');
  expect(rest).toEqual(readConfig(asWritten));
  expect(rest).toMatchObject({ statusNames: classicNames, eventSpacingMs: 6_000, listSort: 'createdAt' });
  expect(rest.latePayment).toBe('hold_again');
  expect(readConfig(requiredVariables)).not.toHaveProperty('peers');
});

test.each([
  ['STATUS_NAMES', 'pending=open', { statusNames: { ...ownWords(), pending: 'open' } }],
  ['STATUS_NAMES', 'pending=pending', { statusNames: ownWords() }],
  ['EVENT_SPACING_SECONDS', '0', { eventSpacingMs: 0 }],
  ['LIST_SORT', '-createdAt', { listSort: '-createdAt' }],
] as const)(
  'When %s is %s beside PEERS, then it alone is as it says, and an empty one is as PEERS says',
  (name, value, expected) => {
    expect(readConfig({ ...classic, [name]: value })).toEqual({ ...readConfig(classic), ...expected });
    expect(readConfig({ ...classic, [name]: '' })).toEqual(readConfig(classic));
  },
);

function ownWords() {
  return { pending: 'pending', paid: 'paid', cancelled: 'cancelled', expired: 'expired' };
}

test.each(['Classic', 'classic ', 'constructor', '1'])(
  'When PEERS is "%s", then what is right is said beside whatever else is wrong',
  (value) => {
    const PEERS = 'PEERS must be classic, or left out';
    expect(problemsOf({ ...classic, PEERS: value })).toEqual([PEERS]);
    const problems = problemsOf({ ...classic, PEERS: value, LIST_SORT: 'newest' });
    expect(problems).toEqual(
      expect.arrayContaining([PEERS, 'LIST_SORT must be one of -createdAt, createdAt']),
    );
    expect(() => readEventConfig({ PEERS: value })).toThrow(PEERS);
    expect(() => readMessageConfig({ PEERS: value })).toThrow(PEERS);
  },
);

test('When PEERS is set for a command that publishes or handles messages, then it has what the service has', () => {
  const { statusNames, eventSpacingMs, latePayment } = readConfig(classic);
  expect(readEventConfig({ PEERS: 'classic' })).toEqual({ statusNames, eventSpacingMs });
  expect(
    readEventConfig({ PEERS: 'classic', STATUS_NAMES: 'paid=sold', EVENT_SPACING_SECONDS: '2' }),
  ).toEqual({
    statusNames: { ...ownWords(), paid: 'sold' },
    eventSpacingMs: 2_000,
  });
  expect(readEventConfig({ PEERS: '' })).toEqual({ eventSpacingMs: 0 });
  expect(readMessageConfig({ PEERS: 'classic' })).toEqual({ latePayment, eventSpacingMs });
});

/** The lines that a start with these variables logs about peers. */
function logged(variables: Record<string, string>): Record<string, unknown>[] {
  const lines: Record<string, unknown>[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) });
  logPeers(readConfig(variables), log);
  return lines;
}

test('When the service starts beside classic peers, then one line has what is in force, and another who gives no money back', () => {
  const [settings, warning, ...others] = logged({ ...classic, EVENT_SPACING_SECONDS: '7' });
  expect(settings).toMatchObject({
    level: 30,
    peers: 'classic',
    statusNames: classicNames,
    spacingSeconds: 7,
    listSort: 'createdAt',
    latePayment: 'hold_again',
  });
  expect(warning).toMatchObject({
    level: 40,
    peers: 'classic',
    msg: expect.stringContaining('docs/peers.md'),
  });
  expect(others).toEqual([]);
  expect(logged(asWritten)).toEqual([]);
});
