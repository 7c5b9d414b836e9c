import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deviceAt, ScriptedUser, TestConnector } from './connector.fixture.ts';
import { type Sshd, startSshd, whyNoSshd } from './sshd.fixture.ts';

const missing = whyNoSshd();
/** Three keep-alives of ten seconds without an answer, and some for a busy machine. */
const DETECTED_MS = 60_000;

describe.skipIf(missing !== undefined)(`a device that falls silent${missing ? `: ${missing}` : ''}`, () => {
  let sshd: Sshd;
  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterAll(() => sshd?.stop());

  it('is noticed, and what waits for it is told', async () => {
    const connector = TestConnector.make();
    const device = deviceAt(sshd.port, 'root', { keyFile: sshd.keyFile });
    const { remote } = await connector.connect(device, { dialogue: ScriptedUser.refusing(), acceptNew: true });
    const pid = (await remote.run('echo "$PPID"', { what: 'ask', timeoutMs: 10_000 })).stdout.toString().trim();
    // Its first word says that the program runs, so that it is not its start that is waited for.
    let runs: (() => void) | undefined;
    const started = new Promise<void>((resolve) => (runs = resolve));
    const options = { what: 'wait', timeoutMs: 600_000, onStdout: () => runs?.() };
    const waiting = remote.run('echo started; sleep 1000', options);
    const told = expect(waiting).rejects.toMatchObject({ code: 'CAD-SSH-LOST' });
    await started;
    process.kill(Number(pid), 'SIGSTOP');
    const silentMs = performance.now();
    expect(await remote.whenLost).toMatchObject({
      code: 'CAD-SSH-LOST',
      message: expect.stringContaining('Keepalive') as string,
    });
    expect(performance.now() - silentMs).toBeLessThan(DETECTED_MS);
    await told;
    process.kill(Number(pid), 'SIGKILL');
    await connector.close();
  });
});
