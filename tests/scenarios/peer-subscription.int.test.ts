import { randomUUID } from 'node:crypto';
import nats, { type Message, type Stan } from 'node-nats-streaming';
import { atEnd } from '../support/at-end.ts';
import { signedIn } from '../support/buyer.ts';
import { eventually } from '../support/eventually.ts';
import { type OrdersApi, startOrdersApi } from '../support/orders-api.ts';

let api: OrdersApi;
beforeAll(async () => {
  api = await startOrdersApi();
});

const service = `peer-${randomUUID().slice(0, 8)}`;
/** The shortest that there is. */
const ackWaitMs = 1_000;

/** One process of a peer, which subscribes as docs/asyncapi.yaml says and acknowledges what `handle` says. */
async function startPeer(handle: (orderId: string) => 'acknowledge' | 'leave') {
  const { clusterId, url } = api.config.nats;
  const stan = await new Promise<Stan>((resolve, reject) => {
    const connecting = nats.connect(clusterId, `${service}-${randomUUID().slice(0, 8)}`, { url });
    connecting.once('connect', () => resolve(connecting));
    connecting.once('error', reject);
  });
  const options = stan
    .subscriptionOptions()
    .setDeliverAllAvailable()
    .setDurableName(service)
    .setManualAckMode(true)
    .setAckWait(ackWaitMs);
  const subscription = stan.subscribe('order:created', service, options);
  subscription.on('message', (message: Message) => {
    const { id } = JSON.parse(String(message.getData())) as { id: string };
    if (handle(id) === 'acknowledge') message.ack();
  });
  await new Promise((resolve) => subscription.once('ready', resolve));
  let stopped: Promise<unknown> | undefined;
  const stop = async () => {
    await new Promise((resolve) => subscription.once('closed', resolve).close());
    await new Promise((resolve) => {
      stan.once('close', resolve);
      stan.close();
    });
  };
  const stopOnce = () => {
    stopped ??= stop();
    return stopped;
  };
  atEnd(stopOnce);
  return { stop: stopOnce };
}

test('When a peer subscribes as it is described, then it misses nothing while it is away, and gets again what it has left', async () => {
  const seen: string[] = [];
  const first = await startPeer((id) => {
    seen.push(id);
    return 'acknowledge';
  });
  const before = await api.place(signedIn());
  await eventually(() => seen.includes(before.id));
  await first.stop();

  const whileAway = await api.place(signedIn());
  const seenLater: string[] = [];
  await startPeer((id) => {
    seenLater.push(id);
    return seenLater.filter((other) => other === id).length > 1 ? 'acknowledge' : 'leave';
  });
  await eventually(() => seenLater.filter((id) => id === whileAway.id).length === 2);
  expect(seenLater).not.toContain(before.id);
});
