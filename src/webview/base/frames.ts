/** Runs `draw` in the next animation frame, once, however often it is asked for until then. */
export function oncePerFrame(draw: () => void): () => void {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      draw();
    });
  };
}

/** Runs `draw` at most every so many milliseconds, at once the first time, and never misses the last call. */
export function atMostEvery(ms: number, draw: () => void): () => void {
  let last = -Infinity;
  let timer: number | undefined;
  const run = (): void => {
    timer = undefined;
    last = performance.now();
    draw();
  };
  return () => {
    timer ??= window.setTimeout(run, Math.max(0, last + ms - performance.now()));
  };
}

/** Whether the person at the screen, or the editor, asks for less movement. */
export function reducedMotion(): boolean {
  return (
    document.body.classList.contains('vscode-reduce-motion') ||
    matchMedia('(prefers-reduced-motion: reduce)').matches
  );
}
