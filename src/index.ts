import { once } from 'node:events';
import type { Logger } from 'pino';
import { BadConfig, type Config, readConfig } from './config.ts';
import { escapeControls } from './platform/logging/escape-controls.ts';
import { createLog } from './platform/logging/log.ts';
import { createLogDestination, type LogDestination } from './platform/logging/log-destination.ts';
import { shutdownSignal } from './process-signals.ts';
import { type Service, startService } from './service.ts';

/** How long the last lines of the log may take to whoever reads it: after the grace, so that it is no part of it. */
const lastLinesWithinMs = 250;

/** The process: reads the configuration, starts the service, and stops it on a signal. Resolves with the exit code. */
async function main(logDestination: LogDestination): Promise<number> {
  const config = readConfig(process.env);
  const log = createLog(config.logLevel, logDestination);
  const end = shutdownSignal();
  const service = await startService(config, { log, signal: end }).catch((error: unknown) => {
    if (!end.aborted) throw error;
    log.info({ reason: String(error) }, 'asked to end before it served');
    return undefined;
  });
  if (!service) return 0;
  if (!end.aborted) await once(end, 'abort');
  return stopInTime(service, config, log);
}

/** What is not finished in time was not answered or acknowledged either, or lies in an outbox: it comes again. */
async function stopInTime(service: Service, config: Config, log: Logger): Promise<number> {
  const { shutdownDelayMs, shutdownGraceMs } = config;
  log.info({ shutdownDelayMs, shutdownGraceMs }, 'stopping');
  const late = setTimeout(() => {
    log.error('not everything was finished in time');
    process.exit(1);
  }, shutdownDelayMs + shutdownGraceMs);
  try {
    await service.stop();
    log.info('stopped');
    return 0;
  } catch (error) {
    log.error({ err: error }, 'stopped, but not properly');
    return 1;
  } finally {
    clearTimeout(late);
  }
}

const logDestination = createLogDestination(process.stdout);

void main(logDestination)
  .catch((error: unknown) => {
    // Servers and peers may have put a part of it; its line breaks are meant.
    const text = error instanceof BadConfig ? error.message : `the service did not start: ${String(error)}`;
    console.error(text.split('\n').map(escapeControls).join('\n'));
    return 1;
  })
  .then(async (code) => {
    await logDestination.flush(lastLinesWithinMs);
    process.exit(code);
  });
