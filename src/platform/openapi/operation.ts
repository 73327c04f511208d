import type { Express, RequestHandler } from 'express';
import type { RequestSchema } from '../http/request-schema.ts';
import type { ResponseSpec } from './response-spec.ts';

/** What a route takes, and every response that it gives, as it is described to clients. */
export interface Operation {
  method: 'get' | 'post' | 'patch' | 'delete' | 'options';
  /** As the router has it: `/api/orders/:orderId`. */
  path: string;
  operationId: string;
  summary: string;
  description: string;
  /** Absent: the client is signed in. */
  session?: 'not needed';
  /** What its route validates. */
  request?: RequestSchema;
  /** One for each status. */
  responses: readonly ResponseSpec[];
}

/** An operation with what runs it. */
export interface Endpoint<Deps> extends Operation {
  method: Exclude<Operation['method'], 'options'>;
  /** Called once for each app that it is mounted on. */
  handlers(deps: Deps): RequestHandler[];
}

/** Gives the app the routes of the endpoints, in this order. */
export function mountEndpoints<Deps>(app: Express, endpoints: readonly Endpoint<Deps>[], deps: Deps): void {
  for (const { method, path, handlers } of endpoints) app[method](path, ...handlers(deps));
}
