import type { History } from './history/history.ts';
import { emptyLists } from './history/history-file.ts';
import { incomingSubjects, outgoingSubjects, replayChannels } from './history/replay-channels.ts';
import { takeSnapshot } from './history/snapshot.ts';
import { watchDatabase } from './history/watch-database.ts';
import { playPhases } from './phases.ts';
import { untilQuiet } from './until-idle.ts';
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
/** Of the quiet window, which has about four times as many. */
const minJudgedEvents = 1_000;

/**
 * Starts everything anew, lets load and faults loose on it, heals it, lets a rush loose on it, waits until all is done, and resolves with all
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
  const phases = { stage, seed, seconds, holdMs, log, signal };
  const { faults, quietWindow } = await playPhases({ ...phases, answers, poison });
  const healedAt = Date.now();

  log('the load is over; waiting until all is done…');
  const open = await untilQuiet({ broker, mongoUri, poison }, signal);
  if (open.length > 0) log(`still open: ${open.join(', ')}`);
  await stage.endServices();
  await watch.stop();

  return {
    settings: { seed, seconds, holdMs, gapTimeoutMs, healedAt, quietWindow, minJudgedEvents },
    ...{ answers, faults, outages, exits, poison },
    messages: await replayChannels(broker, [...incomingSubjects, ...outgoingSubjects]),
    ...(await takeSnapshot(mongoUri)),
  };
}
