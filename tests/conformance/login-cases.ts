import { eventually } from '../support/eventually.ts';
import { connectClient, kinds, patient } from './broker-under-test.ts';

/** How every adapter must log in. */
export function loginCases(kind: keyof typeof kinds): void {
  describe('When the server wants a login', () => {
    const [user, pass, token] = ['us@er/1', 'p:a@s/s?#%41 &é', 't@ken:/%2F'];
    const encoded = encodeURIComponent;

    test.each([
      ['a user and a password', ['--user', user, '--pass', pass], `${encoded(user)}:${encoded(pass)}`],
      ['a token', ['--auth', token], encoded(token)],
    ])(
      'by %s and the URL has it percent-encoded, then it connects; with another one it does not',
      async (_, login, given) => {
        const strict = await kinds[kind](login);
        const at = (auth: string) => strict.environment(strict.url.replace('//', `//${auth}@`));
        const wrong = connectClient(at(`${given}x`));
        const client = connectClient(at(given));
        await eventually(() => client.broker.isConnected(), patient);
        await client.broker.publish('case.login', 'heard');
        await eventually(() => wrong.log().some(({ msg }) => msg.startsWith('no connection')), patient);
        expect(wrong.broker.isConnected()).toBe(false);
        expect(JSON.stringify(wrong.log())).not.toContain(pass.slice(0, 5));
      },
      60_000,
    );

    test('and is away first, then both are logged as the reason, each once', async () => {
      const strict = await kinds[kind](['--user', user, '--pass', pass]);
      await strict.server.kill();
      const client = connectClient(strict.environment());
      const reasons = () => client.log().filter(({ msg }) => msg.startsWith('no connection'));
      await eventually(() => reasons().length === 1, patient);
      await strict.server.restart();
      await eventually(() => reasons().length === 2, patient);
      expect(reasons().map(({ reason }) => reason)).toEqual([
        expect.stringContaining('ECONNREFUSED'),
        expect.stringMatching(/authorization/i),
      ]);
    }, 60_000);
  });
}
