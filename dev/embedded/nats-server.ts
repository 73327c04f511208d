import { join } from 'node:path';
import type { EmbeddedBrokers, JetStreamAddress } from './embedded-server.ts';
import type { Log } from './first-available.ts';
import { natsServer } from './nats-binary.ts';
import { startNats } from './start-nats.ts';

const advice =
  'no NATS server with JetStream can be started: install go, docker or nats-server, or set JETSTREAM_URL';

export interface NatsServerOptions {
  log: Log;
  /** Further arguments of the server, such as those for authentication; without any, everybody may connect. */
  login?: string[];
}

/**
 * The server of `JETSTREAM_URL`, else one that is started here.
 *
 * @throws when no server can be had, with what to install
 */
export function startNatsServer({
  log,
  login = [],
}: NatsServerOptions): Promise<EmbeddedBrokers['jetstream']> {
  const url = process.env['JETSTREAM_URL'];
  if (url) {
    const description = 'the NATS server of JETSTREAM_URL';
    return Promise.resolve({ description, url, ...givenFiles(), stop: () => Promise.resolve() });
  }
  const args = (folder: string) => ['-js', '-sd', join(folder, 'jetstream'), ...login];
  return startNats(natsServer, { args, ready: /Server is ready/, advice, log });
}

/** What a server that is not started here may want of its clients. */
function givenFiles(): Pick<JetStreamAddress, 'credsFile' | 'caFile'> {
  const { JETSTREAM_CREDS_FILE: credsFile, JETSTREAM_CA_FILE: caFile } = process.env;
  return { ...(credsFile && { credsFile }), ...(caFile && { caFile }) };
}
