import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The absolute path of a file or folder of the repository. */
export function pathOf(path: string): string {
  return join(__dirname, '..', '..', path);
}

/** The text of a file of the repository. @throws when it is not there */
export function textOf(path: string): string {
  return readFileSync(pathOf(path), 'utf8');
}
