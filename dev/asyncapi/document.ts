import { stringify } from 'yaml';
import type { z } from 'zod';
import { ackWaitMs, queueGroup } from '../../src/messaging/broker.ts';
import { jsonSchemas } from '../../src/platform/openapi/json-schema.ts';
import { version } from '../../src/platform/openapi/version.ts';
import { introduction } from './introduction.ts';
import { received, type SubjectDescription, sent, subjects } from './subjects.ts';

/** The AsyncAPI 3.0 document of the events, generated from the schemas that validate the messages. */
export function asyncapi() {
  const all = [
    ...Object.entries(received).map(([subject, schema]) => describe('receive', subject, schema)),
    ...Object.entries(sent).map(([subject, schema]) => describe('send', subject, schema)),
  ];
  return {
    asyncapi: '3.0.0',
    info: { title: 'Orders: events', version, description: introduction, license: { name: 'MIT' } },
    defaultContentType: 'application/json',
    servers: {
      broker: {
        host: 'nats-srv:4222',
        protocol: 'nats',
        description: 'NATS Streaming. `NATS_URL` and `NATS_CLUSTER_ID` tell the service where it is.',
      },
    },
    channels: Object.fromEntries(all.map(({ name, channel }) => [name, channel])),
    operations: Object.fromEntries(
      all.map(({ name, operation }) => [`${operation.action}-${name}`, operation]),
    ),
    components: { messages: Object.fromEntries(all.map(({ name, message }) => [name, message])) },
  };
}

function describe(action: 'receive' | 'send', subject: string, schema: z.ZodType) {
  const { summary, description, example } = descriptionOf(subject);
  // A colon is not allowed in the names of components.
  const name = subject.replace(':', '-');
  return {
    name,
    channel: {
      address: subject,
      messages: { [name]: { $ref: `#/components/messages/${name}` } },
    },
    operation: {
      action,
      channel: { $ref: `#/channels/${name}` },
      messages: [{ $ref: `#/channels/${name}/messages/${name}` }],
      ...(action === 'receive' && {
        description:
          'The processes of the service share the messages. Publish until the broker has acknowledged: a message that ' +
          'comes again changes nothing.',
        bindings: { nats: { queue: queueGroup } },
        // AsyncAPI has no binding for what NATS Streaming adds to NATS.
        'x-nats-streaming': {
          durableName: queueGroup,
          manualAcknowledgement: true,
          ackWaitSeconds: ackWaitMs / 1_000,
          startAt: 'first',
        },
      }),
    },
    message: {
      name: subject,
      summary,
      description,
      payload: jsonSchemas().of(schema, 'input'),
      ...(action === 'send' && { correlationId: { location: '$message.payload#/correlationId' } }),
      examples: [{ payload: example }],
    },
  };
}

function descriptionOf(subject: string): SubjectDescription {
  const found = Object.entries(subjects).find(([name]) => name === subject);
  if (!found) throw new Error(`${subject} is described nowhere`);
  return found[1];
}

/** The document as it is committed. */
export function asyncapiYaml(): string {
  const head =
    '# Made by `npm run asyncapi` of the schemas in src/tickets, src/orders and dev/asyncapi: change those.\n';
  return (
    head + stringify(asyncapi(), { lineWidth: 110, blockQuote: 'literal', aliasDuplicateObjects: false })
  );
}
