import { setTimeout as delay } from 'node:timers/promises';
import type { ClassicPaymentsService } from '../../dev/stand-ins/classic-payments-service.ts';
import type { Random } from '../faults/random.ts';
import { newId, signedIn } from './buyer.ts';
import { eventually } from './eventually.ts';

/** What happens to an order of a load: its hold ends, or it is paid at a moment of its own. */
export type Journey = 'runs out' | 'cancelled' | 'cancelled at once' | PaidAt;
type PaidAt = 'paid at once' | 'paid with the cancel' | 'paid at the end';

interface BuyersDeps {
  /** The replicas; one that is down is passed over. */
  urls: readonly string[];
  payments: ClassicPaymentsService;
}

/** A purchase that somebody has made. */
interface Purchase {
  id: string;
  userId: string;
  expiresAt: string;
}

interface Answer {
  status: number;
  body: Purchase & { errors?: { code?: string; availableAt?: string }[] };
}

const startWithinMs = 10_000;
const maxWaitMs = 240_000;
/** Between two requests for a held ticket; there is none around the moment in which it may be free. */
const pauseMs = 100;
const aroundMs = 150;

/** How long a buyer waits with the next request, when the ticket may be free at one of these moments. */
function pauseBefore(moments: number[]): number {
  return moments.some((moment) => Math.abs(moment - Date.now()) < aroundMs) ? 0 : pauseMs;
}

/** Buyers of a load. Each resolves once what they do is done; none gives up because a replica is down. */
export function createBuyers({ urls, payments }: BuyersDeps) {
  let turn = 0;

  async function send(
    method: string,
    path: string,
    init: { headers: Record<string, string>; body?: string },
  ) {
    let answer: Answer | undefined;
    const attempt = async () => {
      const url = urls[turn++ % urls.length];
      const signal = AbortSignal.timeout(10_000);
      const response = await fetch(`${url}/api/orders${path}`, { method, signal, ...init });
      const text = await response.text();
      answer = { status: response.status, body: text ? JSON.parse(text) : undefined };
      return answer.status !== 503;
    };
    await eventually(attempt, { withinMs: 60_000, everyMs: 50 });
    if (!answer) throw new Error('there is an answer');
    return answer;
  }

  /** Asks for a ticket until it is theirs, or sold. */
  async function buy(ticketId: string, endsAt = 0): Promise<Purchase | undefined> {
    const userId = newId();
    const headers = { ...signedIn(userId), 'Content-Type': 'application/json', 'Idempotency-Key': newId() };
    const deadline = Date.now() + maxWaitMs;
    while (Date.now() < deadline) {
      const { status, body } = await send('POST', '', { headers, body: JSON.stringify({ ticketId }) });
      if (status === 201) return { ...body, userId };
      const [error] = body.errors ?? [];
      if (error?.code === 'ticket_sold') return undefined;
      // Its copy may not have come yet.
      if (status !== 409 && status !== 404) throw new Error(`a purchase was answered ${status}`);
      await delay(pauseBefore([endsAt, Date.parse(error?.availableAt ?? '')]));
    }
    throw new Error(`nobody could have the ticket ${ticketId} for ${maxWaitMs / 1_000} s`);
  }

  async function cancel({ id, userId }: Purchase): Promise<void> {
    const { status } = await send('DELETE', `/${id}`, { headers: signedIn(userId) });
    // 409: it has run out, or is paid.
    if (status !== 204 && status !== 409) throw new Error(`a cancel was answered ${status}`);
  }

  /** Pays once payments knows the order. It may refuse. */
  async function pay({ id: orderId, userId }: Purchase, before: () => Promise<unknown>): Promise<void> {
    const knows = async () => {
      const answer = await payments.pay({ orderId, userId: 'somebody else' });
      return 'refused' in answer && answer.refused === 401;
    };
    await eventually(knows, { withinMs: maxWaitMs, everyMs: 100 });
    await Promise.all([before(), payments.pay({ orderId, userId })]);
  }

  async function payAt(purchase: Purchase, journey: PaidAt, random: Random): Promise<void> {
    const nothing = async () => undefined;
    if (journey === 'paid at once') return pay(purchase, nothing);
    if (journey === 'paid with the cancel') return pay(purchase, () => cancel(purchase));
    const untilEnd = Date.parse(purchase.expiresAt) - Date.now();
    await delay(untilEnd + random.between(-300, 300));
    await pay(purchase, nothing);
  }

  /** One buyer takes a ticket; where the hold ends, another asks for it without pause, and lets it go after a while. */
  return async (ticketId: string, journey: Journey, random: Random): Promise<void> => {
    await delay(random.between(0, startWithinMs));
    const first = await buy(ticketId);
    if (first === undefined) throw new Error('a new ticket is sold');
    if (journey === 'cancelled at once') return cancel(first);
    if (journey !== 'runs out' && journey !== 'cancelled') return payAt(first, journey, random);

    const untilCancel = random.between(0, 5_000);
    const endsAt = journey === 'cancelled' ? Date.now() + untilCancel : Date.parse(first.expiresAt);
    const ending = journey === 'cancelled' ? delay(untilCancel).then(() => cancel(first)) : undefined;
    const second = await buy(ticketId, endsAt);
    await ending;
    await delay(random.between(0, 10_000));
    if (second === undefined) throw new Error('a ticket that nobody has paid is sold');
    await cancel(second);
  };
}
