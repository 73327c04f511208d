import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { atEnd } from './at-end.ts';

/** A command of the operators, as a process. */
export interface RunningCommand {
  kill(signal: NodeJS.Signals): void;
  /** What it has printed so far, on standard output. */
  printed(): string;
  ended: Promise<{ status: number | null; stdout: string; stderr: string }>;
}

/** Starts `orders` on a database, with nothing in its environment but what is given. It is killed at the end of the test file. */
export function startOrdersCommand(variables: Record<string, string>, ...args: string[]): RunningCommand {
  return startCommand('orders', variables, args);
}

function startCommand(
  command: 'orders' | 'refunds',
  variables: Record<string, string>,
  args: string[],
): RunningCommand {
  const child = spawn(process.execPath, ['--import', 'tsx', `src/commands/${command}.ts`, ...args], {
    env: { PATH: process.env['PATH'], ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = once(child, 'close').then(([code]) => ({ status: code as number | null, stdout, stderr }));
  atEnd(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return { kill: (signal) => void child.kill(signal), printed: () => stdout, ended };
}

/** Runs it to its end. Beside services of the same process: these go on meanwhile. */
export function runOrders(mongoUri: string, ...args: string[]): RunningCommand['ended'] {
  return startOrdersCommand({ MONGO_URI: mongoUri }, ...args).ended;
}

/** The same of `refunds`. */
export function runRefunds(mongoUri: string, ...args: string[]): RunningCommand['ended'] {
  return startCommand('refunds', { MONGO_URI: mongoUri }, args).ended;
}
