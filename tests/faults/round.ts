import { type ClassicPeers, classicSettings, startClassicPeers } from './classic-peers.ts';
import type { History } from './history/history.ts';
import { emptyLists } from './history/history-file.ts';
import { incomingSubjects, outgoingSubjects, replayChannels } from './history/replay-channels.ts';
import { takeSnapshot } from './history/snapshot.ts';
import { watchDatabase } from './history/watch-database.ts';
import type { Options } from './options.ts';
import { runPhases } from './phases.ts';
import { type System, startSystem } from './system.ts';
import { untilIdle } from './until-idle.ts';

export interface RoundOptions extends Pick<Options, 'seed' | 'seconds' | 'broker' | 'peers'> {
  /** For the services' logs. */
  folder: string;
  log: (line: string) => void;
  /** Interrupts the round; everything is stopped all the same. */
  signal: AbortSignal;
}

/** Short, so that holds end and gaps are closed many times in a round. */
const holdMs = 3_000;
const gapTimeoutMs = 5_000;
/** Two extensions or three reach the limit. Classic peers know none. */
const extension = { extensionMs: 3_000, holdLimitMs: 8_000 };
/** How long JetStream keeps a message's id, written down once more: the service's own streams are under test. */
const duplicateWindowMs = 120_000;
/** Of the quiet window, which has about four times as many, and twice as many beside classic peers. */
const minJudgedEvents = { scripted: 1_000, classic: 500 };

/**
 * Starts every server and process, runs load and faults on them, then a peak load without faults, and waits until the
 * service is idle. Resolves with all that happened, or with undefined when the round was interrupted.
 *
 * @throws when the servers do not start or do not come back
 */
export async function runRound(options: RoundOptions): Promise<History | undefined> {
  const system = await startSystem({
    ...options,
    variables: {
      ORDER_HOLD_SECONDS: String(holdMs / 1_000),
      TICKET_GAP_TIMEOUT_SECONDS: String(gapTimeoutMs / 1_000),
      LOG_LEVEL: 'warn',
      SHUTDOWN_DELAY_SECONDS: '0',
      ...(options.peers ? { PEERS: options.peers } : extensionVariables),
    },
  });
  let peers: ClassicPeers | undefined;
  try {
    options.log(system.description);
    if (options.peers) peers = await startPeers(system, options);
    return await Promise.race([run({ system, peers }, options), interruption(options.signal)]);
  } finally {
    await peers?.stop();
    await system.stop();
  }
}

const extensionVariables = {
  ORDER_EXTENSION_SECONDS: String(extension.extensionMs / 1_000),
  ORDER_HOLD_LIMIT_SECONDS: String(extension.holdLimitMs / 1_000),
};

async function startPeers({ broker }: System, { log }: RoundOptions): Promise<ClassicPeers> {
  if (broker.clusterId === undefined) throw new Error('classic peers speak NATS Streaming alone');
  return startClassicPeers({ broker, log });
}

function interruption(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined));
  });
}

async function run(
  { system, peers }: { system: System; peers: ClassicPeers | undefined },
  { seed, seconds, broker: kind, log, signal }: RoundOptions,
): Promise<History> {
  const { answers, poison, commands } = emptyLists();
  const { exits, broker, mongoUri } = system;
  const watch = watchDatabase(mongoUri);
  const { outages } = watch;
  const phases = { system, classicPeers: peers, seed, seconds, holdMs, log, signal };
  const { faults, quietWindow } = await runPhases({ ...phases, answers, poison, commands });
  const healedAt = Date.now();

  log('the load is over; waiting until the service is idle…');
  const parts = { broker, mongoUri, poison };
  let open = await untilIdle(parts, signal);
  await peers?.untilIdle();
  // What they have done meanwhile reaches the service, too.
  if (peers) open = await untilIdle(parts, signal);
  const locks = (await peers?.locks()) ?? [];
  if (open.length > 0) log(`still open: ${open.join(', ')}`);
  await system.endServices();
  await watch.stop();

  return {
    settings: {
      ...{ seed, seconds, holdMs, gapTimeoutMs, healedAt, quietWindow },
      minJudgedEvents: minJudgedEvents[peers ? 'classic' : 'scripted'],
      ...(kind !== 'nats-streaming' && { duplicateWindowMs }),
      ...(peers ? { peers: classicSettings } : { extension }),
    },
    ...{ answers, faults, outages, exits, commands, poison, locks },
    messages: await replayChannels(broker, [...incomingSubjects, ...outgoingSubjects]),
    ...(await takeSnapshot(mongoUri)),
  };
}
