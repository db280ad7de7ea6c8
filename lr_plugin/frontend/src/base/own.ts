// Looks up what a log named: any text may be a key, also one that every object has.

/** Finds the value that a record has itself; not what it inherits, as `constructor`. */
export function own<Value>(
  record: Readonly<Record<string, Value>>,
  key: string,
): Value | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
