const BEGIN = '-----BEGIN CERTIFICATE-----';
const END = '-----END CERTIFICATE-----';

/** The certificates of a text in PEM, with the lines they begin on, from 1; what begins like one may be none. */
export function* certificatesIn(pem: string): Generator<{ line: number; text: string }> {
  let line = 1;
  let counted = 0;
  for (let at = pem.indexOf(BEGIN); at >= 0;) {
    for (let end = pem.indexOf('\n', counted); end >= 0 && end < at; end = pem.indexOf('\n', counted)) {
      line += 1;
      counted = end + 1;
    }
    const next = pem.indexOf(BEGIN, at + BEGIN.length);
    const block = pem.slice(at, next < 0 ? undefined : next);
    const end = block.indexOf(END);
    yield { line, text: end < 0 ? block : block.slice(0, end + END.length) };
    at = next;
  }
}
