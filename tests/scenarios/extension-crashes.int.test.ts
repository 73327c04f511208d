import mongoose from 'mongoose';
import type { OrderRecord } from '../../src/orders/store/order-model.ts';
import { placeOrder, signedIn, storeTicket } from '../support/buyer.ts';
import { type CrashingService, useCrashingServices } from '../support/crashing-service.ts';
import { eventually } from '../support/eventually.ts';

const patient = { withinMs: 60_000 };
/** Longer than a hold, so that one is extended right after it was placed. */
const startCrashing = useCrashingServices({ orderExtensionMs: 1_800_000 });
const write = (sent: string) => sent.includes('update\0') && sent.includes('order:hold-extended');
const event = (sent: string) => sent.includes('"eventId"') && sent.includes(':extension:');

interface Hold {
  service: CrashingService;
  id: string;
  stored(): Promise<OrderRecord>;
  extend(url: string): Promise<number | string>;
  /** The events of its extensions that the broker has taken. */
  seen(): unknown[];
}

/** A hold whose `order:created` has left. */
async function hold(): Promise<Hold> {
  const service = await startCrashing();
  const buyer = signedIn();
  const id = await placeOrder(service.url, await storeTicket(service.database), buyer);
  const orders = service.database.collection<OrderRecord>('orders');
  const stored = async () => (await orders.findOne({ _id: new mongoose.Types.ObjectId(id) })) as OrderRecord;
  await eventually(async () => (await stored()).outbox.length === 0, patient);
  return {
    ...{ service, id, stored },
    extend: (url) =>
      fetch(`${url}/api/orders/${id}/extension`, { method: 'POST', headers: buyer }).then(
        ({ status }) => status,
        () => 'no answer',
      ),
    seen: () =>
      service.peer.seen.flatMap(({ subject, data }) =>
        subject === 'order:hold-extended' && data['id'] === id ? [data['eventId']] : [],
      ),
  };
}

async function expectExtendedOnce({ id, stored, seen }: Hold): Promise<void> {
  await eventually(() => seen().length > 0, patient);
  await eventually(async () => (await stored()).outbox.length === 0, patient);
  const { extensions, expiresAt, version } = await stored();
  expect(extensions).toEqual([expect.objectContaining({ n: 1, to: expiresAt })]);
  expect(version).toBe(0);
  expect(new Set(seen())).toEqual(new Set([`${id}:extension:1`]));
}

test('When the service dies before an extension is written, then the hold is as it was, and a retry extends it', async () => {
  const one = await hold();
  const before = await one.stored();
  const reached = one.service.proxies.database.stopAt({ withhold: 'request', matches: write });
  const answer = one.extend(one.service.url);
  await reached;
  await one.service.crash();
  expect(await answer).toBe('no answer');
  expect(await one.stored()).toEqual(before);
  const next = await one.service.restart();
  expect(await one.extend(await next.url())).toBe(200);
  await expectExtendedOnce(one);
}, 120_000);

test('When the service dies after an extension is written, then it stands, its event follows, and a retry adds nothing', async () => {
  const one = await hold();
  const reached = one.service.proxies.database.stopAt({ withhold: 'reply', matches: write });
  const answer = one.extend(one.service.url);
  await reached;
  await one.service.crash();
  expect(await answer).toBe('no answer');
  expect((await one.stored()).outbox).toMatchObject([{ subject: 'order:hold-extended' }]);
  expect(one.seen()).toEqual([]);
  const next = await one.service.restart();
  expect(await one.extend(await next.url())).toBe(200);
  await expectExtendedOnce(one);
}, 120_000);

test('When the service dies before the event of an extension is published, then the next one sends it', async () => {
  const one = await hold();
  const reached = one.service.proxies.broker.stopAt({ withhold: 'request', matches: event });
  expect(await one.extend(one.service.url)).toBe(200);
  await reached;
  await one.service.crash();
  expect(one.seen()).toEqual([]);
  await one.service.restart();
  await expectExtendedOnce(one);
}, 120_000);
