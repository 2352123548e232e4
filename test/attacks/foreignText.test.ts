import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CliRun, runCli } from '../support/cli.ts';
import { ALL_HOSTILE, assertHarmless } from '../support/hostileText.ts';
import { startHttpServer, type HttpServer } from '../support/httpServer.ts';

const KEYS = {
  AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'x'.repeat(40),
  AWS_REGION: 'us-west-2',
};
/** What a file name may hold. */
const IN_NAME = ALL_HOSTILE.replaceAll(/[\0/\ud800-\udfff]/g, '');

function assertHarmlessRun({ stdout, stderr }: CliRun): string {
  assertHarmless(stdout, 'stdout');
  assertHarmless(stderr, 'stderr');
  return stdout + stderr;
}

/** As JSON has it, so that an answer with controls in it is one. */
const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);

describe('The terminal shows what others say as text', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'foreign-'))));
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function recorded(): Promise<string> {
    const file = join(folder, 'run.jsonl');
    const message = {
      vin: `V${ALL_HOSTILE}`,
      serial: 1,
      topic: `dt/cvra/\n✓ all is well${ALL_HOSTILE}/x`,
      type: 'dtc',
      time: 1e300,
      ackMs: 1,
      code: `P0${ALL_HOSTILE}`,
      payload: { [ALL_HOSTILE]: ALL_HOSTILE },
    };
    await writeFile(file, `${JSON.stringify(message)}\n`);
    return file;
  }

  it('of a recording', async () => {
    const run = await runCli(['replay', '--file', await recorded()]);
    assertHarmlessRun(run);
    // Nothing of it stands on a line of its own.
    assert.equal(run.stdout.trimEnd().split('\n').length, 2, run.stdout);
    assert.match(run.stdout, /\\u001b\[31m/);
  });

  it('of a recording, as JSON that means the same', async () => {
    const run = await runCli(['replay', '--json', '--file', await recorded()]);
    assertHarmlessRun(run);
    const message = run.objects()[0]!;
    assert.equal(message.code, `P0${ALL_HOSTILE}`);
    assert.deepEqual(JSON.parse(String(message.payload)), { [ALL_HOSTILE]: ALL_HOSTILE });
  });

  for (const json of [false, true]) {
    const flags = json ? ['--json'] : [];
    const form = json ? 'as JSON' : 'as text';

    it(`of file names and arguments, ${form}`, async () => {
      const name = join(folder, `none${IN_NAME}`);
      for (const args of [
        ['replay', '--file', name],
        ['simulate', '--vin', 'X', '--route', name],
        ['onboard', '--fleet', name, '--username', 'u'],
        ['stacks', '--ca', name],
        ['stacks', '--endpoint', `http://127.0.0.1:9/${IN_NAME}`],
        ['stacks', '--profile', IN_NAME],
        ['stacks', '--region', IN_NAME],
        [`--${IN_NAME}`],
        ['stacks', `--${IN_NAME}`],
        ['sandbox', `--${IN_NAME}`],
        ['sandbox', '--stack', IN_NAME],
        ['sandbox', '--ready-file', join(name, 'ready.json')],
        [IN_NAME],
      ]) {
        const run = await runCli([...args, ...flags], { env: { ...KEYS, CMS_PASSWORD: 'Testing1234' } });
        assertHarmlessRun(run);
        assert.notEqual(run.code, 0, args.join(' '));
      }
    });

    it(`of a fleet file and its header, ${form}`, async () => {
      const file = join(folder, 'fleet.csv');
      for (const text of [
        `vin,${IN_NAME},firstName\n1,2,3\n`,
        `vin\n${IN_NAME}\n`,
        `vin,username\n"${IN_NAME}" x,y\n`,
      ]) {
        await writeFile(file, text);
        const run = await runCli(['onboard', '--fleet', file, '--username', 'u', ...flags], {
          env: { ...KEYS, CMS_PASSWORD: 'Testing1234' },
        });
        assert.doesNotMatch(assertHarmlessRun(run), /unknown option/);
        assert.notEqual(run.code, 0);
      }
    });

    it(`of a route file and its names, ${form}`, async () => {
      const routes: Record<string, string> = {
        'a.csv': `${IN_NAME},lon\n1,2\n`,
        'b.csv': `lat,lon\n1,${IN_NAME}\n`,
        'c.gpx': `<gpx><trk><name>${IN_NAME}</name><trkseg><trkpt lat="${IN_NAME}" lon="1"/></trkseg></trk></gpx>`,
        'd.geojson': JSON.stringify({ type: ALL_HOSTILE, name: ALL_HOSTILE }),
        'e.kml': `<?xml version="1.0" encoding="${IN_NAME}"?><kml/>`,
      };
      for (const [name, text] of Object.entries(routes)) {
        const file = join(folder, name);
        await writeFile(file, text);
        const run = await runCli(['simulate', '--vin', 'X', '--route', file, ...flags], {
          env: { ...KEYS, CMS_PASSWORD: 'Testing1234' },
        });
        assertHarmlessRun(run);
        assert.notEqual(run.code, 0);
      }
    });

    describe(`of an endpoint, ${form}`, () => {
      let server: HttpServer;
      let body = '';
      let type = 'text/xml';
      let status = 400;
      before(async () => {
        server = await startHttpServer(() => ({ status, headers: { 'content-type': type }, body }));
      });
      after(() => server.close());
      const ask = (...more: string[]): Promise<CliRun> =>
        runCli(['stacks', '--endpoint', server.url, ...more, ...flags], { env: KEYS });

      it('in an error', async () => {
        status = 400;
        const code = `Bad${inJson(IN_NAME)}`;
        body = `<ErrorResponse><Error><Type>Sender</Type><Code>${IN_NAME.replaceAll(/[<>&]/g, '')}</Code><Message>Said ${IN_NAME.replaceAll(/[<>&]/g, '')}\n✓ forged</Message></Error></ErrorResponse>`;
        for (const verbose of [[], ['--verbose']]) assertHarmlessRun(await ask(...verbose));
        type = 'application/x-amz-json-1.1';
        body = `{"__type":"${code}","message":"${inJson(ALL_HOSTILE)}"}`;
        assertHarmlessRun(await ask());
      });

      it('in an answer', async () => {
        status = 200;
        type = 'text/xml';
        const name = IN_NAME.replaceAll(/[<>&]/g, '');
        body = `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>${name}</StackName><StackId>arn${name}</StackId><StackStatus>${name}</StackStatus><Description>${name}</Description><Outputs><member><OutputKey>FleetManagerUrl</OutputKey><OutputValue>${name}</OutputValue></member></Outputs></member></Stacks></DescribeStacksResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></DescribeStacksResponse>`;
        assertHarmlessRun(await ask());
        assertHarmlessRun(
          await runCli(['vehicles', '--endpoint', server.url, '--username', 'u', '--stack', name, ...flags], {
            env: { ...KEYS, CMS_PASSWORD: 'Testing1234' },
          }),
        );
      });
    });
  }
});
