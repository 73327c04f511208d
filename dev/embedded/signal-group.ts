import { errorCode } from './error-details.ts';

/** Sends a signal to the whole process group of `leader`; does nothing when the group has ended. */
export function signalGroup(leader: number | undefined, signal: NodeJS.Signals): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, signal);
  } catch (error) {
    // ESRCH: the group has ended, and Node has not reported it yet.
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}
