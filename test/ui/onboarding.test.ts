import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { actUntil } from '../support/editor/actUntil.ts';
import { PASSWORD, startFromWelcome, useEditor } from '../support/editor/suite.ts';

const VIN = 'LSH14J4C4LA046511';

describe('the editor, from an empty view to an offboarded vehicle', function () {
  const suite = useEditor(this);

  it('welcomes with one button that starts the local sandbox', async () => {
    const { workbench } = suite;
    await workbench.openView();
    const buttons = workbench.page.locator('.part.sidebar .welcome-view-content .monaco-button');
    assert.deepEqual(await buttons.allInnerTexts(), ['Start Local Sandbox']);
    await workbench.screenshot('welcome');
    await startFromWelcome(workbench);
    assert.deepEqual(await workbench.rows(), [
      'Local Sandbox, running',
      'Stack cms-dev1, CMS v1, ready',
      'Vehicles',
      'Onboard a vehicle…',
      'Sign in to see the vehicles…',
      'Owners',
      'Suppliers',
      'Provisioning',
    ]);
    await workbench.screenshot('sandbox started');
  });

  it('gives the focus to the rows, so that the next step is a key away', async () => {
    const { workbench } = suite;
    await workbench.page.locator('.part.sidebar .monaco-list:focus-within').waitFor();
    const wanted = workbench.page.locator('.monaco-list-row.focused[aria-label="Onboard a vehicle…"]');
    for (let i = 0; i < 8 && !(await wanted.isVisible()); i++)
      await workbench.page.keyboard.press('ArrowDown');
    await actUntil(
      () => wanted.press('Enter'),
      (timeout) => workbench.question('VIN: 17 characters', { timeout }),
    );
  });

  it('says what is wrong with a VIN while it is typed, and does not go on with it', async () => {
    const { workbench } = suite;
    await workbench.page.keyboard.type('LSH14J4C4LA04651');
    await workbench.says('16 characters');
    await workbench.page.keyboard.type('O');
    await workbench.says('leaves out I, O and Q');
    await workbench.screenshot('wizard wrong VIN');
    await workbench.page.keyboard.press('Enter');
    await workbench.says('leaves out I, O and Q');
  });

  it('makes up a VIN for a demo', async () => {
    const { workbench } = suite;
    await workbench.input().fill('');
    await workbench.page.keyboard.press('Enter');
    await workbench.holds(/^[0-9A-Z]{17}$/);
  });

  it('asks step by step, and goes back without losing an answer', async () => {
    const { workbench } = suite;
    await workbench.answer('VIN: 17 characters', VIN);
    await workbench.question('User name of the owner');
    await workbench.back();
    await workbench.question('VIN: 17 characters');
    assert.equal(await workbench.input().inputValue(), VIN);
    await workbench.answer('VIN: 17 characters');
    await workbench.answer('User name of the owner', 'testCMSUser1');
    await workbench.answer('First name of the owner', 'Test');
    await workbench.answer('Last name of the owner', 'User');
    await workbench.question('Password of testCMSUser1');
    assert.equal(await workbench.input().getAttribute('type'), 'password');
    await workbench.answer('Password of testCMSUser1', PASSWORD);
    await workbench.answer('Supplier of the telematics unit');
  });

  it('shows everything it will send, and lets one change a line', async () => {
    const { workbench } = suite;
    await workbench.question('Review');
    await workbench.item('Model year').waitFor();
    await workbench.screenshot('wizard review');
    await workbench.input().fill('Production');
    await workbench.pick('Production key');
    await workbench.answer('Production key', 'EC P-256');
    await workbench.question('Review');
    await workbench.item('made here, EC P-256').waitFor();
  });

  it('says what is wrong with a line before it is taken', async () => {
    const { workbench } = suite;
    await workbench.pick('Model year');
    await workbench.question('Model year');
    await workbench.input().fill('soon');
    await workbench.says('The value must be a number.');
    await workbench.page.keyboard.press('Enter');
    await workbench.says('The value must be a number.');
    await workbench.input().fill('2019');
    await workbench.page.keyboard.press('Enter');
    await workbench.question('Review');
  });

  it('onboards with steps in the notification, and says where to go next', async () => {
    const { workbench } = suite;
    await workbench.pick('Onboard');
    await workbench.told(`Onboarding ${VIN}: `);
    await workbench.screenshot('progress');
    assert.equal(
      await workbench.told('is onboarded'),
      `${VIN} is onboarded onto cms-dev1 and live as Acme DN.`,
    );
    await workbench.screenshot('onboarded');
  });

  it('writes certificate and key into the workspace and shows them in the Explorer', async () => {
    const { workbench, folder } = suite;
    await workbench.press('is onboarded', 'Reveal Certificates');
    await workbench.page
      .locator(
        '.explorer-folders-view .monaco-list-row.focused, .explorer-folders-view .monaco-list-row.selected',
      )
      .filter({ hasText: 'production-certificate.pem.crt' })
      .first()
      .waitFor();
    await workbench.screenshot('certificates in the explorer');
    const files = await readdir(path.join(folder, 'certs', VIN));
    assert.ok(
      files.includes('production-certificate.pem.crt') && files.includes('production-private.pem.key'),
    );
    assert.ok(existsSync(path.join(folder, 'certs/.gitignore')));
  });

  it('shows the vehicle with its state in words, its device, certificate and telemetry', async () => {
    const { workbench } = suite;
    await workbench.openView();
    await workbench.spoken(`Vehicle ${VIN}, Acme DN 2019, owner testCMSUser1, live`).waitFor();
    await workbench.expand(VIN);
    await workbench.row('Last telemetry').waitFor();
    await workbench.expand('Owners');
    await workbench.spoken('testCMSUser1, Test User').waitFor();
    await workbench.expand('Provisioning');
    await workbench.spoken('Provisioning role, IotCMSRole').waitFor();
    await workbench.expand('Certificates in the workspace');
    await workbench.spoken(`${VIN}, expires `).waitFor();
    const rows = await workbench.rows();
    assert.ok(rows.includes('Device, tcu · TCU-1 · 1.9.1 · installed'), rows.join('\n'));
    assert.ok(
      rows.some((row) => row.startsWith('Certificate, active · expires ')),
      rows.join('\n'),
    );
    assert.ok(rows.includes('Last telemetry, 33.77521, -84.39609'), rows.join('\n'));
    await workbench.screenshot('tree');
  });

  it('gives every row words for a screen reader', async () => {
    const rows = await suite.workbench.rows();
    assert.ok(rows.length >= 12);
    for (const row of rows) assert.match(row, /\p{L}{3}/u);
  });

  it('copies VIN, ARN, outputs and the environment for the AWS CLI', async () => {
    const { workbench, editor } = suite;
    const said = (text: string): Promise<void> =>
      workbench.page.locator('.part.statusbar').filter({ hasText: text }).waitFor();
    await workbench.contextMenu(VIN, 'Copy VIN');
    await said('VIN copied');
    assert.equal(await workbench.clipboard(), VIN);
    await workbench.contextMenu(VIN, 'Copy ARN');
    await said('Thing ARN copied');
    assert.equal(await workbench.clipboard(), `arn:aws:iot:us-west-2:123456789012:thing/${VIN}`);
    await workbench.contextMenu('cms-dev1', 'Copy Stack Outputs');
    await said('outputs copied');
    const outputs = JSON.parse(await workbench.clipboard()) as Record<string, string>;
    assert.ok(
      Object.keys(outputs).some((key) => /userpoolid/i.test(key)),
      Object.keys(outputs).join(', '),
    );
    await workbench.command('CMS: Copy AWS CLI Environment');
    await said('Environment copied');
    const endpoint = await editor.sandboxEndpoint();
    assert.ok((await workbench.clipboard()).includes(`export AWS_ENDPOINT_URL=${endpoint}`));
  });

  it('sends telemetry and a trouble code as the vehicle', async () => {
    const { workbench } = suite;
    const codes = workbench.page.locator('.quick-input-widget:visible');
    await workbench.contextMenu(VIN, 'Send DTC…', codes);
    await workbench.answer('Pick a trouble code', 'P0420');
    await workbench.told(`${VIN} reported P0420`);
    await workbench.contextMenu(VIN, 'Send First Telemetry');
    await workbench.told(`${VIN} sent its position, and AWS IoT acknowledged it.`);
    await workbench.spoken('DTC P0420').waitFor();
    await workbench.clearNotifications();
  });

  it('diagnoses as a page with every check', async () => {
    const { workbench } = suite;
    await workbench.contextMenu(VIN, 'Diagnose Vehicle');
    const report = workbench.webview();
    await report.getByRole('heading', { name: `Diagnosis of ${VIN}` }).waitFor();
    await report.getByText('No problem found').waitFor();
    assert.ok((await report.locator('tbody tr').count()) > 12);
    await workbench.screenshot('diagnosis');
  });

  it('rotates the certificate after asking', async () => {
    const { workbench, folder } = suite;
    await workbench.contextMenu(VIN, 'Rotate Certificate', workbench.dialog());
    await workbench
      .dialog()
      .filter({ hasText: `Rotate the certificate of ${VIN}?` })
      .waitFor();
    await workbench.choose('Rotate');
    await workbench.told('uses a new certificate now');
    assert.equal((await readdir(path.join(folder, 'certs', VIN, 'previous'))).length, 1);
  });

  it('notices when certificate files go, without being asked to look', async () => {
    const { workbench, folder } = suite;
    await rename(path.join(folder, 'certs', VIN), path.join(folder, 'moved'));
    await workbench.row('None yet').waitFor();
    await rename(path.join(folder, 'moved'), path.join(folder, 'certs', VIN));
    await workbench.spoken(`${VIN}, expires `).waitFor();
  });

  it('provisions a vehicle again that has lost its certificate', async () => {
    const { workbench, folder } = suite;
    await rm(path.join(folder, 'certs', VIN), { recursive: true });
    await workbench.row('None yet').waitFor();
    await workbench.contextMenu(VIN, 'Provision Certificates');
    await workbench.told('has its production certificate');
    await workbench.spoken(`${VIN}, expires `).waitFor();
    await workbench.clearNotifications();
  });

  it('looks the same in every theme', async () => {
    const { workbench } = suite;
    for (const [theme, kind] of [
      ['Light Modern', 'vs'],
      ['Dark High Contrast', 'hc-black'],
      ['Light High Contrast', 'hc-light'],
      ['Dark Modern', 'vs-dark'],
    ] as const) {
      await workbench.theme(theme, kind);
      await workbench.screenshot(`tree and report in ${theme}`);
    }
  });

  it('finds a vehicle by its VIN and goes to its row', async () => {
    const { workbench } = suite;
    await workbench.command('CMS: Find Vehicle by VIN');
    await workbench.answer('The whole VIN', VIN.toLowerCase());
    await workbench.page.locator(`.monaco-list-row.focused[aria-label^="Vehicle ${VIN}"]`).waitFor();
  });

  it('offboards only after saying what goes', async () => {
    const { workbench, folder } = suite;
    await workbench.contextMenu(VIN, 'Offboard Vehicle…');
    const plan = await workbench.dialog().innerText();
    for (const part of [
      'owner relation',
      'device',
      'vehicle',
      'certificate',
      'thing',
      'CMS never deletes telemetry',
    ])
      assert.ok(plan.includes(part), part);
    await workbench.screenshot('offboard plan');
    await workbench.page.keyboard.press('Escape');
    await workbench.dialog().waitFor({ state: 'hidden' });
    assert.ok(existsSync(path.join(folder, 'certs', VIN)));
    await workbench.contextMenu(VIN, 'Offboard Vehicle…');
    await workbench.choose('Offboard');
    await workbench.told(`${VIN} is offboarded`);
    await workbench.row('No vehicles yet').waitFor();
    assert.ok(!existsSync(path.join(folder, 'certs', VIN)));
  });
});
