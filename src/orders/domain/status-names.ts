import { type OrderStatus, orderStatuses } from './order.ts';

/** What each status is called outside: in events and in answers. Everything that is stored has our own words. */
export type StatusNames = Readonly<Record<OrderStatus, string>>;

/** Every status by our own word. */
export const ownStatusNames: StatusNames = {
  pending: 'pending',
  paid: 'paid',
  cancelled: 'cancelled',
  expired: 'expired',
};

const namePattern = /^[\w:.-]{1,64}$/;

/** The two ways to let a ticket go. Peers that know only one of them are the reason why these may share a name. */
const mayShare: readonly string[] = ['cancelled', 'expired'];

/**
 * Reads names such as `pending=created,expired=cancelled`; a status that is left out keeps our word. Returns every
 * problem, with what would be right, in words that follow the name of the setting.
 */
export function readStatusNames(text: string): { value: StatusNames } | { problems: string[] } {
  const entries = text.split(',').map((entry) => entry.split('=').map((part) => part.trim()));
  const given = new Map(entries.map(([status = '', name = '']) => [status, name]));
  const seen = new Set<string>();
  const problems: string[] = [];
  const names: Record<OrderStatus, string> = { ...ownStatusNames };
  for (const entry of entries) {
    const problem = problemOf(entry, given, seen);
    const [status = '', name = ''] = entry;
    if (problem !== undefined) problems.push(problem);
    else if (isStatus(status)) names[status] = name;
    seen.add(status);
  }
  problems.push(...problemsOfSharing(names));
  return problems.length > 0 ? { problems } : { value: names };
}

function problemOf(
  entry: string[],
  given: ReadonlyMap<string, string>,
  seen: ReadonlySet<string>,
): string | undefined {
  const [status = '', name = ''] = entry;
  if (entry.length !== 2 || status === '')
    return `has "${entry.join('=')}" where a status and its name belong, such as pending=created`;
  if (!isStatus(status))
    return `has no status ${status} to name: the statuses are ${orderStatuses.join(', ')}`;
  if (seen.has(status)) return `names ${status} twice: give it one name`;
  if (!namePattern.test(name))
    return `gives ${status} the name "${name}": it must be 1 to 64 letters, digits or : . _ -`;
  const isOfAnother = isStatus(name) && name !== status;
  // Not in exchange: each word would mean the other's status.
  const isAllowed = mayShare.includes(status) && mayShare.includes(name) && given.get(name) !== status;
  if (isOfAnother && !isAllowed)
    return `gives ${status} the name ${name}, which is our own word for another status: only expired=cancelled or cancelled=expired may be so`;
  return undefined;
}

function problemsOfSharing(names: StatusNames): string[] {
  return outsideNames(names).flatMap((name) => {
    const sharing = statusesNamed(names, name);
    if (sharing.length < 2 || sharing.every((status) => mayShare.includes(status))) return [];
    return [`gives ${sharing.join(', ')} one name, ${name}: only cancelled and expired may share one`];
  });
}

function isStatus(word: unknown): word is OrderStatus {
  return (orderStatuses as readonly unknown[]).includes(word);
}

/** The names that clients and peers know, each once. */
export function outsideNames(names: StatusNames): string[] {
  return [...new Set(orderStatuses.map((status) => names[status]))];
}

/** The statuses that an outside name stands for: one, two where it is shared, none where it is unknown. */
export function statusesNamed(names: StatusNames, name: string): OrderStatus[] {
  return orderStatuses.filter((status) => names[status] === name);
}

/**
 * What is published as the data of an event: its status by the outside name, everything else as it is. A status that is
 * none of ours stays, too: a newer version of the service may have written the event.
 */
export function eventDataBy(names: StatusNames = ownStatusNames): (event: { data: object }) => object {
  if (orderStatuses.every((status) => names[status] === status)) return ({ data }) => data;
  return ({ data }) =>
    'status' in data && isStatus(data.status) ? { ...data, status: names[data.status] } : data;
}
