/** Prints a sheet of its own, without the page around it. */

import { html, render } from "./vendor/lit-element.js";

/**
 * Print content from a hidden iframe, and return a function that removes it.
 * @param {unknown} content a template, or paragraphs
 * @param {{ title?: string, style?: string }} [look]
 */
export function printSheet(content, { title = "", style = "" } = {}) {
  const sheet = document.createElement("iframe");
  // Invisible, but in the layout: browsers don't print an iframe without one.
  Object.assign(sheet.style, { position: "fixed", width: 0, height: 0, border: 0, visibility: "hidden" });
  document.body.append(sheet);
  const page = sheet.contentDocument;
  if (page) {
    page.title = title;
    page.head.append(Object.assign(page.createElement("style"), { textContent: style }));
    render(Array.isArray(content) ? content.map((text) => html`<p>${text}</p>`) : content, page.body);
  }
  sheet.contentWindow?.print();
  return () => sheet.remove();
}
