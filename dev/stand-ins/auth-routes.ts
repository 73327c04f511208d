import cookieSession from 'cookie-session';
import type { Express, Request, RequestHandler } from 'express';
import jwt from 'jsonwebtoken';
import { sessionToken } from './session-cookie.ts';

export interface Buyer {
  id: string;
  name: string;
  email: string;
}

/** Made up, and signed in without a password. */
const buyers: readonly Buyer[] = ['Ada', 'Ben', 'Cleo'].map((name) => {
  const id = name.toLowerCase();
  return { id, name, email: `${id}@example.com` };
});

/** Stands in for the auth service: the same cookie, by the same package, with the same token in it. */
export function authRoutes(jwtKey: string): (app: Express) => void {
  return (app) => {
    const session = cookieSession({ name: 'express:sess', signed: false, sameSite: 'lax' });
    app.use('/api/users', session);

    app.get('/api/users/currentuser', (req, res) => {
      const buyer = buyerOf(req, jwtKey);
      res.json({ currentUser: buyer ?? null, buyers });
    });
    app.post('/api/users/signin/:buyer', (req, res) => {
      const buyer = buyers.find(({ id }) => id === req.params.buyer);
      if (!buyer) {
        const names = buyers.map(({ id }) => id).join(', ');
        res.status(404).json({ errors: [{ message: `There is no such buyer: it must be one of ${names}` }] });
        return;
      }
      req.session = { jwt: sessionToken({ id: buyer.id, email: buyer.email }, jwtKey) };
      res.json({ currentUser: buyer });
    });
    app.post('/api/users/signout', (req, res) => {
      req.session = null;
      res.json({ currentUser: null });
    });
  };
}

/** Responds with 401 to requests without a session; else the buyer is in `res.locals`. */
export function requireBuyer(jwtKey: string): RequestHandler[] {
  const session = cookieSession({ name: 'express:sess', signed: false, sameSite: 'lax' });
  return [
    session,
    (req, res, next) => {
      const buyer = buyerOf(req, jwtKey);
      res.locals['buyer'] = buyer;
      if (buyer) next();
      else res.status(401).json({ errors: [{ message: 'You are not signed in', code: 'not_signed_in' }] });
    },
  ];
}

function buyerOf(req: Request, jwtKey: string): Buyer | undefined {
  try {
    const token: unknown = req.session?.['jwt'];
    const payload = jwt.verify(String(token), jwtKey, { algorithms: ['HS256'] });
    return typeof payload === 'object' ? buyers.find(({ id }) => id === payload['id']) : undefined;
  } catch {
    // No token, or one of another run's key: not signed in.
    return undefined;
  }
}
