/**
 * A program that answers like the CLI of Tailscale in a state of the real one, started as a process. The answers have the
 * shape of several versions: fields that came later are absent in the older one, and one has a field nobody knows yet.
 */
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PEER_1_30 = {
  ID: 'n1',
  PublicKey: 'nodekey:aa',
  HostName: 'raspberrypi',
  DNSName: 'pi-4.shelf.ts.net.',
  OS: 'linux',
  UserID: 1,
  TailscaleIPs: ['100.101.102.103', 'fd7a:115c:a1e0::1'],
  Addrs: null,
  CurAddr: '192.168.1.7:41641',
  Relay: 'fra',
  RxBytes: 1,
  TxBytes: 1,
  Created: '2022-01-01T00:00:00Z',
  LastSeen: '0001-01-01T00:00:00Z',
  Online: true,
  Active: true,
};
const PEER_1_80 = {
  ...PEER_1_30,
  KeyExpiry: '2026-01-10T00:00:00Z',
  Tags: ['tag:worker', 'tag:odd name'],
  sshHostKeys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIG5vdC1hLWtleS1idXQtMzItYnl0ZXMtbG9uZy0wMDAw'],
  CapMap: {},
  FieldOfTheFuture: { deep: [1] },
};

export const ANSWERS = {
  '1.30': {
    exit: 0,
    status: {
      Version: '1.30.2',
      BackendState: 'Running',
      Self: { ID: 's', Online: true, TailscaleIPs: ['100.64.0.1'] },
      MagicDNSSuffix: 'shelf.ts.net',
      Peer: { 'nodekey:aa': PEER_1_30 },
    },
  },
  '1.80': {
    exit: 0,
    status: {
      Version: '1.80.0-t1',
      BackendState: 'Running',
      TUN: true,
      HaveNodeKey: true,
      AuthURL: '',
      Self: { ID: 's', Online: true, TailscaleIPs: ['100.64.0.1'] },
      Health: [],
      MagicDNSSuffix: 'shelf.ts.net',
      CurrentTailnet: { Name: 'me@example.com', MagicDNSSuffix: 'shelf.ts.net', MagicDNSEnabled: true },
      Peer: {
        'nodekey:aa': PEER_1_80,
        'nodekey:bb': {
          ...PEER_1_80,
          ID: 'n2',
          HostName: 'nano',
          DNSName: 'nano.shelf.ts.net.',
          TailscaleIPs: ['100.101.102.104'],
          CurAddr: '',
          Relay: 'nyc',
          KeyExpiry: undefined,
          Tags: undefined,
        },
        'nodekey:cc': {
          ...PEER_1_80,
          ID: 'n3',
          HostName: 'phone',
          DNSName: 'phone.shelf.ts.net.',
          OS: 'android',
          TailscaleIPs: ['100.101.102.105'],
          Active: false,
          Online: false,
        },
        'nodekey:dd': { ...PEER_1_80, ID: 'n4', HostName: 'visitor', ShareeNode: true },
        'nodekey:ee': {
          ...PEER_1_80,
          ID: 'n5',
          HostName: 'old',
          DNSName: 'old.shelf.ts.net.',
          TailscaleIPs: ['100.101.102.106'],
          Expired: true,
        },
        'nodekey:ff': { ID: 'n6', HostName: 7, DNSName: null, TailscaleIPs: ['100.101.102.107'], OS: ['linux'] },
      },
      User: {},
    },
  },
  // A stopped backend still lists peers, and older ones end with exit code 1.
  stopped: {
    exit: 1,
    status: { Version: '1.80.0', BackendState: 'Stopped', Self: { ID: 's' }, Peer: { 'nodekey:aa': PEER_1_80 } },
  },
  'logged-out': {
    exit: 0,
    status: {
      Version: '1.80.0',
      BackendState: 'NeedsLogin',
      AuthURL: 'https://login.tailscale.com/a/xyz',
      Self: { ID: '' },
      Peer: null,
    },
  },
  unapproved: { exit: 0, status: { Version: '1.80.0', BackendState: 'NeedsMachineAuth', Peer: null } },
  starting: { exit: 0, status: { Version: '1.80.0', BackendState: 'Starting', Peer: null } },
  disconnected: {
    exit: 0,
    status: {
      Version: '1.80.0',
      BackendState: 'Running',
      Self: { ID: 's', Online: false },
      Peer: { 'nodekey:aa': PEER_1_80 },
    },
  },
  'no-state': { exit: 0, status: { Peer: {} } },
  'not-json': { exit: 0, status: 'tailscale: nothing to see' },
  'no-gui': { exit: 1, status: '', stderr: 'The Tailscale GUI failed to start: \u001b[31mno session' },
} as const;

/** Answers with the path of a program in this directory. */
export function tailscaleThatSays(answer: keyof typeof ANSWERS, directory: string): string {
  const { exit, status } = ANSWERS[answer];
  const stderr = 'stderr' in ANSWERS[answer] ? (ANSWERS[answer] as { stderr: string }).stderr : '';
  const text = typeof status === 'string' ? status : JSON.stringify(status);
  const program = join(directory, `tailscale-${answer}`);
  const check = `[ "$*" = "status --json" ] || { echo "unknown: $*" >&2; exit 2; }`;
  const lines = [
    '#!/bin/sh',
    check,
    `printf '%s' '${stderr}' >&2`,
    `cat <<'END_OF_STATUS'`,
    text,
    'END_OF_STATUS',
    `exit ${exit}`,
  ];
  writeFileSync(program, lines.join('\n'));
  chmodSync(program, 0o755);
  return program;
}
