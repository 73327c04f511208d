import { sleep } from '../../src/platform/time/repeat.ts';
import { errorMessage } from '../embedded/error-facts.ts';
import type { ServerProcess } from '../embedded/server-process.ts';

/** Takes the broker away for a while. */
export interface Outage {
  /** Whether the broker is ours to stop. */
  possible: boolean;
  /** When the broker comes back, ISO 8601; absent while it is there. */
  until(): string | undefined;
  /** Kills the broker and starts it again after `milliseconds`; an outage under way is not made longer. */
  begin(milliseconds: number): void;
  stop(): Promise<void>;
}

export function createOutage(server: ServerProcess | undefined): Outage {
  const stopping = new AbortController();
  let until: string | undefined;
  let running = Promise.resolve();

  async function run(broker: ServerProcess, milliseconds: number): Promise<void> {
    try {
      await broker.kill('SIGKILL');
      await sleep(milliseconds, stopping.signal);
      if (!stopping.signal.aborted) await broker.restart();
    } catch (error) {
      console.error(`the broker did not come back: ${errorMessage(error)}`);
    } finally {
      until = undefined;
    }
  }

  return {
    possible: server !== undefined,
    until: () => until,
    begin(milliseconds) {
      if (!server || until) return;
      until = new Date(Date.now() + milliseconds).toISOString();
      running = run(server, milliseconds);
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
