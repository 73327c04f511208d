import { parse } from 'yaml';
import { z } from 'zod';
import { textOf } from './repository.ts';

const service = z.looseObject({
  image: z.string(),
  command: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string()).default({}),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  profiles: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.looseObject({})).default({}),
});
const services = z.strictObject({
  orders: service,
  'orders-on-jetstream': service,
  mongo: service,
  nats: service,
  jetstream: service,
});

/** The services of compose.yaml. @throws when one is missing */
export function composeServices() {
  // Compose reads `<<`, which YAML has no more since 1.2.
  const file = parse(textOf('compose.yaml'), { merge: true });
  return z.looseObject({ services }).parse(file).services;
}
