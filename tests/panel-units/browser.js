/** Gives Node what the panel's modules use of a browser: web workers, files by `fetch`, and localStorage. */

import { readFile } from "node:fs/promises";
import { Worker as NodeWorker } from "node:worker_threads";

/** Where the panel's modules are. */
export const PANEL = new URL("../../custom_components/indoor_voice/panel/", import.meta.url);

/** What a worker needs before its module runs. */
const IN_WORKER = `
  import { parentPort, workerData } from "node:worker_threads";
  globalThis.addEventListener = (type, listener) => parentPort.on(type, (data) => listener({ data }));
  globalThis.postMessage = (message) => parentPort.postMessage(message);
  await import(workerData);
`;

class Worker extends EventTarget {
  #worker;

  /** @param {URL} url */
  constructor(url) {
    super();
    const code = new URL(`data:text/javascript,${encodeURIComponent(IN_WORKER)}`);
    this.#worker = new NodeWorker(code, { workerData: url.href });
    this.#worker.on("message", (data) => this.dispatchEvent(new MessageEvent("message", { data })));
    this.#worker.on("error", () => this.dispatchEvent(new Event("error")));
  }

  /** @param {unknown} message */
  postMessage(message) {
    this.#worker.postMessage(message);
  }

  terminate() {
    void this.#worker.terminate();
  }
}

Object.assign(globalThis, {
  Worker,
  fetch: async (/** @type {URL} */ url) => new Response(await readFile(url)),
});
