// Writes gateway-api.json: the schema of the HTTPRoute, out of the Go module of the Gateway API.
//
//   go mod download -json sigs.k8s.io/gateway-api@v1.1.0      # its "Dir" is the argument
//   node tests/infra/schemas/vendor-gateway-schemas.mjs "$(go env GOMODCACHE)/sigs.k8s.io/gateway-api@v1.1.0"
//   npx biome check --write tests/infra/schemas
//
// Left out: descriptions, and the rules in CEL that JSON Schema cannot say. Unknown fields are refused, which an API
// server would drop without a word.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const [folder] = process.argv.slice(2);
if (!folder) throw new Error('usage: vendor-gateway-schemas.mjs <folder of the Go module>');
const [, release] = folder.split('@');
const path = join(folder, 'config/crd/standard/gateway.networking.k8s.io_httproutes.yaml');
const { spec } = parse(readFileSync(path, 'utf8'));
const { schema } = spec.versions.find(({ name }) => name === 'v1');

/** A property may be called "description", too; then its value is a schema, not a text. */
function lean(node) {
  if (Array.isArray(node)) return node.map(lean);
  if (typeof node !== 'object' || node === null) return node;
  const kept = Object.entries(node).filter(
    ([key, value]) =>
      !(key === 'description' && typeof value === 'string') && !key.startsWith('x-kubernetes-'),
  );
  const fields = Object.fromEntries(kept.map(([key, value]) => [key, lean(value)]));
  return node.type === 'object' && node.properties ? { ...fields, additionalProperties: false } : fields;
}

const { properties, ...route } = lean(schema.openAPIV3Schema);
const metadata = { $ref: 'kubernetes#/$defs/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' };
// The controller writes the status.
const { status: _, ...written } = properties;
const document = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $comment: `Gateway API ${release} (Apache License 2.0); written by vendor-gateway-schemas.mjs`,
  $defs: {
    'gateway.networking.k8s.io/v1/HTTPRoute': { ...route, properties: { ...written, metadata } },
  },
};
writeFileSync(join(import.meta.dirname, 'gateway-api.json'), `${JSON.stringify(document, null, 2)}\n`);
