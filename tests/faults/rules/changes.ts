import type { StoredOrder } from '../history/history.ts';
import type { Rule } from './rule.ts';

const allowed: Record<string, readonly string[]> = {
  pending: ['paid', 'cancelled', 'expired'],
  expired: ['paid'],
  paid: ['cancelled'],
};
/** Who may bring an order to `cancelled`. */
const cancelling: Record<string, readonly string[]> = {
  pending: ['buyer', 'operator'],
  paid: ['refund', 'operator'],
};

/** Each order went through its statuses as the contract allows, one version at a time, and its hold fits. */
export const changesAreAllowed: Rule = ({ orders }) =>
  orders.flatMap((order) => {
    const flaw = flawOf(order);
    return flaw ? [`order ${order.id} ${flaw}`] : [];
  });

function flawOf({ history, status, version, holdsTicket }: StoredOrder): string | undefined {
  if (history[0]?.status !== 'pending') return 'does not begin with pending';
  if (history.some((change, index) => change.version !== index)) return 'has a gap in its versions';
  if (history.at(-1)?.status !== status || history.length !== version + 1) {
    return `is ${status} at version ${version}, which its history does not say`;
  }
  const strange = history.find((change, index) => {
    const before = history[index - 1];
    if (!before) return false;
    if (!allowed[before.status]?.includes(change.status)) return true;
    return change.status === 'cancelled' && !cancelling[before.status]?.includes(change.cause);
  });
  if (strange) return `became ${strange.status} by ${strange.cause} in a way that is not allowed`;
  const holds = status === 'pending' || status === 'paid';
  return holds === holdsTicket
    ? undefined
    : `is ${status} and ${holdsTicket ? 'holds' : 'does not hold'} its ticket`;
}
