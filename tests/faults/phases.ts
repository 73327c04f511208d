import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { settlingMs } from './history/disturbances.ts';
import type { Fault, History } from './history/history.ts';
import type { Span } from './history/spans.ts';
import { type Client, createClient } from './load/client.ts';
import { runLoad } from './load/load.ts';
import { everyPoison } from './load/poison.ts';
import { openPost, type Post } from './load/publisher.ts';
import { runRush } from './load/peak-load.ts';
import { unleash } from './nemesis/nemesis.ts';
import { planFaults } from './nemesis/schedule.ts';
import { randomFrom } from './random.ts';
import type { Stage } from './stage.ts';

interface PhasesDeps extends Pick<History, 'answers' | 'poison'> {
  stage: Stage;
  seed: number;
  /** How long there are faults. */
  seconds: number;
  holdMs: number;
  log: (line: string) => void;
  signal: AbortSignal;
}

interface Played {
  faults: Fault[];
  quietWindow: Span;
}

const requestsInRush = 128;
const quietWindowMs = 60_000;
/** A gap takes the service a minute and a half to close, so the last ones are made while there are faults. */
const chanceOfGap = { withFaults: 0.1, afterwards: 0 };

/**
 * Runs the load all the time, and with it: the nemesis for `seconds`; nothing for 30 s after the last fault; and then,
 * for a minute in which nothing is wrong, as many buyers as press at once when a sale opens.
 *
 * @throws when a server does not come back, or the load does not end
 */
export async function playPhases(parts: PhasesDeps): Promise<Played> {
  const { post, close } = openPost(parts.stage.broker);
  const client = createClient({ ...parts.stage, answers: parts.answers });
  const load = new AbortController();
  const end = () => load.abort();
  parts.signal.addEventListener('abort', end);
  let gaps = chanceOfGap.withFaults;
  try {
    // Neither is left running when the other fails: both end by themselves.
    const [played, loaded] = await Promise.allSettled([
      faultsAndRush({ ...parts, client, post, onQuiet: () => (gaps = chanceOfGap.afterwards) }).finally(end),
      runLoad({ ...parts, client, post, poisonKinds: everyPoison, chanceOfGap: () => gaps }, load.signal),
    ]);
    if (played.status === 'rejected') throw played.reason;
    if (loaded.status === 'rejected') throw loaded.reason;
    return played.value;
  } finally {
    parts.signal.removeEventListener('abort', end);
    await close();
  }
}

async function faultsAndRush(
  parts: PhasesDeps & { client: Client; post: Post; onQuiet: () => void },
): Promise<Played> {
  const { log, signal, onQuiet } = parts;
  const faults = await inflictAll(parts);
  onQuiet();
  log(`the last fault is over; a quiet window follows, with ${requestsInRush} requests in flight`);
  const lastAt = Math.max(0, ...faults.map(({ endedAt }) => endedAt));
  await pause(lastAt + settlingMs - Date.now(), signal);
  const from = Date.now();
  await during(quietWindowMs, signal, (over) => runRush({ ...parts, inFlight: requestsInRush }, over));
  return { faults, quietWindow: { from, to: Date.now() } };
}

function inflictAll({ stage, seed, seconds, signal }: PhasesDeps): Promise<Fault[]> {
  const lengthMs = seconds * 1_000;
  const links = [...stage.victims.links.keys()];
  const schedule = planFaults(randomFrom(seed, 'faults'), { lengthMs, links });
  return during(lengthMs, signal, (over) => unleash(schedule, stage.victims, over));
}

/** Gives the work a signal that aborts after the time, or when `signal` does. */
async function during<Result>(
  milliseconds: number,
  signal: AbortSignal,
  work: (over: AbortSignal) => Promise<Result>,
): Promise<Result> {
  // Not `AbortSignal.any`: Node 20 may collect the combined signal as garbage before it has aborted.
  const over = new AbortController();
  // One for each fault that is planned or under way.
  setMaxListeners(0, over.signal);
  const end = () => over.abort();
  const timer = setTimeout(end, milliseconds);
  if (signal.aborted) end();
  signal.addEventListener('abort', end);
  try {
    return await work(over.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
  }
}

/** An end of the round is no failure here. */
async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await delay(Math.max(0, milliseconds), undefined, { signal }).catch(() => undefined);
}
