import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Answer, OperatorCommand } from '../history/history.ts';
import { type Random, randomFrom } from '../random.ts';
import { type Release, runRelease } from './release-command.ts';

export interface OperatorDeps {
  seed: number;
  /** How long there are faults, in seconds. */
  seconds: number;
  mongoUri: string;
  /** By these it knows of orders and tickets. */
  answers: readonly Answer[];
  /** Gets every run. */
  commands: OperatorCommand[];
  /** Kills the command that is running: the round is interrupted. */
  signal: AbortSignal;
}

/** The times of the withdrawals, as parts of the time with faults. */
const withdrawalsAt = [0.2, 0.6];
const pauseMs = { least: 4_000, most: 9_000 };
/** From these the operator chooses: young enough that some are pending, and some paid. */
const recentAnswers = 60;
/** A run with `--withdraw` takes half a minute. */
const killWithinMs = { release: 1_500, withdrawal: 20_000 };
const maxRuns = 20;

/**
 * Releases orders and tickets by command until `over` aborts, and twice takes some tickets from sale. A third of the commands
 * are killed in the middle; each is run again until it has done everything, also after the end of the load.
 */
export async function runOperator(parts: OperatorDeps, over: AbortSignal): Promise<void> {
  await Promise.all([
    releaseNowAndThen(parts, over),
    ...withdrawalsAt.map((part, index) => withdraw(parts, part * parts.seconds * 1_000, index + 1)),
  ]);
}

async function releaseNowAndThen(parts: OperatorDeps, over: AbortSignal): Promise<void> {
  const random = randomFrom(parts.seed, 'operator');
  for (let number = 1; !over.aborted; number++) {
    // The end of the load is no failure.
    await delay(random.between(pauseMs.least, pauseMs.most), undefined, { signal: over }).catch(
      () => undefined,
    );
    const chosen = choose(parts.answers, random, random.whole(1, 3));
    if (over.aborted || chosen.length === 0) continue;
    const isByTicket = random.chance(0.5);
    await runUntilDone(parts, random, {
      ...{ name: `release ${number}`, withdraws: false },
      orderIds: isByTicket ? [] : chosen.map(({ id }) => id),
      ticketIds: isByTicket ? [...new Set(chosen.map(({ ticketId }) => ticketId))] : [],
    });
  }
}

async function withdraw(parts: OperatorDeps, atMs: number, number: number): Promise<void> {
  const random = randomFrom(parts.seed, `withdrawal ${number}`);
  await delay(atMs, undefined, { signal: parts.signal }).catch(() => undefined);
  const ticketIds = [...new Set(choose(parts.answers, random, 4).map(({ ticketId }) => ticketId))];
  if (ticketIds.length === 0) return;
  await runUntilDone(parts, random, {
    name: `withdrawal ${number}`,
    withdraws: true,
    orderIds: [],
    ticketIds,
  });
}

/** Some of the orders that buyers were shown last. */
function choose(answers: readonly Answer[], random: Random, count: number) {
  const recent = answers.slice(-recentAnswers).flatMap(({ shown }) => shown ?? []);
  return random.shuffled([...new Map(recent.map((shown) => [shown.id, shown])).values()]).slice(0, count);
}

/** The database may be away for many runs; each begins again where the one before ended. */
async function runUntilDone(parts: OperatorDeps, random: Random, release: Release): Promise<void> {
  const { commands, signal } = parts;
  const entry = resolve('dist/commands/orders.js');
  const longest = killWithinMs[release.withdraws ? 'withdrawal' : 'release'];
  for (let run = 1; run <= maxRuns && !signal.aborted; run++) {
    const killAfterMs = random.chance(run === 1 && release.withdraws ? 0.7 : 0.3)
      ? random.between(300, longest)
      : undefined;
    const command = await runRelease({ ...parts, entry }, release, killAfterMs);
    commands.push(command);
    if (command.status === 0) return;
    // The end of the round is no failure.
    await delay(random.between(200, 2_000), undefined, { signal }).catch(() => undefined);
  }
}
