// What the tab says where there is no learning rate that it knows.

import { plural } from "../base/format.ts";
import type { ScalarTag } from "../data/records.ts";
import { ALL_RUNS } from "../data/tag_choices.ts";
import type { State } from "../state/state.ts";
import { TagFields } from "./tag_picker.tsx";
import { useTags } from "./use_tags.ts";

const MAX_NAMED = 12;

interface EmptyLogdirProps {
  state: State;
  update: (changes: Partial<State>) => void;
}

export function EmptyLogdir(props: EmptyLogdirProps) {
  const tags = useTags(true);
  return (
    <div class="lr-empty">
      <h2>No learning rates here yet</h2>
      {tags.length > 0 && <FoundTags {...props} tags={tags} />}
      <p>
        This tab shows the learning rate that every single update really used, next to
        that batch’s own loss. Record a training with one line:
      </p>
      <pre class="lr-code">
        {"from lr_plugin.keras import LearningRateLogger\n\n"}
        {'model.fit(x, y, callbacks=[LearningRateLogger("logs/run1")])'}
      </pre>
      <p>
        or look at examples: <code>python -m lr_plugin.demo logs/examples</code>. Runs
        appear here by themselves, a few seconds after TensorBoard has found them.
      </p>
    </div>
  );
}

/** Names the scalars that there are, and lets the user say which is the rate. */
function FoundTags({
  state,
  update,
  tags,
}: EmptyLogdirProps & { tags: readonly ScalarTag[] }) {
  const named = tags.slice(0, MAX_NAMED).map(({ tag }) => tag);
  const more = tags.length - named.length;
  return (
    <section class="lr-found-tags" aria-label="Scalars in this log">
      <p>
        Other programs wrote {plural(tags.length, "scalar")} here, and none says by its
        name that it is a learning rate: <span class="lr-tag-names">{named.join(", ")}</span>
        {more > 0 && ` and ${plural(more, "more", "more")}`}. Which is it?
      </p>
      <TagFields
        state={state}
        update={update}
        subject={ALL_RUNS}
        label="All runs"
        runs={[]}
        tags={tags}
      />
    </section>
  );
}
