import { readFile } from 'node:fs/promises';
import specs from '@asyncapi/specs';
import { Ajv, type SchemaObject } from 'ajv';
import { asyncapi, asyncapiYaml } from './document.ts';
import { received, sent } from './subjects.ts';

const document = JSON.parse(JSON.stringify(asyncapi())) as ReturnType<typeof asyncapi>;
const ajv = new Ajv({ validateFormats: false, allowUnionTypes: true });

test('When the contracts have changed, then the committed document has been made again', async () => {
  const committed = await readFile('docs/asyncapi.yaml', 'utf8');
  // Otherwise: npm run asyncapi
  expect(committed).toBe(asyncapiYaml());
});

test('When the document is held against the schema of AsyncAPI 3.0, then it is valid', () => {
  // It contains its own JSON Schema meta-schema.
  const published = new Ajv({ meta: false, validateSchema: false, strict: false, validateFormats: false });
  const validate = published.compile(specs.schemas['3.0.0'] as SchemaObject);
  validate(document);
  expect(validate.errors ?? []).toEqual([]);
});

test('When a reference is followed, then it leads somewhere', () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(
    ([, path]) => path ?? '',
  );
  expect(references.length).toBeGreaterThan(0);
  for (const path of references) {
    const target = path
      .split('/')
      .reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], document);
    expect({ path, found: target !== undefined }).toEqual({ path, found: true });
  }
});

test('When a subject is in the contract, then it is a channel, with its direction and the queue group', () => {
  const wanted = (action: string, contract: object) =>
    Object.keys(contract).map((address) => [
      action,
      address,
      action === 'receive' ? 'orders-service' : undefined,
    ]);
  const found = Object.entries(document.operations).map(([, { action, channel, bindings }]) => [
    action,
    document.channels[channel.$ref.replace('#/channels/', '')]?.address,
    bindings?.nats.queue,
  ]);
  expect(found).toEqual([...wanted('receive', received), ...wanted('send', sent)]);
});

test.each(Object.entries(document.components.messages))(
  'When %s has an example, then contract and document accept it, and reject it without any of its fields',
  (_, { name, payload, examples }) => {
    const contract = { ...received, ...sent }[name as keyof typeof received | keyof typeof sent];
    const example = examples[0]?.payload ?? {};
    const validity = (data: unknown) => [contract.safeParse(data).success, ajv.validate(payload, data)];
    expect(validity(example)).toEqual([true, true]);
    const optional = ['correlationId', 'replayed', 'orderId'];
    for (const field of Object.keys(example).filter((name) => !optional.includes(name))) {
      expect([field, ...validity({ ...example, [field]: undefined })]).toEqual([field, false, false]);
    }
  },
);
