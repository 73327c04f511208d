import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from '../history/history.ts';
import type { LinkFault, LinkName, PlannedFault, ProcessName } from './schedule.ts';
import type { Heal, Link } from './toxiproxy.ts';

/** A process that faults are inflicted on, or those that have a role in a cluster at that time. */
export interface TargetProcess {
  kill(): Promise<unknown>;
  restart(): unknown;
  freeze(): unknown;
  resume(): unknown;
  /** Lets nothing through to it and from it, for servers of a cluster. */
  isolate?(): Promise<unknown>;
  rejoin?(): Promise<unknown>;
}

export interface Targets {
  processes: ReadonlyMap<ProcessName, TargetProcess>;
  links: ReadonlyMap<LinkName, Link>;
}

/**
 * Runs the schedule and ends every fault at its time, or at once when `signal` aborts. Resolves with the faults that
 * there really were.
 *
 * @throws when a server does not come back
 */
export async function runFaults(
  schedule: PlannedFault[],
  targets: Targets,
  signal: AbortSignal,
): Promise<Fault[]> {
  const done = await Promise.all(schedule.map((planned) => inflict(planned, targets, signal)));
  return done.flat();
}

async function inflict(planned: PlannedFault, targets: Targets, signal: AbortSignal): Promise<Fault[]> {
  await pause(planned.atMs, signal);
  if (signal.aborted) return [];
  const { kind, target, forMs } = planned;
  const startedAt = Date.now();
  const heal = await begin(planned, targets);
  await pause(forMs, signal);
  await heal();
  return [{ kind, target, startedAt, endedAt: Date.now() }];
}

/** Resolves with what ends the fault. */
async function begin(planned: PlannedFault, { processes, links }: Targets): Promise<() => unknown> {
  switch (planned.kind) {
    case 'kill': {
      const process = required(processes, planned.target);
      await process.kill();
      return () => process.restart();
    }
    case 'freeze': {
      const process = required(processes, planned.target);
      await process.freeze();
      return () => process.resume();
    }
    case 'partition': {
      const process = required(processes, planned.target);
      await process.isolate?.();
      return () => process.rejoin?.();
    }
    default: {
      return disturb(required(links, planned.target), planned);
    }
  }
}

function required<Name, Target>(targets: ReadonlyMap<Name, Target>, name: Name): Target {
  const target = targets.get(name);
  if (!target) throw new Error(`there is no ${String(name)} to disturb`);
  return target;
}

function disturb(link: Link, { kind, stream, latencyMs }: LinkFault): Promise<Heal> {
  switch (kind) {
    case 'cut':
      return link.cut();
    case 'reset':
      return link.poison({ type: 'reset_peer', attributes: { timeout: 0 } }, stream);
    case 'stall':
      return link.poison({ type: 'timeout', attributes: { timeout: 0 } }, stream);
    case 'slow':
      return link.poison(
        { type: 'latency', attributes: { latency: latencyMs, jitter: Math.round(latencyMs / 2) } },
        stream,
      );
  }
}

/** Ends early when the signal aborts; that is no failure here. */
async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await delay(milliseconds, undefined, { signal }).catch(() => undefined);
}
