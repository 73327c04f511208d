import { errorMessage } from './error-details.ts';

/** Called with one line about something that takes a while, or that the developer should know. */
export type Log = (line: string) => void;

/** Thrown by a source that is not there (not installed, not set). This is expected, so it is not logged. */
export class Unavailable extends Error {}

/** One way to get a server. */
export interface Source<Server> {
  name: string;
  start(): Promise<Server>;
}

/**
 * Tries the sources in their order and resolves with the first server that starts. A source that is there and fails is
 * logged.
 *
 * @param advice what to install, the last line of the error
 * @throws when none works, with every source's reason
 */
export async function firstAvailable<Server>(
  sources: Source<Server>[],
  { log, advice }: { log: Log; advice: string },
): Promise<Server> {
  const reasons: string[] = [];
  for (const { name, start } of sources) {
    try {
      return await start();
    } catch (error) {
      const reason = errorMessage(error);
      reasons.push(`- ${name}: ${reason}`);
      if (!(error instanceof Unavailable)) log(`${name} cannot be used, trying the next: ${reason}`);
    }
  }
  throw new Error([advice, ...reasons].join('\n'));
}
