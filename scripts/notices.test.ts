import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LICENCES } from '../renderer/views/settings/licences.ts';
import { noticesOf, packagesOf } from './notices.ts';
import { ROOT } from './source-tree.ts';

const NODE = { name: 'Node.js', version: '1', licence: 'MIT', author: '', text: 'text of Node' };

test('the packages of a bundle are those that its files come from, each once', () => {
  const found = packagesOf([
    'main/core/prng.ts',
    'node_modules/ws/lib/sender.js',
    'node_modules/ws/index.js',
    join(ROOT, 'node_modules', '@tanstack', 'react-table', 'dist', 'index.js?commonjs'),
    `\0${join(ROOT, 'node_modules', 'react', 'index.js')}`,
    'caduceus-wasm:node_modules/@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm',
  ]);
  expect(found.map(({ name, licence }) => `${name} ${licence}`)).toEqual([
    '@tanstack/react-table MIT',
    '@tensorflow/tfjs-backend-wasm Apache-2.0',
    'react MIT',
    'ws MIT',
  ]);
});

test('the notices have every package with the text of its licence, the standard one where it brings none', () => {
  const notices = noticesOf(packagesOf(['node_modules/ws/index.js', 'node_modules/@tensorflow/tfjs-core/x.js']), NODE);
  expect(notices).toContain('Copyright (c) 2011 Einar Otto Stangvik');
  expect(notices).toContain('The text of Apache-2.0 is at the end.');
  expect(notices).toContain('Licensed under the Apache License, Version 2.0');
  expect(notices).toContain('text of Node');
  const unknown = { ...NODE, name: 'x', licence: 'Nobody-1.0', text: '' };
  expect(() => noticesOf([unknown], NODE)).toThrow(/under Nobody-1\.0 brings no text/);
});

test('About names every dependency that is distributed, and its licence', () => {
  const packageOf: Record<string, string> = {
    React: 'react',
    Recharts: 'recharts',
    'TanStack Table': '@tanstack/react-table',
    'TensorFlow.js': '@tensorflow/tfjs-core',
    Zod: 'zod',
    Electron: 'electron',
    'Node.js': 'node',
  };
  const named = LICENCES.map(({ name, licence }) => ({ name: packageOf[name] ?? name, licence }));
  for (const { name, licence } of named) {
    expect(packagesOf([`node_modules/${name}/package.json`])[0]?.licence, name).toBe(licence);
  }
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  // Parts of what is named already.
  const parts = ['react-dom', 'react-is', '@tensorflow/tfjs-backend-cpu', '@tensorflow/tfjs-backend-wasm'];
  const wanting = Object.keys(dependencies).filter((name) => !named.some((each) => each.name === name));
  expect(wanting.sort()).toEqual(parts.sort());
});
