import { expect, it } from 'vitest';
import { Ledger } from '../core/accounting.ts';
import { Listener } from './listener.ts';

function listener(): Listener {
  return new Listener({ maxMessageBytes: 1000, ledger: new Ledger(), onConnection: () => undefined });
}

it.each(['0.0.0.0', '::', '::0', '0', '*', ''])('no door is every address at once: "%s"', async (host) => {
  await expect(listener().open({ host, port: 0 })).rejects.toMatchObject({
    code: 'CAD-LISTEN',
    message: expect.stringContaining('every address of this machine at once') as string,
    remedy: expect.stringContaining('127.0.0.1') as string,
  });
});

it('a door of a name is that of the address it stands for', async () => {
  const doors = listener();
  const { host, port } = await doors.open({ host: 'localhost', port: 0 });
  expect([host, port > 0]).toEqual(['localhost', true]);
  await doors.close(0);
});

it('a name that nobody knows opens no door', async () => {
  await expect(listener().open({ host: 'nowhere.invalid', port: 0 })).rejects.toMatchObject({ code: 'CAD-LISTEN' });
});
