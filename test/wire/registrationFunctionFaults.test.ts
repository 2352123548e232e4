import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { childRunning } from '../bench/processUsage.ts';
import { type CliRun, runCli } from '../support/cli.ts';
import { startSandbox, testCredentials, type SandboxProcess } from '../support/sandbox.ts';
import { strangers, type Strangers } from '../support/strangers.ts';
import { until } from '../support/until.ts';

/** The calls that the function makes for a vehicle on its list, in their order. */
const CALLS = [
  'iot:DescribeCertificate',
  'dynamodb:GetItem',
  'dynamodb:UpdateItem',
  'iot:ListThingPrincipals',
  'iot:CreateThing',
  'iot:AttachPolicy',
  'iot:AttachThingPrincipal',
  'iot:UpdateCertificate',
] as const;

/** Each test has vehicles of its own; all have one CA, one list and one function. */
describe('the process of the function that lets vehicles in, while something breaks', function () {
  this.timeout(120_000);
  let sandbox: SandboxProcess;
  let folder: string;
  let they: Strangers;
  let name: string;
  let role: string;
  const certificates = new Map<string, string>();
  let taken = 0;

  before(async () => {
    sandbox = await startSandbox({ args: ['--no-limits', '--run-functions'] });
    folder = await mkdtemp(path.join(os.tmpdir(), 'function-faults-'));
    they = strangers(sandbox, folder);
    const vins = Array.from({ length: 16 }, (_, n) => `1FAHP2E80DG0003${String(n).padStart(2, '0')}`);
    await writeFile(path.join(folder, 'fleet.csv'), `vin,allowAnyVin\n${vins.join(',true\n')},true\n`);
    await cli('ca', 'create', '--common-name', 'Acme', '--no-passphrase');
    await cli('certificates', 'issue', '--fleet', 'fleet.csv');
    const to = ['--endpoint', sandbox.endpoint, '--ca', sandbox.caFile];
    await cli('ca', 'register', '--provisioner', 'jitr', ...to);
    const list = ['--allow', 'certs/manifest.csv', '--revoke-others', '--yes'];
    const done = (await cli('ca', 'function', 'setup', ...list, '--json', ...to)).objects();
    const stack = String(done.find(({ type }) => type === 'result')?.stack);
    const found = await they.aws('cloudformation', 'describe-stack-resources', '--stack-name', stack);
    for (const each of found.StackResources as Record<string, string>[]) {
      if (each.LogicalResourceId === 'Function') name = String(each.PhysicalResourceId);
      if (each.LogicalResourceId === 'Role') role = String(each.PhysicalResourceId);
    }
    const rows = (await readFile(path.join(folder, 'certs/manifest.csv'), 'utf8')).trim().split('\n');
    for (const [vin = '', , id = ''] of rows.slice(1).map((row) => row.split(','))) certificates.set(vin, id);
  });
  afterEach(() => sandbox.ask('DELETE', 'faults'));
  after(async () => {
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function cli(...args: string[]): Promise<CliRun> {
    const { accessKeyId, secretAccessKey } = testCredentials;
    const env = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
    const done = await runCli(args, { cwd: folder, env: { ...env, AWS_REGION: sandbox.ready.region } });
    assert.equal(done.code, 0, `${args.join(' ')}\n${done.stdout}${done.stderr}`);
    return done;
  }
  const vehicle = (): { vin: string; id: string } => {
    const [vin, id] = [...certificates][taken++] ?? [];
    assert.ok(vin !== undefined && id !== undefined, 'more vehicles in the list');
    return { vin, id };
  };
  const connect = (vin: string) => they.send(pairOf(vin), vin);
  const comesIn = (vin: string) => they.sendAgain(pairOf(vin), vin);
  const pairOf = (vin: string) => ({
    crt: `certs/${vin}/production-certificate.pem.crt`,
    key: `certs/${vin}/production-private.pem.key`,
  });
  const statusOf = async (id: string): Promise<unknown> => {
    const found = await they.aws('iot', 'describe-certificate', '--certificate-id', id);
    return (found.certificateDescription as { status: string }).status;
  };
  const met = () =>
    until('the fault to be met', async () => {
      const { faults } = (await sandbox.ask('GET', 'health')) as { faults: number };
      return faults === 0;
    });
  /** What the function said of a certificate, as often as it did. */
  const saidOf = (id: string): string[] =>
    sandbox
      .log()
      .split('\n')
      .filter((line) => line.includes(id) && line.includes('"result"'));
  const said = (id: string, words: RegExp, times = 1) =>
    until(`the function to say ${String(words)}`, () => {
      return saidOf(id).filter((line) => words.test(line)).length >= times;
    });

  it('killed between any two of its calls, it lets the vehicle in once when the event comes again', async () => {
    const came: string[] = [];
    // At the first it dies before anything is done; at each it dies when that is done, and the next is not.
    for (const [operation, kind] of [
      [CALLS[0], 'hang'],
      ...CALLS.map((each) => [each, 'swallow']),
    ] as const) {
      const { vin, id } = vehicle();
      await sandbox.fault({ operation, action: { kind } });
      assert.equal(await connect(vin), false, operation);
      await met();
      process.kill(childRunning('lambda.js', sandbox.pid), 'SIGKILL');
      await until('the end of the process', () => sandbox.log().includes(`${name} ended`));
      await comesIn(vin);
      came.push(id);
    }
    const found = await they.aws('iot', 'list-certificates');
    const active = (found.certificates as { certificateId: string; status: string }[]).filter(
      ({ certificateId, status }) =>
        status === 'ACTIVE' && [...certificates.values()].includes(certificateId),
    );
    assert.deepEqual(active.map(({ certificateId }) => certificateId).sort(), came.sort());
    const { things } = await they.aws('iot', 'list-things');
    assert.equal((things as { thingName: string }[]).filter((each) => certificates.has(each.thingName)).length, came.length); // prettier-ignore
  });

  it('an event that comes twice is decided about once', async () => {
    const { vin, id } = vehicle();
    await sandbox.fault({ operation: `lambda:${name}`, action: { kind: 'twice' } });
    assert.equal(await connect(vin), false);
    await said(id, /"result"/, 2);
    assert.deepEqual(
      saidOf(id).map((line) => /"result":"([^"]+)"/.exec(line)?.[1]),
      ['admitted', 'decided already'],
    );
    await comesIn(vin);
  });

  it('an event whose time is null, which the sandbox never sends, is an event', async () => {
    const { vin, id } = vehicle();
    // The one that the vehicle sends gets lost.
    const lost = { kind: 'error', code: 'ServiceException' };
    await sandbox.fault({ operation: `lambda:${name}`, action: lost });
    assert.equal(await connect(vin), false);
    await met();
    const event = { certificateId: id, certificateRegistrationTimestamp: null };
    await they.aws(
      ...['lambda', 'invoke', '--function-name', name, '--cli-binary-format', 'raw-in-base64-out'],
      ...['--payload', JSON.stringify(event), 'answer.json'],
    );
    const answer: unknown = JSON.parse(await readFile(path.join(folder, 'answer.json'), 'utf8'));
    assert.deepEqual(answer, { certificateId: id, result: 'admitted', vin });
    assert.equal(await connect(vin), true);
  });

  it('throttled for longer than it tries, it leaves the vehicle pending, and lets it in the next time', async () => {
    const { vin, id } = vehicle();
    await sandbox.fault({ operation: 'iot:AttachPolicy', action: { kind: 'throttle' }, count: 50 });
    assert.equal(await connect(vin), false);
    await said(id, /"result":"failed".*(?:Throttling|Rate)/i);
    await sandbox.ask('DELETE', 'faults');
    assert.equal(await statusOf(id), 'PENDING_ACTIVATION');
    await comesIn(vin);
  });

  it('while it may not read its list, it lets nobody in and revokes nobody', async () => {
    const { vin, id } = vehicle();
    const named = ['--role-name', role, '--policy-name', 'decide'];
    const { PolicyDocument: document } = await they.aws('iam', 'get-role-policy', ...named);
    const { Statement: all, ...rest } = document as { Statement: { Action: string[] }[] };
    const put = (statements: unknown[]) =>
      they.aws(
        ...['iam', 'put-role-policy', ...named, '--policy-document'],
        JSON.stringify({ ...rest, Statement: statements }),
      );
    await put(all.filter(({ Action }) => !Action.includes('dynamodb:GetItem')));
    assert.equal(await connect(vin), false);
    await said(id, /"result":"failed".*GetItem/);
    assert.equal(await statusOf(id), 'PENDING_ACTIVATION');
    await put(all);
    await comesIn(vin);
  });
});
