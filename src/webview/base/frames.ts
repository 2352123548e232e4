/** Returns a function that runs `draw` in the next animation frame, once, however often it is called until then. */
export function oncePerFrame(draw: () => void): () => void {
  let requested = false;
  return () => {
    if (requested) return;
    requested = true;
    requestAnimationFrame(() => {
      requested = false;
      draw();
    });
  };
}

/**
 * Returns a function that runs `draw` at most once per interval: the first time at once, and always after the last
 * call.
 */
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

/** Whether the user's system or the editor requests reduced motion. */
export function reducedMotion(): boolean {
  return (
    document.body.classList.contains('vscode-reduce-motion') ||
    matchMedia('(prefers-reduced-motion: reduce)').matches
  );
}
