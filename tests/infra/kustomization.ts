import { basename, join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { textOf } from './repository.ts';

/** One document for the API server. */
export type Manifest = z.infer<typeof manifestShape>;

const manifestShape = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }),
});

/** The part of kustomize that infra/k8s uses. Strict: a field that is not rendered here fails the tests. */
const kustomizationShape = z.strictObject({
  apiVersion: z.literal('kustomize.config.k8s.io/v1beta1'),
  kind: z.literal('Kustomization'),
  resources: z.array(z.string()),
  configMapGenerator: z.array(z.strictObject({ name: z.string(), files: z.array(z.string()) })).default([]),
  generatorOptions: z.strictObject({ disableNameSuffixHash: z.literal(true) }).optional(),
  images: z.array(z.strictObject({ name: z.string(), newTag: z.string() })).default([]),
  patches: z.array(z.strictObject({ path: z.string() })).default([]),
});

/**
 * Renders an overlay of infra/k8s as `kubectl kustomize` does, so that what is checked is what is applied, also where no
 * kubectl is at hand (npm has no kustomize). Where one is, kustomization.int.test.ts holds the two equal.
 *
 * @throws when a kustomization uses what is not rendered here, or a patch has no target
 */
export function renderOverlay(overlay: string): Manifest[] {
  return render(`infra/k8s/overlays/${overlay}`);
}

function render(folder: string): Manifest[] {
  const kustomization = kustomizationShape.parse(parse(textOf(join(folder, 'kustomization.yaml'))));
  const resources = kustomization.resources.flatMap((resource) =>
    resource.endsWith('.yaml') ? manifestsIn(join(folder, resource)) : render(join(folder, resource)),
  );
  const generated = kustomization.configMapGenerator.map(({ name, files }) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name },
    data: Object.fromEntries(files.map((file) => [basename(file), textOf(join(folder, file))])),
  }));
  const patches = kustomization.patches.flatMap(({ path }) => manifestsIn(join(folder, path)));
  const patched = patches.reduce(applied, [...resources, ...generated]);
  return patched.map((manifest) => manifestShape.parse(withTags(manifest, kustomization.images)));
}

/** The documents of a YAML file. @throws when it is no YAML, or a document is no manifest */
function manifestsIn(path: string): Manifest[] {
  return manifestsOf(textOf(path));
}

export function manifestsOf(yaml: string): Manifest[] {
  return parseAllDocuments(yaml).map((document) => {
    for (const error of document.errors) throw error;
    return manifestShape.parse(document.toJS());
  });
}

export function identityOf({ apiVersion, kind, metadata }: Manifest): string {
  return `${apiVersion}/${kind}/${metadata.name}`;
}

function applied(manifests: Manifest[], patch: Manifest): Manifest[] {
  const target = manifests.find((manifest) => identityOf(manifest) === identityOf(patch));
  if (!target) throw new Error(`nothing to patch: ${identityOf(patch)}`);
  const result = manifestShape.parse(merged(target, patch));
  return manifests.map((manifest) => (manifest === target ? result : manifest));
}

type Fields = Record<string, unknown>;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNamed(value: unknown): value is Fields & { name: string } {
  return isFields(value) && typeof value['name'] === 'string';
}

/**
 * A strategic merge: maps field by field, lists of named things (containers, variables) by name with
 * the patch's first, all else replaced.
 */
function merged(target: unknown, patch: unknown): unknown {
  if (patch === null) throw new Error('a patch that removes a field is not rendered here');
  if (isFields(target) && isFields(patch)) {
    const fields = Object.entries(patch).map(([name, value]) => [name, merged(target[name], value)]);
    return { ...target, ...Object.fromEntries(fields) };
  }
  if (!Array.isArray(target) || !Array.isArray(patch)) return patch;
  if (![...target, ...patch].every(isNamed)) return patch;
  const changed = patch.map((change) =>
    merged(target.find(({ name }) => name === change.name) ?? {}, change),
  );
  return [...changed, ...target.filter(({ name }) => !patch.some((change) => change.name === name))];
}

function withTags(value: unknown, images: { name: string; newTag: string }[]): unknown {
  if (Array.isArray(value)) return value.map((item) => withTags(item, images));
  if (!isFields(value)) return value;
  const fields = Object.entries(value).map(([name, field]) => [name, withTags(field, images)]);
  const image = images.find(({ name }) => name === value['image']);
  return { ...Object.fromEntries(fields), ...(image ? { image: `${image.name}:${image.newTag}` } : {}) };
}
