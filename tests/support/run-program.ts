import { execFile } from 'node:child_process';

export interface Ended {
  exitCode: number;
  /** What it has printed, standard error included. */
  output: string;
}

/** Runs a Node program to its end; for ES modules, which Jest does not load. */
export async function runProgram(args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, { timeout: 60_000 }, (_error, stdout, stderr) =>
      resolve({ exitCode: child.exitCode ?? 1, output: stdout + stderr }),
    );
  });
}
