import { parse } from 'yaml';
import { z } from 'zod';
import { textOf } from './repository.ts';

const service = z.looseObject({
  image: z.string(),
  command: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string()).default({}),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
});

/** The services of compose.yaml. @throws when one is missing */
export function composeServices() {
  const shape = z.looseObject({
    services: z.strictObject({ orders: service, mongo: service, nats: service }),
  });
  return shape.parse(parse(textOf('compose.yaml'))).services;
}
