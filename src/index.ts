import pino from 'pino';
import { BadConfig, readConfig } from './config.ts';
import { startService } from './service.ts';

/** The process: reads the configuration, starts the service, and stops it on a signal. */
async function main(): Promise<void> {
  const config = readConfig(process.env);
  const log = pino({ level: config.logLevel });
  const starting = new AbortController();
  let wanted: (signal: NodeJS.Signals) => void = () => undefined;
  const signalled = new Promise<NodeJS.Signals>((resolve) => {
    wanted = resolve;
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      starting.abort();
      wanted(signal);
    });
  }

  const service = await startService(config, { log, signal: starting.signal });
  log.info({ signal: await signalled }, 'stopping');
  await service.stop();
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof BadConfig ? error.message : `the service did not start: ${String(error)}`);
    process.exit(1);
  },
);
