import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { SECOND, VIN } from '../support/editor/fleetSnapshot.ts';
import { useWorld } from '../support/editor/hostWorld.ts';
import { until } from '../support/until.ts';

const NEW = '5YJSA1E26HF000337';

describe('a VIN in a text', function () {
  const world = useWorld(this, 'fleet');
  const { person } = world;

  /** A log with the VIN at the cursor. */
  async function openAt(vin: string, before = 'connected: '): Promise<vscode.Uri> {
    const document = await vscode.workspace.openTextDocument({
      content: `first line\n${before}${vin.toLowerCase()} ok`,
    });
    const editor = await vscode.window.showTextDocument(document);
    const at = new vscode.Position(1, before.length + 3);
    editor.selection = new vscode.Selection(at, at);
    return document.uri;
  }

  it('is the vehicle that is diagnosed from the menu there', async () => {
    const diagnosed = world.run('diagnoseVehicle', await openAt(SECOND));
    await until('the report', () =>
      vscode.window.tabGroups.all.some(({ tabs }) => tabs.some(({ label }) => label.includes(SECOND))),
    );
    await diagnosed;
  });

  it('is the vehicle whose certificates are provisioned, though a second one stands farther on in the selection', async () => {
    const document = await vscode.workspace.openTextDocument({ content: `a ${VIN}\n${SECOND}` });
    const editor = await vscode.window.showTextDocument(document);
    editor.selection = new vscode.Selection(0, 4, 1, 17);
    const provisioned = world.run('provisionCertificates', document.uri);
    await person.told(VIN);
    person.leave();
    await provisioned;
  });

  it('is filled in when its vehicle is onboarded', async () => {
    const onboarded = world.run('onboardVehicle', await openAt(NEW));
    const asked = await person.question('VIN: 17 characters');
    assert.equal(asked.value, NEW);
    asked.leave();
    await onboarded;
  });

  it('is the name of a folder of certificates, too', async () => {
    await world.run('findVehicle', vscode.Uri.file(`${world.folder}/certs/${NEW}`));
    await person.told(`${NEW} is not on`);
  });

  it('shows in a hover what can be done with it, for it alone', async () => {
    const uri = await openAt(SECOND, `${'-'.repeat(5)} `);
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
      'vscode.executeHoverProvider',
      uri,
      new vscode.Position(1, 8),
    );
    const [text] = hovers.flatMap(({ contents }) => contents as vscode.MarkdownString[]);
    assert.match(text?.value ?? '', new RegExp(`VIN ${SECOND}`));
    const links = [...(text?.value ?? '').matchAll(/command:cmsEnablement\.(\w+)\?([^)]+)/g)];
    assert.deepEqual(
      links.map(([, command, target]) => [command, JSON.parse(decodeURIComponent(target ?? '')) as unknown]),
      ['onboardVehicle', 'provisionCertificates', 'findVehicle', 'diagnoseVehicle', 'simulateDrive'].map(
        (command) => [command, [{ vin: SECOND }]],
      ),
    );
    const none = await vscode.commands.executeCommand<vscode.Hover[]>(
      'vscode.executeHoverProvider',
      uri,
      new vscode.Position(0, 2),
    );
    assert.deepEqual(none, []);
  });

  it('is the vehicle of the menu on the map, on the stack of that map', async () => {
    const ref = { connectionId: 'sandbox', stack: 'cms-dev1' };
    const clicked = { webview: 'cmsEnablement.map', webviewSection: 'vehicle', vin: SECOND, id: SECOND, ref };
    await world.run('copyVin', clicked);
    assert.equal(await vscode.env.clipboard.readText(), SECOND);
    await world.run('findVehicle', clicked);
    await world.run('findVehicle', { ...clicked, vin: NEW, id: NEW });
    await person.told(`${NEW} is not on`);
    const provisioned = world.run('provisionCertificates', clicked);
    await person.told(SECOND);
    person.leave();
    await provisioned;
  });

  it('of a recording on the map is copied without a stack', async () => {
    await world.run('stopSandbox');
    await world.run('copyVin', { webview: 'cmsEnablement.map', webviewSection: 'vehicle', vin: NEW });
    assert.equal(await vscode.env.clipboard.readText(), NEW);
  });

  it('that is not on the stack is said to be missing', async () => {
    await world.run('findVehicle', { vin: NEW });
    await person.told(`${NEW} is not on`);
  });

  it('is asked for when there is none at the cursor', async () => {
    const document = await vscode.workspace.openTextDocument({ content: 'no vehicle here' });
    await vscode.window.showTextDocument(document);
    const diagnosed = world.run('diagnoseVehicle', document.uri);
    (await person.question('Any part of a VIN')).leave();
    await diagnosed;
  });
});
