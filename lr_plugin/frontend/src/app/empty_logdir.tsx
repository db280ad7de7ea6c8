// What the tab says where nothing was recorded yet.

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
