import { disturbances, isQuiet } from '../history/disturbances.ts';
import type { History } from '../history/history.ts';
import {
  changeTimes,
  firstSights,
  milliseconds,
  orderEvents,
  type SeenEvent,
} from '../history/order-events.ts';
import { spacingMs } from '../history/peer-settings.ts';
import type { Rule } from './rule.ts';

/** From the time at which an event may leave to its sight in the broker, in a quiet time. */
const maxLagMs = 5_000;

export interface Lag {
  eventId: string;
  /** Infinite when the event never came. */
  ms: number;
}

/**
 * How long the events of changes took that were made while nothing was wrong and nothing had been for 30 s, from when
 * they might leave. A fault that begins while the event may still be on its way takes the change out of judgement.
 */
export function quietLags(history: History): Lag[] {
  const disturbed = disturbances(history);
  const seen = firstSights(orderEvents(history));
  const changed = changeTimes(history);
  const parts = { seen, changed, spacing: spacingMs(history) };
  return [...changed].flatMap(([eventId, changedAt]) => {
    const from = mayLeaveAt(eventId, changedAt, parts);
    if (!isQuiet(disturbed, changedAt, from + maxLagMs)) return [];
    const event = seen.get(eventId);
    return [{ eventId, ms: event ? milliseconds(event.timestamp) - from : Number.POSITIVE_INFINITY }];
  });
}

interface LeavingInput {
  seen: Map<string, SeenEvent>;
  changed: Map<string, number>;
  spacing: number;
}

/**
 * With a spacing, an event of a new version waits for so long after the one before. A refund and an extension do not; but they
 * keep their place, so they leave right after the version that the order had.
 */
function mayLeaveAt(eventId: string, changedAt: number, { seen, changed, spacing }: LeavingInput): number {
  const [orderId, version] = eventId.split(':');
  const isSpaced = Number.isInteger(Number(version));
  const idBefore = isSpaced
    ? `${orderId}:${Number(version) - 1}`
    : versionAt(String(orderId), changedAt, changed);
  const before = seen.get(idBefore);
  if (spacing === 0 || !before) return changedAt;
  return Math.max(changedAt, milliseconds(before.timestamp) + (isSpaced ? spacing : 0));
}

/** The event of the version that an order had at a time. */
function versionAt(orderId: string, at: number, changed: Map<string, number>): string {
  let version = 0;
  while ((changed.get(`${orderId}:${version + 1}`) ?? Number.POSITIVE_INFINITY) <= at) version++;
  return `${orderId}:${version}`;
}

/** In a quiet time events leave within 5 s after they may, and there were enough of them for this to mean something. */
export const eventsKeepUp: Rule = (history) => {
  const lags = quietLags(history);
  const { minJudgedEvents } = history.settings;
  return [
    ...(lags.length < minJudgedEvents
      ? [`only ${lags.length} events came of changes in a quiet time, ${minJudgedEvents} are needed to judge`]
      : []),
    ...lags
      .filter(({ ms }) => ms > maxLagMs)
      .map(({ eventId, ms }) =>
        Number.isFinite(ms)
          ? `event ${eventId} came ${ms} ms after it might leave, in a quiet time`
          : `event ${eventId} of a change in a quiet time never came`,
      ),
  ];
};
