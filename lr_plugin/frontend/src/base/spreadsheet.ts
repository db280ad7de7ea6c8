// Text of a log in the cells of a table that a spreadsheet opens.

// A spreadsheet takes what begins so for a formula, and runs it.
const FORMULA = /^\s*[=+\-@]/;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * Writes a text as one cell: in one line, and with a quote before what would be a
 * formula, which spreadsheets hide. A text that is a number stays one.
 */
export function textCell(text: string): string {
  const line = text.replace(/[\t\r\n\v\f\u0085\u2028\u2029]+/g, " ");
  return FORMULA.test(line) && !NUMBER.test(line) ? `'${line}` : line;
}
