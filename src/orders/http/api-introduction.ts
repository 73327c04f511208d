import { sessionCookieName } from '../../platform/http/session-cookies.ts';

/**
 * What clients read first. The figures come from the pass that expires overdue orders (scheduled-jobs.ts) and from the deadline of a
 * request (platform/http/reply.ts).
 */
export const introduction = `Holds a ticket for one buyer while they pay.

A small client in TypeScript that does all of what is written here is in the repository: \`docs/clients.md\`.

**Sign in** with the auth service: its cookie \`${sessionCookieName}\`, which a browser sends by itself, is taken, or the same
token as a bearer token. When both are sent, the bearer token counts.

**Time.** Times are ISO 8601 in UTC by the clock of this service. The clock of a device may be wrong by minutes, so do not
compare the two: count \`holdSecondsLeft\` down from the moment in which the answer arrives. It is rounded up, so at 0:00
the hold is over. From then on

- whoever asks first gets the ticket, and cancelling is answered with 409 \`order_expired\`;
- the order becomes \`expired\` within two seconds as a rule, within a minute or so when something is wrong, and as soon as
  the database is back after an outage. Until then it is still \`pending\`, with \`holdSecondsLeft\` 0;
- **paying late is still worth offering**: a payment for an order that is \`pending\` or \`expired\` buys the ticket as long as
  no other order holds it. If one does, the order stays as it is, and the payments
  service gives the money back. A marketplace may also give back every payment for an order that is \`expired\`.

**More time.** Where the service is set to it, \`POST /api/orders/{orderId}/extension\` lets a buyer hold the ticket for longer. So
\`expiresAt\` of a \`pending\` order may move, always to a later time and never beyond what the service is set to: ask for the
order at 0:00 before you say that it is over.

**How often to ask.** Nothing is pushed to clients. Ask for the order when its page is opened or seen again, and when the
countdown has come to 0:00. Ask every two seconds while you wait for a change (after the payment until it is \`paid\`, after
0:00 until it is no longer \`pending\`), every ten seconds once half a minute is over. In between there is no need to ask.

**Money.** \`price\` is a number in the major unit of the marketplace's one currency, 12.5 for 12 dollars and 50 cents; which
currency that is the payments service knows.

**Errors** of this service all have one shape, \`{"errors": [{"message", "code", …}]}\`. Show people the \`message\`; let
programs decide by the \`code\`; each code has a schema of its own. A path that is not described here is answered with
404 \`not_found\`, another method of one that is with 405 \`method_not_allowed\` and \`Allow\`. A name in a query that is not
described for the operation, or one that is given twice, is answered with 400, which names it.

**Proxies.** 502, 503 and 504 may come from a proxy on the way, and 429 from one that limits addresses: in HTML, and without
\`Retry-After\`. So look at \`Content-Type\` before you read a body as JSON. After 502, 503 or 504, after no answer at all, or
after ten seconds without one (the service answers within five), it is not known whether the request was carried out:
repeat it after \`Retry-After\`, where there is none after a second, then two, then four. A purchase is repeated with the same
\`Idempotency-Key\`; everything else can be repeated as it is.

**Later versions** may add fields, headers and codes, and take none away. Ignore the fields that you do not know, and take an
unknown code by its status.

**What becomes of an order** later on is told by events to other services (AsyncAPI: \`docs/asyncapi.yaml\` in the
repository).`;
