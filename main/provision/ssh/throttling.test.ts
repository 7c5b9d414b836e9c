import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deviceAt, ScriptedUser, TestConnector } from './connector.fixture.ts';
import { HandshakeSlots } from './handshake-slots.ts';
import { type Sshd, startSshd, whyNoSshd } from './sshd.fixture.ts';

const missing = whyNoSshd();
const DEVICES = 20;

describe.skipIf(missing !== undefined)(
  `a server that allows two handshakes at once${missing ? `: ${missing}` : ''}`,
  () => {
    let sshd: Sshd;

    beforeAll(async () => {
      const users = Array.from({ length: DEVICES }, (_, number) => ({ name: `dev${number}` }));
      sshd = await startSshd({ users, config: ['MaxStartups 2:100:2'] });
    });
    afterAll(() => sshd?.stop());

    it('is reached by twenty devices without an error shown', async () => {
      const connector = TestConnector.make();
      const key = { keyFile: sshd.keyFile };
      const names = await Promise.all(
        Array.from({ length: DEVICES }, async (_, number) => {
          const device = deviceAt(sshd.port, `dev${number}`, key);
          const { remote } = await connector.connect(device, { dialogue: ScriptedUser.refusing(), acceptNew: true });
          return (await remote.run('id -un', { what: 'ask', timeoutMs: 20_000 })).stdout.toString().trim();
        }),
      );
      expect(names).toEqual(Array.from({ length: DEVICES }, (_, number) => `dev${number}`));
      await connector.close();
    });

    it('is tried again with pauses when others take its places', async () => {
      // Two connectors do not know of each other: together they are too many.
      const connectors = [TestConnector.make(), TestConnector.make(), TestConnector.make()];
      const key = { keyFile: sshd.keyFile };
      const before = sshd.log().length;
      await Promise.all(
        Array.from({ length: 12 }, (_, number) =>
          (connectors[number % 3] as TestConnector).connect(deviceAt(sshd.port, `dev${number}`, key), {
            ...{ dialogue: ScriptedUser.refusing(), acceptNew: true },
          }),
        ),
      );
      expect(sshd.log().slice(before)).toMatch(/drop connection|past MaxStartups/);
      for (const connector of connectors) await connector.close();
    });
  },
);

describe('handshake slots', () => {
  it('never hold more than two of one address, and pass on in order', async () => {
    const slots = new HandshakeSlots();
    let underWay = 0;
    let most = 0;
    const order: number[] = [];
    await Promise.all(
      Array.from({ length: 9 }, async (_, number) => {
        const leave = await slots.enter('a');
        most = Math.max(most, ++underWay);
        order.push(number);
        await new Promise((resolve) => setTimeout(resolve, 5));
        underWay--;
        leave();
        leave();
      }),
    );
    expect(most).toBe(2);
    expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });
});
