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

const optional: Record<string, string[]> = {
  'ticket:created': ['userId'],
  'ticket:updated': ['userId', 'orderId'],
  'payment:created': ['stripeChargeId'],
  'payment:refunded': ['id'],
  'order:refund-required': ['stripeChargeId'],
};

test.each(Object.entries(document.components.messages))(
  'When %s has an example, then contract and document accept it, and reject it without any field that must be there',
  (_, { name, payload, examples }) => {
    const contract = { ...received, ...sent }[name as keyof typeof received | keyof typeof sent];
    const example = examples[0]?.payload ?? {};
    const validity = (data: unknown) => [contract.safeParse(data).success, ajv.validate(payload, data)];
    expect(validity(example)).toEqual([true, true]);
    for (const field of Object.keys(example)) {
      const isOptional = (optional[name] ?? ['correlationId']).includes(field);
      expect([field, ...validity({ ...example, [field]: undefined })]).toEqual([
        field,
        isOptional,
        isOptional,
      ]);
    }
  },
);

const orderId = '6b04db2da39c0fc557bdbfb7';
const ticket = { id: orderId, version: 1, title: 'Concert', price: 12 };

test.each([
  [
    'ticket-updated',
    { ...ticket, id: { $oid: orderId }, version: '1', price: '12.50', userId: 7, orderId: {} },
    true,
  ],
  ['ticket-updated', { ...ticket, price: { $numberDecimal: '12.50' } }, true],
  ['ticket-updated', { ...ticket, price: '12,50' }, false],
  ['ticket-updated', { ...ticket, version: '1.0' }, false],
  ['ticket-updated', { ...ticket, version: 0 }, false],
  ['ticket-updated', { ...ticket, version: '0' }, false],
  ['ticket-created', { ...ticket, version: '0' }, true],
  ['payment-created', { id: 7, orderId: { $oid: orderId }, stripeChargeId: null, stripeId: 8 }, true],
  ['payment-created', { id: { $oid: orderId }, orderId, chargeId: 'ch' }, true],
  ['payment-created', { id: { $oid: orderId, more: 1 }, orderId }, false],
  ['payment-created', { id: 'p', orderId, chargeId: {} }, false],
  ['payment-refunded', { orderId: { $oid: orderId }, paymentId: 7 }, true],
  ['payment-refunded', { id: {}, orderId, paymentId: { $oid: orderId } }, true],
  ['payment-refunded', { id: 're', orderId, paymentId: '' }, false],
  ['expiration-complete', { orderId: { $oid: orderId } }, true],
] as const)(
  'When a peer sends %s as %j, then contract and document agree on it: %s',
  (name, message, accepted) => {
    const { payload, name: subject } = document.components.messages[name] ?? {};
    const contract = received[subject as keyof typeof received];
    expect([contract.safeParse(message).success, ajv.validate(payload as SchemaObject, message)]).toEqual([
      accepted,
      accepted,
    ]);
  },
);
