/**
 * The same server with another database. A user whose credentials were checked against the URI's own database, as
 * they are where no `authSource` is given, is still checked there.
 *
 * @throws when it is no MongoDB connection string (which is not repeated in the message: it may hold a password)
 */
export function withDatabase(uri: string, database: string): string {
  const match = /^(mongodb(?:\+srv)?:\/\/[^/?]+)(?:\/([^?]*))?(?:\?(.*))?$/.exec(uri);
  if (!match) throw new Error('not a MongoDB connection string');
  const [, server = '', oldDatabase = '', query = ''] = match;
  const options = new URLSearchParams(query);
  if (server.includes('@') && !options.has('authSource')) options.set('authSource', oldDatabase || 'admin');
  return `${server}/${database}${options.size > 0 ? `?${options}` : ''}`;
}
