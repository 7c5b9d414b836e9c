import js from '@eslint/js';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';
import { layerLaw } from './scripts/layer-law.mjs';
import { IMPURE_GLOBALS, IMPURE_PROPERTIES } from './scripts/layers.mjs';

const caduceus = { rules: { 'layer-law': layerLaw } };
const inCore = 'The core is deaf, blind and timeless: time, chance and the outside come in as arguments.';
const asHtml = 'Markup from strings is how scripts get in: build nodes, or escape in one tested place.';

export default tseslint.config(
  { ignores: ['node_modules/', 'dist/', 'coverage/', '.cache/', 'resources/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: ['**/*.{ts,tsx,mjs,js}'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: { project: ['./tsconfig.json', './tsconfig.window.json'], tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': [
        'error',
        // `typeof import(…)` is how a module that is loaded late is named.
        { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false },
      ],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // Interfaces here are mostly bags of closures, which may well be taken apart.
      '@typescript-eslint/unbound-method': 'off',
      // `async` also turns a throw into a rejection, which is what an interface of promises asks for.
      '@typescript-eslint/require-await': 'off',
      eqeqeq: 'error',
      'no-restricted-properties': [
        'error',
        { property: 'innerHTML', message: asHtml },
        { property: 'outerHTML', message: asHtml },
        { property: 'insertAdjacentHTML', message: asHtml },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: 'JSXAttribute[name.name="dangerouslySetInnerHTML"]', message: asHtml },
        { selector: 'Property[key.name="dangerouslySetInnerHTML"]', message: asHtml },
      ],
    },
  },
  {
    files: ['main/**/*.{ts,tsx}', 'electron/**/*.{ts,tsx}', 'renderer/**/*.{ts,tsx}'],
    plugins: { caduceus },
    rules: { 'caduceus/layer-law': 'error' },
  },
  {
    files: ['renderer/**/*.{ts,tsx}'],
    extends: [reactHooks.configs.flat['recommended-latest']],
  },
  {
    files: ['main/core/**/*.ts'],
    ignores: ['**/*.{test,contract,fixture}.ts'],
    rules: {
      'no-restricted-globals': ['error', ...IMPURE_GLOBALS.map((name) => ({ name, message: inCore }))],
      'no-restricted-properties': [
        'error',
        ...IMPURE_PROPERTIES.map(([object, property]) => ({ object, property, message: inCore })),
      ],
    },
  },
  {
    // Plain JavaScript runs before anything is installed, or is ESLint's own; tsc checks its types.
    files: ['**/*.{mjs,js}'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', setTimeout: 'readonly', URL: 'readonly' } },
    rules: {
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-explicit-any': 'off',
      'no-undef': 'off',
    },
  },
);
