import { basename, join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { textOf } from './repository.ts';
import { isFields, merged, replaced } from './strategic-merge.ts';

/** One document for the API server. */
export type Manifest = z.infer<typeof manifestShape>;

const manifestShape = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }),
});

const patchShape = z.union([
  z.strictObject({ path: z.string() }),
  z.strictObject({
    target: z.strictObject({ kind: z.string().optional(), name: z.string().optional() }).optional(),
    patch: z.string(),
  }),
]);
type Patch = z.infer<typeof patchShape>;

const jsonPatch = z.array(z.strictObject({ op: z.literal('replace'), path: z.string(), value: z.unknown() }));

/** The part of kustomize that infra/k8s uses. Strict: a field that is not rendered here fails the tests. */
const kustomizationShape = z.strictObject({
  apiVersion: z.enum(['kustomize.config.k8s.io/v1beta1', 'kustomize.config.k8s.io/v1alpha1']),
  kind: z.enum(['Kustomization', 'Component']),
  resources: z.array(z.string()).default([]),
  components: z.array(z.string()).default([]),
  configMapGenerator: z.array(z.strictObject({ name: z.string(), files: z.array(z.string()) })).default([]),
  generatorOptions: z.strictObject({ disableNameSuffixHash: z.literal(true) }).optional(),
  images: z
    .array(
      z.strictObject({ name: z.string(), newName: z.string().optional(), newTag: z.string().optional() }),
    )
    .default([]),
  patches: z.array(patchShape).default([]),
});

/**
 * Renders an overlay of infra/k8s as `kubectl kustomize` does, with components on top of it, so that what is checked is
 * what is applied, also where no kubectl is at hand (npm has no kustomize). Where one is, kustomization.int.test.ts holds
 * the two equal.
 *
 * @throws when a kustomization uses what is not rendered here, or a patch has no target
 */
export function renderOverlay(overlay: string, components: readonly string[] = []): Manifest[] {
  const onTop = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: [`../${overlay}`],
    components: components.map((component) => `../../components/${component}`),
  };
  return renderKustomization(onTop, 'infra/k8s/overlays/on-top');
}

/** Renders a kustomization that lies, or could lie, in that folder. @throws as `renderOverlay` */
export function renderKustomization(kustomization: unknown, folder: string): Manifest[] {
  return rendered(kustomizationShape.parse(kustomization), folder, []);
}

function renderFolder(folder: string, given: Manifest[]): Manifest[] {
  const read = kustomizationShape.parse(parse(textOf(join(folder, 'kustomization.yaml'))));
  return rendered(read, folder, given);
}

/** A component changes what it is given; anything else begins with nothing. */
function rendered(
  { resources, components, configMapGenerator, images, patches }: z.infer<typeof kustomizationShape>,
  folder: string,
  given: Manifest[],
): Manifest[] {
  const own = resources.flatMap((resource) =>
    resource.endsWith('.yaml')
      ? manifestsIn(join(folder, resource))
      : renderFolder(join(folder, resource), []),
  );
  const generated = configMapGenerator.map(({ name, files }) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name },
    data: Object.fromEntries(files.map((file) => [basename(file), textOf(join(folder, file))])),
  }));
  const changed = components.reduce(
    (manifests, component) => renderFolder(join(folder, component), manifests),
    [...given, ...own, ...generated],
  );
  const patched = patches.reduce((manifests, patch) => withPatch(manifests, patch, folder), changed);
  return patched.map((manifest) => manifestShape.parse(withImages(manifest, images)));
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

function withPatch(manifests: Manifest[], patch: Patch, folder: string): Manifest[] {
  if ('path' in patch) return manifestsIn(join(folder, patch.path)).reduce(applied, manifests);
  const { target } = patch;
  if (!target) return manifestsOf(patch.patch).reduce(applied, manifests);
  const isTarget = ({ kind, metadata }: Manifest) =>
    new RegExp(`^(${target.kind ?? '.*'})$`).test(kind) &&
    new RegExp(`^(${target.name ?? '.*'})$`).test(metadata.name);
  // None at all is no error to kustomize.
  return manifests.flatMap((manifest) =>
    isTarget(manifest) ? changedBy(manifest, parse(patch.patch)) : [manifest],
  );
}

function applied(manifests: Manifest[], patch: Manifest): Manifest[] {
  const target = manifests.find((manifest) => identityOf(manifest) === identityOf(patch));
  if (!target) throw new Error(`nothing to patch: ${identityOf(patch)}`);
  return manifests.flatMap((manifest) => (manifest === target ? changedBy(target, patch) : [manifest]));
}

function changedBy(manifest: Manifest, patch: unknown): Manifest[] {
  if (Array.isArray(patch)) return [manifestShape.parse(replaced(manifest, jsonPatch.parse(patch)))];
  if (isFields(patch) && patch['$patch'] === 'delete') return [];
  return [manifestShape.parse(merged(manifest, patch))];
}

function withImages(value: unknown, images: z.infer<typeof kustomizationShape>['images']): unknown {
  if (Array.isArray(value)) return value.map((item) => withImages(item, images));
  if (!isFields(value)) return value;
  const fields = Object.entries(value).map(([name, field]) => [name, withImages(field, images)]);
  const [name, tag] = String(value['image']).split(':');
  const change = images.find((image) => image.name === name);
  const image = change && `${change.newName ?? name}:${change.newTag ?? tag}`;
  return { ...Object.fromEntries(fields), ...(image && { image }) };
}
