/** Silences recordings as the panel does: reads one as JSON from each line, and writes the sound of each as base64. */

import { createInterface } from "node:readline/promises";
import { silenceHidden } from "../../custom_components/indoor_voice/panel/silencing.js";

/** @import { Words } from "../../custom_components/indoor_voice/panel/api.d.ts" */

for await (const line of createInterface({ input: process.stdin })) {
  const { sound, words } = /** @type {{ sound: string, words: Words }} */ (JSON.parse(line));
  const silenced = silenceHidden(new Uint8Array(Buffer.from(sound, "base64")), words);
  process.stdout.write(`${Buffer.from(silenced).toString("base64")}\n`);
}
