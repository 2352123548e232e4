import { execFileSync } from 'node:child_process';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  ListUserPoolsCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { generateVin } from '../../src/cms/contract/vin.ts';
import { startEditor, type Editor } from '../support/editor/editor.ts';
import { signIn as fillSignIn } from '../support/editor/steps.ts';
import { Workbench } from '../support/editor/workbench.ts';
import { startSandbox, testCredentials, type SandboxProcess } from '../support/sandbox.ts';
import type { Figure } from './run.ts';

const CDF = 'application/vnd.aws-cdf-v1.0+json';
/** An hour of the tree's periodic refresh, which runs every 60 s by default. */
const REFRESHES = 60;

/** From the click that activates the extension to the first rows, and what an hour of refreshes does to memory. */
export async function tree(): Promise<Figure[]> {
  return [...(await withVehicles(10)), ...(await withVehicles(10_000, refreshes))];
}

/** How long rows of 10,000 vehicles take to be sorted, filtered, grouped and found. */
export function treeRows(): Promise<Figure[]> {
  return withVehicles(10_000, arrangements);
}

async function withVehicles(
  count: number,
  more: (bench: Workbench, count: number) => Promise<Figure[]> = () => Promise.resolve([]),
): Promise<Figure[]> {
  const sandbox = await startSandbox({ args: ['--no-limits'] });
  const editor = await startEditor({ extension: 'link' });
  try {
    await seed(sandbox, count);
    await announce(editor, sandbox);
    const folder = await editor.workspace();
    const context = await editor.context();
    await signIn(new Workbench(await editor.open(folder, { context })), sandbox);
    // A second window knows the sign-in and nothing else: its extension host is new.
    const page = await editor.open(folder, { context });
    const bench = new Workbench(page);
    await page
      .locator('.part.activitybar a.action-label[aria-label^="Connected Mobility"]')
      .waitFor({ timeout: 60_000 });
    const started = performance.now();
    await bench.openView();
    await bench.row(/Acme DN/).waitFor({ timeout: 60_000 });
    const figures: Figure[] = [
      {
        what: `Opening the view to first vehicle rows, ${count}`,
        value: performance.now() - started,
        unit: 'ms',
        note: 'activation, stacks, first page of 100; browser-hosted, cold',
      },
    ];
    return [...figures, ...(await more(bench, count))];
  } finally {
    await editor.stop();
    await sandbox.stop();
  }
}

/** What an hour of refreshes does to the memory of the extension host. */
async function refreshes(bench: Workbench, count: number): Promise<Figure[]> {
  const before = hostMemory();
  for (let i = 0; i < REFRESHES; i++) {
    await refreshAll(bench);
    await bench.row(/Acme DN/).waitFor({ timeout: 60_000 });
  }
  return [
    {
      what: `Extension host memory, ${count} vehicles`,
      value: before,
      unit: 'MiB',
      note: 'resident, tree open',
    },
    {
      what: `the same after ${REFRESHES} refreshes`,
      value: hostMemory(),
      unit: 'MiB',
      note: 'an hour at the default of one a minute',
    },
  ];
}

/** How long a person waits who sorts, filters, and looks for a vehicle, from the last key to the rows. */
async function arrangements(bench: Workbench, count: number): Promise<Figure[]> {
  const took = async (what: string, note: string, act: () => Promise<void>): Promise<Figure> => {
    const started = performance.now();
    await act();
    return { what: `${what}, ${count} vehicles`, value: performance.now() - started, unit: 'ms', note };
  };
  const list = (words: string) =>
    bench.page.locator('.part.sidebar .monaco-list-row').filter({ hasText: words });
  const ask = async (command: string, question: string): Promise<void> => {
    await bench.command(`Connected Mobility: ${command}`);
    await bench.question(question);
  };
  const vins = async (): Promise<string[]> =>
    (await bench.rows()).flatMap((row) => /^Vehicle (\w{17})/.exec(row)?.[1] ?? []);
  await ask('Sort Vehicles', 'What vehicles are sorted by');
  const figures = [
    await took('Sorting by VIN for the first time', 'all are read, 100 at a time', async () => {
      await bench.pick('VIN');
      await list('sorted by VIN').first().waitFor();
    }),
  ];
  await ask('Sort Vehicles', 'What vehicles are sorted by');
  figures.push(
    await took('Sorting by model', 'read already', async () => {
      await bench.pick('Model');
      await list('sorted by Model').first().waitFor();
    }),
  );
  const [vin = ''] = await vins();
  const part = vin.slice(-6);
  figures.push(
    await took('Opening the filter', 'from Enter in the palette to its list', () =>
      ask('Filter Vehicles', 'Any part of a VIN'),
    ),
  );
  await bench.input().fill(part);
  await bench.item(`Vehicles with “${part}”`).waitFor();
  await bench.focusItem(`Vehicles with “${part}”`);
  figures.push(
    await took('Filtering by a part of a VIN', 'from Enter to the rows', async () => {
      await bench.input().press('Enter');
      await list(`“${part}”`).first().waitFor();
    }),
  );
  await ask('Group Vehicles', 'What vehicles are grouped by');
  figures.push(
    await took('Grouping by model', 'from Enter to the groups', async () => {
      await bench.pick('Model');
      await list('grouped by Model').first().waitFor();
    }),
  );
  await bench.command('Connected Mobility: Group Vehicles');
  await bench.question('What vehicles are grouped by');
  await bench.pick('No Groups');
  await ask('Find Vehicle', 'Find Vehicle');
  await bench.input().fill(vin);
  figures.push(
    await took('Revealing a vehicle', 'from Enter to its selected row', async () => {
      await bench.input().press('Enter');
      await bench.page.locator(`.part.sidebar .monaco-list-row.selected[aria-label*="${vin}"]`).waitFor();
    }),
  );
  return figures;
}

/** By the button in the title of the view, which shows while the mouse is over the view. */
async function refreshAll(bench: Workbench): Promise<void> {
  const view = bench.page.locator('.part.sidebar');
  await view.hover();
  await view.locator('.action-label[aria-label="Refresh"]').first().click();
}

/** A user of the pool, signed in as a person does it. */
async function signIn(bench: Workbench, sandbox: SandboxProcess): Promise<void> {
  const cognito = new CognitoIdentityProviderClient({
    endpoint: sandbox.endpoint,
    region: sandbox.ready.region,
    credentials: testCredentials,
  });
  const pools = await cognito.send(new ListUserPoolsCommand({ MaxResults: 1 }));
  const who = { UserPoolId: pools.UserPools![0]!.Id!, Username: 'benchUser' };
  await cognito.send(
    new AdminCreateUserCommand({
      ...who,
      MessageAction: 'SUPPRESS',
      UserAttributes: [{ Name: 'email', Value: 'bench@example.com' }],
    }),
  );
  await cognito.send(new AdminSetUserPasswordCommand({ ...who, Password: 'Testing1234', Permanent: true }));
  cognito.destroy();
  await bench.openView();
  await bench.row('Sign in to see the vehicles').waitFor({ timeout: 60_000 });
  await fillSignIn(bench, who.Username, 'Testing1234');
  await bench.row(/Acme DN/).waitFor({ timeout: 60_000 });
}

/** Vehicles as the asset library takes them, through its own API. */
async function seed(sandbox: SandboxProcess, count: number): Promise<void> {
  const described = await fetch(sandbox.endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      authorization:
        'AWS4-HMAC-SHA256 Credential=sandbox/20260101/us-west-2/cloudformation/aws4_request, SignedHeaders=host, Signature=0',
    },
    body: 'Action=DescribeStacks&Version=2010-05-15&StackName=cdf-core-development',
  });
  const library = /<OutputKey>AssetLibraryApiGatewayUrl<\/OutputKey>\s*<OutputValue>([^<]+)</.exec(
    await described.text(),
  )?.[1];
  if (library === undefined) throw new Error('the sandbox names no asset library');
  for (let done = 0; done < count; done += 100) {
    const groups = Array.from({ length: Math.min(100, count - done) }, () => ({
      parentPath: '/auto/vehicles',
      templateId: 'auto_vehicle',
      name: generateVin(Math.random),
      attributes: {
        make: 'Acme', model: 'DN', modelYear: 2019, bodyType: 'Saloon', fuelType: 'Gas',
        transmissionType: 'Auto', colorCode: 'B1B!', iviType: 'Premium',
      }, // prettier-ignore
    }));
    const answer = await fetch(`${library}/bulkgroups`, {
      method: 'POST',
      headers: { accept: CDF, 'content-type': CDF },
      body: JSON.stringify({ groups }),
    });
    if (!answer.ok) throw new Error(`seeding failed: ${answer.status} ${await answer.text()}`);
  }
}

/** The extension finds a running sandbox by its ready file, as it finds the one of another window. */
async function announce(editor: Editor, sandbox: SandboxProcess): Promise<void> {
  const storage = path.join(
    editor.dataFolder,
    'data/User/globalStorage/cms-enablement.cms-enablement/sandbox',
  );
  // Others may not read it, or it is not believed.
  await mkdir(path.join(storage, 'state'), { recursive: true, mode: 0o700 });
  await cp(sandbox.caFile, path.join(storage, 'state/ca.pem'));
  await writeFile(path.join(storage, 'ready.json'), `${JSON.stringify(sandbox.ready)}\n`, { mode: 0o600 });
}

/** Resident memory of the youngest extension host, MiB. */
function hostMemory(): number {
  const lines = execFileSync('ps', ['-eo', 'lstart=,rss=,args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes('--type=extensionHost'));
  const rss = lines.map((line) => Number(/\d{4}\s+(\d+)\s/.exec(line)?.[1])).filter((value) => value > 0);
  return (rss.at(-1) ?? NaN) / 1024;
}
