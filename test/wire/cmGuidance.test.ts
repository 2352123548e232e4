import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { claimsIn, guidanceClient, newVehicle, type Tokens } from '../support/guidance.ts';
import { startSandbox, type SandboxProcess } from '../support/sandbox.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);

/** What the AWS CLI, curl and openssl see of the generation; none of them knows this project. */
describe('Guidance for Connected Mobility in the sandbox, as clients see it', function () {
  this.timeout(120_000);
  let sandbox: SandboxProcess;
  let folder: string;
  let admin: Tokens;
  const client = guidanceClient(() => sandbox);
  const { aws, outputs, signIn, rest } = client;

  const start = async (): Promise<void> => {
    sandbox = await startSandbox({
      stateFolder: path.join(folder, 'state'),
      args: ['--install', 'cm-guidance:dev', '--no-limits'],
    });
  };
  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'cm-guidance-'));
    await start();
    admin = await signIn({ email: 'admin@example.org', groups: ['platform-admin'] });
  });
  after(async () => {
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Ids are seconds: a second later there is another one. */
  const nextSecond = (): Promise<void> => sandbox.advanceClock(1000);
  async function create(more: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    await nextSecond();
    const made = await rest('POST', 'vehicles', admin.id, { entry: newVehicle(more) });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    return made.body.vehicle as Record<string, unknown>;
  }
  async function createFleet(): Promise<string> {
    await nextSecond();
    const made = await rest('POST', 'fleets', admin.id, { entry: { name: 'Vans', description: '' } });
    assert.equal(made.status, 201);
    return (made.body.fleet as { fleetId: string }).fleetId;
  }
  const item = async (table: string, key: object): Promise<Record<string, { S?: string }> | undefined> =>
    (
      await aws(
        'dynamodb',
        'get-item',
        '--table-name',
        `cms-dev-storage-${table}`,
        '--key',
        JSON.stringify(key),
      )
    ).Item as Record<string, { S?: string }> | undefined;

  it('is found by the descriptions and outputs of its stacks', async () => {
    const { Stacks } = (await aws('cloudformation', 'describe-stacks')) as {
      Stacks: { StackName: string; Description: string }[];
    };
    const described = new Map(Stacks.map(({ StackName, Description }) => [StackName, Description]));
    assert.equal(
      described.get('cms-dev-ui'),
      'Guidance for Connected Mobility (SO9618) - Presentation Layer',
    );
    assert.equal(
      described.get('cms-dev-telemetry-integration'),
      'Guidance for Connected Mobility (SO9618) - Telemetry Integration',
    );
    const ui = await outputs('ui');
    assert.match(ui.APIEndpoint ?? '', /\/prod\/$/);
    assert.match(ui.WebSocketEndpoint ?? '', /^ws:.*\/live$/);
    assert.notEqual((await outputs('data-processing')).APIEndpoint, ui.APIEndpoint);
    assert.equal((await outputs('telemetry-integration')).IoTRuleName, 'cms_dev_iot_msk_rule');
    const { Exports } = (await aws(
      'cloudformation',
      'describe-stacks',
      '--stack-name',
      'cms-dev-ui',
    )) as never as {
      Exports: unknown;
    };
    assert.equal(Exports, undefined);
  });

  it('puts groups and fleets into the id token', async () => {
    const { id, access } = await signIn({
      email: 'op@example.org',
      groups: ['fleet-operator'],
      fleetIds: 'FLEET-1,FLEET-2',
    });
    const claims = claimsIn(id);
    assert.deepEqual(claims['cognito:groups'], ['fleet-operator']);
    assert.equal(claims['custom:fleetIds'], 'FLEET-1,FLEET-2');
    assert.equal(claims.email, 'op@example.org');
    assert.deepEqual(claimsIn(access)['cognito:groups'], ['fleet-operator']);
    assert.equal(Number(claims.exp) - Number(claims.iat), 3600);
  });

  it('refuses the sign-in of administrators, which its client has off', async () => {
    const { UserPoolId = '', UserPoolClientId = '' } = await outputs('ui');
    await assert.rejects(
      aws(
        ...['cognito-idp', 'admin-initiate-auth', '--auth-flow', 'ADMIN_USER_PASSWORD_AUTH'],
        ...['--user-pool-id', UserPoolId, '--client-id', UserPoolClientId],
        ...['--auth-parameters', 'USERNAME=admin@example.org,PASSWORD=x'],
      ),
      /Auth flow not enabled for this client/,
    );
  });

  it('takes the id token with and without Bearer, and neither the access token nor none', async () => {
    const unauthorised = { message: 'Unauthorized' };
    assert.equal((await rest('GET', 'vehicles', admin.id)).status, 200);
    assert.equal((await rest('GET', 'vehicles', `Bearer ${admin.id}`)).status, 200);
    for (const token of [admin.access, undefined, 'x']) {
      const { status, body, headers } = await rest('GET', 'vehicles', token);
      assert.deepEqual([status, body], [401, unauthorised]);
      assert.equal(headers['access-control-allow-origin'], '*');
    }
  });

  it('mints thing, certificate, policy and a row with the key when a vehicle is created', async () => {
    const vehicle = await create();
    const { vehicleId, vin, certificateId } = vehicle as Record<string, string>;
    assert.match(vehicleId ?? '', /^VEH-\d{10}$/);
    assert.equal(vehicle.hasCertificate, true);
    const row = await item('vehicle-certificates', { vehicleId: { S: vehicleId } });
    assert.deepEqual(
      [row?.vin?.S, row?.thingName?.S, row?.certificateId?.S, row?.policyName?.S, row?.status?.S],
      [vin, vin, certificateId, 'CMS-Vehicle-IoT-Policy', 'ACTIVE'],
    );
    const { principals } = await aws('iot', 'list-thing-principals', '--thing-name', vin ?? '');
    assert.deepEqual(principals, [row?.certificateArn?.S]);
    // The pair fits, by another program.
    const [pem, key] = [path.join(folder, 'c.pem'), path.join(folder, 'c.key')];
    await writeFile(pem, row?.certificatePem?.S ?? '');
    await writeFile(key, row?.privateKey?.S ?? '');
    const ofCertificate = await run('openssl', ['x509', '-in', pem, '-noout', '-pubkey']);
    const ofKey = await run('openssl', ['pkey', '-in', key, '-pubout']);
    assert.equal(ofCertificate.stdout, ofKey.stdout);
    assert.equal(row?.publicKey?.S?.trim(), ofKey.stdout.trim());
    const stored = await item('vehicles', { vehicleId: { S: vehicleId } });
    assert.equal(stored?.hasCertificate, undefined);
  });

  for (const [what, change, text] of [
    ['without producer', { producer: undefined }, /producer is required/],
    ['without a model', { modelManifestName: undefined }, /modelManifestName is required/],
    ['with an unknown model', { modelManifestName: 'X' }, /Unknown modelManifestName/],
    ['with createCertificate', { createCertificate: false }, /retired/],
    ['with sold_to', { sold_to: 'me' }, /sold_to/],
  ] as const) {
    it(`does not create a vehicle ${what}`, async () => {
      const { status, body } = await rest('POST', 'vehicles', admin.id, newVehicle(change));
      assert.equal(status, 400);
      assert.match(String(body.error), text);
    });
  }

  it('answers methods and paths as API Gateway does', async () => {
    const { vehicleId } = await create();
    const missing = { message: 'Missing Authentication Token' };
    for (const [method, at] of [
      ['PUT', `vehicles/${String(vehicleId)}`],
      ['DELETE', `vehicles/${String(vehicleId)}`],
      ['PUT', 'fleets/FLEET-1'],
      ['DELETE', 'vehicles'],
    ] as const) {
      const { status, body } = await rest(method, at, admin.id, {});
      assert.deepEqual([status, body], [403, missing], `${method} ${at}`);
    }
    const unknown = await rest('GET', 'nothing/at/all', admin.id);
    assert.deepEqual([unknown.status, unknown.body], [404, { error: 'Endpoint not found' }]);
    assert.equal((await rest('GET', 'drivers', admin.id)).status, 200);
  });

  it('never says that there is another page', async () => {
    for (let i = 0; i < 3; i++) await create();
    const { body } = await rest('GET', 'vehicles?limit=2&page=1&sortBy=createdAt&sortOrder=asc', admin.id);
    assert.equal((body.vehicles as unknown[]).length, 2);
    assert.ok(Number(body.totalPages) >= 2);
    assert.equal(body.hasNextPage, false);
    const next = await rest('GET', 'vehicles?limit=2&page=2&sortBy=createdAt&sortOrder=asc', admin.id);
    assert.notDeepEqual(next.body.vehicles, body.vehicles);
  });

  it('shows operators their fleets by the row, and a single vehicle by its enrolment', async () => {
    const fleetId = await createFleet();
    const { id } = await signIn({ email: 'own@example.org', groups: ['fleet-operator'], fleetIds: fleetId });
    const { vehicleId } = await create({ fleetId });
    const list = await rest('GET', 'vehicles', id);
    assert.deepEqual(
      (list.body.vehicles as { vehicleId: string }[]).map((each) => each.vehicleId),
      [vehicleId],
    );
    const single = await rest('GET', `vehicles/${String(vehicleId)}`, id);
    assert.deepEqual([single.status, single.body], [403, { error: 'Access denied' }]);
    // The enrolment, as the seed of the project writes it.
    await aws(
      ...['dynamodb', 'put-item', '--table-name', 'cms-dev-storage-fleet-enrollment', '--item'],
      JSON.stringify({
        PK: { S: `FLEET#${fleetId}` },
        SK: { S: `VEHICLE#${String(vehicleId)}` },
        fleetId: { S: fleetId },
        vehicleId: { S: vehicleId },
        enrolledAt: { S: '2026-10-01T08:15:30+00:00' },
      }),
    );
    const seen = await rest('GET', `vehicles/${String(vehicleId)}`, id);
    assert.equal(seen.status, 200);
    assert.equal((seen.body.vehicle as { fleetName: string }).fleetName, 'Vans');
    const fleet = await rest('POST', 'fleets', id, { entry: { name: 'Mine' } });
    assert.deepEqual(fleet.body, { error: 'Only platform admins can create fleets' });
  });

  it('finds vehicles and enrolments by the indexes of its tables', async () => {
    const fleetId = await createFleet();
    const { vehicleId, vin } = (await create({ fleetId })) as Record<string, string>;
    const query = (table: string, index: string, name: string, value: string | undefined) =>
      aws(
        ...['dynamodb', 'query', '--table-name', `cms-dev-storage-${table}`, '--index-name', index],
        ...['--key-condition-expression', `${name} = :v`],
        ...['--expression-attribute-values', JSON.stringify({ ':v': { S: value } })],
      );
    const byVin = await query('vehicles', 'vin-index', 'vin', vin);
    assert.deepEqual(byVin.Items, [{ vehicleId: { S: vehicleId }, vin: { S: vin } }]);
    assert.equal((await query('fleet-enrollment', 'vehicleId-index', 'vehicleId', vehicleId)).Count, 0);
  });

  it('has a demo user that is an operator without fleets, and so sees nothing', async () => {
    const {
      DemoUserPasswordSecretArn = '',
      UserPoolClientId = '',
      DefaultUserEmail = '',
    } = await outputs('ui');
    const { SecretString } = (await aws(
      'secretsmanager',
      'get-secret-value',
      '--secret-id',
      DemoUserPasswordSecretArn,
    )) as { SecretString: string };
    assert.equal(SecretString.length, 24);
    const { AuthenticationResult } = (await aws(
      ...[
        'cognito-idp',
        'initiate-auth',
        '--auth-flow',
        'USER_PASSWORD_AUTH',
        '--client-id',
        UserPoolClientId,
      ],
      '--auth-parameters',
      JSON.stringify({ USERNAME: DefaultUserEmail, PASSWORD: SecretString }),
    )) as { AuthenticationResult: { IdToken: string } };
    const { body } = await rest('GET', 'vehicles', AuthenticationResult.IdToken);
    assert.deepEqual(body, { vehicles: [], totalCount: 0, page: 1, limit: 25 });
  });

  it('makes users over REST who must change their password', async () => {
    const made = await rest('POST', 'users', admin.id, { email: 'new@example.org' });
    assert.equal(made.status, 201);
    assert.equal((made.body.user as { group: string }).group, 'fleet-viewer');
    const { UserPoolClientId = '' } = await outputs('ui');
    const answer = await aws(
      ...[
        'cognito-idp',
        'initiate-auth',
        '--auth-flow',
        'USER_PASSWORD_AUTH',
        '--client-id',
        UserPoolClientId,
      ],
      ...['--auth-parameters', 'USERNAME=new@example.org,PASSWORD=Welcome1!'],
    );
    assert.equal(answer.ChallengeName, 'NEW_PASSWORD_REQUIRED');
    const { id } = await signIn({ email: 'plain@example.org', groups: ['fleet-viewer'] });
    const refused = await rest('GET', 'users', id);
    assert.deepEqual([refused.status, refused.body], [403, { error: 'Admin access required' }]);
    const readOnly = await rest('POST', 'vehicles', id, newVehicle());
    assert.deepEqual([readOnly.status, readOnly.body], [403, { error: 'Read-only access' }]);
  });

  it('keeps everything over a kill', async () => {
    const { vehicleId, certificateId } = (await create()) as Record<string, string>;
    // What was acknowledged is on disk a moment later. Each of the two may be the last.
    await until('vehicle and certificate in the state', async () => {
      const text = await readFile(path.join(folder, 'state/state.json'), 'utf8');
      const { tables } = JSON.parse(text) as { tables: Record<string, unknown> };
      const has = (table: string, id = '?'): boolean => JSON.stringify(tables[table] ?? null).includes(id);
      return (
        has('dynamodb.items/cms-dev-storage-vehicles', vehicleId) && has('iot/certificates', certificateId)
      );
    });
    await sandbox.kill();
    await start();
    const stored = await item('vehicles', { vehicleId: { S: vehicleId } });
    assert.equal(stored?.vehicleId?.S, vehicleId);
    const { certificateDescription } = (await aws(
      ...['iot', 'describe-certificate', '--certificate-id', certificateId ?? ''],
    )) as { certificateDescription: { status: string } };
    assert.equal(certificateDescription.status, 'ACTIVE');
    assert.equal((await rest('GET', 'vehicles', admin.id)).status, 200);
  });
});
