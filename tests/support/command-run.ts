import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { atEnd } from './at-end.ts';
import type { TestConfig } from './running-service.ts';

/** An operators' command that has ended, and what it has printed. */
export interface CommandRun {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** The arguments by which Node runs a command from its source. */
export function commandLine(command: string, ...args: string[]): string[] {
  return ['--import', 'tsx', `src/commands/${command}.ts`, ...args];
}

/** What a command reads from its environment that uses database and broker. */
export function commandVariables({ nats, mongoUri }: TestConfig): Record<string, string> {
  return { MONGO_URI: mongoUri, NATS_URL: nats.url, NATS_CLUSTER_ID: nats.clusterId };
}

/** Runs a command with nothing in its environment but what is given. Nothing else happens in this process meanwhile. */
export function runCommand(
  variables: Record<string, string>,
  command: string,
  ...args: string[]
): CommandRun {
  const { status, stdout, stderr } = spawnSync(process.execPath, commandLine(command, ...args), {
    env: { PATH: process.env['PATH'], ...variables },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return { status, stdout, stderr };
}

/** Runs a command whose output nobody reads, neither of its two. Resolves with its exit code. */
export async function runUnread(
  variables: Record<string, string>,
  command: string,
  ...args: string[]
): Promise<number | null> {
  const child = spawn(process.execPath, commandLine(command, ...args), {
    env: { PATH: process.env['PATH'], ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  atEnd(async () => void child.kill('SIGKILL'));
  child.stdout.destroy();
  child.stderr.destroy();
  const [status] = (await once(child, 'exit')) as [number | null];
  return status;
}

/** An operators' command as a process of its own. */
export interface RunningCommand {
  kill(signal: NodeJS.Signals): void;
  /** What it has printed so far, on standard output. */
  printed(): string;
  /** What it has printed so far, on standard error. */
  problems(): string;
  ended: Promise<CommandRun>;
}

/**
 * Starts a command with nothing in its environment but what is given; services in this process go on meanwhile. It is killed at
 * the end of the test file.
 */
export function startCommand(
  variables: Record<string, string>,
  command: string,
  ...args: string[]
): RunningCommand {
  const child = spawn(process.execPath, commandLine(command, ...args), {
    env: { PATH: process.env['PATH'], ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = once(child, 'close').then(([status]) => ({
    status: status as number | null,
    stdout,
    stderr,
  }));
  atEnd(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return {
    kill: (signal) => void child.kill(signal),
    printed: () => stdout,
    problems: () => stderr,
    ended,
  };
}
