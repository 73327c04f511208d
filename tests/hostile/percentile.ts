/** What others may wait for their answers, at the 99th percentile, while somebody attacks; in milliseconds. */
export const maxWaitMs = 300;

/** Asks so many times, one after the other. Resolves with the time that 99 of 100 answers took at most, in milliseconds. */
export async function p99Of(times: number, ask: () => Promise<unknown>): Promise<number> {
  const waits: number[] = [];
  while (waits.length < times) {
    const asked = performance.now();
    await ask();
    waits.push(performance.now() - asked);
  }
  return waits.toSorted((one, other) => one - other)[Math.ceil(0.99 * times) - 1] ?? Number.NaN;
}
