import { once } from 'node:events';
import { readConfig } from './config.ts';
import { escapeControls } from './platform/logging/escape-controls.ts';
import { createLog } from './platform/logging/log.ts';
import { createLogDestination, type LogDestination } from './platform/logging/log-destination.ts';
import { BadConfig } from './platform/process/environment.ts';
import { startService } from './service.ts';
import { lastLinesMs, shutdownSignal, stopWithinGrace } from './shutdown.ts';

/** The process: reads the configuration, starts the service, and stops it on a signal. Resolves with the exit code. */
async function main(logDestination: LogDestination): Promise<number> {
  const config = readConfig(process.env);
  const log = createLog(config.logLevel, logDestination);
  const signal = shutdownSignal();
  const service = await startService(config, { log, signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
    log.info({ reason: String(error) }, 'asked to end before it served');
    return undefined;
  });
  if (!service) return 0;
  if (!signal.aborted) await once(signal, 'abort');
  return stopWithinGrace(service, config, log);
}

const logDestination = createLogDestination(process.stdout);

void main(logDestination)
  .catch((error: unknown) => {
    // Parts of it may come from servers and peers, so controls are escaped; its line breaks are intended.
    const text = error instanceof BadConfig ? error.message : `the service did not start: ${String(error)}`;
    console.error(text.split('\n').map(escapeControls).join('\n'));
    return 1;
  })
  .then(async (code) => {
    await logDestination.flush(lastLinesMs);
    process.exit(code);
  });
