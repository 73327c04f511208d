import type { ShownOrder } from '../history/history.ts';
import type { Random } from '../random.ts';

/** The other services of the marketplace, as buyers and sellers use them. */
export interface LoadPeers {
  /** Puts a ticket on sale and changes it some times. `onOffer` is called when buyers can know of it. */
  sell(ticketId: string, random: Random, onOffer: (ticketId: string) => void): Promise<void>;
  /** Puts these tickets on sale and leaves them as they are. */
  offer(ticketIds: string[]): Promise<void>;
  /** Takes a buyer's money for an order and reports it. `name` is unique in the round. */
  pay(order: ShownOrder, payment: { name: string; random: Random }): Promise<void>;
  /** Hints, or not, that the time of an order is over. */
  hint(orderId: string, random: Random): Promise<void>;
}
