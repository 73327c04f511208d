import { ackWaitMs } from '../../src/messaging/broker.ts';
import { maxMessageBytes } from '../../src/messaging/listener.ts';

/** The introduction of the document, for peers. */
export const introduction = `What the orders service takes from the broker (NATS Streaming) and what it sends: JSON in UTF-8.

**Subscribe** to what the service sends so that nothing is missed and no two processes of yours work on one message:

- in a queue group with a durable, both named after your service and the same in all of its processes (as this service's
  are \`orders-service\`); the client ID is each live process's own, for example the name of its pod;
- from the first message on (deliver all available). It counts for the very first subscription: from then on the durable
  knows what is acknowledged;
- with manual acknowledgement, after your own write is stored. What is not acknowledged within AckWait
  (${ackWaitMs / 1_000} s here; longer than you ever need for one) is delivered again. Acknowledge what you cannot understand,
  too, and keep it aside: it will not be better the next time, and it uses up what may be in flight;
- and close the subscription when you stop. Unsubscribing removes the durable, with what it knows.

**Again.** Every message may be delivered more than once, by the broker or because a process ended between sending and
noting it. Each event that the service sends has an \`eventId\` that stays the same: keep the ids that you have dealt with, in
the same write as what you make of the event, and drop what comes again. An operator can have past events sent again, after
the broker has lost its store for example: they are marked \`replayed\`, may be days old, and have the \`eventId\` that they
had.

**Late, and in another order.** An event is never lost once its order change was answered, but it waits while the broker is
away: \`expiresAt\` may be over when \`order:created\` comes. The events of one order leave in the order of its \`version\`, each
after the broker has acknowledged the one before. Over different subjects they arrive in any order all the same, so

- keep of each order (\`id\`) the highest \`version\`, and take what has a lower one for old: \`order:created\` may come after the
  \`order:cancelled\` or \`order:paid\` of its order, and must not bring it back;
- \`order:paid\` may follow an \`order:cancelled\` that says \`expired\`: a late payment was in time all the same;
- \`order:cancelled\` may follow an \`order:paid\`: its payment was given back, or the seller has taken the ticket back;
- \`order:created\` of the next order of a ticket may come before \`order:cancelled\` of the last one: unlock only a ticket that
  you have locked for this very order;
- \`order:hold-extended\` has no version: of an order's \`expiresAt\`, its \`order:created\` included, the latest counts;
- \`order:refund-required\` has no version and may come at any time, once for each \`paymentId\`.

Between orders nothing is promised. What the service receives may come again and in any order, too.

**Statuses** are called here as the service calls them by itself. Where it is set to other names (\`STATUS_NAMES\`, or
\`PEERS=classic\`, which means \`pending=created,paid=complete,expired=cancelled\`), the \`status\` of every event has those
instead, also in the schemas and examples here, and nothing else is different. \`cancelled\` and \`expired\` may have the same
name then: only the subject and the \`version\` are always the same, so decide by them.

**Money.** \`price\` and \`amount\` are numbers in the major unit of the marketplace's one currency, which no event names: 12.5
is 12 dollars and 50 cents. Who charges in the minor unit rounds, since 19.99 * 100 is 1998.9999999999998.

**Times** are ISO 8601 in UTC by the clock of this service, and ids of orders and tickets are 24 hexadecimal digits in small
letters, whatever letters came.

**What caused it.** \`correlationId\` is the \`X-Request-Id\` of the HTTP request that caused the event, where one did.

**Later versions** may add fields and take none away. Ignore what you do not know, as the service does.

**What cannot be understood**, a message of more than ${maxMessageBytes / 1024} kB included, is acknowledged, stops
nothing, and is kept for an operator as a dead letter.`;
