import type { OptionsDictionary, OptionsGraph, ZxcvbnFactory } from "@zxcvbn-ts/core";

declare global {
  /** What the scripts zxcvbn-core.js, zxcvbn-common.js and zxcvbn-en.js define in a worker. */
  const zxcvbnts: {
    core: { ZxcvbnFactory: typeof ZxcvbnFactory };
    "language-common": { dictionary: OptionsDictionary; adjacencyGraphs: OptionsGraph };
    "language-en": { dictionary: OptionsDictionary };
  };
  function importScripts(...urls: string[]): void;
}
