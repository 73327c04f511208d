import type { Logger } from 'pino';
import type { Config } from './config.ts';
import { brokerName } from './connect-broker.ts';
import type { Broker } from './messaging/broker.ts';
import { replicaModel } from './messaging/replicas/replica-model.ts';
import { createReplicaStore } from './messaging/replicas/replica-store.ts';
import { reportReplica } from './messaging/replicas/report-replica.ts';
import type { createMetrics } from './metrics/metrics.ts';
import { eventDataBy } from './orders/domain/status-names.ts';
import type { OutboxStore } from './orders/store/outbox-store.ts';
import { leaveToSweep, type OutboxNotifier } from './outbox/outbox-notifier.ts';
import { createRelay, type Relay } from './outbox/relay.ts';
import { sweepLeaseName } from './outbox/sweep-lease.ts';
import { createLease } from './platform/mongo/lease-store.ts';
import type { Clock } from './platform/time/clock.ts';
import type { RetrySchedule } from './platform/time/retry-schedule.ts';
import type { Shutdown } from './shutdown.ts';
import type { startDatabase } from './start-database.ts';

export interface StartRelayDeps {
  config: Config;
  database: Pick<Awaited<ReturnType<typeof startDatabase>>, 'connection' | 'availability'>;
  broker: Broker;
  outboxes: OutboxStore;
  /** Outboxes that cannot be sent because of their content. */
  failing: RetrySchedule;
  metrics: ReturnType<typeof createMetrics>;
  clock: Clock;
  log: Logger;
  shutdown: Shutdown;
}

/**
 * Reports this replica to the operators, then starts what sends the events of all outboxes. With `BROKER_PAUSED` nothing is
 * started: what this replica writes is due at once, and waits for one that sends.
 *
 * @throws when the database does not store the report
 */
export async function startRelay(deps: StartRelayDeps): Promise<OutboxNotifier> {
  const { config, database, clock, log, shutdown } = deps;
  const paused = config.brokerPaused === true;
  const reporting = await reportReplica({
    replicas: createReplicaStore(replicaModel(database.connection)),
    ...{ broker: brokerName(config), paused, skipping: database.availability.skipping, log },
  });
  if (paused) {
    log.warn('BROKER_PAUSED is true: no event is sent, they wait in the database');
    shutdown.add('relay', reporting.stop);
    return leaveToSweep(clock);
  }
  const relay = createConfiguredRelay(deps);
  relay.start();
  shutdown.add('relay', async (finish) => {
    await relay.stop(finish);
    await reporting.stop();
  });
  return relay;
}

function createConfiguredRelay(deps: StartRelayDeps): Relay {
  const { config, database, broker, outboxes, failing, metrics, clock, log } = deps;
  return createRelay({
    ...{ outboxes, broker, clock, log, failing, onPublish: metrics.onPublish },
    toData: eventDataBy(config.statusNames),
    sweepLease: createLease(database.connection, sweepLeaseName),
  });
}
