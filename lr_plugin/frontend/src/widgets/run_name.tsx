// The name of a run where there is little room: all of it is in the title, and is what
// screen readers say.

import { visible } from "../base/names.ts";

interface RunNameProps {
  run: string;
  short: string;
  class?: string;
  /** What the title says besides the name. */
  title?: string;
}

export function RunName(props: RunNameProps) {
  const { run, short } = props;
  return (
    <span class={props.class} title={props.title ?? run}>
      {short === run ? (
        visible(run)
      ) : (
        <>
          <span aria-hidden="true">{short}</span>
          <span class="lr-visually-hidden">{visible(run)}</span>
        </>
      )}
    </span>
  );
}
