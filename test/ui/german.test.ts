import assert from 'node:assert/strict';
import { useWindow } from '../support/editor/windows.ts';

describe('the editor in German', function () {
  const test = useWindow(this, { start: 'nothing', language: 'de' });

  it('welcomes, and shows its rows', async () => {
    const { workbench } = test;
    await workbench.openView();
    const buttons = workbench.page.locator('.part.sidebar .welcome-view-content .monaco-button:visible');
    assert.deepEqual(await buttons.allInnerTexts(), [
      'Lokale Sandbox starten',
      'Mit Beispielfahrzeug ausprobieren',
    ]);
    await buttons.first().press('Enter');
    await workbench.told('Die lokale Sandbox läuft unter http://');
    await workbench.row('Bereitstellung').waitFor();
    assert.deepEqual(await workbench.rows(), [
      'Lokale Sandbox, läuft',
      'Stack cms-dev1, CMS v1, bereit',
      'Fahrzeuge',
      'Ein Fahrzeug onboarden…',
      'Anmelden, um die Fahrzeuge zu sehen…',
      'Halter',
      'Zulieferer',
      'Bereitstellung',
      'Details',
    ]);
    await workbench.screenshot('german');
  });
});

describe('a wizard in German', function () {
  const test = useWindow(this, { start: 'fleet', language: 'de' });

  it('asks, from a command with a German name, and says what is wrong where the sentence comes from below', async () => {
    const { workbench } = test;
    await workbench.openView();
    await workbench.command('Connected Mobility: Fahrzeug onboarden…');
    await workbench.question('VIN: 17 Zeichen');
    await workbench.input().fill('LSH14J4C4LA04651');
    await workbench.says('Die VIN hat 16 Zeichen; ISO 3779 verlangt 17.');
    await workbench.screenshot('german error');
    // The question is there again once nothing is wrong.
    await workbench.input().fill('5YJSA1E27HF000337');
    await workbench.answer('VIN: 17 Zeichen', '5YJSA1E27HF000337');
    await workbench.answer('Benutzername des Halters');
    await workbench.question('Vorname des Halters');
    await workbench.screenshot('german wizard');
  });
});
