/** Prints a sheet of paper with nothing else on it. */

/**
 * Print some paragraphs; returns what removes the sheet from the page again.
 * @param {string[]} paragraphs
 */
export function printSheet(paragraphs) {
  const sheet = document.createElement("iframe");
  // Invisible, but in the page: browsers print nothing of what has no layout.
  Object.assign(sheet.style, { position: "fixed", width: 0, height: 0, border: 0, visibility: "hidden" });
  document.body.append(sheet);
  const page = sheet.contentDocument?.body;
  for (const text of paragraphs) page?.append(Object.assign(document.createElement("p"), { textContent: text }));
  sheet.contentWindow?.print();
  return () => sheet.remove();
}
