/** Lines of a CSV file that a spreadsheet may open: RFC 4180, in UTF-8, and no cell is ever run as a formula. */

/** Spreadsheets take a file for another encoding unless it begins with this. */
export const BYTE_ORDER_MARK = "\uFEFF";

/** What makes a spreadsheet run a cell, or split it, instead of showing it. Source: OWASP, CSV injection. */
const RUN = /^[=+\-@\t\r\n]/;
const QUOTED = /[",\r\n]/;

/** A line of cells; null is an empty one. A cell that would be run is shown as a text, by the apostrophe spreadsheets take for that. */
export function csvLine(cells: readonly (string | number | null)[]): string {
  return `${cells.map(cellOf).join(",")}\r\n`;
}

function cellOf(value: string | number | null): string {
  const text = String(value ?? "");
  const safe = RUN.test(text) ? `'${text}` : text;
  return QUOTED.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
