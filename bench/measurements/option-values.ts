import { BadOptions, whole } from '../../dev/command-options.ts';

/** @throws BadOptions */
export function readInFlight(list: string): number[] {
  return list.split(',').map((count) => whole('in-flight', count.trim(), 1, 1_024));
}

/** @throws BadOptions */
export function readSizes(list: string): number[] {
  const sizes = list.split(',').map((size) => whole('orders', size.trim(), 100, 10_000_000));
  const rising = sizes.every((size, index) => index === 0 || size > (sizes[index - 1] ?? 0));
  if (!rising) throw new BadOptions(`--orders must rise, not ${JSON.stringify(list)}`);
  return sizes;
}

/** @throws BadOptions */
export function readSettings(given: string[]): Record<string, string> {
  return Object.fromEntries(
    given.map((setting) => {
      const [, name, value = ''] = /^([A-Z][A-Z0-9_]*)=(.*)$/.exec(setting) ?? [];
      if (name !== undefined) return [name, value];
      throw new BadOptions(`--with must be NAME=VALUE, not ${JSON.stringify(setting)}`);
    }),
  );
}
