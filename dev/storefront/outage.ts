import { sleep } from '../../src/platform/time/repeat.ts';
import type { ServerAddress } from '../embedded/embedded-server.ts';
import { errorMessage } from '../embedded/error-details.ts';
import type { ServerProcess } from '../embedded/server-process.ts';

/** Takes the broker away for a while. */
export interface Outage {
  /** Which broker it is, for people. */
  broker: string;
  /** Whether the demo has started the broker, and so can stop it. */
  isPossible: boolean;
  /** When the broker comes back, ISO 8601; undefined when there is no outage. */
  until(): string | undefined;
  /** Kills the broker and starts it again after `milliseconds`; a second call does not make an outage longer. */
  begin(milliseconds: number): void;
  stop(): Promise<void>;
}

export function createOutage({ server, description }: Pick<ServerAddress, 'server' | 'description'>): Outage {
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
    broker: description,
    isPossible: server !== undefined,
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
