// What the tab has to say where it has nothing to draw.

export function Sentences(props: {
  kind: "warning" | "error";
  sentences: readonly string[];
}) {
  if (props.sentences.length === 0) return null;
  return (
    <div class={`lr-notice lr-notice-${props.kind}`} role="status">
      {props.sentences.slice(0, 5).map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      {props.sentences.length > 5 && <p>and {props.sentences.length - 5} more.</p>}
    </div>
  );
}

export function Loading(props: { isLoading: boolean; hasRuns: boolean }) {
  const sentence = props.isLoading
    ? "Loading…"
    : props.hasRuns
      ? "The chosen runs have nothing to draw here."
      : "No run is chosen. Choose one in the list of runs.";
  return (
    <div class="lr-empty" role="status">
      <p>{sentence}</p>
    </div>
  );
}

export function EmptyLogdir() {
  return (
    <div class="lr-empty">
      <h2>No learning rates here yet</h2>
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
