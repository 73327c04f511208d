import { startCommand } from './command-run.ts';

export interface LagRun {
  exitCode: number | null;
  lines: string[];
  problems: string;
}

/** Runs `broker` as an operator does, with this environment and nothing else. */
export async function runBroker(variables: Record<string, string>, ...args: string[]): Promise<LagRun> {
  const { status, stdout, stderr } = await startCommand(variables, 'broker', ...args).ended;
  return { exitCode: status, lines: stdout.split('\n').slice(0, -1), problems: stderr };
}
