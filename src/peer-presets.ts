import type { Logger } from 'pino';
import type { LatePaymentPolicy } from './orders/domain/order.ts';
import { ownStatusNames, type StatusNames } from './orders/domain/status-names.ts';
import type { ListSort } from './orders/use-cases/list-orders.ts';
import type { Variables } from './platform/process/environment.ts';

/**
 * What each value of `PEERS` stands for: settings as an operator would write them. docs/peers.md says for which services
 * each value is, and what every setting costs.
 */
const presets = {
  classic: {
    STATUS_NAMES: 'pending=created,paid=complete,expired=cancelled',
    // Their AckWait of 5 s, and a second.
    EVENT_SPACING_SECONDS: '6',
    LIST_SORT: 'createdAt',
  },
} as const satisfies Record<string, Variables>;

export type Peers = keyof typeof presets;

export const knownPeers = Object.keys(presets) as [Peers, ...Peers[]];

/**
 * Adds the settings that `PEERS` stands for, each where the variables have none of their own; an empty one counts as
 * missing. A value of `PEERS` that is not known adds nothing: the schema of the environment refuses it.
 */
export function withPeerPreset(variables: Variables): Variables {
  const peers = knownPeers.find((known) => known === variables['PEERS']);
  if (!peers) return variables;
  const own = Object.entries(variables).filter(([, value]) => value);
  return { ...presets[peers], ...Object.fromEntries(own) };
}

interface SettingsForPeers {
  peers?: Peers;
  statusNames?: StatusNames;
  eventSpacingMs: number;
  listSort: ListSort;
  latePayment: LatePaymentPolicy;
}

/** Logs, at the start beside other peers, which settings are in force, and what those peers do not do by themselves. */
export function logPeers(config: SettingsForPeers, log: Logger): void {
  const { peers, statusNames = ownStatusNames, eventSpacingMs, listSort, latePayment } = config;
  if (!peers) return;
  const spacingSeconds = eventSpacingMs / 1_000;
  log.info({ peers, statusNames, spacingSeconds, listSort, latePayment }, 'these settings are for the peers');
  log.warn(
    { peers },
    'nobody gives back the money that order:refund-required names until the payments service does: docs/peers.md has the recipe',
  );
}
