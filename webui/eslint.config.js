import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

const noDom = ['document', 'window', 'location', 'history', 'fetch', 'localStorage'];

export default tseslint.config(
  { ignores: ['node_modules'] },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      'max-lines': ['error', 300],
      'max-lines-per-function': ['error', { max: 45, skipBlankLines: true, skipComments: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
    },
  },
  {
    // Recorded text is inert: it reaches the page as text nodes, never as markup.
    files: ['src/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: 'MemberExpression[property.name=/^(inner|outer)HTML$|^insertAdjacentHTML$/]',
          message: 'text only',
        },
        { selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']", message: 'text only' },
      ],
    },
  },
  {
    // The replay logic is pure: no page, no network, nothing of the layers above it.
    files: ['src/replay/**'],
    rules: {
      'no-restricted-globals': ['error', ...noDom],
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            '**/api/client',
            '**/api/live',
            '**/state/**',
            '**/views/**',
            'preact*',
            '@preact/*',
            'socket.io-client',
          ],
        },
      ],
    },
  },
  {
    files: ['src/api/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: ['**/replay/**', '**/state/**', '**/views/**'] },
      ],
    },
  },
  {
    files: ['src/state/**'],
    rules: {
      'no-restricted-imports': ['error', { patterns: ['**/views/**', 'socket.io-client'] }],
    },
  },
  {
    files: ['src/views/**'],
    rules: {
      'no-restricted-globals': ['error', 'fetch'],
      'no-restricted-imports': [
        'error',
        { patterns: ['**/api/client', '**/api/live', 'socket.io-client'] },
      ],
    },
  },
  {
    files: ['tests/**'],
    rules: { 'max-lines-per-function': 'off', '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  { files: ['*.js'], extends: [tseslint.configs.disableTypeChecked] },
  prettier,
);
