import { IncomingMessage, ServerResponse } from 'node:http';
import type { Express } from 'express';

/**
 * The classes by which a server makes the requests and the answers of an application, to be given to `createServer`.
 *
 * Express gives every message the prototype of its application (`app.request`, `app.response`) when it gets it. A change
 * of prototype is dear: V8 makes a hidden class for that one object, which then outlives it and keeps it in memory until
 * all of the heap is collected. Of messages that are born with that prototype there is nothing to change
 * (docs/decisions/0026).
 */
export function expressPrototypes(app: Express) {
  class AppRequest extends IncomingMessage {}
  class AppResponse extends ServerResponse {}
  app.request = inherit(AppRequest.prototype, app.request);
  app.response = inherit(AppResponse.prototype, app.response);
  return { IncomingMessage: AppRequest, ServerResponse: AppResponse };
}

/** What has all that `parent` has, besides its own. Done once, before there is any message. */
function inherit<Parent extends object>(prototype: object, parent: Parent): Parent {
  return Object.setPrototypeOf(prototype, parent) as Parent;
}
