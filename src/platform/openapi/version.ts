import { readFileSync } from 'node:fs';

/**
 * The release, as package.json names it. It stands above the source and above the build alike, in the image too.
 *
 * @throws when loaded where no package.json is
 */
export const version = (
  JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as { version: string }
).version;
