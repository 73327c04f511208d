import { createServer } from 'node:net';
import { type Config, readConfig } from '../src/config.ts';
import { BadConfig } from '../src/platform/process/environment.ts';
import { expectedVariables, readBroker } from './broker-setting.ts';
import type { BrokerKind } from './embedded/embedded-server.ts';

export interface Settings extends Pick<Config, 'port' | 'orderHoldMs' | 'peers'> {
  broker: BrokerKind;
  /** What the service and the storefront listen on. */
  listenAddress: string;
  storefrontPort: number;
  /** The service's environment, without the addresses of the servers. */
  variables: Record<string, string>;
}

const defaultStorefrontPort = '8080';

/** The key that signs the demo's sessions is public, so by default only this machine can connect. */
const defaultListenAddress = '127.0.0.1';

/**
 * Reads what the service will read, before anything is started: the service runs in watch mode, which waits for a change
 * when the program does not start.
 *
 * @param peers what the stand-ins are; the service is told the same
 * @throws BadConfig with every problem at once, or an error that names the port when it cannot be used
 */
export async function readSettings(
  environment: NodeJS.ProcessEnv,
  jwtKey: string,
  peers?: Settings['peers'],
): Promise<Settings> {
  const problems: string[] = [];
  const broker = collecting(problems, () => readBroker(environment, peers));
  const variables = {
    ...(peers && { PEERS: peers }),
    ...(broker === 'nats-streaming' && { NATS_CLIENT_ID: `orders-dev-${process.pid}` }),
    JWT_KEY: jwtKey,
    LISTEN_ADDRESS: environment['LISTEN_ADDRESS'] || defaultListenAddress,
    SHUTDOWN_DELAY_SECONDS: '0',
    LOG_LEVEL: environment['LOG_LEVEL'] || 'warn',
  };
  const config =
    broker &&
    collecting(problems, () =>
      readConfig({
        ...environment,
        ...variables,
        ...expectedVariables(broker, environment),
        MONGO_URI: 'mongodb://not-started-yet/orders',
      }),
    );
  const storefrontWanted = collecting(problems, () => readStorefrontPort(environment, config?.port));
  if (!config || storefrontWanted === undefined) throw new BadConfig(problems);

  const listenAddress = variables.LISTEN_ADDRESS;
  const port = await usablePort('PORT', { port: config.port, host: listenAddress });
  return {
    broker,
    port,
    listenAddress,
    storefrontPort: await usablePort('STOREFRONT_PORT', { port: storefrontWanted, host: listenAddress }),
    orderHoldMs: config.orderHoldMs,
    ...(peers && { peers }),
    variables: {
      ...variables,
      PORT: String(port),
      ORDER_HOLD_SECONDS: String(config.orderHoldMs / 1_000),
      ORDER_COOLDOWN_SECONDS: String(config.orderCooldownMs / 1_000),
      // As long as a hold, so that the shop has something to offer.
      ORDER_EXTENSION_SECONDS: environment['ORDER_EXTENSION_SECONDS'] || String(config.orderHoldMs / 1_000),
    },
  };
}

/** Collects the problems of one read and continues, so that the error names all of them. */
function collecting<Value>(problems: string[], read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof BadConfig)) throw error;
    problems.push(...error.problems);
    return undefined;
  }
}

/** @throws BadConfig */
function readStorefrontPort(environment: NodeJS.ProcessEnv, servicePort: number | undefined): number {
  const value = environment['STOREFRONT_PORT'] || defaultStorefrontPort;
  const port = Number(value);
  if (!/^\d{1,5}$/.test(value) || port > 65_535)
    throw new BadConfig(['STOREFRONT_PORT must be a whole number from 0 to 65535']);
  if (port !== 0 && port === servicePort)
    throw new BadConfig(['STOREFRONT_PORT must be another one than PORT']);
  return port;
}

/** Checks that the port is free: another server on it would be taken for the service. */
function usablePort(variable: string, wanted: { port: number; host: string }): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRNOTAVAIL')
        return reject(new BadConfig(['LISTEN_ADDRESS must be an IP address of this machine']));
      const why = error.code === 'EADDRINUSE' ? 'is in use' : `cannot be used (${error.message})`;
      reject(new Error(`port ${wanted.port} ${why}: set ${variable} to another one`));
    });
    probe.listen(wanted, () => {
      const address = probe.address();
      const port = typeof address === 'object' && address ? address.port : wanted.port;
      probe.close(() => resolve(port));
    });
  });
}
