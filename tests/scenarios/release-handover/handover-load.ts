import { grouped } from '../../faults/history/grouped.ts';
import type { Answer } from '../../faults/history/history.ts';
import { createClient } from '../../faults/load/client.ts';
import { runLoad } from '../../faults/load/load.ts';
import { allPayments, paymentsOfRelease01 } from '../../faults/load/payment-messages.ts';
import { runPeakLoad } from '../../faults/load/peak-load.ts';
import { poisonOfRelease01 } from '../../faults/load/poison.ts';
import { openPublisher, type Publish } from '../../faults/load/publisher.ts';
import { startRefundingPeer } from '../../faults/load/refunding-peer.ts';
import { scriptedPeers } from '../../faults/load/scripted-peers.ts';
import type { ServiceName } from '../../faults/nemesis/schedule.ts';
import { atEnd } from '../../support/at-end.ts';
import { eventually } from '../../support/eventually.ts';
import { type Deployment, holdMs } from './deployment.ts';

export const seed = 1;
const requestsInFlight = 32;
const ticketsInDemand = 50;
const chances = { extension: 0.35, refund: 0.2 };

export interface HandoverLoad {
  publish: Publish;
  /** From now on buyers ask for more time, and the peers give money back and send all forms of payments: no 0.1 is left. */
  useAllThatIsNew(): void;
  /** Resolves when all that was begun is done. */
  end(): Promise<void>;
}

/** The fault suite's load, without gaps that would keep the test waiting, and a peak load beside it. */
export function startLoad(deployment: Deployment): HandoverLoad {
  const over = new AbortController();
  const { publish, subscribe, close } = openPublisher(deployment.broker);
  let isNew = false;
  let refunding: ReturnType<typeof startRefundingPeer> | undefined;
  const peers = scriptedPeers({
    ...{ publish, holdMs, chanceOfGap: () => 0, chanceOfRefund: () => (isNew ? chances.refund : 0) },
    makePayment: (...payment) => (isNew ? allPayments : paymentsOfRelease01)(...payment),
  });
  const parts = { ...deployment, seed, holdMs, publish, peers, client: createClient(deployment) };
  const chanceOfExtension = () => (isNew ? chances.extension : 0);
  const work = Promise.allSettled([
    runLoad({ ...parts, chanceOfExtension, poisonKinds: poisonOfRelease01 }, over.signal),
    runPeakLoad({ ...parts, inFlight: requestsInFlight, ticketsInDemand, pauseMs: 0 }, over.signal),
  ]);
  let ended: Promise<void> | undefined;
  async function finish(): Promise<void> {
    over.abort();
    const [outcomes] = await Promise.all([work, refunding?.stop()]);
    await close();
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }
  const end = () => (ended ??= finish());
  atEnd(end);
  return {
    publish,
    useAllThatIsNew() {
      isNew = true;
      refunding = startRefundingPeer({ seed, subscribe, publish, holdMs });
    },
    end,
  };
}

/**
 * Resolves when each of the named services has placed so many more orders.
 *
 * @throws when they have not within a minute, with what came of the requests instead
 */
export async function servesOrders(
  answers: Answer[],
  wanted: Partial<Record<ServiceName, number>>,
): Promise<void> {
  const from = answers.length;
  const placedBy = (name: string) =>
    answers.slice(from).filter(({ service, status }) => service === name && status === 201).length;
  const done = () => Object.entries(wanted).every(([name, count]) => placedBy(name) >= count);
  await eventually(done, { withinMs: 60_000, everyMs: 100 }).catch((cause: unknown) => {
    const outcomes = grouped(
      answers.slice(from),
      ({ service, kind, status }) => `${service} ${kind} ${status}`,
    );
    const counts = [...outcomes].map(([outcome, { length }]) => `${outcome}: ${length}`).join(', ');
    throw new Error(`not the orders that were wanted (${JSON.stringify(wanted)}), but ${counts}`, { cause });
  });
}
