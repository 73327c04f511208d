import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import type { Manifest } from './kustomization.ts';
import { textOf } from './repository.ts';

const sources = ['kubernetes', 'prometheus-operator', 'gateway-api'];
// The formats are Kubernetes' own (int32, byte): they say no more than the types beside them.
const ajv = new Ajv2020({ allErrors: true, strict: false, validateFormats: false });
for (const source of sources) {
  ajv.addSchema(JSON.parse(textOf(`tests/infra/schemas/${source}.json`)), source);
}

/** What is wrong with a manifest by the schema of its kind, one line each; a kind without a schema is wrong, too. */
export function schemaProblems(manifest: Manifest): string[] {
  const kind = `${manifest.apiVersion}/${manifest.kind}`;
  const definition = `#/$defs/${kind.replaceAll('/', '~1')}`;
  const schemas = sources.map((source) => ajv.getSchema(`${source}${definition}`));
  const validate = schemas.find((schema) => schema !== undefined);
  if (!validate) return [`${kind}: no schema in tests/infra/schemas`];
  validate(manifest);
  return (validate.errors ?? []).map((error) => `${kind} ${manifest.metadata.name}: ${problem(error)}`);
}

function problem({ instancePath, message, params }: ErrorObject): string {
  const field = params['additionalProperty'] ?? '';
  return `${instancePath} ${message} ${field}`.trim();
}
