/** Prints text on a sheet of its own. */

/**
 * Print paragraphs from a hidden iframe, and return a function that removes it.
 * @param {string[]} paragraphs
 */
export function printSheet(paragraphs) {
  const sheet = document.createElement("iframe");
  // Invisible, but in the layout: browsers don't print an iframe without one.
  Object.assign(sheet.style, { position: "fixed", width: 0, height: 0, border: 0, visibility: "hidden" });
  document.body.append(sheet);
  const page = sheet.contentDocument?.body;
  for (const text of paragraphs) page?.append(Object.assign(document.createElement("p"), { textContent: text }));
  sheet.contentWindow?.print();
  return () => sheet.remove();
}
