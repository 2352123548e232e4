/** What the machine may take for anything on a busy day. */
export const PATIENCE_MS = 60_000;
/** An effect that does not show by then is not coming: the key or the click was lost on the way. */
const ACT_AGAIN_MS = 8_000;

/**
 * Acts, and acts again as a person would while the effect is not seen. Both may throw: that counts as not seen.
 * @param act must be safe to do again while `seen` has not come true
 * @param seen resolves when the effect shows, and rejects after the milliseconds given
 */
export async function actUntil(
  act: () => Promise<unknown>,
  seen: (timeout: number) => Promise<unknown>,
): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      await act();
      await seen(ACT_AGAIN_MS);
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}
