import { IncomingMessage, ServerResponse } from 'node:http';
import type { Express } from 'express';

/**
 * The classes of requests and responses for `createServer`.
 *
 * Express sets the prototype of each request and response to the app's own (`app.request`, `app.response`). To change a
 * prototype is expensive: V8 makes a hidden class for that one object, which outlives the object and keeps it in memory
 * until all of the heap is collected. These classes have the app's prototypes from the start, so nothing changes
 * (docs/decisions/0026).
 */
export function expressPrototypes(app: Express) {
  class AppRequest extends IncomingMessage {}
  class AppResponse extends ServerResponse {}
  app.request = inherit(AppRequest.prototype, app.request);
  app.response = inherit(AppResponse.prototype, app.response);
  return { IncomingMessage: AppRequest, ServerResponse: AppResponse };
}

/** The prototype, which inherits from `parent` now. Called once, before there is any request. */
function inherit<Parent extends object>(prototype: object, parent: Parent): Parent {
  return Object.setPrototypeOf(prototype, parent) as Parent;
}
