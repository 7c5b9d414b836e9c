import { describe, expect, it } from 'vitest';
import type { ServerCertificate } from '../server/certificate.ts';
import type { Door } from '../server/listener.ts';
import { RunDoors } from './run-doors.ts';

const CERTIFICATE: ServerCertificate = { key: 'key', certificate: 'certificate', fingerprint: 'ab'.repeat(32) };

/** What is listened on for whom, without listening. */
function doorsOf(settings: { host?: string; port?: number; tls?: 'auto' | 'always' }) {
  const opened: Door[] = [];
  let certificates = 0;
  const doors = new RunDoors(
    { port: 7000, tls: 'auto', ...settings },
    (door) => {
      opened.push(door);
      return Promise.resolve({ host: door.host, port: door.port, url: `ws://${door.host}:${door.port}/` });
    },
    () => {
      certificates += 1;
      return Promise.resolve(CERTIFICATE);
    },
  );
  return { doors, opened, made: () => certificates };
}

describe('the doors of a run', () => {
  it('without devices are the loopback alone, without TLS, and no certificate is made', async () => {
    const { doors, opened, made } = doorsOf({});
    await Promise.all([doors.loopback(), doors.loopback(), doors.towards({ address: '127.0.0.1' })]);
    expect(opened).toEqual([{ host: '127.0.0.1', port: 7000 }]);
    expect(made()).toBe(0);
  });

  it.each([
    ['a tailnet', { host: '100.101.102.103' }, false],
    ['a tailnet that is not trusted', { host: '100.101.102.103', tls: 'always' as const }, true],
    ['a private network', { host: '192.168.1.5' }, true],
    ['the internet', { host: '203.0.113.5' }, true],
    ['a name, wherever it leads', { host: 'controller.example' }, true],
  ])('on %s are that address as well', async (_name, settings, isSecure) => {
    const { doors, opened } = doorsOf(settings);
    await doors.loopback();
    await doors.towards({ address: '198.51.100.7' });
    expect(opened).toEqual([
      { host: '127.0.0.1', port: 7000 },
      { host: settings.host, port: 7000, ...(isSecure && { certificate: CERTIFICATE }) },
    ]);
  });

  it('on a loopback of the user’s choice are that one, for tunnels too', async () => {
    const { doors, opened } = doorsOf({ host: '::1' });
    await doors.towards({ address: '198.51.100.7' });
    expect(opened).toEqual([{ host: '::1', port: 7000 }]);
  });
});
