import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { OperatorCommand } from '../history/history.ts';

export type Release = Pick<OperatorCommand, 'name' | 'orderIds' | 'ticketIds' | 'withdraws'>;

interface CommandDeps {
  /** The built command. */
  entry: string;
  mongoUri: string;
  /** Kills it. */
  signal: AbortSignal;
}

/** Runs `orders release` as an operator would, in a process of its own, until its end or until it is killed after `killAfterMs`. */
export async function runRelease(
  { entry, mongoUri, signal }: CommandDeps,
  release: Release,
  killAfterMs?: number,
): Promise<OperatorCommand> {
  const startedAt = Date.now();
  const child = spawn(process.execPath, [entry, ...argumentsOf(release)], {
    env: { PATH: process.env['PATH'], MONGO_URI: mongoUri },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
  const kill = () => child.kill('SIGKILL');
  const timer = killAfterMs === undefined ? undefined : setTimeout(kill, killAfterMs);
  signal.addEventListener('abort', kill);
  if (signal.aborted) kill();
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    const status = code ?? 'killed';
    return { ...release, startedAt, endedAt: Date.now(), status, released: releasedIn(printed) };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', kill);
  }
}

function argumentsOf({ name, orderIds, ticketIds, withdraws }: Release): string[] {
  const targets = ticketIds.length > 0 ? ['--ticket', ...ticketIds] : orderIds;
  const withdraw = withdraws ? ['--withdraw'] : [];
  return ['release', ...targets, ...withdraw, '--reason', name, '--yes', '--json'];
}

/** Of one that was killed the last line may be in parts. */
function releasedIn(printed: string): string[] {
  const lines = printed.split('\n').slice(0, -1);
  return lines
    .map((line) => JSON.parse(line) as { kind?: string; orderId?: string })
    .flatMap(({ kind, orderId }) => (kind === 'released' && orderId !== undefined ? [orderId] : []));
}
