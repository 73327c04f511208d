import type { Express, RequestHandler } from 'express';
import type { RequestSchema } from '../http/request-schema.ts';
import type { ResponseSpec } from './response-spec.ts';

/** The description of a route for clients: its request and all its responses. */
export interface Operation {
  method: 'get' | 'post' | 'patch' | 'delete' | 'options';
  /** In the syntax of Express: `/api/orders/:orderId`. */
  path: string;
  operationId: string;
  summary: string;
  description: string;
  /** When absent, the client must be signed in. */
  session?: 'not needed';
  /** The schema that its route validates with. */
  request?: RequestSchema;
  /** One for each status. */
  responses: readonly ResponseSpec[];
}

/** An operation with its handlers. */
export interface Endpoint<Deps> extends Operation {
  method: Exclude<Operation['method'], 'options'>;
  /** Called once for each app that it is mounted on. */
  handlers(deps: Deps): RequestHandler[];
}

/** Adds the routes of the endpoints to the app, in this order. */
export function mountEndpoints<Deps>(app: Express, endpoints: readonly Endpoint<Deps>[], deps: Deps): void {
  for (const { method, path, handlers } of endpoints) app[method](path, ...handlers(deps));
}
