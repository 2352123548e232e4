import assert from 'node:assert/strict';
import { actUntil } from '../support/editor/actUntil.ts';
import { speak } from '../support/editor/language.ts';
import { useEditor } from '../support/editor/suite.ts';

describe('the editor in German', function () {
  const suite = useEditor(this);

  before(async () => {
    await speak(suite.editor.dataFolder, 'de');
    await suite.workbench.page.reload();
    await suite.workbench.openView();
  });

  it('welcomes in German', async () => {
    const { workbench } = suite;
    const buttons = workbench.page.locator('.part.sidebar .welcome-view-content .monaco-button:visible');
    assert.deepEqual(await buttons.allInnerTexts(), ['Lokale Sandbox starten']);
    await actUntil(
      () => buttons.first().press('Enter'),
      (timeout) => buttons.first().waitFor({ state: 'hidden', timeout }),
    );
    await workbench.told('Die lokale Sandbox läuft unter http://');
  });

  it('shows its rows in German', async () => {
    const { workbench } = suite;
    await workbench.row('Bereitstellung').waitFor();
    assert.deepEqual(await workbench.rows(), [
      'Lokale Sandbox, läuft',
      'Stack cms-dev1, CMS v1, bereit',
      'Fahrzeuge',
      'Ein Fahrzeug aufnehmen…',
      'Anmelden, um die Fahrzeuge zu sehen…',
      'Halter',
      'Zulieferer',
      'Bereitstellung',
    ]);
    await workbench.screenshot('german');
  });

  it('asks in German, from a command with a German name', async () => {
    const { workbench } = suite;
    await workbench.command('CMS: Fahrzeug aufnehmen…');
    await workbench.answer('VIN: 17 Zeichen', 'LSH14J4C4LA046511');
    await workbench.answer('Benutzername des Halters');
    await workbench.question('Vorname des Halters');
    await workbench.screenshot('german wizard');
    await workbench.leave();
  });

  it('says in German what is wrong, also where the sentence comes from below', async () => {
    const { workbench } = suite;
    await workbench.command('CMS: Fahrzeug aufnehmen…');
    await workbench.question('VIN: 17 Zeichen');
    await workbench.input().fill('LSH14J4C4LA04651');
    await workbench.says('Die VIN hat 16 Zeichen; ISO 3779 verlangt 17.');
    await workbench.screenshot('german error');
    await workbench.leave();
  });
});
