// Made by `npm run client-types` of the service's description: change that.
/** `pending`: payment is awaited, and the ticket is held while `holdSecondsLeft` is above 0. `paid`: the ticket is bought, for good. `cancelled`: the buyer has let it go, for good. `expired`: the time was up; a late payment may still make it `paid` while nobody else holds the ticket. */
export type OrderStatus = "pending" | "paid" | "cancelled" | "expired";

export interface Purchase {
  /**
   * The ticket to be held.
   * @pattern ^[0-9a-fA-F]{24}$
   */
  ticketId: string;
}

export interface Order {
  /**
   * The order.
   * @pattern ^[0-9a-f]{24}$
   */
  id: string;
  /** The buyer: the `id` in the token of the session. */
  userId: string;
  /** `pending`: payment is awaited, and the ticket is held while `holdSecondsLeft` is above 0. `paid`: the ticket is bought, for good. `cancelled`: the buyer has let it go, for good. `expired`: the time was up; a late payment may still make it `paid` while nobody else holds the ticket. */
  status: OrderStatus;
  /**
   * Until when the order holds its ticket if it is not paid, by the service's clock: to be shown, not to be compared with a device's clock. It stays when the order ends. From `createdAt` to here is the whole hold. ISO 8601, UTC.
   * @format date-time
   */
  expiresAt: string;
  /**
   * For how long the order still holds its ticket if it is not paid, in whole seconds from this answer, rounded up: count down from it. 0 when the time is over, and always when the order is `paid`, `cancelled` or `expired`.
   * @min 0
   */
  holdSecondsLeft: number;
  /**
   * When the order was placed, by the service's clock. ISO 8601, UTC.
   * @format date-time
   */
  createdAt: string;
  /**
   * Starts at 0 and grows by exactly 1 with every change of status: of two answers about an order the one with the higher version is newer.
   * @min 0
   */
  version: number;
  /**
   * The same as `ticket.id`.
   * @pattern ^[0-9a-f]{24}$
   */
  ticketId: string;
  /** The ticket as it was when the order was placed. A later change of its price does not move it. */
  ticket: TicketSnapshot;
}

/** The ticket as it was when the order was placed. A later change of its price does not move it. */
export interface TicketSnapshot {
  /**
   * The ticket.
   * @pattern ^[0-9a-f]{24}$
   */
  id: string;
  /** In a list at most its first 500 characters. */
  title: string;
  /**
   * What the buyer is to pay, in the major unit of the marketplace's one currency: 12.5 is 12 dollars and 50 cents where that is the dollar.
   * @min 0
   */
  price: number;
  /**
   * Which version of the ticket the snapshot was taken of.
   * @min 0
   */
  version: number;
}

export interface BadRequest {
  /** @minItems 1 */
  errors: (
    | ({
        code: "invalid";
      } & InvalidError)
    | ({
        code: "malformed";
      } & MalformedError)
  )[];
}

export interface InvalidError {
  /** For people. It may be put in other words at any time. */
  message: string;
  /** For programs. It stays as it is. */
  code: "invalid";
  /** The parameter, the header or the field of the body that it is about; absent where it is the whole body. */
  field?: string;
}

/** The request is not valid HTTP, its path cannot be read, or its body is not valid JSON. */
export interface MalformedError {
  /** For people. It may be put in other words at any time. */
  message: string;
  /** For programs. It stays as it is. */
  code: "malformed";
}

export interface NotSignedIn {
  /** @minItems 1 */
  errors: NotSignedInError[];
}

export interface NotSignedInError {
  /** For people. It may be put in other words at any time. */
  message: string;
  /** For programs. It stays as it is. */
  code: "not_signed_in";
}

export interface CrossSite {
  /** @minItems 1 */
  errors: CrossSiteError[];
}

/** A request without a `Content-Type`, or with that of a form, comes from another site. */
export interface CrossSiteError {
  /** For people. It may be put in other words at any time. */
  message: string;
  /** For programs. It stays as it is. */
  code: "cross_site";
}

export interface TicketNotFound {
  /** @minItems 1 */
  errors: TicketNotFoundError[];
}

export interface TicketNotFoundError {
  /** For people. It may be put in other words at any time. */
  message: string;
  /** For programs. It stays as it is. */
  code: "ticket_not_found";
  field: "ticketId";
}

export interface RequestTimeout {
  /** @minItems 1 */
  errors: TimeoutError[];
}

export interface TimeoutError {
  /** For people. It may be put in other words at any time. */
  message: string;
  /** For programs. It stays as it is. */
  code: "timeout";
}

export interface NotAvailable {
  /** @minItems 1 */
  errors: (
    | ({
        code: "ticket_reserved";
      } & TicketReservedError)
    | ({
        code: "ticket_sold";
      } & TicketSoldError)
    | ({
        code: "cooldown";
      } & CooldownError)
    | ({
        code: "too_many_pending";
      } & TooManyPendingError)
  )[];
}

/** An order holds the ticket and may still be paid. It is free again at `availableAt`, or sooner if the order is cancelled. Where the service leaves room between its events, also for a short time after an order has let the ticket go, without `orderId` then: `availableAt` may be the earliest possible time, so try again then. */
export interface TicketReservedError {
  /** For people. It may be put in other words at any time. */
  message: string;
  /** For programs. It stays as it is. */
  code: "ticket_reserved";
  /**
   * When the hold ends if it is not paid; the earliest time at which a ticket that was let go may be free. ISO 8601, UTC, by the service's clock; `Retry-After` is the same in seconds.
   * @format date-time
   */
  availableAt: string;
  /**
   * Your own order, when it is you who holds the ticket: go on with that one.
   * @pattern ^[0-9a-f]{24}$
   */
  orderId?: string;
}

/** The ticket is paid for. There is nothing to wait for. */
export interface TicketSoldError {
  /** For people. It may be put in other words at any time. */
  message: string;
  /** For programs. It stays as it is. */
  code: "ticket_sold";
  /**
   * Your own order, when it is you who bought the ticket: it is yours already.
   * @pattern ^[0-9a-f]{24}$
   */
  orderId?: string;
}

/** The ticket may be free, but you have cancelled an order for it, or let its time run out, and may hold it again from `availableAt` on. Other tickets are not affected. */
export interface CooldownError {
  /** For people. It may be put in other words at any time. */
  message: string;
  /** For programs. It stays as it is. */
  code: "cooldown";
  /**
   * When you may hold this ticket again, if it is free then. ISO 8601, UTC, by the service's clock; `Retry-After` is the same in seconds.
   * @format date-time
   */
  availableAt: string;
}

/** The ticket may be free, but you have as many orders that await payment as are allowed. */
export interface TooManyPendingError {
  /** For people. It may be put in other words at any time. */
  message: string;
  /** For programs. It stays as it is. */
  code: "too_many_pending";
  /**
   * When the first of them ends by itself. ISO 8601, UTC, by the service's clock; `Retry-After` is the same in seconds.
   * @format date-time
   */
  availableAt: string;
}

export interface BodyTooLarge {
  /** @minItems 1 */
  errors: TooLargeError[];
}

export interface TooLargeError {
  /** For people. It may be put in other words at any time. */
  message: string;
  /** For programs. It stays as it is. */
  code: "too_large";
}

export interface UnsupportedMediaType {
  /** @minItems 1 */
  errors: UnsupportedMediaTypeError[];
}

export interface UnsupportedMediaTypeError {
  /** For people. It may be put in other words at any time. */
  message: string;
  /** For programs. It stays as it is. */
  code: "unsupported_media_type";
}

export interface KeyReused {
  /** @minItems 1 */
  errors: KeyReusedError[];
}

export interface KeyReusedError {
  /** For people. It may be put in other words at any time. */
  message: string;
  /** For programs. It stays as it is. */
  code: "key_reused";
}

export interface RateLimited {
  /** @minItems 1 */
  errors: RateLimitedError[];
}

export interface RateLimitedError {
  /** For people. It may be put in other words at any time. */
  message: string;
  /** For programs. It stays as it is. */
  code: "rate_limited";
}

export interface HeadersTooLarge {
  /** @minItems 1 */
  errors: HeadersTooLargeError[];
}

export interface HeadersTooLargeError {
  /** For people. It may be put in other words at any time. */
  message: string;
  /** For programs. It stays as it is. */
  code: "headers_too_large";
}

export interface Internal {
  /** @minItems 1 */
  errors: InternalError[];
}

export interface InternalError {
  /** For people. It may be put in other words at any time. */
  message: string;
  /** For programs. It stays as it is. */
  code: "internal";
  /** What to tell us when you ask about it. */
  requestId: string;
}

export interface Unavailable {
  /** @minItems 1 */
  errors: (
    | ({
        code: "unavailable";
      } & UnavailableError)
    | ({
        code: "overloaded";
      } & OverloadedError)
  )[];
}

/** Whether a change was made is not known: read the order, or repeat the request. With the same `Idempotency-Key` a repeated purchase is safe, and repeated cancelling is always. */
export interface UnavailableError {
  /** For people. It may be put in other words at any time. */
  message: string;
  /** For programs. It stays as it is. */
  code: "unavailable";
}

/** More is asked for than can be served. Nothing was done. */
export interface OverloadedError {
  /** For people. It may be put in other words at any time. */
  message: string;
  /** For programs. It stays as it is. */
  code: "overloaded";
}

export interface MethodNotAllowed {
  /** @minItems 1 */
  errors: MethodNotAllowedError[];
}

export interface MethodNotAllowedError {
  /** For people. It may be put in other words at any time. */
  message: string;
  /** For programs. It stays as it is. */
  code: "method_not_allowed";
}

export interface OrderWithHistory {
  /**
   * The order.
   * @pattern ^[0-9a-f]{24}$
   */
  id: string;
  /** The buyer: the `id` in the token of the session. */
  userId: string;
  /** `pending`: payment is awaited, and the ticket is held while `holdSecondsLeft` is above 0. `paid`: the ticket is bought, for good. `cancelled`: the buyer has let it go, for good. `expired`: the time was up; a late payment may still make it `paid` while nobody else holds the ticket. */
  status: OrderStatus;
  /**
   * Until when the order holds its ticket if it is not paid, by the service's clock: to be shown, not to be compared with a device's clock. It stays when the order ends. From `createdAt` to here is the whole hold. ISO 8601, UTC.
   * @format date-time
   */
  expiresAt: string;
  /**
   * For how long the order still holds its ticket if it is not paid, in whole seconds from this answer, rounded up: count down from it. 0 when the time is over, and always when the order is `paid`, `cancelled` or `expired`.
   * @min 0
   */
  holdSecondsLeft: number;
  /**
   * When the order was placed, by the service's clock. ISO 8601, UTC.
   * @format date-time
   */
  createdAt: string;
  /**
   * Starts at 0 and grows by exactly 1 with every change of status: of two answers about an order the one with the higher version is newer.
   * @min 0
   */
  version: number;
  /**
   * The same as `ticket.id`.
   * @pattern ^[0-9a-f]{24}$
   */
  ticketId: string;
  /** The ticket as it was when the order was placed. A later change of its price does not move it. */
  ticket: TicketSnapshot;
  /** Every status that the order has had, oldest first. */
  history: StatusChange[];
  /** Every payment for the order, in the order in which they came. At most one buys. */
  payments: Payment[];
}

export interface StatusChange {
  /** `pending`: payment is awaited, and the ticket is held while `holdSecondsLeft` is above 0. `paid`: the ticket is bought, for good. `cancelled`: the buyer has let it go, for good. `expired`: the time was up; a late payment may still make it `paid` while nobody else holds the ticket. */
  status: OrderStatus;
  /**
   * Starts at 0 and grows by exactly 1 with every change of status: of two answers about an order the one with the higher version is newer.
   * @min 0
   */
  version: number;
  /**
   * When it changed. ISO 8601, UTC.
   * @format date-time
   */
  at: string;
  /** `buyer`: asked for it. `payment`: a payment came. `expiry`: the time was up. `takeover`: the time was up, and another buyer came. `refund`: the payment was given back. `operator`: the seller has taken the ticket back. */
  cause: "buyer" | "payment" | "expiry" | "takeover" | "refund" | "operator";
}

export interface Payment {
  /** The payment, as the payments service names it. */
  id: string;
  /**
   * When the orders service heard of it. ISO 8601, UTC.
   * @format date-time
   */
  at: string;
  /** Absent for the payment that buys the ticket. */
  refund?: Refund;
}

export interface Refund {
  /** Why the payment does not buy. `order_cancelled`: the order was cancelled when it came. `already_paid`: another payment had bought. `operator`: the seller has taken the ticket back. `order_expired`: it came after the time was up. `ticket_taken`: another buyer had the ticket by then. `refunded`: the payments service has given it back by itself. */
  reason:
    | "order_cancelled"
    | "already_paid"
    | "operator"
    | "order_expired"
    | "ticket_taken"
    | "refunded";
  /**
   * Since when it is to be given back. Absent for `refunded`, and for what version 0.1 has asked for. ISO 8601, UTC.
   * @format date-time
   */
  dueAt?: string;
  /**
   * When the payments service told that all of it was given back. Absent until then, and for good where it does not tell. ISO 8601, UTC.
   * @format date-time
   */
  completedAt?: string;
}

export interface NotOwner {
  /** @minItems 1 */
  errors: NotOwnerError[];
}

export interface NotOwnerError {
  /** For people. It may be put in other words at any time. */
  message: string;
  /** For programs. It stays as it is. */
  code: "not_owner";
}

export interface OrderNotFound {
  /** @minItems 1 */
  errors: OrderNotFoundError[];
}

export interface OrderNotFoundError {
  /** For people. It may be put in other words at any time. */
  message: string;
  /** For programs. It stays as it is. */
  code: "order_not_found";
}

export interface Cancellation {
  /** The only change of an order that a buyer can ask for. */
  status?: "cancelled";
}

export interface OrderIsFinal {
  /** @minItems 1 */
  errors: (
    | ({
        code: "order_paid";
      } & OrderPaidError)
    | ({
        code: "order_expired";
      } & OrderExpiredError)
  )[];
}

/** The ticket is bought, for good. */
export interface OrderPaidError {
  /** For people. It may be put in other words at any time. */
  message: string;
  /** For programs. It stays as it is. */
  code: "order_paid";
}

/** The time of the order is over, so the ticket is let go already. */
export interface OrderExpiredError {
  /** For people. It may be put in other words at any time. */
  message: string;
  /** For programs. It stays as it is. */
  code: "order_expired";
}

export type Extension = object;

export interface NotYours {
  /** @minItems 1 */
  errors: (
    | ({
        code: "not_owner";
      } & NotOwnerError)
    | ({
        code: "cross_site";
      } & CrossSiteError)
  )[];
}

export interface NotExtended {
  /** @minItems 1 */
  errors: (
    | ({
        code: "extension_limit";
      } & ExtensionLimitError)
    | ({
        code: "order_paid";
      } & OrderPaidError)
    | ({
        code: "order_cancelled";
      } & OrderCancelledError)
    | ({
        code: "order_expired";
      } & OrderExpiredError)
  )[];
}

/** No time can be added. The order holds its ticket until `expiresAt`, as before: pay until then. */
export interface ExtensionLimitError {
  /** For people. It may be put in other words at any time. */
  message: string;
  /** For programs. It stays as it is. */
  code: "extension_limit";
  /**
   * When the hold ends. ISO 8601, UTC, by the service's clock.
   * @format date-time
   */
  expiresAt: string;
}

/** The ticket is let go, for good. */
export interface OrderCancelledError {
  /** For people. It may be put in other words at any time. */
  message: string;
  /** For programs. It stays as it is. */
  code: "order_cancelled";
}
