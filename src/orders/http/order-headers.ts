import type { HeaderSpec } from '../../platform/http/response-headers.ts';
import { exampleOrderId, examplePurchasesPerMinute as limit } from './examples.ts';
import { ordersPath } from './paths.ts';

/** The headers of responses that only orders have. */

const pathPattern = ordersPath.replaceAll('/', '\\/');

export const locationHeader: HeaderSpec = {
  name: 'Location',
  description: 'The path of the order, to be shown, cancelled or kept as a link.',
  example: `${ordersPath}/${exampleOrderId}`,
  schema: { type: 'string', pattern: `^${pathPattern}\\/[0-9a-f]{24}$` },
};

export const idempotencyReplayedHeader: HeaderSpec = {
  name: 'Idempotency-Replayed',
  description:
    'There, and `true`, when the order was placed before with this `Idempotency-Key`. Nothing was done now: look at ' +
    'the `status`, since the order may be over. (Rarely on a first response too, when the service had to ask the ' +
    'database what became of its write.)',
  example: 'true',
  schema: { type: 'string', const: 'true' },
};

export const linkHeader: HeaderSpec = {
  name: 'Link',
  description:
    'The path of the next page, or of the previous one where the list is read backwards (`rel="prev"`); without this ' +
    'header the page is the last one. Follow it as it is: the names of the query in it may change.',
  example: `<${ordersPath}?limit=20&cursor=MTg5MzQ1NjAw>; rel="next"`,
  schema: { type: 'string', pattern: `^<${pathPattern}\\?[^>]+>; rel="(next|prev)"$` },
};

/** The headers when purchases are limited. express-rate-limit sets them. */
export const rateLimitHeaders: readonly HeaderSpec[] = [
  {
    name: 'RateLimit',
    description:
      'There where purchases are limited. `r`: how many you may still ask for; `t`: in how many seconds the count ' +
      'begins anew. Every request for a purchase, or for more time, counts, also one that is refused or repeated. The ' +
      'name in quotes is the one in `RateLimit-Policy`. Each replica counts for itself, so `r` may jump. (draft-ietf-httpapi-ratelimit-headers-08)',
    example: `"${limit}-in-1min"; r=${limit - 1}; t=60`,
    schema: { type: 'string', pattern: '^"[^"]+"; r=\\d+; t=\\d+$' },
  },
  {
    name: 'RateLimit-Policy',
    description:
      'There where purchases are limited. `q`: how many you may ask for in `w` seconds; `pk`: stands for who is ' +
      'counted, the user or the address of somebody who is not signed in.',
    example: `"${limit}-in-1min"; q=${limit}; w=60; pk=:NGE0NGRjMTUzNjQy:`,
    schema: { type: 'string', pattern: '^"[^"]+"; q=\\d+; w=\\d+; pk=:[A-Za-z0-9+/=]+:$' },
  },
];
