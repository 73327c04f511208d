import { execFile } from 'node:child_process';

export interface LagRun {
  exitCode: number;
  lines: string[];
  problems: string;
}

/** Runs `broker` as an operator does, with this environment and nothing else. */
export function runBroker(variables: Record<string, string>, ...args: string[]): Promise<LagRun> {
  const command = ['--import', 'tsx', 'src/commands/broker.ts', ...args];
  const env = { PATH: process.env['PATH'], ...variables };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, command, { env, timeout: 60_000 }, (_error, stdout, problems) =>
      resolve({ exitCode: child.exitCode ?? -1, lines: stdout.split('\n').slice(0, -1), problems }),
    );
  });
}
