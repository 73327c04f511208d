import { createServer } from 'node:net';
import { BadConfig, type Config, readConfig } from '../src/config.ts';

export interface Settings extends Pick<Config, 'port' | 'orderHoldMs'> {
  /** For the service; the servers' addresses are still missing. */
  variables: Record<string, string>;
  storefrontPort: number;
}

const defaultStorefrontPort = 8080;

/**
 * Reads what the service will read, before anything is started: the service itself is watched, and a watched program
 * that does not start is only waited for.
 *
 * @throws BadConfig, or an error that names the port when it cannot be had
 */
export async function readSettings(environment: NodeJS.ProcessEnv, jwtKey: string): Promise<Settings> {
  const variables = {
    NATS_CLIENT_ID: `orders-dev-${process.pid}`,
    JWT_KEY: jwtKey,
    SHUTDOWN_DELAY_SECONDS: '0',
    LOG_LEVEL: environment['LOG_LEVEL'] || 'warn',
  };
  const { port: wanted, orderHoldMs } = readConfig({
    ...environment,
    ...variables,
    MONGO_URI: 'mongodb://not-started-yet',
    NATS_URL: 'nats://not-started-yet',
    NATS_CLUSTER_ID: 'not-started-yet',
  });
  const storefrontWanted = readStorefrontPort(environment['STOREFRONT_PORT']);
  if (storefrontWanted !== 0 && storefrontWanted === wanted)
    throw new BadConfig(['STOREFRONT_PORT must be another one than PORT']);
  const port = await usablePort('PORT', wanted);
  return {
    port,
    storefrontPort: await usablePort('STOREFRONT_PORT', storefrontWanted),
    orderHoldMs,
    variables: { ...variables, PORT: String(port), ORDER_HOLD_SECONDS: String(orderHoldMs / 1_000) },
  };
}

function readStorefrontPort(value: string | undefined): number {
  const port = Number(value || defaultStorefrontPort);
  if (/^\d*$/.test(value ?? '') && port <= 65_535) return port;
  throw new BadConfig(['STOREFRONT_PORT must be a whole number from 0 to 65535']);
}

/** Whoever else answers there would be taken for the service. */
function usablePort(variable: string, wanted: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'is in use' : `cannot be used (${error.message})`;
      reject(new Error(`port ${wanted} ${why}: set ${variable} to another one`));
    });
    probe.listen(wanted, () => {
      const address = probe.address();
      const port = typeof address === 'object' && address ? address.port : wanted;
      probe.close(() => resolve(port));
    });
  });
}
