import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { cleanEnvironment, runCli } from '../support/cli.ts';
import { startSandbox, testCredentials, type SandboxProcess } from '../support/sandbox.ts';
import { until } from '../support/until.ts';

const VIN = 'LSH14J4C4LA046511';
const PASSWORD = 'mCp-7rq!wX02-Zt';
const bundle = path.join(import.meta.dirname, '../../dist/cli.js');

/** What a tool answered. */
interface Answer {
  json: Record<string, unknown>;
  isError: boolean;
}

describe('the MCP server', function () {
  this.timeout(120_000);
  let sandbox: SandboxProcess;
  let folder: string;
  const clients: Client[] = [];
  /** All that any server answered. */
  const said: string[] = [];

  before(async () => {
    sandbox = await startSandbox();
    folder = await mkdtemp(path.join(os.tmpdir(), 'mcp-test-'));
  });
  after(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const environment = cleanEnvironment({
    AWS_ACCESS_KEY_ID: testCredentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: testCredentials.secretAccessKey,
    CMS_PASSWORD: PASSWORD,
  }) as Record<string, string>;
  const to = (): string[] => [
    '--endpoint',
    sandbox.endpoint,
    '--ca',
    sandbox.caFile,
    '--region',
    'us-west-2',
  ];

  /** @param agree what the person behind the client answers; without it the client can ask nobody */
  async function connected(agree?: (message: string) => boolean | undefined): Promise<Client> {
    const capabilities = agree === undefined ? {} : { elicitation: {} };
    const client = new Client({ name: 'test', version: '1' }, { capabilities });
    if (agree !== undefined) {
      client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
        const answer = agree(params.message);
        return answer === undefined ? { action: 'cancel' } : { action: 'accept', content: { agree: answer } };
      });
    }
    const command = process.execPath;
    const args = [bundle, 'mcp', '--username', 'testCMSUser1', ...to()];
    await client.connect(
      new StdioClientTransport({ command, args, env: environment, cwd: folder, stderr: 'ignore' }),
    );
    clients.push(client);
    return client;
  }

  async function call(client: Client, name: string, input: Record<string, unknown> = {}): Promise<Answer> {
    const { content, isError } = await client.callTool({ name, arguments: input }, undefined, {
      timeout: 100_000,
    });
    const [first] = content as { type: string; text: string }[];
    assert.equal(first?.type, 'text');
    said.push(first.text);
    return { json: JSON.parse(first.text) as Record<string, unknown>, isError: isError === true };
  }

  const codeOf = ({ json }: Answer): unknown => (json.error as { code: string } | undefined)?.code;
  const vinsOf = ({ json }: Answer): string[] => (json.vehicles as { vin: string }[]).map(({ vin }) => vin);

  it('says of each tool whether it only looks and whether it removes', async () => {
    const client = await connected();
    const { tools } = await client.listTools();
    const hints = Object.fromEntries(
      tools.map(({ name, annotations }) => [name, [annotations?.readOnlyHint, annotations?.destructiveHint]]),
    );
    assert.deepEqual(hints, {
      list_deployments: [true, false],
      list_vehicles: [true, false],
      onboard_vehicle: [false, false],
      diagnose_vehicle: [true, false],
      simulate_drive: [false, false],
      list_simulations: [true, false],
      stop_simulation: [false, false],
      offboard_vehicle: [false, true],
      explain_error: [true, false],
    });
  });

  it('onboards, lists, diagnoses and drives a vehicle, and removes it only when a person agrees', async () => {
    let answer: boolean | undefined;
    const asked: string[] = [];
    const client = await connected((message) => {
      asked.push(message);
      return answer;
    });
    const { json } = await call(client, 'list_deployments');
    const [deployment] = json.deployments as { state: string; onboarding: { required: object } }[];
    assert.equal(deployment?.state, 'ready');
    const { required } = deployment.onboarding;
    assert.ok(['vin', 'username', 'firstName', 'lastName'].every((name) => name in required));

    const missing = await call(client, 'onboard_vehicle', { vin: VIN });
    assert.equal(codeOf(missing), 'REQUEST_INVALID');
    const fields = { username: 'testCMSUser1', firstName: 'Test', lastName: 'User', modelYear: 2024 };
    const onboarded = await call(client, 'onboard_vehicle', { vin: VIN, fields });
    assert.equal(onboarded.isError, false, JSON.stringify(onboarded.json));
    assert.deepEqual(vinsOf(await call(client, 'list_vehicles')), [VIN]);
    assert.equal((await call(client, 'diagnose_vehicle', { vin: VIN })).json.failed, 0);

    const started = await call(client, 'simulate_drive', { vins: [VIN], speed: 20, rate: 5 });
    assert.equal(started.isError, false, JSON.stringify(started.json));
    const { simulationId } = started.json as { simulationId: string };
    const state = async () => {
      const { simulations } = (await call(client, 'list_simulations')).json as {
        simulations: { simulationId: string; totals?: { acknowledged: number } }[];
      };
      return simulations.find((each) => each.simulationId === simulationId);
    };
    await until('an acknowledged message', async () => ((await state())?.totals?.acknowledged ?? 0) > 0);
    const stopped = await call(client, 'stop_simulation');
    assert.deepEqual([stopped.json.simulationId, stopped.json.state], [simulationId, 'ended']);

    for (answer of [undefined, false]) {
      const declined = await call(client, 'offboard_vehicle', { vin: VIN });
      assert.deepEqual(declined.json, { vin: VIN, removed: [], declined: true });
    }
    assert.deepEqual(vinsOf(await call(client, 'list_vehicles')), [VIN]);
    assert.ok(existsSync(path.join(folder, 'certs', VIN)));
    // Nobody is to take one account for another.
    assert.match(asked[0] ?? '', new RegExp(`^Offboard ${VIN}\\?\\n.*account 123456789012, us-west-2`));
    answer = true;
    const removed = await call(client, 'offboard_vehicle', { vin: VIN });
    assert.ok((removed.json.removed as unknown[]).length > 0);
    assert.deepEqual(vinsOf(await call(client, 'list_vehicles')), []);
    assert.ok(!existsSync(path.join(folder, 'certs', VIN)));
  });

  it('removes nothing where the client can ask nobody', async () => {
    const client = await connected();
    const fields = { username: 'testCMSUser1', firstName: 'Test', lastName: 'User' };
    await call(client, 'onboard_vehicle', { vin: VIN, fields });
    const refused = await call(client, 'offboard_vehicle', { vin: VIN });
    assert.equal(refused.isError, true);
    assert.equal(codeOf(refused), 'REQUEST_INVALID');
    assert.deepEqual(vinsOf(await call(client, 'list_vehicles')), [VIN]);
    assert.ok(existsSync(path.join(folder, 'certs', VIN)));
  });

  it('reads no file that is no route, and takes no field that names a file', async () => {
    const client = await connected();
    const read = await call(client, 'simulate_drive', { vins: [VIN], route: '/etc/passwd' });
    assert.equal(codeOf(read), 'ROUTE_INVALID');
    const fields = { username: 'a', firstName: 'b', lastName: 'c', claimKeyFile: '/etc/passwd' };
    assert.equal(codeOf(await call(client, 'onboard_vehicle', { vin: VIN, fields })), 'REQUEST_INVALID');
  });

  it('explains an error code', async () => {
    const client = await connected();
    const { json } = await call(client, 'explain_error', { code: 'STACK_NOT_FOUND' });
    assert.match(String(json.explanation), /What to do/);
  });

  it('says that a tool does not exist', async () => {
    const client = await connected();
    assert.equal(codeOf(await call(client, 'no_such_tool')), 'REQUEST_INVALID');
  });

  it('gives out neither the password nor a key', () => {
    const all = said.join('\n');
    assert.ok(all.length > 0);
    assert.ok(!all.includes(PASSWORD) && !all.includes('PRIVATE KEY') && !all.includes(sandbox.ready.secret));
  });

  it('ends when its client goes', async () => {
    const { code, stdout } = await runCli(['mcp', ...to()], { cwd: folder, env: environment, input: '' });
    assert.deepEqual([code, stdout], [0, '']);
  });
});
