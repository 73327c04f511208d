import type { NatsStreamingAddress } from '../../dev/embedded/embedded-server.ts';
import { startNatsStreaming } from '../../dev/embedded/nats-streaming.ts';
import type { ServerProcess } from '../../dev/embedded/server-process.ts';
import { atEnd } from './at-end.ts';

export interface OwnBroker extends NatsStreamingAddress {
  /** To be killed, frozen and restarted. */
  server: ServerProcess;
}

/**
 * Starts a broker for this test file alone, which may do with it as it likes. It ends with the file.
 *
 * @param options.login the server's arguments that say whom it lets in
 */
export async function startOwnBroker(options: { login?: string[] } = {}): Promise<OwnBroker> {
  const { url, clusterId, server, stop } = await startNatsStreaming({ log: () => undefined, ...options });
  atEnd(stop);
  if (!server) throw new Error('this test kills its broker: unset NATS_URL and have one that runs here');
  return { url, clusterId, server };
}
