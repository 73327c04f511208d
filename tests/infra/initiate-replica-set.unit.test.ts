import { runInNewContext } from 'node:vm';
import { textOf } from './repository.ts';

const script = textOf('infra/k8s/base/initiate-replica-set.js');

/** Runs the script as mongosh does, against a fake member: there is no MongoDB here that one could initiate. */
function runAgainst(member: { status: () => { ok: number }; initiate: jest.Mock; primaryAfter?: number }) {
  let asked = 0;
  runInNewContext(script, {
    process: { env: { REPLICA_SET: 'rs0', REPLICA_SET_HOSTS: 'one:27017,two:27017,three:27017' } },
    rs: { status: member.status, initiate: member.initiate },
    db: { hello: () => ({ primary: asked++ < (member.primaryAfter ?? 0) ? undefined : 'one:27017' }) },
    print: () => undefined,
    sleep: () => undefined,
  });
  return { asked };
}

function failure(codeName: string) {
  return () => {
    throw Object.assign(new Error(codeName), { codeName });
  };
}

describe('When the replica set', () => {
  test('was never initiated, then it is initiated with all members at once, and a primary is waited for', () => {
    const initiate = jest.fn();
    const { asked } = runAgainst({ status: failure('NotYetInitialized'), initiate, primaryAfter: 3 });
    expect(initiate.mock.calls).toEqual([
      [
        {
          _id: 'rs0',
          members: [
            { _id: 0, host: 'one:27017' },
            { _id: 1, host: 'two:27017' },
            { _id: 2, host: 'three:27017' },
          ],
        },
      ],
    ]);
    expect(asked).toBe(4);
  });

  test('is initiated, then it is left as it is', () => {
    const initiate = jest.fn();
    runAgainst({ status: () => ({ ok: 1 }), initiate });
    expect(initiate).not.toHaveBeenCalled();
  });

  test('cannot be asked, then nothing is initiated and the script fails', () => {
    const initiate = jest.fn();
    expect(() => runAgainst({ status: failure('Unauthorized'), initiate })).toThrow('Unauthorized');
    expect(initiate).not.toHaveBeenCalled();
  });

  test('has a member that cannot be reached or has data, then the script fails', () => {
    const initiate = jest.fn(failure('NodeNotFound'));
    expect(() => runAgainst({ status: failure('NotYetInitialized'), initiate })).toThrow('NodeNotFound');
  });
});
