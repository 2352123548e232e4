import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { defined } from '../../../src/core/defined.ts';
import { cleanEnvironment, runCli, type CliRun, type CliStart } from '../../support/cli.ts';
import { FLEET, IOT_HOST, REGION, type Views } from '../../support/network/names.ts';
import { noNamespace, openNamespace, type Namespace } from '../../support/network/namespace.ts';

const why = noNamespace();
const support = path.join(import.meta.dirname, '../../support/network');
const VIN = FLEET[0] ?? '';
const MQTT = `${IOT_HOST}:8883`;

interface Outcome {
  ok: boolean;
  value?: unknown;
  code?: string;
  message?: string;
  remedy?: string;
}
type What = 'sdk' | 'rest' | 'watch' | 'device' | 'fleet';

const ALL_WORK = {
  sdk: { ok: true, value: '123456789012' },
  rest: { ok: true, value: 403 },
  watch: { ok: true, value: 'online' },
  device: { ok: true, value: 'connected' },
  fleet: { ok: true, value: { connected: FLEET.length, of: FLEET.length } },
};

/** Each kind of front end in each kind of network, with nothing but loopback in it and the product as people get it. */
describe(`a company's network${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  let net: Namespace;
  let home: string;
  before(async function () {
    if (why !== undefined) return this.skip();
    net = await openNamespace();
    home = mkdtempSync(path.join(os.tmpdir(), 'cms-network-home-'));
  });
  after(async () => {
    if (why !== undefined) return;
    await net.close();
    rmSync(home, { recursive: true, force: true });
  });

  /** What a person's shell says, with Amazon's root where Node has it. */
  const shell = (more: Record<string, string>) => ({
    AWS_ACCESS_KEY_ID: 'AKIASANDBOX000000000',
    AWS_SECRET_ACCESS_KEY: 'sandbox',
    AWS_REGION: REGION,
    NODE_OPTIONS: `--require ${path.join(support, 'amazonRoot.cjs')}`,
    AMAZON_ROOT: net.amazonRoot,
    NODE_NO_WARNINGS: '1',
    ...more,
  });
  interface Where {
    view: keyof Views;
    env?: Record<string, string>;
    /** How far the clock is off. */
    clock?: string;
  }
  const cli = (args: string[], { view, env = {}, clock }: Where, onOutput?: CliStart['onOutput']) =>
    runCli([...args, '--json'], {
      ...defined({ onOutput }),
      env: shell(env),
      cwd: home,
      within: net.within(view, clock),
    });
  const dtc = ['dtc', '--vin', VIN, '--code', 'P0217'];
  const drive = ['simulate', '--all', '--route', path.join(support, '../../../media/routes/atlanta.csv')];
  const certs = () => ['--certs', net.certificates];
  /** Drives the fleet until all its vehicles are online, as a person would who then presses Ctrl-C. */
  async function driveAll(where: Where) {
    let isEnding = false;
    const run = await cli([...drive, ...certs()], where, (child, text) => {
      if (isEnding || !text.includes(`"online":${FLEET.length}`)) return;
      // A second Ctrl-C would end it at once.
      isEnding = true;
      child.kill('SIGINT');
    });
    const result = run.objects().find(({ type }) => type === 'simulation') as
      { vehicles: { connects: number }[] } | undefined;
    const connected = result?.vehicles.filter(({ connects }) => connects > 0).length;
    return { connected, objects: () => run.objects() };
  }
  const proxyOf = (url: string, login = '') => ({ HTTPS_PROXY: url.replace('//', `//${login}`) });
  const login = () => `${net.squid.user}:${encodeURIComponent(net.squid.password)}@`;

  /** The same through the bundle of the extension, with the settings of the editor in place of variables. */
  async function backend(
    { view, env = {}, clock }: Where,
    options: object = {},
    only?: What[],
  ): Promise<{ results: Record<What, Outcome>; said: string[] }> {
    const { certificates, api } = net;
    const task = { options: { region: REGION, ...options }, api, certificates, fleet: FLEET, only };
    const [program, ...args] = [
      ...net.within(view, clock),
      process.execPath,
      path.join(support, 'throughBackend.cjs'),
    ];
    const child = spawn(program, args, {
      env: cleanEnvironment(shell({ ...env, THROUGH_BACKEND: JSON.stringify(task) })),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    await once(child, 'close');
    return JSON.parse(out) as { results: Record<What, Outcome>; said: string[] };
  }
  const errorOf = (run: Pick<CliRun, 'objects'>) =>
    run.objects().find(({ type }) => type === 'error') as
      { code: string; message: string; remedy: string } | undefined;
  /** Of the vehicles of a fleet of which none got through. */
  const problemsOf = ({ value }: Outcome): string[] => {
    const { connected, problems = [] } = value as { connected: number; problems?: object[] };
    assert.equal(connected, 0);
    return problems.map((problem) => JSON.stringify(problem));
  };
  const asked = () =>
    new Set(
      [...readFileSync(net.squid.log, 'utf8').matchAll(/\d{3} \d+ (CONNECT \S+)/g)].map(([, what]) => what),
    );

  describe('with a proxy that wants a login, and no other way out', () => {
    it('the command line goes through it: APIs, a vehicle, and a fleet', async () => {
      const where = { view: 'proxyOnly', env: proxyOf(net.squid.url, login()) } as const;
      assert.equal((await cli(['stacks'], where)).code, 0);
      assert.equal((await cli([...dtc, ...certs()], where)).code, 0);
      assert.equal((await driveAll(where)).connected, FLEET.length);
      for (const host of [`cloudformation.${REGION}.amazonaws.com:443`, MQTT])
        assert.ok(asked().has(`CONNECT ${host}`), host);
    });

    it('the claim goes through it, which native code connects', async () => {
      const where = { view: 'proxyOnly', env: proxyOf(net.squid.url, login()) } as const;
      const { code, stderr } = await cli(['provision', '--vin', 'LSH14J4C4LA046511'], where);
      assert.equal(code, 0, stderr);
    });

    it('the extension goes through it, with the settings of the editor', async () => {
      const { user, password, url } = net.squid;
      const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
      const { results } = await backend({ view: 'proxyOnly' }, { proxy: { proxy: url, authorization } });
      assert.deepEqual(results, ALL_WORK);
    });

    it('without the login, all say that it wants one', async () => {
      const where = { view: 'proxyOnly', env: proxyOf(net.squid.url) } as const;
      const stacks = errorOf(await cli(['stacks'], where));
      assert.match(
        stacks?.message ?? '',
        /the proxy http:\/\/127\.0\.0\.1:3128 requires a user name and a password \(407\)/,
      );
      const { results } = await backend({ view: 'proxyOnly' }, { proxy: { proxy: net.squid.url } });
      for (const [what, { ok, code, message = '' }] of Object.entries(results)) {
        assert.ok(!ok && code === 'ENDPOINT_UNREACHABLE', what);
        assert.match(message, /requires a user name and a password \(407\)/, what);
      }
    });
  });

  describe('with a proxy that inspects TLS', () => {
    const through = () =>
      ({
        view: 'proxyOnly',
        env: { ...proxyOf(net.squid.inspectingUrl), AWS_CA_BUNDLE: net.corporateRoot },
      }) as const;

    it('the APIs work with the company’s CA, and no vehicle connects', async () => {
      const { results } = await backend(through());
      assert.deepEqual(results.sdk, ALL_WORK.sdk);
      assert.deepEqual(results.rest, ALL_WORK.rest);
      assert.equal(results.device.ok, false);
      assert.equal(
        problemsOf(results.fleet).filter((text) => text.includes('signed by')).length,
        FLEET.length,
      );
    });

    for (const [name, args] of [
      ['a vehicle', () => [...dtc, ...certs()]],
      ['a claim, which native code connects', () => ['provision', '--vin', 'WP0ZZZ99ZTS392124']],
    ] as const) {
      it(`${name} is told what to ask for, whoever is trusted`, async () => {
        const error = errorOf(await cli(args(), through()));
        assert.equal(error?.code, 'MQTT_CONNECT_REFUSED', JSON.stringify(error));
        assert.match(error.message, /signed by Corporate Root/);
        assert.match(
          error.remedy,
          new RegExp(`inspects TLS.*exempt ${IOT_HOST.replaceAll('.', '\\.')} from inspection`),
        );
      });
    }

    it('the doctor says who inspects, for HTTPS and for MQTT', async () => {
      const found = (await cli(['doctor', '--network'], through())).objects();
      const of = (id: string) => found.find((finding) => finding.id === id);
      assert.match(
        String(of(`host cloudformation.${REGION}.amazonaws.com`)?.message),
        /signed by Corporate Root/,
      );
      assert.deepEqual(
        [of('mqtt 8883')?.status, of('mqtt 8883')?.remedy],
        ['fail', `Ask for an exception from inspection for ${IOT_HOST}.`],
      );
    });

    it('nothing is trusted without it, which is said', async () => {
      const where = { view: 'proxyOnly', env: proxyOf(net.squid.inspectingUrl) } as const;
      const error = errorOf(await cli(['stacks'], where));
      assert.match(error?.message ?? '', /its TLS certificate is not trusted/);
      assert.match(error?.remedy ?? '', /CA of the proxy that inspects TLS/);
    });
  });

  describe('with a firewall in front of 8883', () => {
    for (const [kind, verdict, newVin] of [
      ['drops', 'drop', '5YJSA1E26HF000337'],
      ['refuses', 'reject with tcp reset', '1M8GDM9AXKP042788'],
    ] as const) {
      describe(`that ${kind} it`, () => {
        before(function () {
          if (why !== undefined) return this.skip();
          net.system('nft', 'add table inet company');
          net.system('nft', 'add chain inet company out { type filter hook output priority 0 ; }');
          net.system('nft', `add rule inet company out tcp dport 8883 ${verdict}`);
        });
        after(() => {
          if (why === undefined) net.system('nft', 'delete table inet company');
        });

        it('the extension finds 443, for a vehicle and for a fleet, and says so', async () => {
          const { results, said } = await backend({ view: 'direct' }, {}, ['device', 'fleet']);
          assert.deepEqual(results, { device: ALL_WORK.device, fleet: ALL_WORK.fleet });
          assert.ok(
            said.some((message) => message.includes('Using port {other} instead')),
            said.join('\n'),
          );
        });

        it('so does the command line', async () => {
          const { connected, objects } = await driveAll({ view: 'direct' });
          assert.equal(connected, FLEET.length);
          const said = objects().filter(({ type }) => type === 'progress');
          assert.ok(said.some(({ message }) => String(message).includes('Using port 443 instead')));
        });

        it('so does the claim, which native code connects', async () => {
          const run = await cli(['provision', '--vin', newVin], { view: 'direct' });
          assert.equal(run.code, 0, run.stderr);
          const said = run.objects().filter(({ type }) => type === 'progress');
          assert.ok(said.some(({ message }) => String(message).includes('Using port 443 instead')));
        });

        it('a port that was set is the only one that is tried: a drive that reaches nobody fails', async () => {
          const run = await cli([...drive, ...certs(), '--duration', '1', '--mqtt-port', '8883'], {
            view: 'direct',
          });
          assert.equal(run.code, 1);
          const result = run.objects().find(({ type }) => type === 'simulation') as unknown as {
            totals: { acknowledged: number };
          };
          assert.equal(result.totals.acknowledged, 0);
          assert.match(errorOf(run)?.message ?? '', /All 50 vehicles failed/);
        });
      });
    }

    it('the claim takes 443, which was set, by its protocol name', async () => {
      const { code, stderr } = await cli(['provision', '--vin', 'KL4CJHSB2DB198124', '--mqtt-port', '443'], {
        view: 'direct',
      });
      assert.equal(code, 0, stderr);
    });

    it('that takes connections and lets nothing through is called that', async () => {
      const run = await cli([...dtc, ...certs()], { view: 'mute' });
      assert.equal(run.code, 1);
      assert.match(errorOf(run)?.message ?? '', /it accepts the connection but does not answer/);
      const waits = run.objects().filter(({ type, step }) => type === 'progress' && step === 'network');
      assert.ok(waits.length > 0, 'who is waited for is not said');
    });
  });

  describe('with a middlebox that cuts each connection', () => {
    it('nobody is blamed for it', async () => {
      const run = await cli(
        ['simulate', '--vin', VIN, '--route', drive[3] ?? '', ...certs(), '--duration', '25'],
        { view: 'cut' },
      );
      const error = errorOf(run);
      assert.doesNotMatch(JSON.stringify(run.objects()), /somebody else is connected/);
      assert.notEqual(error?.code, 'CLIENT_ID_IN_USE', error?.message);
    });
  });

  describe('with a clock that is off', () => {
    for (const [name, days, sentence] of [
      ['ahead', '+90d', /has expired according to this computer’s clock/],
      ['behind', '-90d', /is not valid yet according to this computer’s clock/],
    ] as const) {
      it(`by 90 days ${name}, all say so, and to set it`, async () => {
        const where = { view: 'direct', clock: days } satisfies Where;
        const error = errorOf(await cli(['stacks'], where));
        assert.match(error?.message ?? '', sentence);
        assert.match(error?.remedy ?? '', /date and time/);
        const { results } = await backend(where, {}, ['sdk', 'rest', 'watch']);
        for (const [what, { ok, message = '' }] of Object.entries(results)) {
          assert.equal(ok, false, what);
          assert.match(message, sentence, what);
        }
      });
    }

    describe('only so far that AWS’s APIs still answer', () => {
      // The endpoint of MQTT shows a certificate that is good for 45 days.
      const ahead = { view: 'direct', clock: '+50d' } satisfies Where;
      const late = /has expired according to this computer’s clock \(.*\): it ended 5 days before/;

      for (const [name, args] of [
        ['a vehicle', () => [...dtc, ...certs()]],
        ['a claim, which native code connects', () => ['provision', '--vin', '1HGCM82633A004352']],
      ] as const) {
        it(`${name} says so, by how much, and to set it`, async () => {
          const error = errorOf(await cli(args(), ahead));
          assert.equal(error?.code, 'MQTT_CONNECT_REFUSED', JSON.stringify(error));
          assert.match(error.message, late);
          assert.match(error.remedy, /date and time/);
        });
      }

      it('so does each vehicle of a fleet, of the command line and of the extension', async () => {
        const run = await cli([...drive, ...certs(), '--duration', '60'], ahead);
        assert.equal(run.code, 1, run.stderr);
        const ended = run.objects().find(({ type }) => type === 'simulation') as unknown as {
          vehicles: { problem?: { message: string } }[];
        };
        assert.equal(
          ended.vehicles.filter(({ problem }) => late.test(problem?.message ?? '')).length,
          FLEET.length,
        );
        const { results } = await backend(ahead, {}, ['device', 'fleet']);
        assert.match(results.device.message ?? '', late);
        const problems = problemsOf(results.fleet);
        assert.equal(
          problems.filter((text) => text.includes('it ended {difference} before')).length,
          FLEET.length,
        );
      });

      it('a certificate of a vehicle from the future is held against the clock, too', async () => {
        const behind = { view: 'direct', clock: '-30d' } satisfies Where;
        const error = errorOf(await cli([...dtc, ...certs()], behind));
        assert.match(error?.message ?? '', /not valid (before|yet).* according to this computer’s clock/);
        assert.match(error?.remedy ?? '', /clock|date and time/);
      });
    });
  });
});
