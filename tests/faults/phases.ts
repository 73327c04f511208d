import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { settlingMs } from './history/disturbances.ts';
import type { Fault, History } from './history/history.ts';
import type { Span } from './history/spans.ts';
import { type Client, createClient } from './load/client.ts';
import { runLoad } from './load/load.ts';
import type { LoadPeers } from './load/load-peers.ts';
import { runOperator } from './load/operator.ts';
import { allPayments } from './load/payment-messages.ts';
import { runPeakLoad } from './load/peak-load.ts';
import { allPoison } from './load/poison.ts';
import { openPublisher } from './load/publisher.ts';
import { startRefundingPeer } from './load/refunding-peer.ts';
import { scriptedPeers } from './load/scripted-peers.ts';
import { runFaults } from './nemesis/nemesis.ts';
import { planFaults } from './nemesis/schedule.ts';
import { randomFrom } from './random.ts';
import type { System } from './system.ts';

interface PhasesDeps extends Pick<History, 'answers' | 'poison' | 'commands'> {
  system: System;
  /** Undefined: their messages are made up. */
  classicPeers: LoadPeers | undefined;
  seed: number;
  /** How long there are faults. */
  seconds: number;
  holdMs: number;
  log: (line: string) => void;
  signal: AbortSignal;
}

interface PhasesOutcome {
  faults: Fault[];
  quietWindow: Span;
}

/**
 * How many buyers there are in the quiet window. Made-up peers cost nothing, and holds of 3 s make some 30 orders a second.
 * Classic ones share the machine and have 5 s for a message, or get it once more: so there are fewer buyers, with pauses,
 * and more tickets, since one is free again 12 s after its purchase.
 */
const peakLoads = {
  scripted: { inFlight: 128, ticketsInDemand: 50, pauseMs: 0 },
  classic: { inFlight: 32, ticketsInDemand: 150, pauseMs: 150 },
};
const quietWindowMs = 60_000;
/** The service closes a gap after a minute and a half, so no gap is made after the faults. */
const chanceOfGap = { withFaults: 0.1, afterwards: 0 };
const chanceOfRefund = () => 0.2;
/** Classic peers know neither extensions nor refunds. */
const chanceOfExtension = { scripted: 0.35, classic: 0 };

/**
 * Runs the load and the operator throughout, and beside them: the faults for `seconds`; nothing for 30 s after the last fault; then, for a
 * minute without faults, as many buyers at once as come when a sale opens.
 *
 * @throws when a server does not come back, or the load does not end
 */
export async function runPhases(parts: PhasesDeps): Promise<PhasesOutcome> {
  const { publish, subscribe, close } = openPublisher(parts.system.broker);
  const client = createClient({ ...parts.system, answers: parts.answers });
  const load = new AbortController();
  const end = () => load.abort();
  parts.signal.addEventListener('abort', end);
  let gaps = chanceOfGap.withFaults;
  const { holdMs, classicPeers } = parts;
  const scripted = { publish, makePayment: allPayments, chanceOfGap: () => gaps, chanceOfRefund, holdMs };
  const peers = classicPeers ?? scriptedPeers(scripted);
  const refunding = classicPeers ? undefined : startRefundingPeer({ ...parts, subscribe, publish });
  try {
    // Neither is left running when the other fails: both end by themselves.
    const [played, loaded, operated] = await Promise.allSettled([
      runFaultsThenPeak({
        ...parts,
        client,
        peers,
        onQuiet: () => (gaps = chanceOfGap.afterwards),
      }).finally(end),
      runLoad(
        {
          ...{ ...parts, client, publish, peers, poisonKinds: allPoison },
          chanceOfExtension: () => chanceOfExtension[classicPeers ? 'classic' : 'scripted'],
        },
        load.signal,
      ),
      classicPeers ? undefined : runOperator({ ...parts, ...parts.system }, load.signal),
    ]);
    if (played.status === 'rejected') throw played.reason;
    for (const outcome of [loaded, operated]) if (outcome.status === 'rejected') throw outcome.reason;
    return played.value;
  } finally {
    parts.signal.removeEventListener('abort', end);
    // What it tells later, nobody waits for.
    await refunding?.stop();
    await close();
  }
}

async function runFaultsThenPeak(
  parts: PhasesDeps & { client: Client; peers: LoadPeers; onQuiet: () => void },
): Promise<PhasesOutcome> {
  const { log, signal, onQuiet, classicPeers } = parts;
  const peak = peakLoads[classicPeers ? 'classic' : 'scripted'];
  const faults = await inflictFaults(parts);
  onQuiet();
  log(`the last fault is over; a quiet window follows, with ${peak.inFlight} buyers`);
  const lastAt = Math.max(0, ...faults.map(({ endedAt }) => endedAt));
  await pause(lastAt + settlingMs - Date.now(), signal);
  const from = Date.now();
  await during(quietWindowMs, signal, (over) => runPeakLoad({ ...parts, ...peak }, over));
  return { faults, quietWindow: { from, to: Date.now() } };
}

function inflictFaults({ system, seed, seconds, signal }: PhasesDeps): Promise<Fault[]> {
  const lengthMs = seconds * 1_000;
  const links = [...system.targets.links.keys()];
  const schedule = planFaults(randomFrom(seed, 'faults'), { lengthMs, links, broker: system.brokerScope });
  return during(lengthMs, signal, (over) => runFaults(schedule, system.targets, over));
}

/** Gives the work a signal that aborts after the time, or when `signal` does. */
async function during<Result>(
  milliseconds: number,
  signal: AbortSignal,
  work: (over: AbortSignal) => Promise<Result>,
): Promise<Result> {
  // Not `AbortSignal.any`: Node 20 may collect the combined signal as garbage before it has aborted.
  const over = new AbortController();
  // One listener for each fault that is planned or running.
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
