// The choice of further columns to draw, and what is drawn of them.

import { columnTitle } from "../data/words.ts";
import { Select } from "../widgets/controls.tsx";

interface ColumnPickerProps {
  /** What there is to draw. */
  columns: readonly string[];
  drawn: readonly string[];
  onChange: (drawn: string[]) => void;
}

const NONE = "";

export function ColumnPicker({ columns, drawn, onChange }: ColumnPickerProps) {
  const left = columns.filter((name) => !drawn.includes(name));
  if (columns.length === 0 && drawn.length === 0) return null;
  const options = Object.fromEntries(left.map((name) => [name, columnTitle(name)]));
  return (
    <div class="lr-control" role="group" aria-label="Further columns">
      {left.length > 0 && (
        <Select
          label="Draw one more column"
          options={{ [NONE]: "Draw also …", ...options }}
          value={NONE}
          onChange={(name) => name && onChange([...drawn, name])}
        />
      )}
      {drawn.map((name) => (
        <button
          key={name}
          class="lr-quiet-button"
          aria-label={`Draw no more: ${columnTitle(name)}`}
          onClick={() => onChange(drawn.filter((other) => other !== name))}
        >
          {columnTitle(name)} ×
        </button>
      ))}
    </div>
  );
}
