import type { RequestListener } from 'node:http';
import express, { type Express } from 'express';
import { atEnd } from '../../../tests/support/at-end.ts';
import { listen } from './server.ts';

/** Tells whether each message has the prototype that Express would give it, before Express has seen it. */
function watch(app: Express): boolean[] {
  const fits: boolean[] = [];
  // Express's own, which its types do not have.
  const inner = app as Express & { handle: RequestListener };
  const handle = inner.handle.bind(app);
  inner.handle = (req, res) => {
    fits.push(Object.getPrototypeOf(req) === app.request, Object.getPrototypeOf(res) === app.response);
    handle(req, res);
  };
  return fits;
}

test('When a request comes, then Express has nothing to change about it and its answer, which have all it adds', async () => {
  const app = express();
  app.get('/here', (req, res) => void res.json([req.path, req.query, req.app === app, res.app === app]));
  const fits = watch(app);
  const server = await listen(app, 0);
  atEnd(() => server.stop());
  const answer = await fetch(`http://127.0.0.1:${server.port}/here?a=b`);
  expect(await answer.json()).toEqual(['/here', { a: 'b' }, true, true]);
  expect(fits).toEqual([true, true]);
});
