import { z } from 'zod';

/** The headers of responses that mean something to a client. Each example is one that its schema accepts. */
export const responseHeaders = {
  'X-Request-Id': {
    description:
      'What the request is found by in our log: tell it when you ask about it. One that you send is kept: 1 to 128 ' +
      'letters, digits and `_.:-`.',
    example: '0c3f1a52-77aa-4f0e-8c55-0b1d1b7f2f3e',
    schema: z.string().regex(/^[\w.:-]{1,128}$/),
  },
  Location: {
    description: 'The path of the order, to be shown, cancelled or kept as a link.',
    example: '/api/orders/6b04db2da39c0fc557bdbfb7',
    schema: z.string().regex(/^\/api\/orders\/[0-9a-f]{24}$/),
  },
  'Idempotency-Replayed': {
    description:
      'There, and `true`, when the order was placed before with this `Idempotency-Key`. Nothing was done now: look at ' +
      'the `status`, since the order may be over. (Rarely on a first response too, when the service had to ask the ' +
      'database what became of its write.)',
    example: 'true',
    schema: z.literal('true'),
  },
  'Retry-After': {
    description: 'After how many whole seconds another try makes sense. Never a date.',
    example: 612,
    schema: z.int().min(1),
  },
  Allow: {
    description: 'The methods of the path.',
    example: 'GET, HEAD, OPTIONS, POST',
    schema: z.string().regex(/^[A-Z]+(, [A-Z]+)*$/),
  },
  Link: {
    description:
      'The path of the next page; without this header the page is the last one. Follow it as it is: the names of the ' +
      'query in it may change.',
    example: '</api/orders?limit=20&cursor=MTg5MzQ1NjAw>; rel="next"',
    schema: z.string().regex(/^<\/api\/orders\?[^>]+>; rel="next"$/),
  },
  RateLimit: {
    description:
      'There where purchases are limited. `r`: how many you may still ask for; `t`: in how many seconds the count ' +
      'begins anew. Every request for a purchase counts, also one that is refused or repeated. The name in quotes is the ' +
      'one in `RateLimit-Policy`. Each replica counts for itself, so `r` may jump. (draft-ietf-httpapi-ratelimit-headers-08)',
    example: '"30-in-1min"; r=29; t=60',
    schema: z.string().regex(/^"[^"]+"; r=\d+; t=\d+$/),
  },
  'RateLimit-Policy': {
    description:
      'There where purchases are limited. `q`: how many you may ask for in `w` seconds; `pk`: stands for who is ' +
      'counted, the user or the address of somebody who is not signed in.',
    example: '"30-in-1min"; q=30; w=60; pk=:NGE0NGRjMTUzNjQy:',
    schema: z.string().regex(/^"[^"]+"; q=\d+; w=\d+; pk=:[A-Za-z0-9+/=]+:$/),
  },
};

export type HeaderName = keyof typeof responseHeaders;
