// The values of the rows at the cursor.

import { formatCount, formatNumber } from "../base/format.ts";
import type { ShortNames } from "../base/names.ts";
import type { ReadRow } from "../chart/reading.ts";
import { cellText, rangeLabel, rangeText } from "./readout_text.ts";

const NAME_LETTERS = 26;

interface ReadoutTableProps {
  rows: readonly ReadRow[];
  values: Record<string, string>;
  subject: string;
  names: ShortNames;
  /** The run under the pointer. */
  picked: string | null;
}

export function ReadoutTable(props: ReadoutTableProps) {
  const { rows, picked } = props;
  const values = valuesOf(rows, props.values);
  // Thinned runs have other rows than their neighbours.
  const hasSteps = rows.some(({ step }) => step !== rows[0].step && step >= 0);
  const hasSmoothed = rows.some(({ smoothed }) => smoothed !== null);
  const titles = [
    props.subject,
    ...(hasSteps ? ["step"] : []),
    ...Object.values(values),
    ...(hasSmoothed ? ["smoothed"] : []),
  ];
  return (
    <table>
      <thead>
        <tr>
          {titles.map((title) => (
            <th scope="col" key={title}>
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.flatMap((row, i) => [
          <tr key={row.run} class={row.run === picked ? "lr-readout-picked" : ""}>
            <td>
              <span class="lr-dot" style={{ background: row.color }} />
              <span class="lr-readout-run">
                {props.names.short(row.run, NAME_LETTERS)}
              </span>
            </td>
            {hasSteps && <td class="lr-number">{stepText(row)}</td>}
            {Object.keys(values).map((column) => (
              <td key={column} class="lr-number">
                {cellText(row, column)}
              </td>
            ))}
            {hasSmoothed && <td class="lr-number">{formatNumber(row.smoothed, 6)}</td>}
          </tr>,
          i === 0 && row.around && (
            <tr key="around" class="lr-readout-around">
              <td>{rangeLabel(row.around)}</td>
              {hasSteps && <td />}
              {Object.keys(values).map((column) => (
                <td key={column} class="lr-number">
                  {row.isExact && rangeText(row.around!, column)}
                </td>
              ))}
              {hasSmoothed && <td />}
            </tr>
          ),
        ])}
      </tbody>
    </table>
  );
}

/** Leaves out the columns of which no row has a value. */
function valuesOf(
  rows: readonly ReadRow[],
  values: Record<string, string>,
): Record<string, string> {
  const isKnown = ([column]: [string, string]) =>
    rows.some((row) => row.values[column] !== undefined);
  return Object.fromEntries(Object.entries(values).filter(isKnown));
}

function stepText({ step, isExact, around }: ReadRow): string {
  if (Number.isNaN(step)) return "";
  return isExact || !around ? formatCount(step) : `${formatCount(around.firstStep)} …`;
}
