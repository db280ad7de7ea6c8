// The order of names.

const COLLATOR = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** Compares names as people sort them: "run10" comes after "run9". */
export function compareNames(a: string, b: string): number {
  return COLLATOR.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);
}
