import mongoose from 'mongoose';

/** A ticket as the tickets service's events carry it. */
export interface OfferedTicket {
  id: string;
  version: number;
  title: string;
  /** In the currency's major unit. */
  price: number;
  userId: string;
  /** The order that the ticket is locked for. */
  orderId: string | null;
}

const titles = [
  'Chamber music at noon',
  'Jazz in the cellar',
  'The late comedy show',
  'Open-air cinema',
  'Cup final, east stand',
  'Folk night',
  'Opera, second balcony',
  'Poetry slam',
  'Stand-up marathon',
  'Symphony no. 9',
  'Techno till dawn',
  'Winter circus',
];

/** What is on sale in the demo, by id; the ids are new with every call. */
export function offerTickets(): Map<string, OfferedTicket> {
  const newId = () => new mongoose.Types.ObjectId().toHexString();
  const userId = newId();
  const tickets = titles.map((title, index) => {
    const price = 20 + 5 * index;
    return { id: newId(), version: 0, title, price, userId, orderId: null };
  });
  return new Map(tickets.map((ticket) => [ticket.id, ticket]));
}
