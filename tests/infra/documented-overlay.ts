import { parse } from 'yaml';
import { textOf } from './repository.ts';

/** A kustomization that docs/deploy.md shows, and the section in which it does. */
export interface DocumentedOverlay {
  section: string;
  kustomization: unknown;
}

/** The whole kustomizations of docs/deploy.md, to be laid among the overlays. */
export function documentedOverlays(): DocumentedOverlay[] {
  const sections = textOf('docs/deploy.md').split(/^## /m);
  return sections.flatMap((text) =>
    [...text.matchAll(/^```yaml\n(apiVersion: kustomize[\s\S]*?)^```/gm)].map(([, block = '']) => ({
      section: text.split('\n', 1)[0] ?? '',
      kustomization: parse(block),
    })),
  );
}
