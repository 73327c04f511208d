import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { signalGroup } from './signal-group.ts';

const maxOutput = 8_000;

/** One run of a server program, from its start to its end. */
export interface ServerChild {
  readonly pid: number;
  /** Whether the line that `ready` matches has been printed. */
  isReady(): boolean;
  isAlive(): boolean;
  /** Resolves with how it ended: `exit code 1`, `SIGKILL`. */
  readonly ended: Promise<string>;
  /** The last 8,000 characters that it wrote to either stream. */
  output(): string;
  /** Signals its whole process group; does nothing when it has ended. */
  signal(signal: NodeJS.Signals): void;
}

/**
 * Starts a program in a process group of its own, so that a Ctrl-C in the terminal does not end the server before a
 * service that still needs it to shut down.
 *
 * @param ready matches the line that this process prints when it serves. A port that answers is not enough: another
 * server may have taken it.
 * @throws when the program cannot be started at all
 */
export async function spawnServer(
  command: string,
  args: string[],
  { folder, ready }: { folder: string; ready: RegExp },
): Promise<ServerChild> {
  const child = spawn(command, args, { cwd: folder, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let kept = '';
  let sawReady = false;
  let alive = true;
  const keep = (chunk: Buffer) => {
    kept = (kept + chunk.toString('utf8')).slice(-maxOutput);
    sawReady ||= ready.test(kept);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);

  const ended = new Promise<string>((resolve) => {
    // Not `exit`, which comes before the last output, and while processes that it started may still run.
    child.once('close', (code, signal) => {
      alive = false;
      resolve(signal ?? `exit code ${code}`);
    });
  });
  await once(child, 'spawn');
  const { pid } = child;
  if (pid === undefined) throw new Error(`${command} started without a process id`);

  return {
    pid,
    isReady: () => sawReady,
    isAlive: () => alive,
    ended,
    output: () => kept,
    signal(signal) {
      if (alive) signalGroup(pid, signal);
    },
  };
}
