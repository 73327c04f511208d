import type { NotAvailable, Order, OrderStatus, OrderWithHistory } from './orders-api.js';

/**
 * A small client of the orders service, for browsers and servers, with fetch alone. Its types come from the service's
 * description (orders-api.ts, made by `npm run client-types`). docs/clients.md says why each part is there.
 */

export interface OrdersClientOptions {
  /** Where `/api/orders` is, such as `https://tickets.example`. In a browser nothing: the origin of the page. */
  baseUrl?: string;
  /** In a browser none: it sends the session's cookie by itself. On a server the buyer's `Cookie` or `Authorization`. */
  headers?: Record<string, string>;
  fetch?: typeof globalThis.fetch;
  /** Resolves after so many milliseconds. */
  pause?: (milliseconds: number) => Promise<void>;
}

/** The outcome of a purchase. */
export type Purchase =
  /** The ticket is held for you: pay. `replayed`: an earlier request with this key has placed the order. */
  | { kind: 'held'; order: Order; replayed: boolean }
  /** The order of this key is paid, cancelled or expired by now. Use a new key to purchase again. */
  | { kind: 'over'; order: Order }
  /** Somebody else's order holds the ticket, or, with an `orderId`, another one of your own. */
  | { kind: 'reserved'; retryAfterSeconds: number; orderId: string | undefined }
  /** The ticket is paid for; with an `orderId` by yourself. */
  | { kind: 'sold'; orderId: string | undefined }
  /** You let this ticket go a short while ago: it is for others first. */
  | { kind: 'cooldown'; retryAfterSeconds: number }
  /** Too many of your orders await payment: pay or cancel one. */
  | { kind: 'too_many_pending'; retryAfterSeconds: number; message: string };

/** Every other error response, or none. */
export class OrdersError extends Error {
  /** 0 when there was no response. */
  readonly status: number;
  /** Undefined when the response was not the service's own. */
  readonly code: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor({ status, headers, body }: ApiResponse) {
    const { errors: [error] = [] } = (body ?? {}) as { errors?: { message: string; code: string }[] };
    super(error?.message ?? (status === 0 ? 'There was no response' : `The response was ${status}`));
    this.status = status;
    this.code = error?.code;
    this.retryAfterSeconds = retryAfter(headers);
  }
}

interface ApiResponse {
  status: number;
  headers: Headers;
  /** Undefined when it is not JSON, as in a response of a proxy. */
  body: unknown;
}

interface RequestOptions {
  body?: unknown;
  key?: string;
}

const timeoutMs = 10_000;
const maxAttempts = 5;
const maxPauseSeconds = 30;
/** After these it is not known whether the request was carried out. 0: there was no response, or not all of it. */
const unknownOutcomes = [0, 502, 503, 504];

export function ordersClient(options: OrdersClientOptions = {}) {
  const { baseUrl = '', headers = {}, fetch = globalThis.fetch, pause = wait } = options;

  async function sendOnce(method: string, path: string, { body, key }: RequestOptions): Promise<ApiResponse> {
    try {
      const response = await fetch(`${baseUrl}${path}`, {
        method,
        headers: {
          ...headers,
          ...(body !== undefined && { 'Content-Type': 'application/json' }),
          ...(key !== undefined && { 'Idempotency-Key': key }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(timeoutMs),
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
  async function send(method: string, path: string, options: RequestOptions = {}): Promise<ApiResponse> {
    for (let attempt = 1; ; attempt += 1) {
      const response = await sendOnce(method, path, options);
      if (!unknownOutcomes.includes(response.status)) return response;
      if (attempt === maxAttempts) throw new OrdersError(response);
      const seconds = retryAfter(response.headers) ?? 2 ** (attempt - 1);
      await pause(Math.min(seconds, maxPauseSeconds) * 1_000);
    }
  }

  async function request(method: string, path: string, options?: RequestOptions): Promise<ApiResponse> {
    const response = await send(method, path, options);
    if (response.status >= 300) throw new OrdersError(response);
    return response;
  }

  async function show(orderId: string): Promise<OrderWithHistory> {
    return (await request('GET', `/api/orders/${orderId}`)).body as OrderWithHistory;
  }

  return {
    show,

    /** Holds the ticket. Make a key for each click of the button, and keep it until there is an outcome. */
    async place(ticketId: string, key: string): Promise<Purchase> {
      const response = await send('POST', '/api/orders', { body: { ticketId }, key });
      if (response.status === 409) return notAvailable(response);
      if (response.status !== 201) throw new OrdersError(response);
      const order = response.body as Order;
      if (order.status !== 'pending') return { kind: 'over', order };
      return { kind: 'held', order, replayed: response.headers.get('Idempotency-Replayed') === 'true' };
    },

    /** @throws OrdersError `order_paid` or `order_expired` when it is too late */
    async cancel(orderId: string): Promise<Order> {
      return (await request('PATCH', `/api/orders/${orderId}`, { body: { status: 'cancelled' } }))
        .body as Order;
    },

    /**
     * Asks for more time to pay. Start a new countdown with the order: the hold ends later, or as before where it was long
     * enough already. It can be repeated.
     *
     * @throws OrdersError `extension_limit` when no time can be added, or `order_paid`, `order_cancelled`, `order_expired`
     */
    async extend(orderId: string): Promise<Order> {
      return (await request('POST', `/api/orders/${orderId}/extension`)).body as Order;
    },

    /** Your orders, newest first whatever the service is set to, page by page. */
    async *list({ status, perPage = 20 }: { status?: OrderStatus; perPage?: number } = {}) {
      const query = new URLSearchParams({
        sort: '-createdAt',
        limit: String(perPage),
        ...(status && { status }),
      });
      for (let next: string | undefined = `/api/orders?${query}`; next; ) {
        const { body, headers } = await request('GET', next);
        yield body as Order[];
        next = /<([^>]+)>; rel="next"/.exec(headers.get('Link') ?? '')?.[1];
      }
    },

    /**
     * Reads the order until it is as wanted: every two seconds, and after half a minute every ten. After three minutes it
     * resolves with the order as it is.
     */
    async watch(orderId: string, isWanted: (order: Order) => boolean): Promise<Order> {
      for (let reads = 1; ; reads += 1) {
        const order = await show(orderId);
        if (isWanted(order) || reads === 30) return order;
        await pause(reads <= 15 ? 2_000 : 10_000);
      }
    },
  };
}

/**
 * Counts a hold down, in whole seconds; at 0 it is over. Call it when the response with the order arrives. It needs
 * neither the clock of the device nor that of the service: `now` is a monotonic clock, in milliseconds.
 */
export function countdown({ holdSecondsLeft }: Order, now = () => performance.now()): () => number {
  const endsAt = now() + holdSecondsLeft * 1_000;
  return () => Math.max(0, Math.ceil((endsAt - now()) / 1_000));
}

function notAvailable(response: ApiResponse): Purchase {
  const [error] = (response.body as NotAvailable | undefined)?.errors ?? [];
  const retryAfterSeconds = retryAfter(response.headers) ?? 1;
  switch (error?.code) {
    case 'ticket_reserved':
      return { kind: 'reserved', retryAfterSeconds, orderId: error.orderId };
    case 'ticket_sold':
      return { kind: 'sold', orderId: error.orderId };
    case 'cooldown':
      return { kind: 'cooldown', retryAfterSeconds };
    case 'too_many_pending':
      return { kind: 'too_many_pending', retryAfterSeconds, message: error.message };
    default:
      // A later version may have another reason.
      throw new OrdersError(response);
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
