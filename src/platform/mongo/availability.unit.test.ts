import { EventEmitter } from 'node:events';
import pino from 'pino';
import { watchAvailability } from './availability.ts';

let now = 0;
let lines: string[] = [];
let client = new EventEmitter();
const ending = new AbortController().signal;

function watch() {
  now = 1_000_000;
  lines = [];
  client = new EventEmitter();
  const log = pino(
    {},
    { write: (line: string) => void lines.push((JSON.parse(line) as { msg: string }).msg) },
  );
  return watchAvailability({ client, log, now: () => now });
}

/** The driver reports which of the servers that it knows take writes. */
function servers(...isWritable: boolean[]): void {
  const known = isWritable.map((takes, index) => [`host-${index}`, { isWritable: takes }] as const);
  client.emit('topologyDescriptionChanged', { newDescription: { servers: new Map(known) } });
}

test('When no server takes writes for a second, then the database is away until one does', () => {
  const availability = watch();
  servers(false, false);
  now += 999;
  expect(availability.awayMs()).toBeUndefined();
  expect(availability.throwIfAway).not.toThrow();
  now += 1;
  expect(availability.awayMs()).toBe(1_000);
  expect(availability.throwIfAway).toThrow('away');
  now += 60_000;
  servers(false, false);
  expect(availability.awayMs()).toBe(61_000);
  servers(false, true);
  expect(availability.awayMs()).toBeUndefined();
  expect(availability.throwIfAway).not.toThrow();
});

test('When servers are unknown for a moment, again and again, then no request is refused', () => {
  const availability = watch();
  for (let blip = 0; blip < 10; blip++) {
    servers(false);
    now += 600;
    expect(availability.awayMs()).toBeUndefined();
    servers(true);
  }
  expect(lines).toEqual([]);
});

test('When many are refused, then the outage is logged once, and its end once', () => {
  const availability = watch();
  for (let outage = 0; outage < 2; outage++) {
    servers(false);
    now += 5_000;
    for (let request = 0; request < 10; request++) availability.awayMs();
    servers(true);
    servers(true);
  }
  const once = [expect.stringContaining('is away'), expect.stringContaining('is there again')];
  expect(lines).toEqual([...once, ...once]);
});

test('When a loop has a pass during an outage, then it does nothing, and goes on afterwards', async () => {
  const availability = watch();
  let passes = 0;
  const pass = availability.skipping(async () => passes++);
  servers(false);
  now += 5_000;
  await pass(ending);
  expect(passes).toBe(0);
  servers(true);
  await pass(ending);
  expect(passes).toBe(1);
});
