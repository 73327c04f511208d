import { parse } from 'yaml';
import { textOf } from './repository.ts';

/** The kustomization that docs/deploy.md shows under "Your own overlay". @throws when it shows none */
export function ownOverlay(): unknown {
  const [, section = ''] = textOf('docs/deploy.md').split('\n## Your own overlay\n');
  const [, block] = /```yaml\n([\s\S]*?)```/.exec(section) ?? [];
  if (block === undefined) throw new Error('docs/deploy.md shows no overlay of one’s own');
  return parse(block);
}
