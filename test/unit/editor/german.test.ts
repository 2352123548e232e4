import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { isCmsError } from '../../../src/core/errors.ts';
import { l10n, type Message } from '../../../src/core/message.ts';
import { worded } from '../../../src/core/wording.ts';
import { vinProblem } from '../../../src/cms/contract/vin.ts';
import { readRoutes } from '../../../src/telemetry/routes/readRoutes.ts';

const bundle = JSON.parse(
  readFileSync(path.join(import.meta.dirname, '../../../l10n/bundle.l10n.de.json'), 'utf8'),
) as Record<string, string>;

/** As the window says it in German: the bundle's text with the values, as VS Code puts them in. */
function inGerman(message: Message | undefined): string {
  assert.ok(message);
  return worded(
    message,
    (text, values) =>
      (bundle[text] ?? `untranslated: ${text}`).replaceAll(/\{(\w+)\}/g, (mark, name: string) =>
        String(values[name] ?? mark),
      ),
    'de',
  );
}

describe('sentences of the rooms below, in a German window', () => {
  it('have their values where German wants them', () => {
    assert.match(inGerman(vinProblem('LSH14J4C4LA04651')?.message), /16 .*17/);
  });

  it('are errors with a remedy', async () => {
    const error: unknown = await Promise.resolve()
      .then(() => readRoutes(new TextEncoder().encode('{}'), 'a.geojson'))
      .catch((thrown: unknown) => thrown);
    assert.ok(isCmsError(error));
    assert.doesNotMatch(`${inGerman(error.sentence)} ${inGerman(error.remedy)}`, /untranslated/);
    assert.match(inGerman(error.remedy), /Datei/);
  });

  it('are said by the editor itself the same way', () => {
    const sentence = l10n.t('The local sandbox did not start. {said}', { said: 'EADDRINUSE' });
    assert.match(inGerman(sentence), /^Die lokale Sandbox .*EADDRINUSE$/);
  });
});
