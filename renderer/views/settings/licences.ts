/**
 * What is distributed with the window and the programs behind it, with its licence. Packages have the whole list,
 * with every text, as THIRD-PARTY-NOTICES.txt.
 */
export const LICENCES: readonly { name: string; licence: string }[] = [
  { name: 'Electron', licence: 'MIT' },
  { name: 'Node.js', licence: 'MIT' },
  { name: 'React', licence: 'MIT' },
  { name: 'Recharts', licence: 'MIT' },
  { name: 'TanStack Table', licence: 'MIT' },
  { name: 'TensorFlow.js', licence: 'Apache-2.0' },
  { name: 'ws', licence: 'MIT' },
  { name: 'ssh2', licence: 'MIT' },
  { name: 'ssh-config', licence: 'MIT' },
  { name: 'selfsigned', licence: 'MIT' },
  { name: 'tar-stream', licence: 'MIT' },
  { name: 'Zod', licence: 'MIT' },
];
