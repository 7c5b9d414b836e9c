/**
 * What lies on a device as one version: a few files and a manifest with the SHA-256 of each. The version's
 * name is the SHA-256 of its manifest, so equal names mean equal bytes, and every file can be looked for by its sum.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { CaduceusError } from '../../core/errors.ts';
import { deviceProgram } from './device-program.ts';
import { type Architecture, RUNTIMES } from './runtime-catalogue.ts';
import type { RuntimeChoice } from './suitable-runtime.ts';

export interface VersionFile {
  name: 'agent.cjs' | 'supervise' | 'node' | 'runtime';
  sha256: string;
  bytes: number;
  /** The bytes, or the architecture whose runtime it is: that one is fetched when a device lacks it. */
  content: Buffer | Architecture;
}

export interface Version {
  id: string;
  manifest: Buffer;
  files: VersionFile[];
}

/** @throws CAD-RUNTIME when there is no agent */
export async function makeVersion(agent: string, runtime: RuntimeChoice): Promise<Version> {
  const files = [
    inMemory('agent.cjs', await readAgent(agent)),
    inMemory('supervise', Buffer.from(deviceProgram('supervise'))),
    runtime.kind === 'own' ? inMemory('runtime', Buffer.from(`${runtime.path}\n`)) : brought(runtime.architecture),
  ];
  const manifest = Buffer.from(files.map(({ sha256, name }) => `${sha256} ${name}\n`).join(''));
  return { id: sum(manifest), manifest, files };
}

async function readAgent(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new CaduceusError('CAD-RUNTIME', `there is no agent at ${path}`, 'Build it: npm run build', error);
  }
}

function brought(architecture: Architecture): VersionFile {
  const { sha256, bytes } = RUNTIMES[architecture];
  return { name: 'node', sha256, bytes, content: architecture };
}

function inMemory(name: VersionFile['name'], content: Buffer): VersionFile {
  return { name, sha256: sum(content), bytes: content.length, content };
}

function sum(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
