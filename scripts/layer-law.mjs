/** The layer law (`layers.mjs`) as an ESLint rule: every import is held against the table. */
import { relative, sep } from 'node:path';
import { objectionTo } from './layers.mjs';

/** @type {import('eslint').Rule.RuleModule} */
export const layerLaw = {
  meta: {
    type: 'problem',
    docs: { description: 'Hold imports to the layers of scripts/layers.mjs' },
    schema: [],
    messages: { law: '{{objection}}.' },
  },
  create(context) {
    const file = relative(context.cwd, context.filename).split(sep).join('/');

    /**
     * @param {import('eslint').Rule.Node} node
     * @param {unknown} source
     * @param {boolean} typesOnly
     */
    function check(node, source, typesOnly) {
      if (typeof source !== 'string') return;
      const objection = objectionTo(file, source, typesOnly);
      if (objection !== undefined) context.report({ node, messageId: 'law', data: { objection } });
    }

    /** @param {any} node An import or export declaration, as typescript-eslint parses it. */
    function checkDeclaration(node) {
      if (!node.source) return;
      const kinds = (node.specifiers ?? []).map((/** @type {any} */ each) => each.importKind ?? each.exportKind);
      const named = kinds.length > 0 && kinds.every((/** @type {unknown} */ kind) => kind === 'type');
      check(node, node.source.value, named || node.importKind === 'type' || node.exportKind === 'type');
    }

    return {
      ImportDeclaration: checkDeclaration,
      ExportNamedDeclaration: checkDeclaration,
      ExportAllDeclaration: checkDeclaration,
      ImportExpression: (/** @type {any} */ node) => check(node, node.source.value, false),
      TSImportType: (/** @type {any} */ node) => check(node, node.source?.value ?? node.argument?.literal?.value, true),
      'CallExpression[callee.name="require"]': (/** @type {any} */ node) =>
        check(node, node.arguments[0]?.value, false),
    };
  },
};
