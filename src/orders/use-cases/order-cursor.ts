import type { Order } from '../domain/order.ts';

/** Where a page of orders begins, or ends: right behind or before the order that was created then and has that id. */
export type Position = Pick<Order, 'createdAt' | 'id'>;

/** The cursor is opaque to clients. Inside: milliseconds since 1970, a dot, the order's id. */
export function writeCursor({ createdAt, id }: Position): string {
  return Buffer.from(`${createdAt.getTime()}.${id}`).toString('base64url');
}

/** The position that a cursor stands for; undefined for anything that is not a cursor. */
export function readCursor(cursor: unknown): Position | undefined {
  if (typeof cursor !== 'string' || !/^[\w-]{1,80}$/.test(cursor)) return undefined;
  const parts = /^(\d{1,15})\.([0-9a-f]{24})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
  if (!parts?.[1] || !parts[2]) return undefined;
  return { createdAt: new Date(Number(parts[1])), id: parts[2] };
}
