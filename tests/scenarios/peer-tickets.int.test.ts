import { EventEmitter, once } from 'node:events';
import mongoose from 'mongoose';
import { startTicketsService } from '../../examples/peers/tickets.ts';
import { newId, placeOrder, signedIn } from '../support/buyer.ts';
import { eventually } from '../support/eventually.ts';
import { type PeerExample, startBesideExample } from '../support/peer-example.ts';

/** The tickets service of docs/peers.md, beside the real orders service. */

let example: PeerExample;
let service: Awaited<ReturnType<typeof startTicketsService>>;
beforeAll(async () => {
  example = await startBesideExample(['ticket:created', 'ticket:updated']);
  service = await startTicketsService(example);
});

interface StoredTicket {
  orderId?: string;
  version: number;
  price: number;
}

async function stored(ticketId: string): Promise<StoredTicket> {
  const _id = new mongoose.Types.ObjectId(ticketId);
  const ticket = await example.connection.collection<StoredTicket>('tickets').findOne({ _id });
  if (!ticket) throw new Error(`there is no ticket ${ticketId}`);
  return ticket;
}

/** What the orders service knows of the ticket. */
const replica = (ticketId: string) =>
  example.api.database.collection('tickets').findOne({ _id: new mongoose.Types.ObjectId(ticketId) });

async function sell(): Promise<string> {
  const ticketId = await service.create({ title: 'Folk night', price: 20, userId: 'seller' });
  await eventually(async () => (await replica(ticketId)) !== null);
  return ticketId;
}

const lockedFor = (ticketId: string, orderId: string | undefined) =>
  eventually(async () => (await stored(ticketId)).orderId === orderId);

const eventsOf = (orderId: string, ticketId: string) => {
  const event = (subject: string, version: number, status: string) => ({
    subject,
    data: {
      eventId: `${orderId}:${version}`,
      id: orderId,
      version,
      status,
      userId: 'ada',
      ticket: { id: ticketId },
    },
  });
  return {
    created: event('order:created', 0, 'created'),
    cancelled: event('order:cancelled', 1, 'cancelled'),
    paidLate: event('order:paid', 2, 'complete'),
  };
};
type OrderEvent = ReturnType<typeof eventsOf>['created'];

const sendInTurn = async (events: OrderEvent[]) => {
  for (const { subject, data } of events) await example.peer.publish(subject, data);
};

/** Each event was seen so many times, and the example has dealt with all of it. */
async function settled(events: OrderEvent[], times = 1): Promise<void> {
  const seen = ({ data }: OrderEvent) =>
    example.peer.seen.filter((one) => one.data['eventId'] === data.eventId).length;
  await eventually(() => events.every((event) => seen(event) >= times));
  await example.settled();
}

/** The orders service has come to the ticket's version, so none was left out. */
async function followed(ticketId: string): Promise<void> {
  const { version, price } = await stored(ticketId);
  await eventually(async () => (await replica(ticketId))?.['version'] === version);
  expect(await replica(ticketId)).toMatchObject({ price });
}

test('When an order is placed, expires and is paid late, then its ticket is locked, unlocked and locked again', async () => {
  const { api, peer } = example;
  const ticketId = await sell();
  const orderId = await placeOrder(api.service.url, ticketId);
  await lockedFor(ticketId, orderId);
  api.pass(901_000);
  await peer.publish('expiration:complete', { orderId });
  await lockedFor(ticketId, undefined);
  await peer.publish('payment:created', { id: newId(), orderId, stripeId: 'ch_1' });
  await lockedFor(ticketId, orderId);
  await followed(ticketId);
  expect((await replica(ticketId))?.['version']).toBe(3);
});

test('When an order is cancelled and the next buyer is there at once, then the ticket ends locked for the next', async () => {
  const { api } = example;
  const ticketId = await sell();
  const [ada, ben] = [signedIn(), signedIn()];
  for (let round = 0; round < 5; round += 1) {
    const first = await placeOrder(api.service.url, ticketId, ada);
    await api.http.delete(`/api/orders/${first}`).set(ada).expect(204);
    const second = await placeOrder(api.service.url, ticketId, ben);
    await lockedFor(ticketId, second);
    await api.http.delete(`/api/orders/${second}`).set(ben).expect(204);
    await lockedFor(ticketId, undefined);
  }
  await followed(ticketId);
});

function permutations<Item>(items: Item[]): Item[][] {
  if (items.length < 2) return [items];
  return items.flatMap((item, index) =>
    permutations(items.toSpliced(index, 1)).map((others) => [item, ...others]),
  );
}

test.each([
  [
    'is over',
    (ticketId: string, [id = '']: string[]) => {
      const { created, cancelled } = eventsOf(id, ticketId);
      return { events: [created, cancelled], holding: undefined };
    },
  ],
  [
    'is paid late',
    (ticketId: string, [id = '']: string[]) => {
      const { created, cancelled, paidLate } = eventsOf(id, ticketId);
      return { events: [created, cancelled, paidLate], holding: id };
    },
  ],
  [
    'is taken over',
    (ticketId: string, [first = '', second = '']: string[]) => {
      const over = eventsOf(first, ticketId);
      return { events: [over.created, over.cancelled, eventsOf(second, ticketId).created], holding: second };
    },
  ],
])(
  'When an order %s, then the ticket is locked for the right one in whatever order the events come, and twice',
  async (_, makeEvents) => {
    const { events: some } = makeEvents('', [newId(), newId()]);
    const arrivals = permutations(some.map((_, index) => index));
    await Promise.all(
      arrivals.map(async (arrival) => {
        const ticketId = await sell();
        const { events, holding } = makeEvents(ticketId, [newId(), newId()]);
        const arriving = arrival.flatMap((index) => events[index] ?? []);
        await sendInTurn(arriving);
        await settled(events);
        expect((await stored(ticketId)).orderId).toBe(holding);
        const { version } = await stored(ticketId);
        await sendInTurn(arriving);
        await settled(events, 2);
        // The same again changes nothing.
        expect(await stored(ticketId)).toMatchObject({ version });
        expect((await stored(ticketId)).orderId).toBe(holding);
        await followed(ticketId);
      }),
    );
  },
);

test('When many orders come and go at once while the seller edits, then no lock is left for a dead order and no edit is lost', async () => {
  const ticketId = await sell();
  const orderIds = Array.from({ length: 40 }, newId);
  const events = orderIds.map((id) => eventsOf(id, ticketId));
  const [last, ...over] = events;
  if (!last) throw new Error('no orders');
  const dead = over.flatMap(({ created, cancelled }) => [created, cancelled]);
  const edits: { price: number; outcome: string }[] = [];
  const editing = (async () => {
    for (let price = 21; price < 61; price += 1)
      edits.push({ price, outcome: await service.edit(ticketId, { price }) });
  })();
  await Promise.all(dead.map(({ subject, data }) => example.peer.publish(subject, data)));
  await editing;
  await settled(dead);
  expect((await stored(ticketId)).orderId).toBeUndefined();
  expect(await service.edit(ticketId, { price: 99 })).toBe('edited');
  await sendInTurn([last.created]);
  await settled([last.created]);
  await lockedFor(ticketId, last.created.data.id);
  expect(await service.edit(ticketId, { price: 100 })).toBe('refused');
  expect((await stored(ticketId)).price).toBe(99);
  await followed(ticketId);
  // One version for each change, so each edit that was taken has one of its own.
  const published = new Map(
    example.sent
      .filter(({ data }) => data['id'] === ticketId)
      .map(({ data }) => [data['version'], data['price']]),
  );
  const taken = edits.filter(({ outcome }) => outcome === 'edited').map(({ price }) => price);
  expect(taken.filter((price) => ![...published.values()].includes(price))).toEqual([]);
});

test('When an order is known to be over just before the ticket is locked for it, then it is unlocked again', async () => {
  const ticketId = await sell();
  const { created, cancelled } = eventsOf(newId(), ticketId);
  const gate = new EventEmitter();
  const prototype = example.connection.model('Ticket').prototype as mongoose.Document;
  const { save } = prototype;
  const saving = jest.spyOn(prototype, 'save').mockImplementationOnce(async function (
    this: mongoose.Document,
  ) {
    gate.emit('reached');
    await once(gate, 'open');
    return save.call(this);
  });
  const reached = once(gate, 'reached');
  await sendInTurn([created]);
  await reached;
  await sendInTurn([cancelled]);
  await eventually(() => example.peer.seen.some(({ data }) => data['eventId'] === cancelled.data.eventId));
  await example.settled(cancelled.data.eventId);
  gate.emit('open');
  await settled([created]);
  expect((await stored(ticketId)).orderId).toBeUndefined();
  await followed(ticketId);
  saving.mockRestore();
});

test('When the process ends between the save and the publish, then the event comes again, and the orders service misses no version', async () => {
  const errors = jest.spyOn(console, 'error').mockImplementation(() => undefined);
  const ticketId = await sell();
  example.failNextPublish();
  const orderId = newId();
  await sendInTurn([eventsOf(orderId, ticketId).created]);
  await lockedFor(ticketId, orderId);
  expect(await replica(ticketId)).toMatchObject({ version: 0 });
  await eventually(async () => (await replica(ticketId))?.['version'] === 1, { withinMs: 20_000 });
  expect(errors).toHaveBeenCalledTimes(1);
  errors.mockRestore();
});

test('When a message is no JSON, then it is acknowledged, and the next ones are handled', async () => {
  const errors = jest.spyOn(console, 'error').mockImplementation(() => undefined);
  const ticketId = await sell();
  await example.peer.publishRaw('order:created', Buffer.from('{"id":'));
  const orderId = newId();
  await sendInTurn([eventsOf(orderId, ticketId).created]);
  await lockedFor(ticketId, orderId);
  await example.settled();
  expect(errors).toHaveBeenCalledWith(expect.stringContaining('is no JSON'), '{"id":');
  errors.mockRestore();
});
