import type { Delivery } from './broker.ts';

/** Far above the number of unacknowledged messages that the broker allows, which does not count redeliveries. */
const maxDeliveries = 256;
/** Of one subject; several subjects and two or three copies of each message stay under 100 MB. */
const maxBytes = 8 * 1024 * 1024;

/**
 * The deliveries of one subject that are being handled. A delivery that does not fit is not handled and not acknowledged:
 * the broker delivers it again after `ackWaitMs`. A message is handled only once at a time.
 */
export function createInFlightMessages() {
  const handling = new Map<string, Promise<void>>();
  let bytes = 0;

  return {
    /** Starts `work`, which must not reject, unless this message is in flight already or does not fit. */
    add({ sequence, timestamp, data }: Delivery, work: () => Promise<void>): void {
      const key = `${sequence} ${timestamp}`;
      // A single message always fits.
      const fits = handling.size < maxDeliveries && (bytes === 0 || bytes + data.byteLength <= maxBytes);
      if (!fits || handling.has(key)) return;
      bytes += data.byteLength;
      const done = work().finally(() => {
        bytes -= data.byteLength;
        handling.delete(key);
      });
      handling.set(key, done);
    },

    count: () => handling.size,

    /** Resolves when one of the messages that are in flight now is handled. */
    async nextDone(): Promise<void> {
      await Promise.race(handling.values());
    },

    /** Resolves when every message that is in flight now is handled. */
    async allDone(): Promise<void> {
      await Promise.all(handling.values());
    },
  };
}
