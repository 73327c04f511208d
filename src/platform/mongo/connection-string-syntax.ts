import mongoose from 'mongoose';

const form = 'must be a MongoDB connection string, mongodb://… or mongodb+srv://…';

const credentials =
  'must have its user and password percent-encoded: @ is written %40, : %3A, / %2F, ? %3F, # %23, % %25';

const hosts =
  'must name its hosts as host or host:port, separated by commas, with ports from 1 to 65535 (with mongodb+srv one host and no port)';

/**
 * Why the driver cannot read a connection string, or would misread it; undefined when it can. The driver's own messages
 * may repeat a password, or the end of one that it takes for an option. So the part is found by trying, and named in the
 * service's words.
 */
export function syntaxProblems(text: string): string[] | undefined {
  const parts = /^(mongodb(?:\+srv)?:\/\/([^/?]*)([^?]*))(?:\?(.*))?$/.exec(text);
  if (!parts || /\s/.test(text)) return [form];
  const [, start = '', authority = '', path = '', query = ''] = parts;
  // An @ in the path: a password contains a /, and the part before that looks like a host and its port.
  const isReadableUri = isReadable(text) && !path.includes('@');
  return isReadableUri ? undefined : problemsIn({ start, authority, path, query });
}

interface Parts {
  /** Everything before the options. */
  start: string;
  authority: string;
  path: string;
  query: string;
}

function problemsIn({ start, authority, path, query }: Parts): string[] {
  // An @ after the hosts most likely ends a password: nothing of it is repeated.
  if (`${path}${query}`.includes('@') || !hasReadableUser(authority)) return [credentials];
  if (!isReadable(start)) return [hosts];
  const problems: string[] = [];
  const good: string[] = [];
  for (const option of query.split('&')) {
    const problem = problemOf(option, (candidate) => isReadable(`${start}${asQuery([...good, candidate])}`));
    if (problem) problems.push(problem);
    else good.push(option);
  }
  return problems;
}

function asQuery(options: string[]): string {
  return `?${options.join('&')}`;
}

/** What is wrong with one option beside those that are good. */
function problemOf(option: string, isReadableWith: (option: string) => boolean): string | undefined {
  if (isReadableWith(option)) return undefined;
  const [name = ''] = option.split('=');
  const shown = /^\w{1,60}$/.test(name) ? name : 'one';
  if (isKnown(name)) return `has an option with a value that it cannot have: ${shown}`;
  return `has an option that the driver does not know: ${shown}`;
}

/** Whether the driver knows the option, in upper or lower case. It refuses unknown ones with these words, with any value. */
function isKnown(name: string): boolean {
  return !/not supported/.test(refusalOf(`mongodb://host/?${name}=1`) ?? '');
}

function hasReadableUser(authority: string): boolean {
  const user = authority.split('@').slice(0, -1);
  if (user.length === 0) return true;
  const encoded = /^(?:[^:@#%]|%[0-9a-f]{2})*(?::(?:[^:@#%]|%[0-9a-f]{2})*)?$/i;
  return user.length === 1 && encoded.test(user[0] ?? '') && isReadable(`mongodb://${user[0]}@host/`);
}

function isReadable(text: string): boolean {
  return refusalOf(text) === undefined;
}

function refusalOf(text: string): string | undefined {
  try {
    new mongoose.mongo.MongoClient(text);
    return undefined;
  } catch (error) {
    return String(error);
  }
}
