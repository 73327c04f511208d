import {
  goOn,
  limit,
  now,
  parkedStore,
  range,
  tirelessStore,
  tooMuch,
} from '../../../tests/support/parked-updates.ts';
import { createParkedScan, type ParkedScan } from './parked-scan.ts';

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

test('When very much is parked, then each is found once, by few readings, none of which covers more than it may take', async () => {
  const { gaps, readings } = tirelessStore({ count: 30_000, agoMs: 0, overMs: 30_000 });
  const found = await scanAll(createParkedScan(gaps));
  expect(found).toHaveLength(30_000);
  expect(new Set(found).size).toBe(30_000);
  expect(Math.max(...readings)).toBeLessThanOrEqual(limit);
  expect(readings.length).toBeLessThan((2 * 30_000) / limit);
});

test('When it was parked long ago and at once, then only one reading covers all of it', async () => {
  const { gaps, readings } = tirelessStore({ count: 5_000, agoMs: 86_400_000, overMs: 5_000 });
  expect(await scanAll(createParkedScan(gaps))).toHaveLength(5_000);
  expect(readings.filter((read) => read > 2 * limit)).toHaveLength(1);
});

test('When much has come since, then the next scan begins with little of it', async () => {
  const times = { count: 30_000, agoMs: 0, overMs: 30_000 };
  const { gaps, readings } = tirelessStore(times);
  const scan = createParkedScan(gaps);
  await scanAll(scan);
  readings.length = 0;
  await scan.next(range, limit, goOn);
  expect(Math.max(...readings)).toBeLessThanOrEqual(2 * limit);
});

test('When little is parked, then after the first scan one reading is a scan', async () => {
  const { gaps, readings } = tirelessStore({ count: 3, agoMs: 1_000, overMs: 60_000 });
  const scan = createParkedScan(gaps);
  await scanAll(scan);
  readings.length = 0;
  expect(await scanAll(scan)).toHaveLength(3);
  expect(readings).toEqual([3]);
});

test('When no reading may start, then the part ends, and the next one goes on from there', async () => {
  const { gaps, readings } = tirelessStore({ count: 200, agoMs: 0, overMs: 60_000 });
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
  const { gaps, readings } = parkedStore(2_000, { count: 20_000, agoMs: 3_600_000, overMs: 400_000 });
  const scan = createParkedScan(gaps);
  expect(await scanInPasses(scan)).toEqual({ found: 20_000, failures: 1 });
  // The next scan knows where the many begin.
  readings.length = 0;
  expect(await scanInPasses(scan)).toEqual({ found: 20_000, failures: 0 });
  expect(readings.filter((read) => read > 2 * limit).length).toBeLessThanOrEqual(2);
});

test('When few were parked for long and then very many, then only one read of a limited time fails', async () => {
  const lastMinutes = { until: now, backTo: new Date(now.getTime() - 600_000) };
  let current = tirelessStore({ count: 3, agoMs: 1_000, overMs: 60_000 });
  const scan = createParkedScan({ page: (...request) => current.gaps.page(...request) });
  for (let scans = 0; scans < 100; scans++) await scan.next(lastMinutes, limit, goOn);
  current = parkedStore(3_000, { count: 20_000, agoMs: 0, overMs: 300_000 });
  expect(await scanInPasses(scan, lastMinutes)).toEqual({ found: 20_000, failures: 1 });
});

test('When another process has scanned after a failure, then the next scan does not fail at the same updates', async () => {
  const { gaps } = parkedStore(2_000, { count: 20_000, agoMs: 3_600_000, overMs: 400_000 });
  const scan = createParkedScan(gaps);
  await expect(scan.next(range, limit, goOn)).rejects.toBe(tooMuch);
  scan.forget();
  expect(await scanInPasses(scan)).toEqual({ found: 20_000, failures: 0 });
});

test('When every read failed for a while, then a scan of all time takes few reads again', async () => {
  const times = { count: 3, agoMs: 86_400_000, overMs: 60_000 };
  const { gaps, readings } = tirelessStore(times);
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
  const { gaps } = tirelessStore({ count: 1_000, agoMs: 0, overMs: 60_000 });
  const scan = createParkedScan(gaps);
  const oldest = new Date(now.getTime() - 59_940);
  expect(scan.seen()).toEqual({ count: 0, since: undefined });
  await scan.next(range, limit, goOn);
  expect(scan.seen().count).toBeGreaterThanOrEqual(limit / 2);
  expect(scan.seen().since?.getTime()).toBeGreaterThan(oldest.getTime());
  await scanAll(scan);
  expect(scan.seen()).toEqual({ count: 1_000, since: oldest });
  await scan.next(range, limit, goOn);
  expect(scan.seen()).toEqual({ count: 1_000, since: oldest });
  scan.forget();
  expect(scan.seen()).toEqual({ count: 0, since: undefined });
});

test('When the running scan has met an older update than the last one, then that is the oldest', async () => {
  let current = tirelessStore({ count: 3, agoMs: 0, overMs: 60 });
  const scan = createParkedScan({ page: (...request) => current.gaps.page(...request) });
  await scanAll(scan);
  current = tirelessStore({ count: 1_000, agoMs: 1_000, overMs: 60_000 });
  const { updates, isEnd } = await scan.next(range, limit, goOn);
  expect(isEnd).toBe(false);
  expect(scan.seen().since?.getTime()).toBe(updates.at(-1)?.version);
});

test('When a reading finds half of what a part may have, then the part is complete, and the next reading covers as much time', async () => {
  const half = { count: limit / 2, overMs: 100 };
  const parts = [0, 101, 202].map((agoMs) => ({ ...half, agoMs }));
  const { gaps, readings } = tirelessStore(...parts);
  const scan = createParkedScan(gaps);
  for (const { count } of parts) expect((await scan.next(range, limit, goOn)).updates).toHaveLength(count);
  expect(readings).toEqual(parts.map(({ count }) => count));
});

test('When the oldest update is of the very moment where the scan ends, then it is found', async () => {
  const { gaps } = tirelessStore({ count: 1, agoMs: 101, overMs: 1 });
  const time = { until: now, backTo: new Date(now.getTime() - 101) };
  expect(await scanInPasses(createParkedScan(gaps), time)).toEqual({ found: 1, failures: 0 });
});

test('When reads failed at many times, then only the last of them are read in parts', async () => {
  const { gaps, readings } = tirelessStore({ count: 3, agoMs: 86_400_000, overMs: 60_000 });
  let { page } = gaps;
  const scan = createParkedScan({ page: (...request) => page(...request) });
  const minutesOn = (minutes: number) => ({ ...range, until: new Date(now.getTime() + minutes * 60_000) });
  page = () => Promise.reject(tooMuch);
  for (let pass = 0; pass < 50; pass++)
    await expect(scan.next(minutesOn(pass), limit, goOn)).rejects.toBe(tooMuch);
  ({ page } = gaps);
  expect(await scanInPasses(scan, minutesOn(50))).toEqual({ found: 3, failures: 0 });
  expect(readings.length).toBeLessThan(600);
});
