/** They reach an object's prototype where a careless merge follows them. */
const prototypeKeys = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * The first key in a body or a query that is meant to be an operator of the database (`$gt`) or to reach a
 * prototype, wherever it lies and also as part of a path (`a[$gt]`, `a.__proto__`). No honest client sends one,
 * and a field that is ignored today may be read tomorrow.
 */
export function findHostileKey(value: unknown): string | undefined {
  // A list of what is still to be looked at: a body can be nested deeper than functions can be called.
  const rest: unknown[] = [value];
  while (rest.length > 0) {
    const next = rest.pop();
    if (typeof next !== 'object' || next === null) continue;
    for (const [key, inner] of Object.entries(next)) {
      if (isHostile(key)) return key;
      rest.push(inner);
    }
  }
  return undefined;
}

function isHostile(key: string): boolean {
  return key.split(/[.[\]]/).some((part) => part.startsWith('$') || prototypeKeys.has(part));
}
