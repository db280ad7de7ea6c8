// Chooses which scalars of other programs are the rate and the loss of a run, or of all.

import { useState } from "preact/hooks";

import type { RunSummary, ScalarTag } from "../data/records.ts";
import { ALL_RUNS, chooseTag, type TagColumn } from "../data/tag_choices.ts";
import type { State } from "../state/state.ts";
import { tagOf, tagOptions, type TagOption } from "./tag_options.ts";
import { useTags } from "./use_tags.ts";

interface TagPickerProps {
  state: State;
  update: (changes: Partial<State>) => void;
  /** The runs that are drawn; those of other programs among them are chosen for. */
  chosen: readonly RunSummary[];
}

const COLUMNS: Record<TagColumn, string> = { learning_rate: "Rate", loss: "Loss" };

/** Offers the tags of the drawn runs, folded, where other programs wrote some. */
export function TagPicker(props: TagPickerProps) {
  const [isOpen, setIsOpen] = useState(false);
  const runs = props.chosen.filter(({ source }) => source === "scalars");
  const tags = useTags(isOpen && runs.length > 0);
  if (runs.length === 0) return null;
  const focus = runs.find(({ run }) => run === props.state.focus) ?? runs[0];
  const hasChoices = Object.keys(props.state.tagChoices).length > 0;
  return (
    <details
      class="lr-details lr-tag-picker"
      onToggle={(event) => setIsOpen(event.currentTarget.open)}
    >
      <summary>
        Tags of other programs’ runs
        {hasChoices && " (chosen)"}
      </summary>
      <TagFields {...props} subject={ALL_RUNS} label="All runs" runs={runs} tags={tags} />
      <TagFields
        {...props}
        subject={focus.run}
        label={focus.run}
        runs={runs}
        tags={tags}
      />
      {hasChoices && (
        <button
          class="lr-quiet-button"
          onClick={() => props.update({ tagChoices: {} })}
        >
          Choose by names again
        </button>
      )}
    </details>
  );
}

/** Two fields, for the rate and for the loss. */
export function TagFields(props: {
  state: State;
  update: (changes: Partial<State>) => void;
  subject: string;
  label: string;
  runs: readonly RunSummary[];
  tags: readonly ScalarTag[];
}) {
  const { state, update, subject } = props;
  return (
    <div class="lr-controls" role="group" aria-label={`Tags: ${props.label}`}>
      <span class="lr-tag-subject" title={props.label}>
        {props.label}
      </span>
      {(Object.keys(COLUMNS) as TagColumn[]).map((column) => (
        <TagSelect
          key={column}
          label={COLUMNS[column]}
          options={tagOptions(subject, column, props.runs, props.tags, state.tagChoices)}
          onChange={(value) =>
            update({
              tagChoices: chooseTag(state.tagChoices, subject, column, tagOf(value)),
            })
          }
        />
      ))}
    </div>
  );
}

function TagSelect(props: {
  label: string;
  options: ReturnType<typeof tagOptions>;
  onChange: (value: string) => void;
}) {
  const { likely, others, chosen } = props.options;
  return (
    <label class="lr-control">
      <span>{props.label}</span>
      <select
        class="lr-select"
        value={chosen}
        onChange={(event) => props.onChange(event.currentTarget.value)}
      >
        {likely.map((option) => asElement(option, chosen))}
        {others.length > 0 && (
          <optgroup label="Other tags">
            {others.map((option) => asElement(option, chosen))}
          </optgroup>
        )}
      </select>
    </label>
  );
}

function asElement({ value, text }: TagOption, chosen: string) {
  return (
    <option key={value} value={value} selected={value === chosen}>
      {text}
    </option>
  );
}
