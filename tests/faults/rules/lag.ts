import { disturbances, isQuiet } from '../history/disturbances.ts';
import type { History } from '../history/history.ts';
import { changeTimes, firstSights, milliseconds, orderEvents } from '../history/order-events.ts';
import type { Rule } from './rule.ts';

/** From a change to its event in the broker, in a quiet time. */
const maxLagMs = 5_000;

export interface Lag {
  eventId: string;
  /** Infinite when the event never came. */
  ms: number;
}

/**
 * How long the events of changes took that were made while nothing was wrong and nothing had been for 30 s. A fault
 * that begins while the event may still be on its way takes the change out of judgement.
 */
export function quietLags(history: History): Lag[] {
  const disturbed = disturbances(history);
  const seen = firstSights(orderEvents(history));
  return [...changeTimes(history)]
    .filter(([, at]) => isQuiet(disturbed, at, at + maxLagMs))
    .map(([eventId, at]) => {
      const event = seen.get(eventId);
      return { eventId, ms: event ? milliseconds(event.timestamp) - at : Number.POSITIVE_INFINITY };
    });
}

/** In a quiet time events follow their changes within 5 s, and there were enough of them for this to mean something. */
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
          ? `event ${eventId} came ${ms} ms after its change, in a quiet time`
          : `event ${eventId} of a change in a quiet time never came`,
      ),
  ];
};
