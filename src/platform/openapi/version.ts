import { readFileSync } from 'node:fs';

/**
 * The version in package.json, which is one folder above the source, above the build, and in the image.
 *
 * @throws when package.json is missing
 */
export const version = (
  JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as { version: string }
).version;
