import { operationTimeoutMs } from '../../../src/platform/mongo/timeouts.ts';
import type { History } from './history.ts';

/** A time in which something did not work as it should. */
export interface Disturbance {
  /** For people: `freeze service-1`, or that the database was slow. */
  what: string;
  from: number;
  to: number;
}

/** For so long after a disturbance its consequences may still be seen. */
export const settlingMs = 30_000;

/**
 * The faults, and the times in which the database was so slow that the service's operations failed as in a fault. One
 * that is only slow, as the stand-in is under many requests, is none.
 */
export function disturbances({ faults, outages }: Pick<History, 'faults' | 'outages'>): Disturbance[] {
  return [
    ...faults.map(({ kind, target, startedAt, endedAt }) => ({
      ...{ what: `${kind} ${target}`, from: startedAt, to: endedAt },
    })),
    ...outages
      .filter(({ from, to }) => to - from >= operationTimeoutMs)
      .map(({ from, to }) => ({ what: 'slow database', from, to })),
  ];
}

/** Those that were on at some time between `from` and `to`, both included. */
export function within(all: readonly Disturbance[], from: number, to: number): Disturbance[] {
  return all.filter((one) => one.from <= to && one.to >= from);
}

/** Whether nothing was wrong between `from` and `to`, nor in the time before in which things settle. */
export function isQuiet(all: readonly Disturbance[], from: number, to: number): boolean {
  return within(all, from - settlingMs, to).length === 0;
}
