import type { Request, Response } from 'express';
import { fixedResponse } from './fixed-response.ts';

test('When the same is answered many times, then all the answers are one buffer', () => {
  const sent: unknown[] = [];
  const res: Partial<Response> = {};
  const chained = () => res as Response;
  Object.assign(res, { type: chained, set: chained, send: (body: unknown) => sent.push(body) });
  const handler = fixedResponse({ type: 'html', text: 'für alle' });
  for (let i = 0; i < 3; i++) void handler({} as Request, res as Response, () => undefined);
  expect(sent[0]).toEqual(Buffer.from('für alle'));
  expect(sent.every((body) => body === sent[0])).toBe(true);
});
