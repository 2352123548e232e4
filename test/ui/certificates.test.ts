import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  DeleteProvisioningTemplateCommand,
  IoTClient,
  ListProvisioningTemplatesCommand,
} from '@aws-sdk/client-iot';
import { actUntil } from '../support/editor/actUntil.ts';
import { answerWizard, PASSWORD, startFromWelcome, useEditor } from '../support/editor/suite.ts';
import { Workbench } from '../support/editor/workbench.ts';
import { testCredentials } from '../support/sandbox.ts';

const VIN = 'LSH14J4C4LA046511';
const SECOND = '1FTFW1ET5DFC10312';

describe('certificates in a workspace of several folders', function () {
  const suite = useEditor(this);
  let workbench: Workbench;
  let folder: string;

  const vehicleFolder = (vin: string): string => path.join(folder, 'two/certs', vin);
  const key = (vin: string): string => path.join(vehicleFolder(vin), 'production-private.pem.key');
  const previous = (vin: string): Promise<string[]> => readdir(path.join(vehicleFolder(vin), 'previous'));

  before(async () => {
    folder = await suite.editor.workspace();
    for (const name of ['one', 'two']) await mkdir(path.join(folder, name));
    const file = path.join(folder, 'several.code-workspace');
    await writeFile(file, JSON.stringify({ folders: [{ path: 'one' }, { path: 'two' }] }));
    await suite.workbench.page.close();
    workbench = new Workbench(await suite.editor.open(file, { context: suite.context }));
  });

  it('are written where the person says, who is asked once', async () => {
    await startFromWelcome(workbench);
    await workbench.command('CMS: Onboard Vehicle');
    await workbench.question('Workspace folder for the vehicle certificates');
    await workbench.screenshot('workspace folder');
    await workbench.pick('two');
    await answerWizard(workbench, VIN, PASSWORD);
    await workbench.told(`${VIN} is onboarded`);
    assert.ok(existsSync(key(VIN)));
    assert.deepEqual(await readdir(path.join(folder, 'one')), []);
    await workbench.clearNotifications();
  });

  it('go to the same folder from then on, also after a reload', async () => {
    await workbench.page.reload();
    await workbench.openView();
    await workbench.spoken(`Vehicle ${VIN}`).waitFor();
    await workbench.command('CMS: Onboard Vehicle');
    await answerWizard(workbench, SECOND);
    await workbench.told(`${SECOND} is onboarded`);
    assert.ok(existsSync(key(SECOND)));
    await workbench.clearNotifications();
  });

  it('that work are found again, and rotating them is offered', async () => {
    await workbench.contextMenu(VIN, 'Provision Certificates');
    await workbench.told(`${VIN} already has a working production certificate.`);
    await workbench.press('already has a working', 'Rotate Certificate…');
    await workbench
      .dialog()
      .filter({ hasText: `Rotate the certificate of ${VIN}?` })
      .waitFor();
    await actUntil(
      () => workbench.page.keyboard.press('Escape'),
      (timeout) => workbench.dialog().waitFor({ state: 'hidden', timeout }),
    );
  });

  it('that cannot be used are replaced after asking, and set aside', async () => {
    await rm(key(VIN));
    await workbench
      .spoken(`Vehicle ${VIN}, Acme DN 2019, owner testCMSUser1, certificate unusable`)
      .waitFor();
    await workbench.contextMenu(VIN, 'Provision Certificates', workbench.dialog());
    const question = workbench.dialog().filter({ hasText: `Replace the certificate of ${VIN}?` });
    await question.waitFor();
    assert.match(await question.innerText(), /sets the files aside, deletes none/);
    await workbench.screenshot('replace certificate');
    await actUntil(
      () => workbench.page.keyboard.press('Escape'),
      (timeout) => workbench.dialog().waitFor({ state: 'hidden', timeout }),
    );
    await workbench.told('Cancelled: Provisioning certificates');
    assert.ok(!existsSync(key(VIN)));
    await workbench.press('Cancelled: Provisioning certificates', 'Continue');
    await question.waitFor();
    await workbench.choose('Replace');
    await workbench.told(`${VIN} has its production certificate`);
    assert.ok(existsSync(key(VIN)));
    assert.equal((await previous(VIN)).length, 1);
    await workbench.clearNotifications();
  });

  it('are rotated though the template of the stack is gone: it is made anew', async () => {
    const endpoint = await suite.editor.sandboxEndpoint();
    assert.ok(endpoint !== undefined);
    const iot = new IoTClient({ endpoint, region: 'us-west-2', credentials: testCredentials });
    const names = async (): Promise<(string | undefined)[]> =>
      (await iot.send(new ListProvisioningTemplatesCommand({}))).templates?.map((t) => t.templateName) ?? [];
    const before = await names();
    assert.equal(before.length, 1);
    for (const templateName of before)
      await iot.send(new DeleteProvisioningTemplateCommand({ templateName }));
    await workbench.contextMenu(SECOND, 'Rotate Certificate', workbench.dialog());
    await workbench.choose('Rotate');
    await workbench.told(`${SECOND} uses a new certificate now`);
    assert.deepEqual(await names(), before);
    assert.equal((await previous(SECOND)).length, 1);
    iot.destroy();
  });
});
