import { setMaxListeners } from 'node:events';
import type { Fault, History } from './history/history.ts';
import { emptyLists } from './history/history-file.ts';
import { incomingSubjects, outgoingSubjects, replayChannels } from './history/replay-channels.ts';
import { takeSnapshot } from './history/snapshot.ts';
import { watchDatabase } from './history/watch-database.ts';
import { createClient } from './load/client.ts';
import { runLoad } from './load/load.ts';
import { openPost } from './load/post.ts';
import { unleash } from './nemesis/nemesis.ts';
import { planFaults } from './nemesis/schedule.ts';
import { untilQuiet } from './quiet.ts';
import { randomFrom } from './random.ts';
import { type Stage, setStage } from './stage.ts';

export interface RoundOptions {
  seed: number;
  seconds: number;
  /** For the services' logs. */
  folder: string;
  log: (line: string) => void;
  /** Interrupts the round; everything is stopped all the same. */
  signal: AbortSignal;
}

/** Short, so that holds end and gaps are closed many times in a round. */
const holdMs = 3_000;
const gapTimeoutMs = 5_000;

/**
 * Starts everything anew, lets load and faults loose on it, heals it, waits until it is quiet, and resolves with all
 * that happened, or with undefined when it was interrupted.
 *
 * @throws when the servers do not start or do not come back
 */
export async function playRound(options: RoundOptions): Promise<History | undefined> {
  const stage = await setStage({
    ...options,
    variables: {
      ORDER_HOLD_SECONDS: String(holdMs / 1_000),
      TICKET_GAP_TIMEOUT_SECONDS: String(gapTimeoutMs / 1_000),
      LOG_LEVEL: 'warn',
      SHUTDOWN_DELAY_SECONDS: '0',
    },
  });
  try {
    options.log(stage.description);
    return await Promise.race([play(stage, options), interruption(options.signal)]);
  } finally {
    await stage.stop();
  }
}

function interruption(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined));
  });
}

async function play(stage: Stage, { seed, seconds, log, signal }: RoundOptions): Promise<History> {
  const { answers, poison } = emptyLists();
  const { exits, broker, mongoUri } = stage;
  const watch = watchDatabase(mongoUri);
  const { outages } = watch;
  const faults = await underFire(stage, { seed, seconds, answers, poison, signal });
  const healedAt = Date.now();

  log('healed; waiting until all is quiet…');
  const open = await untilQuiet({ broker, mongoUri, poison }, signal);
  if (open.length > 0) log(`still open: ${open.join(', ')}`);
  await stage.endServices();
  await watch.stop();

  return {
    settings: { seed, seconds, holdMs, gapTimeoutMs, healedAt },
    ...{ answers, faults, outages, exits, poison },
    messages: await replayChannels(broker, [...incomingSubjects, ...outgoingSubjects]),
    ...(await takeSnapshot(mongoUri)),
  };
}

/** The load and the nemesis, for the time of the round. */
async function underFire(
  stage: Stage,
  round: Pick<History, 'answers' | 'poison'> & Pick<RoundOptions, 'seed' | 'seconds' | 'signal'>,
): Promise<Fault[]> {
  const { seed, seconds, signal } = round;
  const { post, close } = openPost(stage.broker);
  // Not `AbortSignal.any`: Node 20 may collect the combined signal as garbage before it has aborted.
  const over = new AbortController();
  // One for each fault that is planned or under way.
  setMaxListeners(0, over.signal);
  const end = () => over.abort();
  const timer = setTimeout(end, seconds * 1_000);
  signal.addEventListener('abort', end);
  const links = [...stage.victims.links.keys()];
  const schedule = planFaults(randomFrom(seed, 'faults'), { lengthMs: seconds * 1_000, links });
  const client = createClient({ ...stage, answers: round.answers });
  try {
    // Stopping either does not stop the other: both end by themselves, and neither is left running.
    const [faults, load] = await Promise.allSettled([
      unleash(schedule, stage.victims, over.signal),
      runLoad({ ...round, client, post, holdMs }, over.signal),
    ]);
    if (faults.status === 'rejected') throw faults.reason;
    if (load.status === 'rejected') throw load.reason;
    return faults.value;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
    await close();
  }
}
