import assert from 'node:assert/strict';
import { ADMIN, type GuidanceBench, openGuidance } from '../support/guidanceBench.ts';

/** As the stack has it; the user pool takes it in any case. */
const DEMO_USER = 'FleetManager@example.com';

describe('Signing in to Guidance for Connected Mobility', function () {
  this.timeout(180_000);
  let bench: GuidanceBench;
  before(async () => {
    bench = await openGuidance(67_000);
  });
  after(() => bench.close());

  const faults = async (): Promise<number> =>
    ((await bench.sandbox.ask('GET', 'health')) as { faults: number }).faults;

  describe('as the demo user of the stack', () => {
    let asDemo: { env: Record<string, string> };
    before(async () => {
      const { DemoUserPasswordSecretArn = '' } = await bench.guidance.outputs('ui');
      const secret = ['get-secret-value', '--secret-id', DemoUserPasswordSecretArn];
      const { SecretString } = await bench.guidance.aws('secretsmanager', ...secret);
      asDemo = { env: { ...bench.env, CMS_PASSWORD: String(SecretString) } };
    });

    it('happens to nobody who did not name it: its secret is not read, and it does not sign in', async () => {
      const action = { kind: 'error', code: 'ResourceNotFoundException', status: 400 };
      await bench.sandbox.fault({ operation: 'secretsmanager:*', action });
      const before = await faults();
      const run = await bench.cli(['access', ...bench.place(), '--username', ADMIN, '--json']);
      assert.equal(run.code, 0, run.stderr);
      assert.doesNotMatch(run.stdout, /demo user|fleetmanager/i);
      assert.equal(await faults(), before);
      await bench.sandbox.ask('DELETE', 'faults');
      const unnamed = await bench.cli(['vehicles', ...bench.place(), '--json'], asDemo);
      assert.notEqual(unnamed.code, 0);
      assert.match(unnamed.stderr + unnamed.stdout, /--username/);
    });

    it('says what it may not do', async () => {
      const run = await bench.cli(['access', ...bench.place(), '--username', DEMO_USER], asDemo);
      assert.equal(run.code, 0, run.stderr);
      assert.match(
        run.stdout,
        /You are the demo user, a fleet-operator without fleets: you will see nothing, and cannot create a fleet\./,
      );
    });

    it('sees no vehicle, and makes no fleet', async () => {
      const vin = bench.newVin();
      await bench.onboard(vin);
      const list = await bench.cli(['vehicles', ...bench.place(), '--username', DEMO_USER], asDemo);
      assert.equal(list.code, 0, list.stderr);
      assert.ok(!list.stdout.includes(vin), list.stdout);
      const args = ['onboard', ...bench.place(), '--username', DEMO_USER, '--vin', bench.newVin()];
      const onboarded = await bench.cli([...args, '--fleet-name', 'Mine', '--json'], asDemo);
      assert.equal(onboarded.code, 1);
      assert.match(onboarded.stdout, /CMS_UNAUTHORIZED/);
      assert.match(onboarded.stdout, /There is no fleet \\"Mine\\", and you may not make one/);
      const { Items } = await bench.guidance.aws(
        'dynamodb',
        'scan',
        '--table-name',
        'cms-dev-storage-fleets',
      );
      assert.doesNotMatch(JSON.stringify(Items), /Mine/);
    });
  });

  it('is renewed when the token expires in the middle of a run', async () => {
    // Of the same age as that of the run.
    const { id: token } = await bench.guidance.signIn({ email: 'old@example.com', groups: ['fleet-viewer'] });
    const vin = bench.newVin();
    const args = ['onboard', ...bench.place(), '--username', ADMIN, '--vin', vin, '--fleet-name', 'Vans'];
    let expired: Promise<void> | undefined;
    const run = await bench.cli([...args, '--enrollment', 'table', '--json'], {
      onOutput(_, text) {
        if (text.includes('"step":"enroll"')) expired ??= bench.sandbox.advanceClock(61 * 60_000);
      },
    });
    await expired;
    assert.ok(expired !== undefined, run.stdout);
    assert.equal(run.code, 0, `${run.stdout}\n${run.stderr}`);
    const { status, body } = await bench.guidance.rest('GET', 'vehicles', token);
    assert.deepEqual([status, body], [401, { message: 'The incoming token has expired' }]);
  });

  it('is in words where its group may only look', async () => {
    await bench.guidance.signIn({ email: 'viewer@example.com', groups: ['fleet-viewer'] });
    const as = ['--username', 'viewer@example.com'];
    const args = ['onboard', ...bench.place(), ...as, '--vin', bench.newVin(), '--fleet-name', 'Vans'];
    const refused = await bench.cli([...args, '--enrollment', 'table', '--json']);
    assert.equal(refused.code, 1);
    assert.match(refused.stdout, /CMS_UNAUTHORIZED.*your group may only look/);
  });
});
