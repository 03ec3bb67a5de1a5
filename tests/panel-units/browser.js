/** Provides the browser APIs that the panel's modules use but Node lacks: web workers, and `fetch` of local files. */

import { readFile } from "node:fs/promises";
import { Worker as NodeWorker } from "node:worker_threads";

/** The folder of the panel's modules. */
export const PANEL = new URL("../../custom_components/indoor_voice/panel/", import.meta.url);

/** The code of a worker thread: it provides the globals of a web worker, then runs the module. */
const WORKER_CODE = `
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
    const code = new URL(`data:text/javascript,${encodeURIComponent(WORKER_CODE)}`);
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
