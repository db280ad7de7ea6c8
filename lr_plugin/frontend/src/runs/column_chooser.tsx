// Which columns the table of runs has.

import { formatCount } from "../base/format.ts";
import type { TableColumn } from "./table_column.ts";

export function ColumnChooser(props: {
  all: readonly TableColumn[];
  shown: readonly TableColumn[];
  /** Takes the keys of the chosen columns; null asks for the usual ones. */
  onChange: (keys: readonly string[] | null) => void;
}) {
  const { all, shown, onChange } = props;
  const keys = shown.map(({ key }) => key);
  const toggle = (key: string) =>
    onChange(keys.includes(key) ? keys.filter((one) => one !== key) : [...keys, key]);
  return (
    <details class="lr-details lr-columns">
      <summary>
        Columns ({formatCount(shown.length)} of {formatCount(all.length)})
      </summary>
      <div class="lr-column-choices" role="group" aria-label="Columns">
        {all
          .filter(({ key }) => key !== "run")
          .map(({ key, title }) => (
            <label key={key} class="lr-control">
              <input
                type="checkbox"
                checked={keys.includes(key)}
                onChange={() => toggle(key)}
              />
              {title}
            </label>
          ))}
      </div>
      <div class="lr-row">
        <button class="lr-quiet-button" onClick={() => onChange(null)}>
          Usual columns
        </button>
        <button
          class="lr-quiet-button"
          onClick={() => onChange(all.map(({ key }) => key))}
        >
          All columns
        </button>
      </div>
    </details>
  );
}
