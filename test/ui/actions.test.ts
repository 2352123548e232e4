import assert from 'node:assert/strict';
import {
  AdminCreateUserCommand,
  CognitoIdentityProviderClient,
  ListUserPoolsCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { actUntil } from '../support/editor/actUntil.ts';
import { startFromWelcome, useEditor } from '../support/editor/suite.ts';
import { testCredentials } from '../support/sandbox.ts';

const VIN = 'LSH14J4C4LA046511';
const OTHER = '1FTFW1ET5DFC10312';

describe('actions of the tree', function () {
  const suite = useEditor(this);

  /** The keyboard goes on in the tree. */
  async function focusInTree(): Promise<void> {
    await suite.workbench.page.locator('.part.sidebar .monaco-list:focus-within').waitFor();
  }

  async function onboard(vin: string, owner: string, first: string, email: string): Promise<void> {
    const { workbench } = suite;
    await workbench.answer('VIN: 17 characters', vin);
    await workbench.answer('User name of the owner', owner);
    await workbench.answer('First name of the owner', first);
    await workbench.answer('Last name of the owner', 'Driver');
    await workbench.answer('Supplier of the telematics unit');
    await workbench.question('Review');
    await workbench.input().fill('email');
    await workbench.pick('Owner’s email');
    await workbench.answer('Owner’s email', email);
    await workbench.question('Review');
    await workbench.pick('Onboard');
    await workbench.told(`${vin} is onboarded`);
  }

  it('the focus is on the rows when the sandbox has started', async () => {
    await startFromWelcome(suite.workbench);
    await focusInTree();
  });

  it('who has a temporary password is asked for a new one, and signed in with it from then on', async () => {
    const { workbench, editor } = suite;
    const endpoint = await editor.sandboxEndpoint();
    assert.ok(endpoint !== undefined);
    const cognito = new CognitoIdentityProviderClient({
      endpoint,
      region: 'us-west-2',
      credentials: testCredentials,
    });
    const { UserPools } = await cognito.send(new ListUserPoolsCommand({ MaxResults: 10 }));
    await cognito.send(
      new AdminCreateUserCommand({
        UserPoolId: UserPools?.[0]?.Id,
        Username: 'fleetAdmin',
        TemporaryPassword: 'Temporary-1!',
        MessageAction: 'SUPPRESS',
        UserAttributes: [
          { Name: 'email', Value: 'fleet@example.com' },
          { Name: 'email_verified', Value: 'true' },
        ],
      }),
    );
    cognito.destroy();
    await actUntil(
      () => workbench.row('Sign in to see the vehicles').click(),
      (timeout) => workbench.question('User name in the user pool', { timeout }),
    );
    await workbench.answer('User name in the user pool', 'fleetAdmin');
    await workbench.answer('Password; kept in the secret storage only', 'Temporary-1!');
    await workbench.question('fleetAdmin still has the temporary password');
    assert.equal(await workbench.input().getAttribute('type'), 'password');
    await workbench.screenshot('new password');
    await workbench.answer('New password', 'Permanent-1!');
    await workbench.row('No vehicles yet').waitFor();
    await focusInTree();
    // Everything is opened anew, with what was saved.
    await workbench.page.reload();
    await workbench.openView();
    await workbench.row('No vehicles yet').waitFor();
  });

  it('onboarding from the tree gives the focus back to it', async () => {
    const { workbench } = suite;
    await workbench.contextMenu('Vehicles', 'Onboard Vehicle…', workbench.input());
    await workbench.question('VIN: 17 characters');
    await workbench.leave();
    await focusInTree();
    await workbench.contextMenu('Vehicles', 'Onboard Vehicle…', workbench.input());
    await onboard(VIN, 'driver1', 'Dora', 'dora@example.com');
    await focusInTree();
    await workbench.clearNotifications();
    await workbench.command('CMS: Onboard Vehicle');
    await onboard(OTHER, 'driver2', 'Emil', 'emil@example.com');
    await workbench.clearNotifications();
  });

  it('Associate Owner shows who there is with name and e-mail, and puts the one picked in the place of the owner before', async () => {
    const { workbench } = suite;
    await workbench.contextMenu(VIN, 'Associate Owner…', workbench.input());
    await workbench.question('Pick a CMS user or type a user name');
    await workbench.item('driver2').filter({ hasText: 'Emil Driver · emil@example.com' }).waitFor();
    await workbench.screenshot('associate owner');
    await workbench.pick('driver2');
    await workbench.told(`driver2 owns ${VIN}.`);
    await focusInTree();
    await workbench.spoken(`Vehicle ${VIN}, Acme DN 2019, owner driver2, live`).waitFor();
    await workbench.contextMenu(VIN, 'Associate Owner…', workbench.input());
    await workbench.answer('Pick a CMS user or type a user name', 'nobodyKnown');
    assert.match(await workbench.told('nobodyKnown'), /nobodyKnown/);
    await workbench.clearNotifications();
  });

  it('owners are listed with name and e-mail', async () => {
    const { workbench } = suite;
    await workbench.expand('Owners');
    await workbench.spoken('driver1, Dora Driver · dora@example.com').waitFor();
  });

  it('copying leaves the focus in the tree', async () => {
    const { workbench } = suite;
    const said = workbench.page.locator('.part.statusbar').filter({ hasText: 'VIN copied' });
    await workbench.contextMenu(VIN, 'Copy VIN', said);
    await focusInTree();
  });

  it('finding a vehicle puts the focus on its row', async () => {
    const { workbench } = suite;
    await workbench.contextMenu('Vehicles', 'Find Vehicle by VIN…', workbench.input());
    await workbench.answer('The whole VIN', OTHER);
    await workbench.page.locator(`.monaco-list-row.focused[aria-label^="Vehicle ${OTHER}"]`).waitFor();
    await focusInTree();
  });

  it('a question answered with no gives the focus back to the tree', async () => {
    const { workbench } = suite;
    for (const entry of ['Offboard Vehicle…', 'Rotate Certificate']) {
      await workbench.contextMenu(VIN, entry, workbench.dialog());
      await actUntil(
        () => workbench.page.keyboard.press('Escape'),
        (timeout) => workbench.dialog().waitFor({ state: 'hidden', timeout }),
      );
      await focusInTree();
    }
    await workbench.spoken(`Vehicle ${VIN}`).waitFor();
  });

  it('Open CMS UI opens the CloudFront address among the outputs, after the editor has asked', async () => {
    const { workbench, context } = suite;
    await context.route('https://*.cloudfront.net/**', (route) => route.fulfill({ body: 'the CMS UI' }));
    await workbench.contextMenu('cms-dev1', 'Open CMS UI', workbench.dialog());
    assert.match(await workbench.dialog().innerText(), /https:\/\/[a-z0-9]+\.cloudfront\.net/);
    const opened = context.waitForEvent('page');
    await workbench.choose('Open');
    const page = await opened;
    await page.getByText('the CMS UI').waitFor();
    assert.match(page.url(), /^https:\/\/[a-z0-9]+\.cloudfront\.net\/?$/);
    await page.close();
    await focusInTree();
  });

  it('the status bar item opens a menu with what one may want next', async () => {
    const { workbench } = suite;
    const item = workbench.page.locator('.part.statusbar').getByText('sandbox running');
    await actUntil(
      () => item.click(),
      (timeout) => workbench.question('Connected Mobility', { timeout }),
    );
    for (const entry of ['Stop Local Sandbox', 'Onboard Vehicle…', 'Find Vehicle by VIN…', 'Add Connection…', 'Show Log'])
      await workbench.item(entry).waitFor(); // prettier-ignore
    await workbench.screenshot('status menu');
    await workbench.pick('Copy AWS CLI Environment');
    await workbench.page.locator('.part.statusbar').filter({ hasText: 'Environment copied' }).waitFor();
    assert.match(await workbench.clipboard(), /export AWS_ENDPOINT_URL=http:\/\/127\.0\.0\.1:\d+/);
  });

  it('Reset Sandbox does nothing unless it is agreed to', async () => {
    const { workbench } = suite;
    await workbench.contextMenu('Local Sandbox', 'Reset Sandbox…', workbench.dialog());
    assert.match(await workbench.dialog().innerText(), /Every vehicle, user, certificate and message/);
    await workbench.screenshot('reset sandbox');
    await actUntil(
      () => workbench.page.keyboard.press('Escape'),
      (timeout) => workbench.dialog().waitFor({ state: 'hidden', timeout }),
    );
    await focusInTree();
    await workbench.spoken(`Vehicle ${VIN}`).waitFor();
  });

  it('Forget Saved Passwords says how many, and the rows ask to sign in', async () => {
    const { workbench } = suite;
    await workbench.command('CMS: Forget Saved Passwords');
    await workbench.told('1 saved password forgotten.');
    await workbench.row('Sign in to see the vehicles').waitFor();
    await workbench.clearNotifications();
    await workbench.command('CMS: Forget Saved Passwords');
    await workbench.told('No passwords were saved.');
  });
});
