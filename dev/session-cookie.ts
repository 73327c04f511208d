import jwt from 'jsonwebtoken';

/** Signs a user in as the auth service does: the value of a request's `Cookie` header. */
export function sessionCookie(user: { id: string; email: string }, jwtKey: string): string {
  const token = jwt.sign(user, jwtKey, { algorithm: 'HS256' });
  return `express:sess=${Buffer.from(JSON.stringify({ jwt: token })).toString('base64')}`;
}
