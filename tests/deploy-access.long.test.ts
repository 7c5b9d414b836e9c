/** Devices that let nobody in, drop connections or have moved: what is tried, how often, and what is said. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Devices, openDeviceInventory } from '../main/control-plane/devices.ts';
import { sourcePrograms } from '../main/control-plane/programs.ts';
import type { DeviceInput } from '../main/core/device.ts';
import { SESSION_ONLY } from '../main/provision/secrets/vault.ts';
import { movedAddress, throttled } from '../scripts/testbed/faults/network.ts';
import type { Heal } from '../scripts/testbed/faults/fault.ts';
import { hostKeyChanged, keyRefused, maxStartups, passwordLogin } from '../scripts/testbed/faults/ssh-server.ts';
import { type BedDevice, startTestbed, type Testbed, whyNoTestbed } from '../scripts/testbed/testbed.ts';

const reason = whyNoTestbed();
const CROWD = 20;
const FIRST_PORT = 3001;
const PASSWORD = 'the-password-of-this-device';

describe.skipIf(reason !== undefined)(
  `devices that are hard to get into${reason ? ` (skipped: ${reason.message})` : ''}`,
  { timeout: 900_000 },
  () => {
    let bed: Testbed;
    let device: BedDevice;
    let home: string;
    let devices: Devices;
    let heals: Heal[] = [];

    beforeAll(async () => {
      bed = await startTestbed({ devices: 2, cores: 1.5 });
      device = bed.devices[0] as BedDevice;
    }, 120_000);
    afterAll(() => bed?.stop());

    beforeEach(() => {
      home = mkdtempSync(join(tmpdir(), 'caduceus-access-'));
      writeFileSync(join(home, 'ssh_config'), 'Host *\n  UserKnownHostsFile none\n  GlobalKnownHostsFile none\n');
      devices = open();
    });
    afterEach(async () => {
      for (const heal of heals.reverse()) await heal();
      heals = [];
      await devices.close();
      rmSync(home, { recursive: true, force: true });
    }, 180_000);

    function open(): Devices {
      return openDeviceInventory({
        ...{ home: join(home, 'data'), programs: sourcePrograms(), vault: SESSION_ONLY },
        environment: { ...process.env, CADUCEUS_SSH_CONFIG: join(home, 'ssh_config'), SSH_AUTH_SOCK: '' },
      });
    }

    function add(more: Partial<DeviceInput> = {}): string {
      const { name, address, port, user } = device;
      const [added] = devices.add([{ name, address, port, user, keyFile: bed.keyFile, ...more }]);
      return added?.id ?? '';
    }

    /** Lines that the device's SSH server has written since. */
    function sshdLog(): () => string[] {
      const before = device.sshdLog.length;
      return () => device.sshdLog.slice(before).split('\n');
    }

    const matching = (lines: readonly string[], what: RegExp): number => lines.filter((line) => what.test(line)).length;

    it('with a key that is refused are asked once, and the methods are told with what came of each', async () => {
      heals.push(await keyRefused()(device));
      const id = add();
      const log = sshdLog();
      const summary = await devices.deploy({ devices: [id], acceptNew: true });
      expect(summary.devices[0]?.error).toMatchObject({ code: 'CAD-SSH-AUTH' });
      expect(summary.devices[0]?.error?.message).toMatch(/client_key.*(refused|not accepted)/);
      expect(devices.find(id).steps?.find(({ step }) => step === 'authenticate')).toMatchObject({ state: 'failed' });
      expect(matching(log(), /Connection from/)).toBeLessThanOrEqual(1);
    });

    it.each(['password', 'keyboard-interactive'] as const)(
      'with a wrong password by %s are sent it once, and no storm follows',
      async (via) => {
        heals.push(await keyRefused()(device), await passwordLogin({ password: PASSWORD, via })(device));
        const id = add();
        const asked: string[] = [];
        devices.onChange((views) => {
          const question = views.find((view) => view.id === id)?.question;
          if (question?.kind !== 'secret' || asked.includes(question.question)) return;
          asked.push(question.question);
          const answer = { question: question.question };
          if (asked.length > 1) devices.answer(id, { kind: 'refuse', ...answer });
          else devices.answer(id, { kind: 'secret', value: 'wrong', remember: false, ...answer });
        });
        const log = sshdLog();
        const summary = await devices.deploy({ devices: [id], acceptNew: true });
        expect(summary.devices[0]?.error).toMatchObject({ code: 'CAD-SSH-AUTH' });
        expect(matching(log(), /Failed (password|keyboard-interactive)/)).toBe(1);
      },
    );

    it(`that drop all but two connections at once are deployed to, ${CROWD} in all, without an error`, async () => {
      heals.push(await manyPorts());
      const [first = '', ...others] = crowd();
      // They are one machine under many ports, so what is sent is sent once.
      expect((await devices.deploy({ devices: [first], acceptNew: true, benchmark: false })).devices[0]?.ok).toBe(true);
      heals.push(await maxStartups('2:100:2')(device));
      const log = sshdLog();
      const summary = await devices.deploy({ devices: others, acceptNew: true, benchmark: false });
      expect(summary.devices.filter(({ ok }) => !ok)).toEqual([]);
      expect(summary.devices).toHaveLength(CROWD - 1);
      expect(matching(log(), /drop connection|beginning MaxStartups/)).toBeGreaterThan(0);
    });

    it('whose network lets two new connections a second through are looked at, all of them', async () => {
      heals.push(await manyPorts());
      const ids = crowd();
      heals.push(await throttled(120)(device));
      const summary = await devices.probe(ids, { acceptNew: true });
      expect(summary.devices.filter(({ ok }) => !ok)).toEqual([]);
    });

    it('are known by their host key at a new address, and unreachable at the old one', async () => {
      const id = add();
      expect((await devices.deploy({ devices: [id], acceptNew: true, benchmark: false })).devices[0]?.ok).toBe(true);
      const key = devices.find(id).trust?.fingerprint;
      await devices.close();
      heals.push(await movedAddress()(device));
      devices = open();
      const lost = await devices.deploy({ devices: [id], benchmark: false });
      expect(lost.devices[0]?.error).toMatchObject({ code: 'CAD-SSH-REACH' });
      expect(devices.find(id).state).toBe('offline');

      devices.update(id, { address: device.address });
      // Nobody is asked: it shows the key that it is known by.
      const found = await devices.deploy({ devices: [id], benchmark: false });
      expect(found.devices[0]).toMatchObject({ ok: true, uploadedBytes: 0 });
      expect(devices.find(id)).toMatchObject({ state: 'ready', trust: { fingerprint: key } });

      // Another machine at the address that it is said to have is not taken for it.
      const other = bed.devices[1] as BedDevice;
      devices.update(id, { address: other.address });
      refuseChangedKeys(id);
      const stranger = await devices.deploy({ devices: [id], benchmark: false, acceptNew: true });
      expect(stranger.devices[0]?.error).toMatchObject({ code: 'CAD-SSH-HOST-KEY-CHANGED' });
    });

    it('that show another key are sent nothing, and say both keys', async () => {
      const id = add();
      expect((await devices.probe([id], { acceptNew: true })).devices[0]?.ok).toBe(true);
      const before = devices.find(id).trust?.fingerprint ?? '';
      // The connection of that look is still there, and is not what the next one is about.
      heals.push(await hostKeyChanged()(device));
      refuseChangedKeys(id);
      const log = sshdLog();
      const { error } = (await devices.probe([id], { acceptNew: true })).devices[0] ?? {};
      expect(error).toMatchObject({ code: 'CAD-SSH-HOST-KEY-CHANGED' });
      expect(error?.message).toContain(before);
      expect(matching(log(), /userauth|Failed|Accepted/)).toBe(0);
    });

    /** Else the question waits for somebody who has to walk to the device. */
    function refuseChangedKeys(id: string): void {
      devices.onChange((views) => {
        const question = views.find((view) => view.id === id)?.question;
        if (question?.kind === 'key-changed') devices.answer(id, { kind: 'refuse', question: question.question });
      });
    }

    /** One device's SSH server under many ports, as many devices would be. */
    async function manyPorts(): Promise<Heal> {
      const rule = ['-p', 'tcp', '--dport', `${FIRST_PORT}:${FIRST_PORT + CROWD - 1}`];
      const line = ['PREROUTING', ...rule, '-j', 'REDIRECT', '--to-ports', String(device.port)];
      await device.root(['iptables', '-w', '-t', 'nat', '-I', ...line]);
      return async () => void (await device.root(['iptables', '-w', '-t', 'nat', '-D', ...line]));
    }

    function crowd(): string[] {
      return Array.from({ length: CROWD }, (_, index) => add({ name: `d${index}`, port: FIRST_PORT + index }));
    }
  },
);
