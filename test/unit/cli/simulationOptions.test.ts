import assert from 'node:assert/strict';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import {
  type DriveFlags,
  driveOf,
  isSpread,
  routesOf,
  withDrive,
} from '../../../src/cli/simulationOptions.ts';
import { english } from '../../../src/core/wording.ts';
import { type Progress, systemClock } from '../../../src/core/work.ts';
import { testWork } from '../../support/works.ts';

function parsed(...args: string[]): DriveFlags {
  const command = withDrive(new Command())
    .exitOverride()
    .action(() => undefined);
  command.configureOutput({ writeErr: () => undefined });
  return command.parse(['--route', 'a.csv', ...args], { from: 'user' }).opts();
}

describe('The options of a drive', () => {
  it('are refused when they contradict each other', () => {
    for (const args of [
      ['--loop', '--end', 'stop'],
      ['--end', 'ping-pong', '--loop'],
      ['--spread', '--from', '0.5'],
    ]) {
      assert.throws(() => parsed(...args), { code: 'commander.conflictingOption' }, args.join(' '));
    }
  });

  it('are taken each alone', () => {
    assert.equal(driveOf(parsed('--loop')).end, 'loop');
    assert.equal(driveOf(parsed('--end', 'ping-pong')).end, 'ping-pong');
    assert.equal(driveOf(parsed()).end, 'stop');
    assert.equal(parsed('--spread').spread, true);
    assert.equal(parsed('--from', '0.5').from, 0.5);
    assert.equal(parsed('--no-spread', '--from', '0.5').from, 0.5);
  });
});

describe('Several vehicles', () => {
  const spread = (vehicles: number, ...args: string[]): boolean => isSpread(parsed(...args), vehicles);

  it('are spread over the route, as in the editor, unless they are told where to start', () => {
    assert.deepEqual([spread(2), spread(1)], [true, false]);
    assert.deepEqual([spread(2, '--no-spread'), spread(2, '--from', '0.5')], [false, false]);
    assert.equal(spread(2, '--spread'), true);
  });

  it('start together when a route that is driven once has events, which those that start past them would miss', () => {
    for (const event of [
      ['--dtc', '3:P0217'],
      ['--event', '2:braking'],
    ]) {
      assert.equal(spread(2, ...event), false);
      assert.equal(spread(2, ...event, '--loop'), true);
      assert.equal(spread(2, ...event, '--spread'), true);
    }
  });
});

describe('The route of a drive', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'cms-route-'));
  });
  after(() => rm(folder, { recursive: true }));

  const routes = (file: string, ...args: string[]) =>
    routesOf({ ...parsed(...args), route: file }, testWork()).then((routesFor) => routesFor(1));

  it('is not read when the file is too large, however little of it is on the disk', async () => {
    const file = path.join(folder, 'sparse.csv');
    await writeFile(file, 'lon,lat\n');
    // More than Node could read at once.
    await truncate(file, 8 * 2 ** 30);
    await assert.rejects(routes(file), {
      code: 'ROUTE_INVALID',
      message: /sparse\.csv: it is larger than 256 MB/,
    });
  });

  it('is no device, folder or file that is not there', async () => {
    for (const [file, message] of [
      ['/dev/null', /null: it is not a regular file/],
      [folder, /it is not a regular file/],
      [path.join(folder, 'none.csv'), /cannot be read: .*ENOENT/],
    ] as const) {
      await assert.rejects(routes(file), { code: 'ROUTE_INVALID', message }, file);
    }
  });

  it('that takes its time has a line for each tenth, and ends with Ctrl-C', async () => {
    const file = path.join(folder, 'long.csv');
    // Blanks make it as large as many rows.
    const rows = Array.from({ length: 1000 }, (_, i) => `48.${1000 + i},11,${' '.repeat(2000)}x`);
    await writeFile(file, `lat,lon,note\n${rows.join('\n')}\n`);
    const said: string[] = [];
    const abort = new AbortController();
    let now = 0;
    const work = {
      signal: abort.signal,
      progress: ({ level, message }: Progress) => said.push(`${level}: ${english(message)}`),
      clock: { ...systemClock, now: () => (now += 1000) },
    };
    await routesOf({ ...parsed(), route: file }, work);
    assert.deepEqual(
      said,
      Array.from({ length: 10 }, (_, i) => `info: Reading long.csv: ${(i + 1) * 10} %`),
    );
    abort.abort();
    await assert.rejects(routesOf({ ...parsed(), route: file }, work), { code: 'CANCELLED' });
  });

  it('comes with a note on each event beyond its end', async () => {
    const file = path.join(folder, 'short.csv');
    // Two kilometres to the north.
    await writeFile(file, 'lat,lon\n48,11\n48.017986,11\n');
    const events = ['--dtc', '3:P0217', '--event', '1:braking', '--event', '2.5:oil'];
    assert.deepEqual((await routes(file, ...events)).notes.map(english), [
      'P0217 at 3 km will not happen: the route ends at 2 km.',
      'Hot oil at 2.5 km will not happen: the route ends at 2 km.',
    ]);
    assert.deepEqual((await routes(file, '--event', '1:braking')).notes, []);
  });
});
