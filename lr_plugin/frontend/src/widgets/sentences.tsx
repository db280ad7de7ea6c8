// Sentences beside the charts, and in their place where there are none.

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

/** Says in the charts' place why there are none. */
export function Placeholder(props: { sentence: string }) {
  return (
    <div class="lr-empty" role="status">
      <p>{props.sentence}</p>
    </div>
  );
}
