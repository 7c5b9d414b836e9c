/** What is distributed with the window and the programs behind it, with its licence. */
export const LICENCES: readonly { name: string; licence: string }[] = [
  { name: 'React', licence: 'MIT' },
  { name: 'Recharts', licence: 'MIT' },
  { name: 'uPlot', licence: 'MIT' },
  { name: 'TanStack Table', licence: 'MIT' },
  { name: 'TensorFlow.js', licence: 'Apache-2.0' },
  { name: 'ws', licence: 'MIT' },
  { name: 'ssh2', licence: 'MIT' },
  { name: 'ssh-config', licence: 'MIT' },
  { name: 'selfsigned', licence: 'MIT' },
  { name: 'tar-stream', licence: 'MIT' },
  { name: 'Zod', licence: 'MIT' },
];
