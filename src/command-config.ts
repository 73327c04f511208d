import { type Config, environment } from './config.ts';
import { withPeerPreset } from './peer-presets.ts';
import { readVariables, type Variables } from './platform/process/environment.ts';

/**
 * What the operators' commands need: the database alone.
 *
 * @throws BadConfig
 */
export function readDatabaseConfig(variables: Variables): Pick<Config, 'mongoUri'> {
  return { mongoUri: readVariables(environment.pick({ MONGO_URI: true }), variables).MONGO_URI };
}

/**
 * What a command needs that handles messages: what decides about them, as in the service.
 *
 * @throws BadConfig
 */
export function readMessageConfig(variables: Variables): Pick<Config, 'latePayment' | 'eventSpacingMs'> {
  const settings = environment.pick({ PEERS: true, LATE_PAYMENT: true, EVENT_SPACING_SECONDS: true });
  const values = readVariables(settings, withPeerPreset(variables));
  return { latePayment: values.LATE_PAYMENT, eventSpacingMs: values.EVENT_SPACING_SECONDS * 1_000 };
}

/**
 * What a command needs that publishes events: the names that the service gives to statuses, and its spacing.
 *
 * @throws BadConfig
 */
export function readEventConfig(variables: Variables): Pick<Config, 'statusNames' | 'eventSpacingMs'> {
  const settings = environment.pick({ PEERS: true, STATUS_NAMES: true, EVENT_SPACING_SECONDS: true });
  const { STATUS_NAMES, EVENT_SPACING_SECONDS } = readVariables(settings, withPeerPreset(variables));
  return {
    eventSpacingMs: EVENT_SPACING_SECONDS * 1_000,
    ...(STATUS_NAMES !== undefined && { statusNames: STATUS_NAMES }),
  };
}

/**
 * What a command needs that judges refunds.
 *
 * @throws BadConfig
 */
export function readRefundConfig(variables: Variables): Pick<Config, 'refundAlertMs'> {
  const { REFUND_ALERT_SECONDS } = readVariables(environment.pick({ REFUND_ALERT_SECONDS: true }), variables);
  return { refundAlertMs: REFUND_ALERT_SECONDS * 1_000 };
}
