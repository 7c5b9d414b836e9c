import { Linter } from 'eslint';
import { parser } from 'typescript-eslint';
import { describe, expect, it } from 'vitest';
import { layerLaw } from './layer-law.mjs';
import { ROOT } from './source-tree.ts';

/** What the rule says about a file with this content. */
function complaints(file: string, code: string): string[] {
  const linter = new Linter({ cwd: ROOT });
  const messages = linter.verify(
    code,
    [
      {
        files: ['**/*.ts'],
        languageOptions: { parser },
        plugins: { caduceus: { rules: { 'layer-law': layerLaw } } },
        rules: { 'caduceus/layer-law': 'error' },
      },
    ],
    { filename: `${ROOT}/${file}` },
  );
  return messages.map(({ message }) => message);
}

describe('the layer law', () => {
  it.each([
    ['main/core/worker.ts', `import { readFile } from 'node:fs/promises';`, 'core must not import the package node:fs'],
    ['main/core/worker.ts', `import { train } from '../learn/trainer.ts';`, 'core must not import learn'],
    ['main/core/worker.ts', `import type { Trainer } from '../learn/trainer.ts';`, 'core must not import learn'],
    ['main/core/worker.ts', `export * from '../server/listener.ts';`, 'core must not import server'],
    ['main/core/worker.ts', `const ws = await import('ws');`, 'core must not import the package ws'],
    ['main/core/worker.ts', `type Socket = import('ws').WebSocket;`, 'core must not import the package ws'],
    ['main/core/worker.ts', `import { z } from 'zod';`, 'core must not import the package zod'],
    ['main/core/policy/bsp.ts', `import { up } from '../../../main/store/runs.ts';`, 'core must not import store'],
    ['main/learn/trainer.ts', `import { WebSocket } from 'ws';`, 'learn must not import the package ws'],
    ['main/server/listener.ts', `import * as tf from '@tensorflow/tfjs-core';`, 'server must not import the package'],
    ['main/server/listener.ts', `import { train } from '../learn/trainer.ts';`, 'server must not import learn'],
    ['main/store/runs.ts', `import { listen } from '../server/listener.ts';`, 'store must not import server'],
    ['main/report/html.ts', `import { createRun } from '../control-plane.ts';`, 'report must not import control-plane'],
    ['main/control-plane.ts', `import { main } from './cli/main.ts';`, 'control-plane must not import cli'],
    ['main/cli/train.ts', `import { runs } from '../store/runs.ts';`, 'cli must not import store'],
    ['main/cli/train.ts', `import { assert } from '../core/assert.ts';`, 'cli must not import core'],
    [
      'renderer/bridge.ts',
      `import { createRun } from '../main/control-plane.ts';`,
      'renderer must not import control-plane',
    ],
    ['renderer/bridge.ts', `import { story } from '../main/report/story.ts';`, 'renderer must not import report'],
    ['renderer/bridge.ts', `import { ipcRenderer } from 'electron';`, 'renderer must not import the package electron'],
    ['main/clever.ts', `import { x } from './core/model.ts';`, 'main/clever.ts belongs to no layer'],
  ])('refuses in %s: %s', (file, code, expected) => {
    expect(complaints(file, code).join('\n')).toContain(expected);
  });

  it.each([
    ['main/core/worker.ts', `import { assert } from './assert.ts';`],
    ['main/core/config.ts', `import { z } from 'zod';`],
    ['main/core/worker.test.ts', `import fc from 'fast-check'; import { it } from 'vitest'; import 'node:fs';`],
    [
      'main/learn/trainer.ts',
      `import * as tf from '@tensorflow/tfjs-core'; import { assert } from '../core/assert.ts';`,
    ],
    ['main/server/listener.ts', `import { WebSocketServer } from 'ws'; import { createServer } from 'node:http';`],
    [
      'main/worker/agent.ts',
      `import { train } from '../learn/trainer.ts'; import { WorkerMachine } from '../core/worker.ts';`,
    ],
    ['main/control-plane.ts', `import { runs } from './store/runs.ts'; import { listen } from './server/listener.ts';`],
    [
      'main/cli/train.ts',
      `import { createRun } from '../control-plane.ts'; import { reportError } from '../core/errors.ts';`,
    ],
    [
      'main/cli/train.ts',
      `import type { RunConfig } from '../core/config.ts'; import { type Totals } from '../core/totals.ts';`,
    ],
    ['renderer/bridge.ts', `import { layoutOf } from '../main/core/parameters.ts';`],
  ])('lets pass in %s: %s', (file, code) => {
    expect(complaints(file, code)).toEqual([]);
  });
});
