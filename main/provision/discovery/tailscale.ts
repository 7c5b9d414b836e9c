/**
 * The tailnet as the `tailscale` program tells it. Its JSON may change, so every field is optional but the state; a
 * stopped backend still lists peers, so nothing is believed unless it runs.
 */
import { execFile } from 'node:child_process';
import { z } from 'zod';
import { CaduceusError } from '../../core/errors.ts';
import { oneLine } from '../../core/plain-text.ts';

const STATUS_TIMEOUT_MS = 10_000;
const MAX_STATUS_BYTES = 32 * 1024 * 1024;

const text = z.string().optional().catch(undefined);
const texts = z.array(z.string()).nullish().catch(undefined);
const flag = z.boolean().optional().catch(undefined);

const peerSchema = z.object({
  ID: text,
  HostName: text,
  DNSName: text,
  OS: text,
  TailscaleIPs: texts,
  Tags: texts,
  Online: flag,
  Active: flag,
  CurAddr: text,
  Relay: text,
  LastSeen: text,
  KeyExpiry: text,
  Expired: flag,
  ShareeNode: flag,
  sshHostKeys: texts,
});

const statusSchema = z.object({
  BackendState: z.string(),
  AuthURL: text,
  Self: peerSchema.nullish().catch(undefined),
  Peer: z.record(z.string(), peerSchema).nullish().catch(undefined),
  MagicDNSSuffix: text,
  CurrentTailnet: z.object({ Name: text }).nullish().catch(undefined),
});

export interface TailnetPeer {
  nodeId: string;
  /** Unique within the tailnet: the first label of its DNS name. */
  name: string;
  hostName: string;
  dnsName: string;
  addresses: string[];
  system: string | undefined;
  online: boolean | null;
  /** Null: no traffic at the moment, so nobody knows. */
  path: 'direct' | 'relay' | null;
  relay: string | undefined;
  tags: string[];
  keyExpiresAt: string | undefined;
  isExpired: boolean;
  sshHostKeys: Buffer[];
}

export interface Tailnet {
  /** `shelf.ts.net`. */
  name: string;
  peers: TailnetPeer[];
}

/** @throws CAD-TAILNET when Tailscale is not there, not running or not logged in. */
export async function readTailnet(programs: readonly string[]): Promise<Tailnet> {
  const status = parseStatus(await askStatus(programs));
  const { BackendState: state, Self: self } = status;
  if (state !== 'Running') throw notRunning(state, status.AuthURL);
  if (self?.Online === false) {
    throw tailnetError(
      'this machine is logged in to its tailnet, but not connected to it',
      'Check the network of this machine, then try again.',
    );
  }
  const peers = Object.values(status.Peer ?? {});
  return {
    name: status.MagicDNSSuffix ?? status.CurrentTailnet?.Name ?? 'tailnet',
    peers: peers.flatMap(peerFrom),
  };
}

/** Where the program may be. The graphical versions of macOS bring it inside their bundle. */
export function tailscalePrograms(environment: NodeJS.ProcessEnv, platform: NodeJS.Platform): string[] {
  const chosen = environment['CADUCEUS_TAILSCALE'];
  if (chosen !== undefined && chosen !== '') return [chosen];
  switch (platform) {
    case 'darwin':
      return [
        'tailscale',
        '/usr/local/bin/tailscale',
        '/opt/homebrew/bin/tailscale',
        '/Applications/Tailscale.app/Contents/MacOS/Tailscale',
        '/Applications/Tailscale.localized/Tailscale.app/Contents/MacOS/Tailscale',
      ];
    case 'win32':
      return ['tailscale.exe', `${environment['ProgramFiles'] ?? 'C:\\Program Files'}\\Tailscale\\tailscale.exe`];
    default:
      return ['tailscale', '/usr/bin/tailscale', '/usr/sbin/tailscale', '/snap/bin/tailscale'];
  }
}

async function askStatus(programs: readonly string[]): Promise<string> {
  for (const program of programs) {
    const answer = await run(program);
    if (answer !== undefined) return answer;
  }
  throw tailnetError(
    'Tailscale is not installed here, or its command-line program is not where it usually is',
    'Install Tailscale, set CADUCEUS_TAILSCALE to the path of its program, or add devices by address.',
  );
}

/** Undefined: there is no such program. A stopped backend ends with an error and still answers. */
async function run(program: string): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const options = { timeout: STATUS_TIMEOUT_MS, maxBuffer: MAX_STATUS_BYTES, windowsHide: true };
    execFile(program, ['status', '--json'], options, (error, stdout, stderr) => {
      if (stdout.trimStart().startsWith('{')) return resolve(stdout);
      if (error === null) return reject(notUnderstood('its answer is no JSON'));
      if (error.code === 'ENOENT' || error.code === 'EACCES') return resolve(undefined);
      if (error.killed === true) return reject(notUnderstood(`it did not answer within ${STATUS_TIMEOUT_MS / 1000} s`));
      reject(
        tailnetError(
          `\`tailscale status\` failed: ${oneLine(stderr) || oneLine(error.message)}`,
          'Start Tailscale (on macOS its app, within your session), or add devices by address.',
          error,
        ),
      );
    });
  });
}

function parseStatus(answer: string): z.infer<typeof statusSchema> {
  let json: unknown;
  try {
    json = JSON.parse(answer);
  } catch (error) {
    throw notUnderstood('its answer is cut short', error);
  }
  const parsed = statusSchema.safeParse(json);
  if (!parsed.success) throw notUnderstood('its answer has no BackendState', parsed.error);
  return parsed.data;
}

function peerFrom(peer: z.infer<typeof peerSchema>): TailnetPeer[] {
  const addresses = (peer.TailscaleIPs ?? []).filter((address) => /^[\da-f.:]{2,45}$/i.test(address));
  // Somebody else's node that one of ours was shared with: it can reach us, not the other way round.
  if (peer.ShareeNode === true || peer.ID === undefined || addresses.length === 0) return [];
  const dnsName = (peer.DNSName ?? '').replace(/\.$/, '');
  const hostName = oneLine(peer.HostName ?? '', 80);
  return [
    {
      nodeId: peer.ID,
      name: oneLine(dnsName.split('.')[0] || hostName || (addresses[0] as string), 63),
      hostName,
      dnsName: oneLine(dnsName, 253),
      addresses,
      system: peer.OS,
      online: peer.Online ?? null,
      path:
        peer.Active === false ? null : peer.CurAddr ? 'direct' : peer.Relay && peer.Active === true ? 'relay' : null,
      relay: peer.Relay === '' || peer.Relay === undefined ? undefined : oneLine(peer.Relay, 40),
      tags: (peer.Tags ?? []).map((tag) => tag.replace(/^tag:/, '')),
      keyExpiresAt:
        peer.KeyExpiry !== undefined && !Number.isNaN(Date.parse(peer.KeyExpiry)) ? peer.KeyExpiry : undefined,
      isExpired: peer.Expired === true,
      sshHostKeys: (peer.sshHostKeys ?? []).map((line) => Buffer.from(line.split(' ')[1] ?? '', 'base64')),
    },
  ];
}

function notRunning(state: string, url: string | undefined): CaduceusError {
  switch (state) {
    case 'Stopped':
      return tailnetError('Tailscale is stopped on this machine', 'Start it: tailscale up');
    case 'NeedsLogin':
      return tailnetError(
        'Tailscale is not logged in on this machine',
        url?.startsWith('https://') === true ? `Log in: ${oneLine(url)}` : 'Log in: tailscale login',
      );
    case 'NeedsMachineAuth':
      return tailnetError('this machine waits to be approved in its tailnet', 'Approve it in the admin console.');
    default:
      return tailnetError(
        `Tailscale is not running on this machine (${oneLine(state, 40)})`,
        'Wait until it runs: tailscale status',
      );
  }
}

function notUnderstood(why: string, cause?: unknown): CaduceusError {
  return tailnetError(
    `\`tailscale status --json\` is not understood: ${why}`,
    'Update Tailscale, or add devices by address.',
    cause,
  );
}

function tailnetError(message: string, remedy: string, cause?: unknown): CaduceusError {
  return new CaduceusError('CAD-TAILNET', message, remedy, cause);
}
