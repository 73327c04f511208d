import { randomBytes } from 'node:crypto';
import jwt from 'jsonwebtoken';
import mongoose, { type Connection } from 'mongoose';
import { jwtKey } from './running-service.ts';

/** A fresh ObjectId in hex. */
export function newId(): string {
  return new mongoose.Types.ObjectId().toHexString();
}

/** A signed-in user's request headers. */
export function signedIn(userId = newId()): { Authorization: string } {
  const token = jwt.sign({ id: userId, email: `${userId}@example.com` }, jwtKey, { algorithm: 'HS256' });
  return { Authorization: `Bearer ${token}` };
}

/** The cookie as the auth service sets it. */
export function sessionCookie(token: string): string {
  return `express:sess=${Buffer.from(JSON.stringify({ jwt: token })).toString('base64')}`;
}

/** Puts a ticket's copy straight into the database, as if its event had been applied. Resolves with its id. */
export async function storeTicket(
  database: Connection,
  ticket: { price?: number; version?: number } = {},
): Promise<string> {
  const id = new mongoose.Types.ObjectId();
  const title = `Concert ${randomBytes(3).toString('hex')}`;
  await database.collection('tickets').insertOne({ _id: id, title, price: 20, version: 0, ...ticket });
  return id.toHexString();
}

/** Asks a service for an order of a ticket. Resolves with the answer, whatever it is. */
export function requestOrder(
  url: string,
  ticketId: string,
  buyer: Record<string, string> = signedIn(),
): Promise<Response> {
  return fetch(`${url}/api/orders`, {
    method: 'POST',
    headers: { ...buyer, 'Content-Type': 'application/json' },
    body: JSON.stringify({ ticketId }),
  });
}

/** Places an order, which must succeed. Resolves with its id. */
export async function placeOrder(
  url: string,
  ticketId: string,
  buyer?: Record<string, string>,
): Promise<string> {
  const answer = await requestOrder(url, ticketId, buyer);
  expect(answer.status).toBe(201);
  return ((await answer.json()) as { id: string }).id;
}
