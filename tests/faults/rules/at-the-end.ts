import type { Rule } from './rule.ts';

/** Nothing waits in an outbox. */
export const outboxesAreEmpty: Rule = ({ orders }) =>
  orders
    .filter(({ outbox }) => outbox.length > 0)
    .map(({ id, outbox }) => `order ${id} has unsent events: ${outbox.join(', ')}`);

/** No service process ended but by a signal, and a polite one was obeyed. */
export const processesLive: Rule = ({ exits }) =>
  exits.map(({ service, at, how }) => `${service} ended at ${new Date(at).toISOString()}: ${how}`);
