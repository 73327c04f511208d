import express from 'express';
import supertest from 'supertest';
import { HttpError } from './http-error.ts';
import { limitRate } from './rate-limit.ts';

const toError = () => new HttpError(429, { message: 'too many' });

afterEach(() => {
  jest.useRealTimers();
});

test('When the limit is stopped, then its timer is', async () => {
  jest.useFakeTimers();
  const limit = limitRate({ perMinute: 5, toError });
  expect(jest.getTimerCount()).toBe(1);
  await limit.stop();
  expect(jest.getTimerCount()).toBe(0);
});

test('When more callers come than are counted, then those who came first are forgotten, and the others count on', async () => {
  const limit = limitRate({ perMinute: 5, toError, max: 3 });
  const app = express();
  app.set('trust proxy', 1);
  app.post('/', ...limit.handlers, (_req, res) => void res.end());
  const left = async (address: string) => {
    const { headers } = await supertest(app).post('/').set('X-Forwarded-For', address);
    return Number(/r=(\d+)/.exec(String(headers['ratelimit']))?.[1]);
  };
  try {
    for (const host of [1, 2, 3, 4, 5]) expect(await left(`192.0.2.${host}`)).toBe(4);
    expect(await left('192.0.2.5')).toBe(3);
    expect(await left('192.0.2.1')).toBe(4);
  } finally {
    await limit.stop();
  }
});
