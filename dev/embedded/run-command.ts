import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { errorMessage } from './error-details.ts';

const execute = promisify(execFile);

/**
 * Runs a program to its end and resolves with what it printed on its standard output.
 *
 * @param timeoutMs after which it is killed
 * @throws when it fails; the end of its error output is in the message
 */
export async function runCommand(
  command: string,
  args: string[],
  { timeoutMs, env = {} }: { timeoutMs: number; env?: Record<string, string> },
): Promise<string> {
  try {
    const { stdout } = await execute(command, args, {
      timeout: timeoutMs,
      env: { ...process.env, ...env },
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout;
  } catch (error) {
    // The message repeats the whole command line and all that was printed.
    throw new Error(`${command} failed: ${errorMessage(error).trim().slice(-2_000)}`, { cause: error });
  }
}

/** The full path of a program on the PATH, `undefined` when it is not there. */
export async function findProgram(name: string): Promise<string | undefined> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    if (folder === '') continue;
    const path = join(folder, name);
    if (await isExecutable(path)) return path;
  }
  return undefined;
}

function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    // Not there, or not allowed: either way not a program to start.
    () => false,
  );
}
