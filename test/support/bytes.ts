/** A payload as text. */
export function textOf(payload: string | Uint8Array): string {
  return typeof payload === 'string' ? payload : Buffer.from(payload).toString('utf8');
}

/** A text as payload. */
export function bytesOf(text: string): Uint8Array {
  return Buffer.from(text, 'utf8');
}
