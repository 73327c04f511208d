import mongoose from 'mongoose';
import type { GapStore } from '../store/gap-store.ts';
import { createParkedScan, type ParkedScan } from './parked-scan.ts';

const limit = 250;
const now = new Date('2030-01-01T00:00:00Z');
const range = { until: now, backTo: new Date(0) };
const goOn = () => true;
const ticketId = new mongoose.Types.ObjectId();

interface Parked {
  /** How many, spread evenly over `overMs`, the last `agoMs` ago. */
  count: number;
  agoMs: number;
  overMs: number;
}

/** A database that reads all that is in a range, whatever the limit, and the readings that were made. */
function store(...parts: Parked[]) {
  const times = parts
    .flatMap(({ count, agoMs, overMs }) =>
      Array.from({ length: count }, (_, place) =>
        Math.round(now.getTime() - agoMs - (place * overMs) / count),
      ),
    )
    .sort((one, other) => other - one);
  const readings: number[] = [];
  const page: GapStore['page'] = ({ from, backTo }, wanted) => {
    const isBefore = (time: number) =>
      from instanceof Date ? time <= from.getTime() : time < from.parkedAt.getTime();
    const inRange = times.filter((time) => isBefore(time) && time >= backTo.getTime());
    readings.push(inRange.length);
    const found = inRange.slice(0, wanted).map((time) => new Date(time));
    const oldest = found.at(-1);
    return Promise.resolve({
      updates: found.map((parkedAt) => ({ ticketId: ticketId.toHexString(), version: parkedAt.getTime() })),
      count: found.length,
      newest: found[0],
      oldest,
      next: oldest && found.length === wanted ? { parkedAt: oldest, ticketId } : undefined,
    });
  };
  return { gaps: { page }, readings };
}

/** Scans to the end. Resolves with the times at which the found updates were parked. */
async function scanAll(scan: ParkedScan): Promise<number[]> {
  const found: number[] = [];
  for (let parts = 1; ; parts++) {
    const { updates, isEnd } = await scan.next(range, limit, goOn);
    expect(updates.length).toBeLessThanOrEqual(limit);
    found.push(...updates.map(({ version }) => version));
    if (isEnd) return found;
    expect(parts).toBeLessThan(1_000);
  }
}

test('When very much is parked, then no reading covers much more than it may take, and each is found once', async () => {
  const { gaps, readings } = store({ count: 30_000, agoMs: 0, overMs: 30_000 });
  const found = await scanAll(createParkedScan(gaps));
  expect(found).toHaveLength(30_000);
  expect(new Set(found).size).toBe(30_000);
  expect(Math.max(...readings)).toBeLessThanOrEqual(2 * limit);
});

test('When it was parked long ago and at once, then only one reading covers all of it', async () => {
  const { gaps, readings } = store({ count: 5_000, agoMs: 86_400_000, overMs: 5_000 });
  expect(await scanAll(createParkedScan(gaps))).toHaveLength(5_000);
  expect(readings.filter((read) => read > 2 * limit)).toHaveLength(1);
});

test('When much has come since, then the next scan begins with little of it', async () => {
  const times = { count: 30_000, agoMs: 0, overMs: 30_000 };
  const { gaps, readings } = store(times);
  const scan = createParkedScan(gaps);
  await scanAll(scan);
  readings.length = 0;
  await scan.next(range, limit, goOn);
  expect(Math.max(...readings)).toBeLessThanOrEqual(2 * limit);
});

test('When little is parked, then after the first scan one reading is a scan', async () => {
  const { gaps, readings } = store({ count: 3, agoMs: 1_000, overMs: 60_000 });
  const scan = createParkedScan(gaps);
  await scanAll(scan);
  readings.length = 0;
  expect(await scanAll(scan)).toHaveLength(3);
  expect(readings).toEqual([3]);
});

test('When no reading may start, then the part ends, and the next one goes on from there', async () => {
  const { gaps, readings } = store({ count: 200, agoMs: 0, overMs: 60_000 });
  const scan = createParkedScan(gaps);
  let left = 4;
  const { updates, isEnd } = await scan.next(range, limit, () => left-- > 0);
  expect(isEnd).toBe(false);
  expect(readings).toHaveLength(4);
  expect(updates.length + (await scanAll(scan)).length).toBe(200);
});

test('When scans have seen what is parked, then they report how many and since when, until another process scans', async () => {
  const { gaps } = store({ count: 1_000, agoMs: 0, overMs: 60_000 });
  const scan = createParkedScan(gaps);
  const oldest = new Date(now.getTime() - 59_940);
  expect(scan.seen()).toEqual({ count: 0, since: undefined });
  await scan.next(range, limit, goOn);
  expect(scan.seen().count).toBeGreaterThanOrEqual(limit / 2);
  await scanAll(scan);
  expect(scan.seen()).toEqual({ count: 1_000, since: oldest });
  await scan.next(range, limit, goOn);
  expect(scan.seen()).toEqual({ count: 1_000, since: oldest });
  scan.forget();
  expect(scan.seen()).toEqual({ count: 0, since: undefined });
});
