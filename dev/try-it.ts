import type { OfferedTicket } from './stand-ins/tickets-service.ts';

export interface TryIt {
  url: string;
  tickets: readonly OfferedTicket[];
  ada: string;
  ben: string;
  holdSeconds: number;
}

/** What a newcomer is shown: the tickets, two signed-in buyers, and lines to paste. */
export function tryIt({ url, tickets, ada, ben, holdSeconds }: TryIt): string {
  const [first, second] = tickets;
  if (!first || !second) throw new Error('there are no tickets to buy');
  const orders = `${url}/api/orders`;
  const json = `-H 'Content-Type: application/json'`;
  const lines = tickets.map(({ id, title, price }) => `  ${id}  ${String(price).padStart(3)}  ${title}`);
  return `
The orders service listens on ${url}. An order holds its ticket for ${holdSeconds} seconds.

Tickets (their prices keep changing):
${lines.join('\n')}

Paste these lines into another terminal. Two buyers are signed in, Ada and Ben:
  ADA='${ada}'
  BEN='${ben}'

Ada takes a ticket, and Ben, who wants the same one, is told when it may be free (409, Retry-After):
  ORDER=$(curl -sw '\\n' -b "$ADA" ${json} -d '{"ticketId":"${first.id}"}' ${orders} | tee /dev/stderr | node -pe 'JSON.parse(fs.readFileSync(0)).id')
  curl -siw '\\n' -b "$BEN" ${json} -d '{"ticketId":"${first.id}"}' ${orders}

Ada looks at the order, lists her orders and cancels it:
  curl -sw '\\n' -b "$ADA" ${orders}/$ORDER
  curl -sw '\\n' -b "$ADA" ${orders}
  curl -sw '\\n' -b "$ADA" -X PATCH ${json} -d '{"status":"cancelled"}' ${orders}/$ORDER

Ctrl-C stops everything.
`;
}
