import type { Delivery } from './broker.ts';

/** Far above the broker's window of unacknowledged messages, which does not count what it delivers again. */
const maxDeliveries = 256;
/** Of one subject; several subjects and two or three copies of each message stay under 100 MB. */
const maxBytes = 8 * 1024 * 1024;

/**
 * The deliveries of one subject that are being handled. What does not fit is not begun and so not acknowledged: the
 * broker delivers it again after its acknowledgement time-out. A message is in hand only once.
 */
export function createInFlightMessages() {
  const working = new Map<string, Promise<void>>();
  let bytes = 0;

  return {
    /** Begins `work`, which must not reject, unless this message is in hand or there is no room. */
    add({ sequence, timestamp, data }: Delivery, work: () => Promise<void>): void {
      const key = `${sequence} ${timestamp}`;
      // A single one is taken whatever its size.
      const fits = working.size < maxDeliveries && (bytes === 0 || bytes + data.byteLength <= maxBytes);
      if (!fits || working.has(key)) return;
      bytes += data.byteLength;
      const done = work().finally(() => {
        bytes -= data.byteLength;
        working.delete(key);
      });
      working.set(key, done);
    },

    async allDone(): Promise<void> {
      await Promise.all(working.values());
    },
  };
}
