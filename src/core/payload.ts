/** A payload where only text passes, such as JSON: as it is if it is UTF-8, else in base64. */
export interface PayloadText {
  payload: string;
  encoding?: 'base64' | undefined;
}

/** A byte order mark is part of the payload. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function payloadText(bytes: Uint8Array): PayloadText {
  try {
    return { payload: decoder.decode(bytes) };
  } catch {
    return { payload: Buffer.from(bytes).toString('base64'), encoding: 'base64' };
  }
}

export function payloadBytes({ payload, encoding }: PayloadText): Uint8Array {
  return Buffer.from(payload, encoding ?? 'utf8');
}

/** For people to look at: an object if it is JSON, otherwise the text. */
export function shownPayload(text: PayloadText): unknown {
  if (text.encoding !== undefined) return { base64: text.payload };
  try {
    return JSON.parse(text.payload) as unknown;
  } catch {
    return text.payload;
  }
}
