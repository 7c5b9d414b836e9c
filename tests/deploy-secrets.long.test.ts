/** A password, a passphrase, a private key and a run's token, through a deployment, a run and its reports: no trace. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createControlPlane } from '../main/control-plane.ts';
import type { JoinTicket } from '../main/core/protocol/join-ticket.ts';
import { type Sshd, startSshd, whyNoSshd } from '../main/provision/ssh/sshd.fixture.ts';
import { ensureAgent } from '../scripts/build-worker.ts';
import { filesWith, holding, watchProcesses } from './canaries.ts';
import { temporary } from './cli-program.ts';
import { RUNTIME_CACHE } from './ssh-device.ts';
import { eventually } from './tiny-run.ts';

const missing = whyNoSshd();
const canary = (): string => `canary-${randomBytes(12).toString('hex')}`;
const PATIENCE_MS = 60_000;
const FORMATS = ['html', 'csv', 'json', 'md', 'tex'];

describe.skipIf(missing !== undefined)(
  `secrets through a whole run${missing ? ` (skipped: ${missing})` : ''}`,
  { timeout: 900_000 },
  () => {
    const [password, passphrase] = [canary(), canary()];
    let byPassword: Sshd;
    let byKey: Sshd;
    let home: string;

    beforeAll(async () => {
      await ensureAgent();
      home = temporary();
      byPassword = await startSshd({ users: [{ name: 'pi', password }] });
      byKey = await startSshd({ users: [{ name: 'pi' }] });
      execFileSync('ssh-keygen', ['-q', '-p', '-f', byKey.keyFile, '-P', '', '-N', passphrase]);
      writeFileSync(join(home, 'ssh_config'), 'Host *\n  UserKnownHostsFile none\n  IdentityFile none\n');
    }, 60_000);
    afterAll(async () => {
      await byPassword?.stop();
      await byKey?.stop();
    });

    it('stay in memory, but for the ticket that only its owner reads, while its agent runs', async () => {
      const stop = watchProcesses();
      const said: string[] = [];
      const controlPlane = createControlPlane(
        {
          ...{ ...process.env, CADUCEUS_HOME: join(home, 'data'), CADUCEUS_SSH_CONFIG: join(home, 'ssh_config') },
          ...{ SSH_AUTH_SOCK: '', XDG_CACHE_HOME: dirname(RUNTIME_CACHE) },
        },
        { warn: (text) => said.push(text) },
      );
      const { devices } = controlPlane;
      const asked = new Set<string>();
      devices.onChange((views) => {
        said.push(JSON.stringify(views));
        for (const { id, question } of views) {
          if (question?.kind !== 'secret' || asked.has(question.question)) continue;
          asked.add(question.question);
          const value = question.secret === 'passphrase' ? passphrase : password;
          devices.answer(id, { kind: 'secret', question: question.question, value, remember: true });
        }
      });
      devices.add([
        { name: 'typed', address: '127.0.0.1', port: byPassword.port, user: 'pi' },
        { name: 'locked', address: '127.0.0.1', port: byKey.port, user: 'pi', keyFile: byKey.keyFile },
      ]);
      const summary = await devices.deploy({ devices: [], acceptNew: true, benchmark: false });
      expect(summary.devices).toMatchObject([{ ok: true }, { ok: true }]);
      expect(asked.size).toBe(2);

      const handle = await controlPlane.startRun(
        {
          ...{ policy: 'asp', workers: { devices: ['all'] }, stop: { maxSeconds: 4 } },
          ...{ dataset: { name: 'digits', trainRows: 600 }, validationRows: 50 },
        },
        {
          onRecord: (record) => void said.push(JSON.stringify(record)),
          onStage: (text) => void said.push(text),
        },
      );
      const findTickets = (): Ticket[] => [byPassword, byKey].flatMap((sshd) => ticketsIn(sshd.home('pi')));
      await eventually(() => findTickets().length === 2, findTickets, PATIENCE_MS);
      const tickets = findTickets();
      const tokens = tickets.map(({ token }) => token);
      expect(tickets.map(({ mode }) => mode)).toEqual([0o600, 0o600]);
      const secrets = [password, passphrase, ...tokens, ...keyBody(byKey.keyFile)];
      const devicesHold = (): string[] =>
        [byPassword, byKey].flatMap((sshd) => filesWith(sshd.home('pi'), secrets)).sort();
      expect(devicesHold()).toEqual(tickets.map(({ path }) => path).sort());

      said.push(JSON.stringify(await handle.whenDone));
      const reports = join(home, 'reports');
      await controlPlane.writeReports({ runs: [handle.run], formats: FORMATS, directory: reports, includeHosts: true });
      controlPlane.exportModel(handle.run, join(home, 'model.safetensors'));
      // Open, with what SQLite keeps beside its file; and closed.
      const whileOpen = filesWith(home, secrets);
      await devices.close();
      controlPlane.close();
      const { looks, seen } = stop();

      expect(readdirSync(reports, { recursive: true }).length).toBeGreaterThanOrEqual(FORMATS.length);
      expect(looks).toBeGreaterThan(20);
      expect(holding(seen, secrets)).toEqual([]);
      expect(holding(said, secrets)).toEqual([]);
      expect([...whileOpen, ...filesWith(home, secrets)]).toEqual([]);
      expect(devicesHold()).toEqual([]);
      // The search is not blind.
      expect(filesWith(dirname(byKey.keyFile), keyBody(byKey.keyFile))).toEqual([byKey.keyFile]);
      expect(seen.some((text) => text.includes('agent.cjs'))).toBe(true);
      writeFileSync(join(home, 'seen.json'), JSON.stringify({ secret: secrets.at(-1) }));
      expect(filesWith(home, secrets)).toEqual([join(home, 'seen.json')]);
    });
  },
);

interface Ticket {
  path: string;
  token: string;
  mode: number;
}

function ticketsIn(directory: string): Ticket[] {
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => /\/runs\/[^/]+\/ticket$/.test(`/${name}`))
    .map((name) => join(directory, name))
    .map((path) => {
      const { token } = JSON.parse(readFileSync(path, 'utf8')) as JoinTicket;
      return { path, token, mode: statSync(path).mode & 0o777 };
    });
}

/** Lines of the file that are the key itself. */
function keyBody(file: string): string[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.length > 40 && !line.startsWith('-'));
}
