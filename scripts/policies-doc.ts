/**
 * Writes docs/POLICIES.md from the policies themselves: their docstrings, their option schemas, and the
 * tables of `policies-rules.ts` and `policies-notes.ts`, in which every function, test and option is
 * looked up in the source. `--check` only compares.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { pathToFileURL } from 'node:url';
import { format, resolveConfig } from 'prettier';
import ts from 'typescript';
import { ALLOCATIONS } from '../main/core/policy/allocated.ts';
import { type OptionSpec, type OptionValue, rangeOf, resolveOptions } from '../main/core/policy/options.ts';
import type { Policy } from '../main/core/policy/policy.ts';
import { POLICIES } from '../main/core/policy/registry.ts';
import { type Note, NOTES } from './policies-notes.ts';
import { type RuleRow, RULES } from './policies-rules.ts';
import { ROOT } from './source-tree.ts';

export const DOCUMENT = 'docs/POLICIES.md';
const FOLDER = 'main/core/policy';
const LABELS = ['Rule', 'Units', 'Source', 'Differs', 'Loss', 'Limits'] as const;

interface Docstring {
  intro: string;
  sections: { label: string; text: string }[];
}

const sources = new Map<string, ts.SourceFile>();

function sourceOf(file: string): ts.SourceFile {
  let source = sources.get(file);
  if (source === undefined) {
    const path = join(ROOT, file);
    if (!existsSync(path)) throw new Error(`${DOCUMENT}: there is no file ${file}`);
    source = ts.createSourceFile(file, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
    sources.set(file, source);
  }
  return source;
}

/** The comment that a file begins with, cut into its introduction and its labelled sections. */
export function parseDocstring(text: string): Docstring {
  const comment = /^\s*\/\*\*([\s\S]*?)\*\//.exec(text)?.[1];
  if (comment === undefined) return { intro: '', sections: [] };
  const result: Docstring = { intro: '', sections: [] };
  const paragraphs: string[] = [];
  for (const line of comment.split('\n').map((raw) => raw.replace(/^\s*\* ?/, '').trimEnd())) {
    const label = LABELS.find((name) => line.startsWith(`${name}: `));
    const section = result.sections.at(-1);
    if (label !== undefined) result.sections.push({ label, text: line.slice(label.length + 2) });
    else if (section !== undefined) section.text = `${section.text} ${line.trim()}`.trim();
    else paragraphs.push(line.trim());
  }
  result.intro = paragraphs.join(' ').trim();
  return result;
}

/** Numbers of rules are for tests, not for readers. */
export function withoutNotes(text: string): string {
  return text.replace(/\s*\([A-E]\d(?:\.\d+)*\)/g, '').trim();
}

/** The policy's own file first, then the files that hold further rules of it, in the order of imports. */
function filesOf(policy: Policy): string[] {
  const main = policyFile(policy);
  const others = new Set(POLICIES.filter((other) => other !== policy).map(policyFile));
  const found: string[] = [];
  const queue = [main];
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    if (found.includes(file) || others.has(file)) continue;
    if (!parseDocstring(sourceOf(file).text).sections.some(({ label }) => label === 'Rule')) continue;
    found.push(file);
    queue.push(...importsOf(file).filter((other) => /^main\/core\/(policy|allocation)\//.test(other)));
  }
  return found;
}

function policyFile({ name }: Policy): string {
  return `${FOLDER}/${name}.ts`;
}

function importsOf(file: string): string[] {
  return sourceOf(file).statements.flatMap((statement) =>
    ts.isImportDeclaration(statement) && ts.isStringLiteral(statement.moduleSpecifier)
      ? [posix.join(dirname(file), statement.moduleSpecifier.text)]
      : [],
  );
}

function declares(file: string, name: string): boolean {
  return sourceOf(file).statements.some((statement) => {
    if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) return statement.name?.text === name;
    if (!ts.isVariableStatement(statement)) return false;
    return statement.declarationList.declarations.some((one) => one.name.getText() === name);
  });
}

/** The titles of the tests in a file. */
function testTitles(file: string): Set<string> {
  const titles = new Set<string>();
  const visit = (node: ts.Node): void => {
    const title = ts.isCallExpression(node) && isTestCall(node.expression) ? node.arguments[0] : undefined;
    if (title !== undefined && ts.isStringLiteralLike(title)) titles.add(title.text);
    ts.forEachChild(node, visit);
  };
  visit(sourceOf(file));
  return titles;
}

function isTestCall(callee: ts.Expression): boolean {
  if (ts.isIdentifier(callee)) return callee.text === 'it' || callee.text === 'test';
  if (ts.isPropertyAccessExpression(callee) || ts.isCallExpression(callee)) return isTestCall(callee.expression);
  return false;
}

function split(reference: string): [file: string, name: string] {
  const place = reference.indexOf('#');
  return [reference.slice(0, place), reference.slice(place + 1)];
}

/** A link from docs/. The text is the file's own name. */
function link(file: string): string {
  return `[${posix.basename(file)}](../${file})`;
}

function code(text: string): string {
  return text.includes('`') ? text : `\`${text}\``;
}

function codeReference(reference: string): string {
  const [file, name] = split(reference);
  if (!declares(file, name)) throw new Error(`${DOCUMENT}: ${file} declares no ${name}`);
  return `\`${name}\` in ${link(file)}`;
}

function testReference(reference: string): string {
  const [file, title] = split(reference);
  if (!testTitles(file).has(title)) throw new Error(`${DOCUMENT}: ${file} has no test named "${title}"`);
  return `“${title}” in ${link(file)}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function ruleTable(rows: readonly RuleRow[]): string {
  return table(
    ['formula', 'function', 'test', 'source'],
    rows.map(({ formula, code: functions, tests, source }) => [
      /[=<≤≥·/|]/.test(formula) ? code(formula) : formula,
      functions.map(codeReference).join('<br>'),
      tests.map(testReference).join('<br>'),
      source,
    ]),
  );
}

/** For a policy that `policies-rules.ts` has nothing about yet: its own file, and all that its tests show. */
function rowWithoutList(policy: Policy): RuleRow {
  const file = policyFile(policy).replace(/\.ts$/, '.test.ts');
  const titles = existsSync(join(ROOT, file)) ? [...testTitles(file)] : [];
  return { formula: 'its rule, above', code: [], tests: titles.map((title) => `${file}#${title}`), source: 'above' };
}

function defaultOf({ default: value }: OptionSpec): string {
  return `\`${String(value)}\``;
}

function valuesOf(values: Readonly<Record<string, OptionValue>>): string {
  return Object.entries(values)
    .map(([name, value]) => `\`--${name} ${String(value)}\``)
    .join(', ');
}

function optionTable({ options }: Policy): string {
  const entries = Object.entries(options);
  if (entries.length === 0) return 'It takes no options.';
  return table(
    ['option', 'default', 'range', 'what it does'],
    entries.map(([name, spec]) => [`\`--${name}\``, defaultOf(spec), rangeOf(spec), spec.help]),
  );
}

/** Why there is nothing to be faithful to. */
const NOT_RELEASED: Readonly<Record<string, string>> = {
  bsp: 'it has no released code of its own',
  asp: 'it has no released code of its own',
  ssp: 'the code that comes with other papers is theirs',
  ebsp: 'its authors have not released ZipLine',
  selsync: 'the released code divides by zero in its second step',
  'local-sgd': 'it has no released code of its own',
  adacomm: 'the code is a baseline in ADSP’s, which does not run as released',
  adsp: 'the released code does not run: a worker’s training is called with an argument that it does not take',
  'omnilearn-asp': 'the released code does not run: a push is called with an argument that it does not take',
};

function faithfulText({ faithful, title, name }: Policy): string {
  if (faithful === undefined) {
    const why = NOT_RELEASED[name];
    return `There is no \`--faithful\` variant of ${title}${why === undefined ? '' : `: ${why}`}.`;
  }
  return `\`--faithful\` stands for ${valuesOf(faithful)}.`;
}

/** What follows a label begins small in a docstring; formulas keep their letters. */
function sentence(text: string): string {
  return /^(a|[a-z]{2,})[ ,;]/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
}

function sectionLines(file: string): string[] {
  return parseDocstring(sourceOf(file).text).sections.flatMap(({ label, text }) => {
    const rest = withoutNotes(text);
    return rest === '' ? [] : [`- **${label}.** ${sentence(rest)}`];
  });
}

function policySection(policy: Policy, toldIn: Map<string, string>): string {
  const { name, title, summary } = policy;
  const [main, ...parts] = filesOf(policy);
  if (main === undefined) throw new Error(`${DOCUMENT}: ${policyFile(policy)} does not begin with its rule`);
  const rules = RULES[name] ?? [rowWithoutList(policy)];
  const blocks = [`## ${title}`, `\`--policy ${name}\` · ${link(main)}`, summary, sectionLines(main).join('\n')];
  for (const part of parts) {
    const before = toldIn.get(part);
    toldIn.set(part, before ?? title);
    const intro = withoutNotes(parseDocstring(sourceOf(part).text).intro);
    if (before !== undefined) blocks.push(`**${link(part)}**: see ${before}.`);
    else blocks.push(`**${link(part)}**: ${intro}`, sectionLines(part).join('\n'));
  }
  blocks.push('### Options', optionTable(policy), faithfulText(policy));
  blocks.push('### Where it is, and what shows it', ruleTable(rules));
  // Headings of their own per policy, so that links to them are not ambiguous.
  return blocks
    .join('\n\n')
    .replaceAll(/^### (.*)$/gm, (_line, heading: string) => `### ${title}: ${heading.toLowerCase()}`);
}

function noteText(policy: Policy, { wrong, instead, code: functions, tests = [], released }: Note): string {
  const back = released === undefined ? '' : ` The released behaviour: ${valuesOf(releasedValues(policy, released))}.`;
  const places = functions.map(codeReference).join(', ');
  const shown = tests.length === 0 ? '' : `; shown by ${tests.map(testReference).join(' and ')}`;
  return `- ${wrong}\n\n  **Instead:** ${instead}${back}\n\n  Code: ${places}${shown}.\n`;
}

/** @throws when the policy has no such option, or not with this value. */
function releasedValues(policy: Policy, released: Readonly<Record<string, OptionValue>>): Record<string, OptionValue> {
  resolveOptions(policy.name, policy.options, released);
  return { ...released };
}

function notesSection(): string {
  const blocks = ['## What the papers’ code gets wrong, and what we do instead', INTRODUCTION_TO_NOTES];
  for (const policy of POLICIES) {
    const notes = NOTES[policy.name];
    if (notes === undefined) continue;
    blocks.push(`### ${policy.title}: what is different`, notes.map((note) => noteText(policy, note)).join('\n'));
  }
  return blocks.join('\n\n');
}

const INTRODUCTION = `<!-- Written by scripts/policies-doc.ts. Change the policies, or its tables, and run: npm run docs -->

# Synchronization policies

A policy decides when a worker pushes, what the server makes of it, and who waits. Each is one file with
both halves: what the server does about events, and the gate that every worker asks after a local
iteration. The same files run on real workers and in the simulator.

\`carries\` is what a push holds: a mean gradient, what the worker moved since it last pulled (delta), or its
whole model (parameters). η is the learning rate, \`b_i\` and \`n_i\` are rows, w is the global model.

Letters with numbers in the names of tests, such as (B3) or (S1), number the rules that the tests hold the
code to.`;

const INTRODUCTION_TO_NOTES = `Read in the code that the authors of the papers released, and only where ours does it otherwise. Where the
released behaviour can be had, the option is named; \`--faithful\` sets all of a policy's at once.`;

const ALLOCATED = 'main/core/policy/allocated.ts';

function allocationSection(): string {
  const own = POLICIES.flatMap(({ title, allocates }) =>
    allocates === undefined ? [] : [`${title} \`${allocates}\``],
  );
  return [
    '## Allocation as a choice of its own',
    `\`--allocation ${ALLOCATIONS.join('|')}\` · ${link(ALLOCATED)}, held by ${link('main/core/policy/allocated.test.ts')}`,
    `How many rows a worker gets goes with any policy and any encoding; in the window it is a field of Experiment and of Simulate. Left out, it is as the policy has it: ${own.join(', ')}, all others uniform.`,
    sectionLines(ALLOCATED).join('\n'),
  ].join('\n\n');
}

/** Rules that are written for mechanisms of other systems. */
function absentSection(): string {
  const [core, policy] = ['main/core', FOLDER];
  return [
    '## Rules for mechanisms that none of these has',
    'Two rules that systems like this one are held to are about mechanisms that no paper above describes. They are not options here either, so that what is compared is what was published.',
    [
      `- **A limit on staleness beyond which a push is dropped** (A3: what is applied is no staler than the limit). A BSP push is never stale; SSP bounds how far a worker runs ahead instead (${testReference(`${policy}/ssp.test.ts#nobody starts an iteration more than s ahead of the slowest (S1), and nobody stands still (L2)`)}); ASP, Elastic BSP, ADSP and OmniLearn ASP apply every push, as published, and Hermes weighs by loss. How stale each was is on record. A push is dropped when its worker is lost or its loss is no number, never for its age: ${codeReference(`${core}/testbed/invariants.ts#Invariants`)} holds every random schedule to that.`,
      `- **A deadline, or spare workers, by which a round closes without the late** (F2: a late push counts as superseded, never in a later round). A round here closes when all who take part have pushed (${testReference(`${policy}/bsp.test.ts#ends exactly when nobody of the active set is still training (B4), under any comings and goings`)}). Only a lost worker is not waited for, and what it had pushed counts in no round, neither in that one (${testReference(`${policy}/bsp.test.ts#no longer waits for one who leaves, and does without what that one had pushed`)}) nor, should it arrive later, in another (${testReference(`${core}/membership.test.ts#that connects again ends its older connection, and nothing of that one counts any more (C4)`)}).`,
    ].join('\n'),
  ].join('\n\n');
}

function overview(): string {
  return table(
    ['policy', 'in one sentence', 'carries', 'as released'],
    POLICIES.map(({ name, title, summary, options, faithful, carry }) => [
      `[${title}](#${anchorOf(title)})<br>\`${name}\``,
      summary,
      carry(resolveOptions(name, options, {})),
      faithful === undefined ? '–' : '`--faithful`',
    ]),
  );
}

function anchorOf(title: string): string {
  return title.toLowerCase().replaceAll(' ', '-');
}

/** The whole document, formatted as Prettier would. */
export async function policiesDocument(): Promise<string> {
  const toldIn = new Map<string, string>();
  const text = [
    INTRODUCTION,
    overview(),
    ...POLICIES.map((policy) => policySection(policy, toldIn)),
    allocationSection(),
    absentSection(),
    notesSection(),
  ];
  const path = join(ROOT, DOCUMENT);
  return format(text.join('\n\n'), { ...(await resolveConfig(path)), filepath: path, parser: 'markdown' });
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const path = join(ROOT, DOCUMENT);
  const document = await policiesDocument();
  const isStale = !existsSync(path) || readFileSync(path, 'utf8') !== document;
  if (!process.argv.includes('--check')) writeFileSync(path, document);
  else if (isStale) {
    console.error(`${DOCUMENT} is stale: npm run docs`);
    process.exitCode = 1;
  }
}
