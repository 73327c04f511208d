import { spawnSync } from 'node:child_process';
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
