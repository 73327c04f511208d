import mongoose from 'mongoose';
import { sessionCookie } from '../../dev/session-cookie.ts';

export interface Buyer {
  id: string;
  cookie: string;
}

/** Signed-in users, alike for whoever is measured. */
export function makeBuyers(count: number, jwtKey: string): Buyer[] {
  return Array.from({ length: count }, () => {
    const id = new mongoose.Types.ObjectId().toHexString();
    return { id, cookie: sessionCookie({ id, email: `${id}@example.com` }, jwtKey) };
  });
}

/** The buyer whose turn it is. */
export function inTurn<Item>(items: readonly Item[], turn: number): Item {
  const item = items[turn % items.length];
  if (item === undefined) throw new RangeError('there is none');
  return item;
}
