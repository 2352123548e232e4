import assert from 'node:assert/strict';
import { startAwsRelay } from '../support/awsRelay.ts';
import { authorizeAll, type CmsOnAwsBench, openCmsOnAws, tablesOf } from '../support/cmsOnAws.ts';

describe('CMS on AWS whose modules are closed or missing', () => {
  let bench: CmsOnAwsBench;
  before(async () => {
    const others = ['cms-on-aws:fleet-b,without=connect-store', 'cms-on-aws:fleet-c,idp=cms,ui=yes'];
    bench = await openCmsOnAws(
      64_000,
      others.flatMap((each) => ['--install', each]),
    );
  });
  after(() => bench.close());

  it('needs no FleetWise, which may be closed to the account: its UI is only named', async () => {
    const called = new Set<string>();
    const relay = await startAwsRelay(bench.sandbox, {
      before: ({ operation }) => {
        called.add(operation.split('#')[0] ?? '');
        return undefined;
      },
    });
    try {
      const vin = bench.newVin();
      const at = (...args: string[]) => bench.startIn('fleet-c', args, { endpoint: relay.endpoint });
      const onboarded = await at('onboard', '--vin', vin, '--json');
      assert.equal(onboarded.code, 0, onboarded.stderr);
      const result = onboarded.objects().find(({ type }) => type === 'result');
      assert.match(String(result?.uiUrl), /^https?:\/\//);
      for (const args of [['vehicles'], ['doctor', '--vin', vin, '--no-publish', '--fix', '--yes']])
        await at(...args);
      assert.equal((await at('doctor', '--vin', vin)).code, 0);
      assert.equal((await at('offboard', '--vin', vin, '--yes')).code, 0);
    } finally {
      await relay.close();
    }
    assert.ok(called.size > 15);
    assert.deepEqual(
      [...called].filter((operation) => /fleetwise|unknown/i.test(operation)),
      [],
    );
  });

  it('shares its identity provider with other apps: each has its own vehicles', async () => {
    const vins = { cms: bench.newVin(), 'fleet-c': bench.newVin() };
    for (const [app, vin] of Object.entries(vins)) {
      const { code, stderr } = await bench.startIn(app, ['onboard', '--vin', vin]);
      assert.equal(code, 0, stderr);
    }
    for (const [app, vin] of Object.entries(vins)) {
      const listed = (await bench.startIn(app, ['vehicles', '--json'])).objects();
      const found = listed.filter(
        ({ provisioning }) => (provisioning as { state?: string } | undefined)?.state === 'connected',
      );
      assert.deepEqual(
        found.map(({ vehicle }) => (vehicle as { vin?: string }).vin),
        [vin],
      );
    }
  });

  it('stores nothing without the module connect-store, and says so', async () => {
    const vin = bench.newVin();
    const done = await bench.startIn('fleet-b', ['onboard', '--vin', vin, '--telemetry-access', 'group']);
    assert.equal(done.code, 0, done.stderr);
    assert.match(done.stdout + done.stderr, /The module cms-connect-store is not deployed/);
    const doctor = await bench.startIn('fleet-b', ['doctor', '--vin', vin]);
    assert.equal(doctor.code, 1);
    assert.match(doctor.stdout, /connect-store/);
  });

  it('lists ten thousand vehicles as far as somebody looks, and finds one by its VIN without the list', async () => {
    // An app that no other test lists.
    const { authorized } = await tablesOf('fleet-b', bench.options);
    const vins = Array.from({ length: 10_000 }, (_, i) => `LSH14J4C4LB0${String(i).padStart(5, '0')}`);
    await authorizeAll(vins, authorized, bench.options);
    const called: Record<string, number> = {};
    const relay = await startAwsRelay(bench.sandbox, {
      before: ({ operation }) => {
        const name = operation.split('#')[0] ?? '';
        called[name] = (called[name] ?? 0) + 1;
        return undefined;
      },
    });
    const vinsOf = async (...args: string[]): Promise<unknown[]> => {
      const done = await bench.startIn('fleet-b', ['vehicles', '--json', ...args], relay);
      assert.equal(done.code, 0, done.stderr);
      const found = done.objects().filter(({ type }) => type === 'vehicle');
      return found.map(({ vehicle }) => (vehicle as { vin?: string }).vin);
    };
    try {
      // The second page is begun: two of four hundred are read.
      assert.equal(new Set(await vinsOf('--limit', '26')).size, 26);
      assert.equal(called['dynamodb:Scan'], 2);
      const last = vins.at(-1) ?? '';
      assert.deepEqual(await vinsOf('--vin', last.toLowerCase()), [last]);
      assert.equal(called['dynamodb:Scan'], 2);
      // What AWS's credentials allow is enough: nobody signed in anywhere.
      assert.deepEqual(
        Object.keys(called).filter((name) => /^(?:cognito|cms-)/.test(name)),
        [],
      );
    } finally {
      await relay.close();
    }
  });
});
