/** Works out what could be learned as the panel does: reads the evidence as JSON, and writes the proposals. */

import { text } from "node:stream/consumers";
import { readHalfFloats } from "../../../custom_components/indoor_voice/panel/lessons/half-floats.js";
import { House } from "../../../custom_components/indoor_voice/panel/lessons/house.js";
import { proposalsFrom } from "../../../custom_components/indoor_voice/panel/lessons/proposals.js";

/** @import { Lesson } from "../../../custom_components/indoor_voice/panel/api.d.ts" */
/** @import { Evidence } from "../../../custom_components/indoor_voice/panel/lessons/evidence.js" */
/** @import { Thing } from "../../../custom_components/indoor_voice/panel/lessons/house.js" */

/**
 * @typedef {object} Asked
 * @property {(Omit<Evidence, "features"> & { features: string | null })[]} evidence newest first
 * @property {Lesson[]} lessons
 * @property {Thing[]} things
 * @property {string[]} others the names of areas
 */

const { evidence, lessons, things, others } = /** @type {Asked} */ (JSON.parse(await text(process.stdin)));
const opened = evidence.map((one) => ({
  ...one,
  features: one.features === null ? undefined : readHalfFloats(new Uint8Array(Buffer.from(one.features, "base64"))),
}));
process.stdout.write(JSON.stringify(await proposalsFrom(opened, lessons, new House(things, others))));
