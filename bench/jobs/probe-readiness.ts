import { setTimeout as delay } from 'node:timers/promises';

export interface ProbeJob {
  url: string;
  seconds: number;
}

export interface ProbeResult {
  /** The longest time until a probe's response, in milliseconds. */
  longestMs: number;
  /** How many of the probes did not get a 200. */
  failures: number;
  probes: number;
}

const everyMs = 250;

/** Probes the readiness of a service as a kubelet does, over a new connection each time, but more often. */
export async function probeReadiness({ url, seconds }: ProbeJob): Promise<ProbeResult> {
  const result = { longestMs: 0, failures: 0, probes: 0 };
  const end = performance.now() + seconds * 1_000;
  while (performance.now() < end) {
    const began = performance.now();
    const ready = await fetch(`${url}/readyz`, { headers: { Connection: 'close' } }).then(
      async (response) => (await response.text()) !== '' && response.ok,
      () => false,
    );
    result.probes++;
    if (!ready) result.failures++;
    result.longestMs = Math.max(result.longestMs, performance.now() - began);
    await delay(everyMs);
  }
  return result;
}
