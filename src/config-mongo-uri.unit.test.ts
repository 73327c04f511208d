import { problemsOf, requiredVariables } from '../tests/support/required-variables.ts';
import { readConfig } from './config.ts';

test.each(['', '/', '?w=majority', '/?w=majority'])(
  'When MONGO_URI ends in "%s" and so names no database, then that is the problem, and what to write is said',
  (end) => {
    expect(
      problemsOf({ ...requiredVariables, MONGO_URI: `mongodb://user:pass-word@a:27017,b${end}` }),
    ).toEqual([
      'MONGO_URI names no database. Version 0.1 then used `test`: if it has run here, write `/test`. A new installation writes for example `/orders`.',
    ]);
  },
);

test.each([
  ['or.ders', 'must name a database'],
  ['or%20ders', 'must name a database'],
  ['a/b', 'must name a database'],
  // An option after & in place of ?.
  ['orders&replicaSet=rs0', 'must name a database'],
  ['o'.repeat(64), 'must name a database'],
  ['orders?replicaSte=rs0', 'has an option that the driver does not know: replicaSte'],
  ['orders?w=many&%6Eo=1', 'has an option that the driver does not know: one'],
  ['orders?maxPoolSize=lots', 'has an option with a value that it cannot have: maxPoolSize'],
  ['orders?tls=maybe', 'has an option with a value that it cannot have: tls'],
  ['orders?w', 'has an option with a value that it cannot have: w'],
  // It would win over the service's own, unlike wtimeoutMS.
  ['orders?replicaSet=rs0&WTIMEOUT=0', 'has the outdated option wtimeout: leave it out'],
  ['orders?appName=a&appName=b', 'has an option with a value that it cannot have: appName'],
  ['orders?authMechanism=NONE', 'has an option with a value that it cannot have: authMechanism'],
])('When MONGO_URI goes on with %s, then that part is named, and no password', (end, problem) => {
  const problems = problemsOf({ ...requiredVariables, MONGO_URI: `mongodb://user:pass-word@a:27017/${end}` });
  expect(problems).toEqual([expect.stringMatching(`^MONGO_URI ${problem}`)]);
  expect(problems.join()).not.toContain('pass-word');
});

test('When several options of MONGO_URI are wrong, then each is named', () => {
  const MONGO_URI = 'mongodb://a/orders?noSuchOption=1&maxPoolSize=x&appName=a&ssl=perhaps';
  expect(problemsOf({ ...requiredVariables, MONGO_URI }).map((problem) => problem.split(' ').at(-1))).toEqual(
    ['noSuchOption', 'maxPoolSize', 'ssl'],
  );
});

test.each(['mongodb:///orders', 'mongodb://a:99999/orders', 'mongodb+srv://a.example.com:27017/orders'])(
  'When MONGO_URI is %s, then its hosts are the problem',
  (MONGO_URI) => {
    const problems = problemsOf({ ...requiredVariables, MONGO_URI });
    expect(problems).toEqual([expect.stringMatching('^MONGO_URI must name its hosts as host or host:port')]);
  },
);

// Both halves of each are a part of the password.
test.each([
  'hidden@secret',
  'hidden/secret',
  'hidden@/secret',
  'hidden:secret',
  'hidden?secret',
  'hidden?secret=1&secret',
  'hidden#secret',
  'hidden%secret',
  '1?secret=1',
  '1/secret',
])('When the password in MONGO_URI is %s as it is, then that is said, and nothing of it', (password) => {
  for (const options of ['', '?replicaSet=rs0', '?replicaSte=rs0']) {
    const MONGO_URI = `mongodb://user:${password}@a:27017/orders${options}`;
    const problems = problemsOf({ ...requiredVariables, MONGO_URI });
    expect(problems).toEqual([
      expect.stringMatching('^MONGO_URI must have its user and password percent-enc'),
    ]);
    expect(problems.join()).not.toMatch(/hidden|secret/);
    const encoded = `mongodb://user:${encodeURIComponent(password)}@a:27017/orders`;
    expect(readConfig({ ...requiredVariables, MONGO_URI: encoded }).mongoUri).toBe(encoded);
  }
});

test.each([
  ['readConcernLevel', 'readConcernLevel=local'],
  ['readConcernLevel', 'readConcernLevel=available'],
  ['readConcernLevel', 'readConcernLevel=snapshot'],
  ['journal', 'journal=false'],
  ['w', 'w=1'],
  ['w', 'w=0'],
  ['w', 'w=3'],
  ['readPreference', 'readPreference=secondaryPreferred'],
  // The driver takes a name in any case, and encoded.
  ['readConcernLevel', 'READCONCERNLEVEL=local'],
  ['journal', 'w=majority&%6Aournal=false'],
])(
  'When MONGO_URI sets %s by %s, then that is a problem which names it, and no password',
  (option, query) => {
    const problems = problemsOf({
      ...requiredVariables,
      MONGO_URI: `mongodb://user:pass-word@a,b/orders?replicaSet=rs0&${query}`,
    });
    expect(problems).toEqual([expect.stringMatching(new RegExp(`^MONGO_URI .*: ${option} can only be`))]);
    expect(problems.join()).not.toContain('pass-word');
  },
);

test('When MONGO_URI sets several of them, then each is named', () => {
  const MONGO_URI = 'mongodb://a/orders?journal=false&readConcernLevel=local';
  expect(problemsOf({ ...requiredVariables, MONGO_URI })).toHaveLength(2);
});
