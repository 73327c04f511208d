import jwt from 'jsonwebtoken';

/** A token as the auth service puts it into its sessions. */
export function sessionToken(user: { id: string; email: string }, jwtKey: string): string {
  return jwt.sign(user, jwtKey, { algorithm: 'HS256' });
}

/** Signs a user in as the auth service does: the value of a request's `Cookie` header. */
export function sessionCookie(user: { id: string; email: string }, jwtKey: string): string {
  const session = JSON.stringify({ jwt: sessionToken(user, jwtKey) });
  return `express:sess=${Buffer.from(session).toString('base64')}`;
}
