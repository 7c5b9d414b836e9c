/** House rules that hold for every file of the repository. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LAYERS, layerOf } from './layers.mjs';
import { isSource, repositoryFiles, ROOT } from './source-tree.ts';
import { layerProjects } from './typecheck.ts';

const MAX_LINES = 400;
const DRAWERS = /(^|\/)(utils?|helpers?|common|types|misc)(\.[^/]+)?(\/|$)/;
/** Names that stand for anybody in an example. */
const ANYBODY = '(?!(?:you|user|me|ada|pi)/)';
const MACHINE_PATHS = [
  new RegExp(`(?<![\\w.$})])/(?:home|Users)/${ANYBODY}[A-Za-z][\\w.-]*/`),
  new RegExp('(?<![\\w.$})])/(?:work|root)/'),
  new RegExp('[A-Z]:\\\\{1,2}Users\\\\'),
];

const files = repositoryFiles();
const textOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

describe('the source tree', () => {
  it(`has no source file over ${MAX_LINES} lines`, () => {
    const long = files
      .filter(isSource)
      .map((file) => ({ file, lines: textOf(file).split('\n').length - 1 }))
      .filter(({ lines }) => lines > MAX_LINES);
    expect(long).toEqual([]);
  });

  it('has no drawers: a file is named after its one idea', () => {
    expect(files.filter(isSource).filter((file) => DRAWERS.test(file))).toEqual([]);
  });

  it('names no path of one machine', () => {
    const binary = /\.(png|ico|icns|gz|wasm)$/;
    const found = files.filter((file) => !binary.test(file) && MACHINE_PATHS.some((path) => path.test(textOf(file))));
    expect(found).toEqual([]);
  });

  it('keeps registry addresses out of the lock file', () => {
    expect(textOf('package-lock.json')).not.toContain('"resolved"');
  });

  it('gives every file under main, electron and renderer a layer', () => {
    const homeless = files.filter((file) => /^(main|electron|renderer)\/.*\.tsx?$/.test(file) && !layerOf(file));
    expect(homeless).toEqual([]);
  });
});

describe.each(layerProjects())('$folder/tsconfig.json', ({ layer: name, folder }) => {
  interface Project {
    extends?: string;
    compilerOptions?: { types?: string[] };
    references?: { path: string }[];
  }
  const file = join(ROOT, folder, 'tsconfig.json');
  const layer = LAYERS.find((each) => each.name === name);
  const project = (): Project => JSON.parse(readFileSync(file, 'utf8')) as Project;

  it('is there and builds on the shared layer settings', () => {
    expect(existsSync(file)).toBe(true);
    expect(resolve(dirname(file), project().extends ?? '')).toBe(join(ROOT, 'tsconfig.layer.json'));
  });

  it('gives the layer the ambient types of the table and no others', () => {
    expect(project().compilerOptions?.types).toEqual(layer?.types);
  });

  it('references only layers that the table lets it import', () => {
    const allowed = new Set(layer?.imports.map((entry) => entry.replace(/^type /, '').split('/')[0]));
    const referenced = (project().references ?? []).map(({ path }) => {
      const target = relative(ROOT, resolve(ROOT, folder, path)).replaceAll('\\', '/');
      return target === 'main' ? 'control-plane' : layerOf(`${target}/index.ts`)?.name;
    });
    expect(referenced.filter((other) => other === undefined || !allowed.has(other))).toEqual([]);
  });
});
