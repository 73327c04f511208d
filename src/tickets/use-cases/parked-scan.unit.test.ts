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

const tooMuch = new Error('the database did not answer in time');

/**
 * A database that reads all that is in a range, whatever the limit, and the readings that were made. It fails when that is
 * more than `maxRead`.
 */
function storeOf(maxRead: number, ...parts: Parked[]) {
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
    if (inRange.length > maxRead) return Promise.reject(tooMuch);
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

const store = (...parts: Parked[]) => storeOf(Number.POSITIVE_INFINITY, ...parts);

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

/** Has the next pass try again after a failure, as the loop does. Resolves with what was found, and with the failures. */
async function scanInPasses(scan: ParkedScan, time = range): Promise<{ found: number; failures: number }> {
  let found = 0;
  for (let failures = 0; ; ) {
    const part = await scan.next(time, limit, goOn).catch((error) => expect(error).toBe(tooMuch));
    if (!part) failures++;
    else found += part.updates.length;
    if (part?.isEnd) return { found, failures };
    expect(failures).toBeLessThan(20);
  }
}

test('When more was parked at once, long ago, than the database can read in time, then the scan gets past it', async () => {
  const { gaps, readings } = storeOf(2_000, { count: 20_000, agoMs: 3_600_000, overMs: 400_000 });
  const scan = createParkedScan(gaps);
  expect(await scanInPasses(scan)).toEqual({ found: 20_000, failures: 1 });
  // The next scan knows where the many begin.
  readings.length = 0;
  expect(await scanInPasses(scan)).toEqual({ found: 20_000, failures: 0 });
  expect(readings.filter((read) => read > 2 * limit).length).toBeLessThanOrEqual(2);
});

test('When few were parked for long and then very many, then only one read of a limited time fails', async () => {
  const lastMinutes = { until: now, backTo: new Date(now.getTime() - 600_000) };
  let current = store({ count: 3, agoMs: 1_000, overMs: 60_000 });
  const scan = createParkedScan({ page: (...request) => current.gaps.page(...request) });
  for (let scans = 0; scans < 100; scans++) await scan.next(lastMinutes, limit, goOn);
  current = storeOf(3_000, { count: 20_000, agoMs: 0, overMs: 300_000 });
  expect(await scanInPasses(scan, lastMinutes)).toEqual({ found: 20_000, failures: 1 });
});

test('When another process has scanned after a failure, then the next scan does not fail at the same updates', async () => {
  const { gaps } = storeOf(2_000, { count: 20_000, agoMs: 3_600_000, overMs: 400_000 });
  const scan = createParkedScan(gaps);
  await expect(scan.next(range, limit, goOn)).rejects.toBe(tooMuch);
  scan.forget();
  expect(await scanInPasses(scan)).toEqual({ found: 20_000, failures: 0 });
});

test('When every read failed for a while, then a scan of all time takes few reads again', async () => {
  const times = { count: 3, agoMs: 86_400_000, overMs: 60_000 };
  const { gaps, readings } = store(times);
  let { page } = gaps;
  const scan = createParkedScan({ page: (...request) => page(...request) });
  await scanAll(scan);
  page = () => Promise.reject(tooMuch);
  for (let pass = 0; pass < 100; pass++) await expect(scan.next(range, limit, goOn)).rejects.toBe(tooMuch);
  ({ page } = gaps);
  readings.length = 0;
  expect(await scanAll(scan)).toHaveLength(3);
  expect(readings.length).toBeLessThan(600);
  readings.length = 0;
  expect(await scanAll(scan)).toHaveLength(3);
  expect(readings.length).toBeLessThan(5);
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
