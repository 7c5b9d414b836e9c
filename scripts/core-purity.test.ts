/** The core is deaf, blind and timeless: nothing in it may reach for a clock, chance or the outside. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { IMPURE_GLOBALS, IMPURE_PROPERTIES, isTest } from './layers.mjs';
import { repositoryFiles, ROOT } from './source-tree.ts';

/** True for the name in `x.name`, `{ name: … }`, `name(): …` and the like: a label, not the global. */
function isLabel(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node;
  if (ts.isQualifiedName(parent)) return parent.right === node;
  return (
    (ts.isPropertyAssignment(parent) ||
      ts.isPropertySignature(parent) ||
      ts.isPropertyDeclaration(parent) ||
      ts.isMethodDeclaration(parent) ||
      ts.isMethodSignature(parent) ||
      ts.isEnumMember(parent)) &&
    parent.name === node
  );
}

/** Uses of impure names, as `line: name`. Comments and strings do not count. */
function impurities(code: string): string[] {
  const source = ts.createSourceFile('core.ts', code, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const line = (): number => source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
    if (ts.isIdentifier(node) && IMPURE_GLOBALS.includes(node.text) && !isLabel(node)) {
      found.push(`${line()}: ${node.text}`);
    }
    if (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node)) {
      const name = ts.isPropertyAccessExpression(node) ? node.name : node.argumentExpression;
      for (const [object, property] of IMPURE_PROPERTIES) {
        const isName = (ts.isIdentifier(name) || ts.isStringLiteralLike(name)) && name.text === property;
        if (isName && node.expression.getText() === object) found.push(`${line()}: ${object}.${property}`);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

describe('the purity check', () => {
  it.each([
    ['const now = Date.now();', 'Date'],
    ['const now = new Date();', 'Date'],
    ['const x = Math.random();', 'Math.random'],
    [`const x = Math['random']();`, 'Math.random'],
    ['const t = performance.now();', 'performance'],
    ['console.log(1);', 'console'],
    ['setTimeout(() => {}, 5);', 'setTimeout'],
    ['const home = process.env.HOME;', 'process'],
    ['const b = Buffer.from([1]);', 'Buffer'],
    ['const g = globalThis;', 'globalThis'],
  ])('finds %s', (code, name) => {
    expect(impurities(code)).toEqual([`1: ${name}`]);
  });

  it('leaves labels, comments and strings alone', () => {
    const code = `// Date.now()\ninterface A { process: number }\nconst a = { console: 'Math.random()' }; a.console;`;
    expect(impurities(code)).toEqual([]);
  });
});

describe('main/core', () => {
  const files = repositoryFiles().filter((file) => /^main\/core\/.*\.ts$/.test(file) && !isTest(file));

  it('is there', () => expect(files.length).toBeGreaterThan(10));

  it('touches no clock, no chance and no host', () => {
    const found = files.flatMap((file) =>
      impurities(readFileSync(join(ROOT, file), 'utf8')).map((impurity) => `${file}:${impurity}`),
    );
    expect(found).toEqual([]);
  });
});
