import { stringify } from 'yaml';
import type { z } from 'zod';
import { jsonSchemas } from '../../src/api-description/json-schema.ts';
import { version } from '../../src/api-description/version.ts';
import { queueGroup } from '../../src/messaging/broker.ts';
import { incoming, maxMessageBytes, outgoing } from '../../src/messaging/contracts.ts';
import { type SubjectDescription, subjects } from './subjects.ts';

const description = `What the orders service takes from the broker (NATS Streaming) and what it sends: JSON in UTF-8.

**At least once.** Every message may be delivered more than once. Each event that the service sends has an
\`eventId\` that stays the same, so that you can drop the ones that you have seen. An event is never lost once its
order change was answered; an operator may have past events sent again, marked \`replayed\`.

**Order.** The events of one order leave in the order of its \`version\`: each is acknowledged by the broker before
the next is sent. Over different subjects they may arrive otherwise; \`version\` tells. Between orders nothing is
promised. What the service receives may come in any order, too.

**What caused it.** \`correlationId\` is the \`X-Request-Id\` of the HTTP request that caused the event, where one did.

**Later versions** may add fields and take none away. Ignore what you do not know, as the service does.

**What cannot be understood**, a message of more than ${maxMessageBytes / 1024} kB included, is acknowledged, stops
nothing, and is kept for an operator as a dead letter.`;

/** The AsyncAPI 3.0 document of the events, made of the schemas that decide what a valid message is. */
export function asyncapi() {
  const received = Object.entries(incoming).map(([subject, schema]) => describe('receive', subject, schema));
  const sent = Object.entries(outgoing).map(([subject, schema]) => describe('send', subject, schema));
  const all = [...received, ...sent];
  return {
    asyncapi: '3.0.0',
    info: { title: 'Orders: events', version, description, license: { name: 'MIT' } },
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
        description: `The processes of the service share the messages: the durable belongs to the queue group \`${queueGroup}\`.`,
        bindings: { nats: { queue: queueGroup } },
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
  const head = '# Made by `npm run asyncapi` of src/messaging/contracts.ts and dev/asyncapi: change those.\n';
  return (
    head + stringify(asyncapi(), { lineWidth: 110, blockQuote: 'literal', aliasDuplicateObjects: false })
  );
}
