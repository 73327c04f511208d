import { waitUntil } from '../../dev/wait-until.ts';
import type { MeasuredService } from './start-services.ts';

const timeoutMs = 120_000;

/**
 * Resolves when the service has sent all events in its outboxes. The baseline has none: it sends before it answers.
 *
 * @throws when some are left after two minutes
 */
export async function waitForOutboxes({
  name,
  database,
}: Pick<MeasuredService, 'name' | 'database'>): Promise<void> {
  if (name === 'baseline') return;
  const orders = database.collection('orders');
  await waitUntil(async () => (await orders.findOne({ relayDueAt: { $gt: new Date(0) } })) === null, {
    timeoutMs,
    everyMs: 20,
    onTimeout: (cause) =>
      new Error(`events still wait for the broker after ${timeoutMs / 1_000} s`, { cause }),
  });
}
