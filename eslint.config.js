import js from "@eslint/js";
import jsdoc from "eslint-plugin-jsdoc";
import unicorn from "eslint-plugin-unicorn";
import { defineConfig } from "eslint/config";
import globals from "globals";
import typescript from "typescript-eslint";

const PANEL = "custom_components/indoor_voice/panel";

export default defineConfig(
  { ignores: ["**/vendor/", ".cache/", ".venv/", "dist/"] },
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  js.configs.recommended,
  ...typescript.configs.strictTypeChecked,
  ...typescript.configs.stylisticTypeChecked,
  jsdoc.configs["flat/recommended-typescript-flavor-error"],
  unicorn.configs.recommended,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "array-callback-return": "error",
      complexity: ["error", 15],
      eqeqeq: "error",
      "max-lines": ["error", { max: 300, skipBlankLines: true, skipComments: true }],
      "max-lines-per-function": ["error", 75],
      "no-console": "error",
      "no-param-reassign": "error",
      "no-shadow": "error",
      "no-template-curly-in-string": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
      "prefer-template": "error",
      "require-atomic-updates": "error",

      // The comments state the types; what a name says already need not be repeated.
      "jsdoc/require-jsdoc": ["error", { contexts: ["FunctionDeclaration"], publicOnly: true }],
      "jsdoc/require-param-description": "off",
      "jsdoc/require-property-description": "off",
      "jsdoc/require-returns": "off",
      "jsdoc/require-returns-description": "off",
      "jsdoc/tag-lines": ["error", "any", { startLines: null }],

      // Home Assistant's messages hold null, and its frontend rejects with objects that are no errors.
      "unicorn/no-null": "off",
      "unicorn/prevent-abbreviations": "off",
      // TypeScript wants every path of a function to return.
      "unicorn/no-useless-undefined": "off",
      "unicorn/switch-case-braces": ["error", "avoid"],
      "unicorn/template-indent": "off",
      "unicorn/relative-url-style": ["error", "always"],
      // An arrow function that returns what it assigns or calls is a short event handler.
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      // As tsc wants it where a record may lack a key.
      "@typescript-eslint/dot-notation": ["error", { allowIndexSignaturePropertyAccess: true }],
      // An empty text counts as none.
      "@typescript-eslint/prefer-nullish-coalescing": ["error", { ignorePrimitives: { string: true } }],
      // These two do not see types that a comment states, which tsc checks.
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-return": "off",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
    },
  },
  { files: [`${PANEL}/**`], languageOptions: { globals: globals.browser } },
  {
    files: [`${PANEL}/guessing.js`],
    languageOptions: { sourceType: "script", globals: { ...globals.worker, zxcvbnts: "readonly" } },
  },
  {
    files: ["eslint.config.js", "tests/**"],
    languageOptions: { globals: globals.node },
    rules: {
      // Node's runner waits for its tests by itself.
      "@typescript-eslint/no-floating-promises": [
        "error",
        {
          allowForKnownSafeCalls: [
            { from: "package", package: "node:test", name: ["test", "before", "beforeEach", "afterEach"] },
          ],
        },
      ],
      "unicorn/consistent-function-scoping": "off",
      "unicorn/no-await-expression-member": "off",
    },
  },
);
