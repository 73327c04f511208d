import type { TicketView } from './stand-ins/tickets-service.ts';

export interface InstructionsDeps {
  storefrontUrl: string;
  serviceUrl: string;
  tickets: readonly TicketView[];
  ada: string;
  ben: string;
  holdSeconds: number;
  mongoUri: string;
  peers?: 'classic';
  /** Which broker it is. */
  broker: string;
}

/** The text for a newcomer: the address to open, and lines to paste into a terminal. */
export function instructions({
  storefrontUrl,
  serviceUrl,
  tickets,
  ada,
  ben,
  holdSeconds,
  mongoUri,
  peers,
  broker,
}: InstructionsDeps): string {
  const [ticket] = tickets;
  if (!ticket) throw new Error('there are no tickets to buy');
  const orders = `${serviceUrl}/api/orders`;
  const order = `-H 'Content-Type: application/json' -d '{"ticketId":"${ticket.id}"}' ${orders}`;
  const cancel = `-X PATCH -H 'Content-Type: application/json' -d '{"status":"cancelled"}' ${orders}/$ORDER`;
  return `
Open the storefront in two browser windows, one of them private, and race for a ticket:

  ${storefrontUrl}

An order holds its ticket for ${holdSeconds} seconds. The events go over ${broker}. Ctrl-C stops everything.

The API of the orders service is ${orders}. To use it by curl, paste these lines into another
terminal. Two buyers are signed in, Ada and Ben:
  ADA='${ada}'
  BEN='${ben}'

Ada takes a ticket. Ben wants the same one, and the response says when it may be free (409, Retry-After):
  ORDER=$(curl -sw '\\n' -b "$ADA" ${order} | tee /dev/stderr | node -pe 'JSON.parse(fs.readFileSync(0)).id')
  curl -siw '\\n' -b "$BEN" ${order}

Ada reads the order, lists her orders and cancels it:
  curl -sw '\\n' -b "$ADA" ${orders}/$ORDER
  curl -sw '\\n' -b "$ADA" ${orders}
  curl -sw '\\n' -b "$ADA" ${cancel}

Be the seller: see the life of an order, and what it would do to take its ticket back; with --yes it is done. In the shop
the order's id is at the end of its page's address:
  export MONGO_URI='${withoutLogin(mongoUri)}'${peers ? ` PEERS=${peers}` : ''}
  npm run orders -- show $ORDER
  npm run orders -- release $ORDER --reason 'the hall is closed'
`;
}

/** What is printed is easily passed on. Whoever has given a login can put it in again. */
function withoutLogin(uri: string): string {
  return uri.replace(/\/\/[^/]*@/, '//…@');
}
