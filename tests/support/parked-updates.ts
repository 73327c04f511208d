import mongoose from 'mongoose';
import type { GapStore } from '../../src/tickets/store/gap-store.ts';

/** When the scans of these tests begin. */
export const now = new Date('2030-01-01T00:00:00Z');
/** The most that one part of a scan may have. */
export const limit = 250;
export const range = { until: now, backTo: new Date(0) };
export const goOn = () => true;
const ticketId = new mongoose.Types.ObjectId();

interface Parked {
  /** How many, spread evenly over `overMs`, the last `agoMs` ago. */
  count: number;
  agoMs: number;
  overMs: number;
}

export const tooMuch = new Error('the database did not answer in time');

/**
 * A database that reads all that is in a range, whatever the limit, and the readings that were made. It fails when that is
 * more than `maxRead`.
 */
export function parkedStore(maxRead: number, ...parts: Parked[]) {
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

/** The same, and no read fails. */
export const tirelessStore = (...parts: Parked[]) => parkedStore(Number.POSITIVE_INFINITY, ...parts);
