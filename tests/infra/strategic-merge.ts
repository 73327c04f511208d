type Fields = Record<string, unknown>;

/** Whether the value is an object with fields. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNamed(value: unknown): value is Fields & { name: string } {
  return isFields(value) && typeof value['name'] === 'string';
}

/**
 * A strategic merge as kustomize does it: maps field by field, lists of named things (containers, variables) by name with
 * the patch's first, all else replaced; a field that is null in the patch is removed, and so is a named thing with
 * `$patch: delete`.
 *
 * https://kubectl.docs.kubernetes.io/references/kustomize/glossary/#patchstrategicmerge
 */
export function merged(target: unknown, patch: unknown): unknown {
  if (isFields(patch)) return mergedFields(isFields(target) ? target : {}, patch);
  if (!Array.isArray(target) || !Array.isArray(patch)) return patch;
  if (![...target, ...patch].every(isNamed)) return patch;
  const changed = patch
    .filter((change) => change['$patch'] !== 'delete')
    .map((change) => {
      const named = target.find(({ name }) => name === change.name);
      return merged(named, change);
    });
  return [...changed, ...target.filter(({ name }) => !patch.some((change) => change.name === name))];
}

function mergedFields(target: Fields, patch: Fields): Fields {
  const removed = Object.keys(patch).filter((name) => patch[name] === null);
  const kept = Object.entries(target).filter(([name]) => !removed.includes(name));
  const changed = Object.entries(patch)
    .filter(([name]) => !removed.includes(name))
    .map(([name, value]) => [name, merged(target[name], value)]);
  return { ...Object.fromEntries(kept), ...Object.fromEntries(changed) };
}

/** One step of a JSON patch. Only `replace` is written in infra/k8s and its documents. */
export interface Replacement {
  op: 'replace';
  path: string;
  value: unknown;
}

/**
 * A JSON patch (RFC 6902) of replacements.
 *
 * @throws when there is nothing at a path, as the RFC wants
 */
export function replaced(target: unknown, replacements: readonly Replacement[]): unknown {
  const result = structuredClone(target);
  for (const { path, value } of replacements) {
    const keys = path
      .split('/')
      .slice(1)
      .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
    const [last = '', ...before] = keys.reverse();
    let parent: unknown = result;
    for (const key of before.reverse()) parent = (parent as Fields | undefined)?.[key];
    if (typeof parent !== 'object' || parent === null || !(last in parent))
      throw new Error(`nothing to replace at ${path}`);
    (parent as Fields)[last] = value;
  }
  return result;
}
