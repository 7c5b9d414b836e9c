/** Devices in networks of their own: behind a firewall, without forwarding, and switched off in the middle. */
import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { deviceInputSchema } from '../main/core/device.ts';
import { uninstall } from '../main/provision/deployment/remote-agent.ts';
import type { Launched } from '../main/provision/launcher.ts';
import { SshLauncher } from '../main/provision/ssh-launcher.ts';
import { NOBODY } from '../main/provision/ssh/dialogue.ts';
import { type BedDevice, startTestbed, type Testbed, whyNoTestbed } from '../scripts/testbed/testbed.ts';
import { type Deployed, deployTo, keyConnector, type SshDevice, stateOf } from './ssh-device.ts';

const reason = whyNoTestbed();
/** A plug that was pulled shows when a connection has been silent for three keep-alives. */
const PATIENCE_MS = 60_000;

async function until(what: string, condition: () => boolean): Promise<void> {
  const endMs = performance.now() + PATIENCE_MS;
  while (!condition()) {
    if (performance.now() > endMs) throw new Error(`not within ${PATIENCE_MS} ms: ${what}`);
    await sleep(50);
  }
}

describe.skipIf(reason !== undefined)(
  `devices in their networks${reason ? ` (skipped: ${reason.message})` : ''}`,
  () => {
    let bed: Testbed;
    let device: BedDevice;
    let over: Pick<SshDevice, 'connector' | 'settings'>;
    let server: Server;
    const callers: Socket[] = [];

    beforeAll(async () => {
      bed = await startTestbed({ devices: 1, cores: 1.5 });
      device = bed.devices[0] as BedDevice;
      const { name, address, port, user } = device;
      over = {
        connector: keyConnector(bed.keyFile, user),
        settings: deviceInputSchema.parse({ name, address, port, user }),
      };
      server = createServer((socket) => {
        callers.push(socket);
        socket.on('error', () => undefined);
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    }, 120_000);
    afterEach(async () => {
      await device.root(['iptables', '-F', 'OUTPUT']);
      await device.overrideSshd('test');
      const lease = await over.connector.connect(over.settings, { dialogue: NOBODY });
      await uninstall(lease.remote, `${device.home}/.caduceus`);
      await lease.release();
    });
    afterAll(async () => {
      server?.close();
      await bed?.stop();
    });

    function deploy(): Promise<Deployed> {
      return deployTo(over as SshDevice);
    }

    /** The device may answer, but call nobody. */
    function closeFirewall(): Promise<string> {
      const host = ['-d', bed.hostAddress, '-p', 'tcp', '--syn'];
      return device.root(['iptables', '-I', 'OUTPUT', ...host, '-j', 'DROP']);
    }

    function launch(deployed: Deployed, run: string): Promise<Launched> {
      const { installation, path } = deployed;
      if (!installation || !path) throw new Error(deployed.error?.message ?? 'not deployed');
      const launcher = new SshLauncher({
        ...{ device: over.settings, installation, path, connector: over.connector, owner: 'controller' },
      });
      const address = server.address();
      const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
      const ticket = { url: `ws://${bed.hostAddress}:9/`, run, worker: device.name, token: 'secret' };
      return launcher.launch({ ticket, loopback: { host: '127.0.0.1', port } });
    }

    it('reach this machine directly where they can', async () => {
      const deployed = await deploy();
      expect(deployed.error).toBeUndefined();
      expect(deployed.path).toMatchObject({ kind: 'direct' });
    });

    it('behind a firewall get a tunnel, with the reason, and their agents call through it, again after a loss', async () => {
      await closeFirewall();
      const startedMs = performance.now();
      const deployed = await deploy();
      expect(deployed.error).toBeUndefined();
      expect(deployed.path).toMatchObject({ kind: 'tunnel' });
      expect(deployed.path?.reason).toMatch(/does not reach 100\.88\.\d+\.1: no answer within 4 s/);
      expect(deployed.steps.find(({ step }) => step === 'handshake')?.detail).toMatch(/tunnel: /);
      expect(performance.now() - startedMs).toBeLessThan(60_000);
      const agent = await launch(deployed, 'r-1');
      await until('the agent calls', () => callers.length > 0);
      const before = callers.length;
      const sessions = (await device.root(['pgrep', '-f', `^sshd: ${device.user}`])).trim().split('\n');
      await device.root(['kill', '-9', ...sessions]);
      await until('the agent calls again', () => callers.length > before);
      await agent.stop();
      expect((await device.root(['sh', '-c', `pgrep -u ${device.user} -f agent.cjs || :`])).trim()).toBe('');
    });

    it('that allow no forwarding either are told which line of sshd_config stands against it', async () => {
      await closeFirewall();
      await device.overrideSshd('test', ['AllowTcpForwarding no']);
      const deployed = await deploy();
      expect(deployed.error).toMatchObject({ code: 'CAD-TUNNEL' });
      expect(`${deployed.error?.message} ${deployed.error?.remedy}`).toMatch(/AllowTcpForwarding/);
      expect(deployed.error?.message).toMatch(/does not reach/);
      expect(stateOf(deployed, 'handshake')).toBe('failed');
      expect((await device.root(['sh', '-c', `ls -A ${device.home}`])).trim()).not.toMatch(/caduceus/);
    });

    it('that are started anew get their agent again', async () => {
      const deployed = await deploy();
      const agent = await launch(deployed, 'r-2');
      const first = agent.pid;
      await device.turnOff();
      await device.turnOn();
      await until('the agent is started again', () => agent.lastLines().some((line) => /is started again/.test(line)));
      await until('it runs', () => agent.pid !== first);
      await until('it says so', () => agent.lastLines().some((line) => /joins run r-2/.test(line)));
      await agent.stop();
      expect((await device.root(['sh', '-c', `pgrep -u ${device.user} -f agent.cjs || :`])).trim()).toBe('');
    }, 150_000);
  },
);
