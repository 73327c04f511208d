import type { NotAvailable, Order, OrderStatus, OrderWithHistory } from './orders-api.js';

/**
 * A small client of the orders service, for browsers and servers, with fetch alone. Its types come from the service's
 * description (orders-api.ts, made by `npm run client-types`). docs/clients.md says why each part is there.
 */

export interface OrdersClientOptions {
  /** Where `/api/orders` is, such as `https://tickets.example`. In a browser nothing: the origin of the page. */
  baseUrl?: string;
  /** In a browser nothing: it sends the session's cookie by itself. On a server the buyer's `Cookie` or `Authorization`. */
  headers?: Record<string, string>;
  fetch?: typeof globalThis.fetch;
  /** Resolves after so many milliseconds. */
  pause?: (milliseconds: number) => Promise<void>;
}

/** What became of a purchase. */
export type Purchase =
  /** The ticket is held for you: pay. `replayed`: it was already, by an earlier request with this key. */
  | { kind: 'held'; order: Order; replayed: boolean }
  /** The key is that of an order which is paid, cancelled or expired by now. Take a new key to purchase once more. */
  | { kind: 'over'; order: Order }
  /** Somebody else's order holds the ticket, or, with an `orderId`, another one of your own. */
  | { kind: 'reserved'; retryAfterSeconds: number; orderId: string | undefined }
  /** The ticket is paid for; with an `orderId` by yourself. */
  | { kind: 'sold'; orderId: string | undefined }
  /** Too many of your orders await payment: pay or cancel one. */
  | { kind: 'too_many_pending'; retryAfterSeconds: number; message: string };

/** Every other refusal. */
export class OrdersError extends Error {
  /** 0 when there was no answer. */
  readonly status: number;
  /** Undefined when the answer was not the service's own. */
  readonly code: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor({ status, headers, body }: Answer) {
    const { errors: [error] = [] } = (body ?? {}) as { errors?: { message: string; code: string }[] };
    super(error?.message ?? (status === 0 ? 'There was no answer' : `The answer was ${status}`));
    this.status = status;
    this.code = error?.code;
    this.retryAfterSeconds = retryAfter(headers);
  }
}

interface Answer {
  status: number;
  headers: Headers;
  /** Undefined when there is none in JSON, as in what a proxy answers by itself. */
  body: unknown;
}

interface Asked {
  body?: unknown;
  key?: string;
}

const answerWithinMs = 10_000;
const maxAttempts = 5;
const maxPauseSeconds = 30;
/** After these it is not known whether the request was carried out. 0: there was no answer, or not all of it. */
const unknownOutcomes = [0, 502, 503, 504];

export function ordersClient(options: OrdersClientOptions = {}) {
  const { baseUrl = '', headers = {}, fetch = globalThis.fetch, pause = wait } = options;

  async function sendOnce(method: string, path: string, { body, key }: Asked): Promise<Answer> {
    try {
      const response = await fetch(`${baseUrl}${path}`, {
        method,
        headers: {
          ...headers,
          ...(body !== undefined && { 'Content-Type': 'application/json' }),
          ...(key !== undefined && { 'Idempotency-Key': key }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(answerWithinMs),
      });
      const text = await response.text();
      const isJson = response.headers.get('Content-Type')?.startsWith('application/json');
      return {
        status: response.status,
        headers: response.headers,
        body: isJson ? JSON.parse(text) : undefined,
      };
    } catch {
      // No connection, a lost one, or no time left: in each case the request may have been carried out.
      return { status: 0, headers: new Headers(), body: undefined };
    }
  }

  /** Sends a request until its outcome is known. A purchase needs a key for that; everything else can be repeated. */
  async function send(method: string, path: string, asked: Asked = {}): Promise<Answer> {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await sendOnce(method, path, asked);
      if (!unknownOutcomes.includes(answer.status)) return answer;
      if (attempt === maxAttempts) throw new OrdersError(answer);
      const seconds = retryAfter(answer.headers) ?? 2 ** (attempt - 1);
      await pause(Math.min(seconds, maxPauseSeconds) * 1_000);
    }
  }

  async function ask(method: string, path: string, asked?: Asked): Promise<Answer> {
    const answer = await send(method, path, asked);
    if (answer.status >= 300) throw new OrdersError(answer);
    return answer;
  }

  async function show(orderId: string): Promise<OrderWithHistory> {
    return (await ask('GET', `/api/orders/${orderId}`)).body as OrderWithHistory;
  }

  return {
    show,

    /** Holds the ticket. Make the key when the button is clicked, and keep it for as long as that click is not answered. */
    async place(ticketId: string, key: string): Promise<Purchase> {
      const answer = await send('POST', '/api/orders', { body: { ticketId }, key });
      if (answer.status === 409) return refusalOf(answer);
      if (answer.status !== 201) throw new OrdersError(answer);
      const order = answer.body as Order;
      if (order.status !== 'pending') return { kind: 'over', order };
      return { kind: 'held', order, replayed: answer.headers.get('Idempotency-Replayed') === 'true' };
    },

    /** @throws OrdersError `order_paid` or `order_expired` when it is too late */
    async cancel(orderId: string): Promise<Order> {
      return (await ask('PATCH', `/api/orders/${orderId}`, { body: { status: 'cancelled' } })).body as Order;
    },

    /** Your orders, newest first, page by page. */
    async *list({ status, perPage = 20 }: { status?: OrderStatus; perPage?: number } = {}) {
      const query = new URLSearchParams({ limit: String(perPage), ...(status && { status }) });
      for (let next: string | undefined = `/api/orders?${query}`; next; ) {
        const { body, headers } = await ask('GET', next);
        yield body as Order[];
        next = /<([^>]+)>; rel="next"/.exec(headers.get('Link') ?? '')?.[1];
      }
    },

    /**
     * Asks for the order until it is as wanted: every two seconds, and after half a minute every ten. Resolves with the
     * order as it is after three minutes in any case.
     */
    async watch(orderId: string, isWanted: (order: Order) => boolean): Promise<Order> {
      for (let asked = 1; ; asked += 1) {
        const order = await show(orderId);
        if (isWanted(order) || asked === 30) return order;
        await pause(asked <= 15 ? 2_000 : 10_000);
      }
    },
  };
}

/**
 * Counts a hold down, in whole seconds; at 0 it is over. To be called when the answer with the order arrives. It needs
 * neither the clock of the device nor that of the service: `now` is one that only ever goes on, in milliseconds.
 */
export function countdown({ holdSecondsLeft }: Order, now = () => performance.now()): () => number {
  const endsAt = now() + holdSecondsLeft * 1_000;
  return () => Math.max(0, Math.ceil((endsAt - now()) / 1_000));
}

function refusalOf(answer: Answer): Purchase {
  const [error] = (answer.body as NotAvailable | undefined)?.errors ?? [];
  const retryAfterSeconds = retryAfter(answer.headers) ?? 1;
  switch (error?.code) {
    case 'ticket_reserved':
      return { kind: 'reserved', retryAfterSeconds, orderId: error.orderId };
    case 'ticket_sold':
      return { kind: 'sold', orderId: error.orderId };
    case 'too_many_pending':
      return { kind: 'too_many_pending', retryAfterSeconds, message: error.message };
    default:
      // A later version may have another reason.
      throw new OrdersError(answer);
  }
}

function retryAfter(headers: Headers): number | undefined {
  const seconds = Number(headers.get('Retry-After') ?? Number.NaN);
  return seconds >= 0 ? seconds : undefined;
}

function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
