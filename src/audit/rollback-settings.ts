/**
 * The settings since 0.1 that change what buyers, peers or other replicas see, each with the values with which it changes
 * nothing. Those that docs/deploy.md lists beside them concern a process alone, or do nothing by themselves.
 */
export const settingsSeenByOthers: Readonly<Record<string, readonly string[]>> = {
  LIST_SORT: ['-createdAt'],
  LATE_PAYMENT: ['hold_again'],
  EVENT_SPACING_SECONDS: ['0'],
  REFUND_ALERT_SECONDS: ['0'],
  ORDER_EXTENSION_SECONDS: ['0'],
  ORDER_COOLDOWN_SECONDS: ['0'],
  STATUS_NAMES: [],
  BROKER_PAUSED: ['false'],
  JETSTREAM_URL: [],
  PEERS: [],
};

/** Those that are on in an environment; an empty one counts as missing. */
export function settingsOn(variables: Record<string, string | undefined>): string[] {
  return Object.entries(settingsSeenByOthers).flatMap(([name, off]) => {
    const value = variables[name];
    return value === undefined || value === '' || off.includes(value) ? [] : [name];
  });
}
