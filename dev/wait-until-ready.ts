import type { ChildProcess } from 'node:child_process';
import { waitUntil } from './wait-until.ts';

interface ReadyOptions {
  /** Where `/readyz` is. */
  url: string;
  child: ChildProcess;
  timeoutMs: number;
  everyMs: number;
  /** Reads the body of a 200; without it, every 200 counts. */
  isReady?: (body: string) => boolean;
}

/** Resolves once the process answers `/readyz`. @throws when it ends before, or does not answer in time */
export async function waitUntilReady(options: ReadyOptions): Promise<void> {
  const { url, child, timeoutMs, everyMs, isReady = () => true } = options;
  const hasEnded = () => child.exitCode !== null;
  const ready = async () => {
    const response = await fetch(`${url}/readyz`);
    return isReady(await response.text()) && response.ok;
  };
  const notReady = (cause: unknown) => new Error(`the process at ${url} did not become ready`, { cause });
  await waitUntil(async () => hasEnded() || (await ready()), { timeoutMs, everyMs, onTimeout: notReady });
  if (hasEnded()) throw notReady(`it ended with exit code ${child.exitCode}`);
}
