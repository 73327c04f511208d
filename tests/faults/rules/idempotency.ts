import type { Rule } from './rule.ts';

/** A buyer's key never makes two orders, and is always answered with the same one. */
export const keysMakeOneOrder: Rule = ({ answers, orders }) => {
  const placed = answers.flatMap(({ kind, userId, key, shown }) =>
    kind === 'place' && key !== undefined && shown ? [{ userId, key, id: shown.id }] : [],
  );
  const stored = orders.flatMap(({ userId, key, id }) => (key === undefined ? [] : [{ userId, key, id }]));
  const ordersOf = new Map<string, Set<string>>();
  for (const { userId, key, id } of [...placed, ...stored]) {
    const name = `${key} of buyer ${userId}`;
    ordersOf.set(name, (ordersOf.get(name) ?? new Set()).add(id));
  }
  const twice = [...ordersOf].filter(([, ids]) => ids.size > 1);
  return [
    ...twice.map(([name, ids]) => `key ${name} made ${ids.size} orders: ${[...ids].join(', ')}`),
    ...sharedWithoutKey(answers.filter(({ kind, key }) => kind === 'place' && key === undefined)),
  ];
};

function sharedWithoutKey(answers: { requestId: string; shown?: { id: string } }[]): string[] {
  const by = new Map<string, string>();
  return answers.flatMap(({ requestId, shown }) => {
    if (!shown) return [];
    const other = by.get(shown.id);
    by.set(shown.id, requestId);
    return other ? [`requests ${other} and ${requestId}, without a key, got one order: ${shown.id}`] : [];
  });
}
