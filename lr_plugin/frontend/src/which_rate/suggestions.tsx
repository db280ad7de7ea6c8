// What the picture suggests, with buttons that copy it.

import { useState } from "preact/hooks";

import { formatNumber } from "../base/format.ts";
import { visible } from "../base/names.ts";
import type { TestedRun } from "../range_tests/range_test_scene.ts";
import { linkToHere } from "../state/host.ts";
import type { State } from "../state/state.ts";
import {
  asCyclical,
  asFlags,
  asKeras,
  suggestTested,
  type Suggestion,
} from "./recipes.ts";

interface SuggestionsProps {
  best: Suggestion | null;
  tests: readonly TestedRun[];
  state: State;
  announce: (sentence: string) => void;
}

export function Suggestions({ best, tests, state, announce }: SuggestionsProps) {
  const [copied, setCopied] = useState("");
  const found = [
    ...(best ? [best] : []),
    ...tests.flatMap(({ run, test }) => suggestTested(run, test) ?? []),
  ];
  const copy = (text: string) => {
    const say = (sentence: string) => {
      setCopied(sentence);
      announce(sentence);
    };
    navigator.clipboard.writeText(text).then(
      () => say(`Copied: ${text}`),
      () => say(`The browser does not allow copying here. Copy this: ${text}`),
    );
  };
  return (
    <section class="lr-card lr-padded" aria-label="Use it">
      <h2 class="lr-card-title">Use it</h2>
      {found.map((suggestion) => (
        <SuggestionRow key={suggestion.source} suggestion={suggestion} onCopy={copy} />
      ))}
      <div class="lr-row">
        <button class="lr-quiet-button" onClick={() => copy(linkToHere(state))}>
          Copy the link to this picture
        </button>
      </div>
      {copied && <p class="lr-muted lr-copied">{copied}</p>}
    </section>
  );
}

function SuggestionRow(props: {
  suggestion: Suggestion;
  onCopy: (text: string) => void;
}) {
  const { suggestion, onCopy } = props;
  const { source, rate, bounds } = suggestion;
  const cyclical = asCyclical(suggestion);
  return (
    <div class="lr-row lr-wrap" role="group" aria-label={visible(source)}>
      <span>
        {visible(source)}: <strong>{formatNumber(rate, 3)}</strong>
        {bounds && `, between ${formatNumber(bounds[0], 3)} and ${formatNumber(bounds[1], 3)}`}
      </span>
      <button class="lr-quiet-button" onClick={() => onCopy(asFlags(suggestion))}>
        Copy flags
      </button>
      <button class="lr-quiet-button" onClick={() => onCopy(asKeras(suggestion))}>
        Copy Keras code
      </button>
      {cyclical && (
        <button class="lr-quiet-button" onClick={() => onCopy(cyclical)}>
          Copy cyclical schedule
        </button>
      )}
    </div>
  );
}
