import { describe, expect, it } from 'vitest';
import { CaduceusError } from '../../core/errors.ts';
import type { Ground } from './probe.ts';
import { suitableRuntime } from './suitable-runtime.ts';

const X64 = { bits: 64, processor: 62 } as const;
const ARM64 = { bits: 64, processor: 183 } as const;
const ARM = { bits: 32, processor: 40 } as const;

function ground(architecture: string, more: Partial<Ground> & { node?: string } = {}): Ground {
  const { node, ...rest } = more;
  return {
    facts: { architecture, system: 'Linux 6.1', instructions: [], ...(node && { node }) },
    glibc: [2, 36],
    hasMusl: false,
    tried: [],
    missing: [],
    installed: { versions: new Set(), files: new Map(), checked: new Map() },
    bytesPerSecond: 1e6,
    ...rest,
  };
}

function refusal(of: Ground): string {
  try {
    suitableRuntime(of);
    return 'none';
  } catch (error) {
    if (!(error instanceof CaduceusError)) throw error;
    return `${error.code}: ${error.message}`;
  }
}

describe('the runtime for a device', () => {
  it('is the one of its architecture', () => {
    expect(suitableRuntime(ground('x86_64', { machine: X64 }))).toEqual({ kind: 'brought', architecture: 'x64' });
    expect(suitableRuntime(ground('aarch64', { machine: ARM64 }))).toEqual({ kind: 'brought', architecture: 'arm64' });
    expect(suitableRuntime(ground('armv7l', { machine: ARM }))).toEqual({ kind: 'brought', architecture: 'armv7l' });
    expect(suitableRuntime(ground('x86_64'))).toEqual({ kind: 'brought', architecture: 'x64' });
  });

  it('follows the programs where a 64-bit kernel carries a 32-bit system, and the other way round', () => {
    expect(suitableRuntime(ground('aarch64', { machine: ARM }))).toMatchObject({ architecture: 'armv7l' });
    expect(suitableRuntime(ground('i686', { machine: X64 }))).toMatchObject({ architecture: 'x64' });
  });

  it('is refused for an architecture or a system that nothing is brought for', () => {
    expect(refusal(ground('riscv64', { machine: { bits: 64, processor: 243 } }))).toMatch(
      /^CAD-DEVICE-SYSTEM.*riscv64/,
    );
    expect(refusal(ground('mips', { machine: { bits: 32, processor: 8 } }))).toMatch(/mips/);
    expect(refusal(ground('i686', { machine: { bits: 32, processor: 3 } }))).toMatch(/i686/);
    expect(refusal(ground('armv6l', { machine: ARM }))).toMatch(/armv6l/);
    const mac = ground('arm64');
    mac.facts.system = 'Darwin 24.1';
    expect(refusal(mac)).toMatch(/Darwin 24\.1/);
  });

  it('is not guessed when kernel and programs contradict each other', () => {
    expect(refusal(ground('armv7l', { machine: X64 }))).toMatch(/armv7l, but its programs are made for x86-64/);
    expect(refusal(ground('riscv64', { machine: X64 }))).toMatch(/riscv64/);
    expect(refusal(ground('x86_64', { machine: { bits: 32, processor: 3 } }))).toMatch(/32-bit x86/);
  });

  it('is the own one of a device whose C library is not glibc, or too old', () => {
    const { glibc: _, ...alpine } = ground('x86_64', { machine: X64, hasMusl: true });
    expect(refusal(alpine)).toMatch(/no Node of its own, and Node 20 or newer is needed/);
    alpine.facts.node = '18.20.1';
    alpine.nodePath = '/usr/bin/node';
    expect(refusal(alpine)).toMatch(/only Node 18\.20\.1/);
    alpine.facts.node = '22.3.0';
    expect(suitableRuntime(alpine)).toMatchObject({ kind: 'own', path: '/usr/bin/node', version: '22.3.0' });
    expect(refusal(ground('x86_64', { machine: X64, glibc: [2, 17] }))).toMatch(/glibc 2\.17.*needs glibc 2\.28/);
  });
});
