/** What `npm run test:mutants` leaves alone in the files that it changes. */

/** Texts for readers: what is given to Zod's `meta` and `describe`, by `id` and `time` of order-view.ts too. */
function isDescription(path) {
  if (path.listKey !== 'arguments') return false;
  const { callee } = path.parent;
  return /^(meta|describe)$/.test(callee.property?.name) || callee.name === 'id' || callee.name === 'time';
}

/** Schemas and indexes: the database gives them their meaning, so their tests run against one. */
function isStoredShape(path) {
  if (path.isNewExpression()) return path.node.callee.name === 'Schema';
  return path.isVariableDeclarator() && /^required$|Index(es)?$/.test(path.node.id.name ?? '');
}

const ignorer = (name, ignores, reason) => ({
  kind: 'Ignore',
  name,
  value: { shouldIgnore: (path) => (ignores(path) ? reason : undefined) },
});

export const strykerPlugins = [
  ignorer('descriptions', isDescription, 'a text for the readers of the API description'),
  ignorer('stored-shapes', isStoredShape, 'tested against a database'),
];
