/**
 * How a worker's connection will get from the device to this machine: straight to an address of ours when the
 * device can reach it, else back through the SSH connection, with the reason told.
 */
import type { DevicePath } from '../../core/device.ts';
import { CaduceusError } from '../../core/errors.ts';
import type { SelfCheckFinding, SelfCheckRequest } from '../../core/self-check.ts';
import type { Remote } from '../ssh/remote.ts';
import { isOwnAddress, openReverseCheck, pathKind, type ReverseCheck } from './controller-address.ts';
import type { Ground } from './probe.ts';

export interface PathSearch {
  /** For the agent's first check. */
  readonly reach: SelfCheckRequest['reach'];
  /**
   * The way that was found, or a tunnel that was tried.
   * @param ask Starts the agent once more with these addresses.
   * @throws CAD-TUNNEL
   */
  conclude(
    findings: readonly SelfCheckFinding[],
    remote: Remote,
    ask: (reach: SelfCheckRequest['reach']) => Promise<SelfCheckFinding[]>,
  ): Promise<DevicePath>;
  close(): void;
}

const MAX_ADDRESSES = 4;
const LOOPBACK = '127.0.0.1';

/** @param chosen Addresses of this machine that servers will listen on; none: wherever the device sees it. */
export async function searchPath({ seenAs }: Pick<Ground, 'seenAs'>, chosen: readonly string[]): Promise<PathSearch> {
  const reasons: string[] = [];
  const checks: ReverseCheck[] = [];
  const wanted = [...new Set(chosen.length > 0 || seenAs === undefined ? chosen : [seenAs])].slice(0, MAX_ADDRESSES);
  if (wanted.length === 0) reasons.push('the device does not say from which address it sees this machine');
  for (const host of wanted) {
    if (!isOwnAddress(host)) {
      reasons.push(
        chosen.includes(host)
          ? `this machine has no address ${host}, which was chosen for servers`
          : `the device sees this machine as ${host}, which is a gateway's address`,
      );
      continue;
    }
    try {
      checks.push(await openReverseCheck(host));
    } catch (error) {
      reasons.push(`nothing can listen on ${host}: ${(error as Error).message}`);
    }
  }
  return {
    reach: checks.map(({ host, port, word }) => ({ host, port, word })),
    async conclude(findings, remote, ask) {
      for (const check of checks) {
        const finding = reachOf(findings, check.host, check.port);
        if (finding?.type === 'reach' && finding.reason === undefined) {
          return { kind: pathKind(check.host), latencyMs: roundedMs(finding.tookMs) };
        }
        const why = finding?.type === 'reach' ? (finding.reason ?? '') : 'it did not say';
        reasons.push(`the device does not reach ${check.host}: ${WORDS[why] ?? why}`);
      }
      return tryTunnel(remote, reasons.join('; '), ask);
    },
    close: () => {
      for (const check of checks) check.close();
    },
  };
}

async function tryTunnel(
  remote: Remote,
  reason: string,
  ask: (reach: SelfCheckRequest['reach']) => Promise<SelfCheckFinding[]>,
): Promise<DevicePath> {
  const check = await openReverseCheck(LOOPBACK);
  try {
    const listener = await remote
      .forwardIn(0, (connection) => check.answer(connection))
      .catch((error: unknown) => {
        if (!(error instanceof CaduceusError) || error.code !== 'CAD-TUNNEL') throw error;
        throw new CaduceusError('CAD-TUNNEL', `${error.message}; and ${reason}`, error.remedy, error);
      });
    try {
      const { port } = listener;
      const finding = reachOf(await ask([{ host: LOOPBACK, port, word: check.word }]), LOOPBACK, port);
      if (finding?.type === 'reach' && finding.reason === undefined) {
        return { kind: 'tunnel', latencyMs: roundedMs(finding.tookMs), reason };
      }
      throw new CaduceusError(
        'CAD-TUNNEL',
        `a tunnel through the SSH connection was opened, but nothing comes through it; and ${reason}`,
        'Look at AllowTcpForwarding and PermitListen in the sshd_config of the device, or open its way to this machine.',
      );
    } finally {
      await listener.close();
    }
  } finally {
    check.close();
  }
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection is refused',
  EHOSTUNREACH: 'there is no way to that host',
  ENETUNREACH: 'there is no way to that network',
  EACCES: 'the device forbids it',
  EPERM: 'the device forbids it',
};

function reachOf(findings: readonly SelfCheckFinding[], host: string, port: number): SelfCheckFinding | undefined {
  return findings.find((finding) => finding.type === 'reach' && finding.host === host && finding.port === port);
}

function roundedMs(ms: number): number {
  return Math.round(ms * 10) / 10;
}
