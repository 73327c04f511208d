import type { Order } from '../../src/orders/domain/order.ts';
import {
  cancel,
  type ExtendingReplicas,
  expectExtended,
  extend,
  extendedTo,
  interrupted,
  pay,
  type Replica,
  startExtendingReplicas,
} from '../support/extending-replicas.ts';

/** Extensions beside what does not depend on the end of the hold. */

let replicas: ExtendingReplicas;
beforeAll(async () => {
  replicas = await startExtendingReplicas();
});

test.each([
  ['payment', pay, 'paid'],
  ['cancel in time', (_replica: Replica, held: Order) => cancel(replicas.slow, held), 'cancelled'],
] as const)(
  'When a %s comes between the read and the write of an extension, then the order is that, and is not extended',
  async (_, act, status) => {
    const held = await replicas.hold();
    const replica = interrupted(replicas.slow, held, () => act(replicas.fast, held));
    expect(await extend(replica, held)).toEqual({ kind: 'final', status });
    const record = await replicas.stored(held);
    expect(record).toMatchObject({ status, version: 1 });
    expect(record).not.toHaveProperty('extensions');
  },
);

test.each([
  ['payment', pay, 'paid'],
  ['cancel in time', cancel, 'cancelled'],
] as const)(
  'When a hold is extended between the read and the write of a %s, then that is written all the same, at once',
  async (_, act, status) => {
    const { slow } = replicas;
    const held = await replicas.hold();
    const behind = { ...replicas.fast, clock: slow.clock };
    const replica = interrupted(behind, held, () => extend(slow, held));
    const { orders } = replica;
    const reads = { cancel: jest.fn(orders.findById), payment: jest.fn(orders.loadPaymentContext) };
    const counting = { ...orders, findById: reads.cancel, loadPaymentContext: reads.payment };
    await act({ ...replica, orders: counting }, held);
    expect(reads.cancel.mock.calls.length + reads.payment.mock.calls.length).toBe(1);
    await expectExtended(replicas, held, status);
  },
);

test('When one buyer asks ten times at once over two replicas, then the hold is extended once, and all get the same end', async () => {
  const { slow } = replicas;
  const other = { ...replicas.fast, clock: slow.clock };
  for (let i = 0; i < 10; i++) {
    const held = await replicas.hold();
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, (_, index) => extend(index % 2 === 0 ? slow : other, held)),
    );
    const ends = outcomes.map((outcome) => ('order' in outcome ? outcome.order.expiresAt : outcome.kind));
    expect(ends).toEqual(Array.from({ length: 10 }, () => extendedTo));
    await expectExtended(replicas, held);
  }
});
