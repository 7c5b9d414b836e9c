/** Where the parts of the app are: in a source tree, or beside the archive of a packaged one. */
import { join } from 'node:path';
import type { Programs } from '../main/control-plane/programs.ts';

export interface Places {
  /** Folder of the built window. */
  window: string;
  preload: string;
  icon: string;
  /** What runs outside Electron. */
  programs: Programs;
}

/**
 * @param root of the source tree, or of the archive of a packaged app.
 * @param resources Electron's resources folder, of a packaged app.
 */
export function places(root: string, resources: string | undefined, platform: NodeJS.Platform): Places {
  const node = platform === 'win32' ? 'node.exe' : 'node';
  const inSource = resources === undefined;
  const programs = inSource ? join(root, 'dist', 'programs') : join(resources, 'programs');
  return {
    window: join(root, 'dist', 'renderer'),
    preload: join(root, 'dist', 'electron', 'preload.cjs'),
    icon: inSource ? join(root, 'resources', 'icons', 'icon.png') : join(resources, 'icon.png'),
    programs: {
      node: inSource ? join(root, 'node_modules', 'node', 'bin', node) : join(resources, 'runtime', node),
      agent: inSource ? join(root, 'resources', 'worker', 'agent.cjs') : join(resources, 'worker', 'agent.cjs'),
      evaluator: join(programs, 'evaluator.cjs'),
      simulation: join(programs, 'simulation.cjs'),
      reports: join(programs, 'reports.cjs'),
      datasets: join(programs, 'datasets.cjs'),
    },
  };
}
