import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type AdminSources, createAdmin, faultKinds } from '../../../src/sandbox/admin.ts';
import type { HttpService } from '../../../src/sandbox/kernel/http.ts';
import { createCommand, parseOptions } from '../../../src/sandbox/options.ts';
import { exitCodes } from '../../../src/sandbox/kernel/startError.ts';
import type { CdfSettings } from '../../../src/sandbox/installations/cdf/contract.ts';
import { createInstallations } from '../../../src/sandbox/installations/installations.ts';
import { createAws } from '../../../src/sandbox/services/services.ts';
import { createTestContext, noDevices } from '../../support/sandboxContext.ts';
import { sectionsOf, type Row, type Table } from './tables.ts';

const root = path.join(import.meta.dirname, '../../..');
const document = readFileSync(path.join(root, 'docs/sandbox.md'), 'utf8');
const sections = sectionsOf(document);

const context = createTestContext();
const aws = createAws(context, noDevices);
const settings = { cdf: { eventDelayMs: 0, assetLibraryAuth: 'none' as const } };
const installed = createInstallations(context, aws, settings);
const admin = createAdmin(context, { more: installed.administration } as AdminSources);
/** The services behind the HTTP port, by name. They are asked only what operations they have. */
const services = new Map<string, HttpService>(
  [admin, ...aws.services, ...installed.services].map((service) => [service.name, service]),
);

/** Sections whose title ends in the name of a service, such as "AWS IAM, 2010-05-08 (`iam`)". */
function coverage(service: HttpService): Row[] {
  const [section, ...more] = sections.filter(({ title }) => title.endsWith(`(\`${service.name}\`)`));
  assert.ok(section && more.length === 0, `one section for ${service.name}`);
  const tables = section.tables.filter(({ header }) => header[0] === 'operation');
  assert.equal(tables.length, 1, `one table of operations for ${service.name}`);
  return tables[0]?.rows ?? [];
}

/** As the documentation writes it: the administration with its whole path. */
const written = (service: HttpService, operation: string): string =>
  service.name === 'sandbox' ? operation.replace(' ', ' /_sandbox') : operation;

const quoted = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text);

const testFile = (name: string): string => path.join(root, 'test', name);

const allTables = (): Table[] => sections.flatMap(({ tables }) => tables);
const coverageTables = (): Table[] => allTables().filter(({ header }) => header.includes('state'));

describe('docs/sandbox.md: coverage', () => {
  it('has the columns operation or behavior, state, test', () => {
    assert.ok(coverageTables().length > 10);
    for (const { header } of coverageTables()) {
      assert.match(header.join(), /^(operation|behavior),state,test$/);
    }
  });

  it('states done, partly or not, and names tests unless it is not', () => {
    for (const { cells } of coverageTables().flatMap(({ rows }) => rows)) {
      const [what = '', state = '', test = ''] = cells;
      assert.match(state, /^(done|partly|not)(: |$)/, what);
      if (!state.startsWith('not')) assert.ok(quoted(test).length > 0, `${what} has no test`);
      if (state.startsWith('partly')) assert.match(state, /: /, `${what} does not say what is missing`);
    }
  });

  it('names test files that are there', () => {
    for (const { header, rows } of allTables()) {
      const column = header.indexOf('test');
      if (column < 0) continue;
      for (const { cells } of rows) {
        for (const name of quoted(cells[column] ?? '')) {
          assert.ok(existsSync(testFile(name)), `test/${name} is missing`);
        }
      }
    }
  });

  for (const [name, service] of services) {
    describe(name, () => {
      it('has a row for each operation, and for nothing that is none', () => {
        const rows = coverage(service).filter(({ cells }) => !(cells[1] ?? '').startsWith('not'));
        assert.deepEqual(
          rows.flatMap(({ cells }) => quoted(cells[0] ?? '')).sort(),
          service.operations.map((operation) => written(service, operation)).sort(),
        );
      });

      it('calls "not" only what it does not know', () => {
        const known = service.operations.map((operation) => written(service, operation));
        for (const { cells } of coverage(service)) {
          if (!(cells[1] ?? '').startsWith('not')) continue;
          for (const operation of quoted(cells[0] ?? '')) assert.ok(!known.includes(operation), operation);
        }
      });
    });
  }
});

describe('docs/sandbox.md', () => {
  const rates = aws.services.flatMap((service) => service.rates ?? []);
  const tableOf = (title: string): Row[] => {
    const [section] = sections.filter((one) => one.title === title);
    assert.ok(section?.tables[0], `a table in ${title}`);
    return section.tables[0].rows;
  };
  const optionsIn = (text: string): string[] => [...text.matchAll(/--[a-z-]+/g)].map(([option]) => option);

  it('lists the options of the sandbox, with their defaults', () => {
    const rows = tableOf('Options');
    assert.deepEqual(
      rows.flatMap(({ cells }) => optionsIn(cells[0] ?? '')),
      createCommand().options.map(({ long }) => long),
    );
    const { config, settings: defaultSettings, logLevel } = parseOptions([]);
    const own = defaultSettings.cdf as CdfSettings;
    const defaults = new Map(rows.map(({ cells }) => [optionsIn(cells[0] ?? '')[0], cells[2]]));
    assert.equal(defaults.get('--http-port'), String(config.httpPort));
    assert.equal(defaults.get('--mqtt-port'), String(config.mqttPort));
    assert.equal(defaults.get('--event-delay-ms'), String(own.eventDelayMs));
    assert.equal(defaults.get('--region'), `\`${config.region}\``);
    assert.equal(defaults.get('--account-id'), `\`${config.accountId}\``);
    assert.equal(defaults.get('--asset-library-auth'), `\`${own.assetLibraryAuth}\``);
    assert.equal(defaults.get('--log-level'), `\`${logLevel}\``);
    assert.deepEqual(
      parseOptions(['--install', quoted(defaults.get('--install') ?? '')[0] ?? '']).installations,
      parseOptions([]).installations,
    );
  });

  it('lists the exit codes', () => {
    assert.deepEqual(
      tableOf('Exit codes').map(({ cells }) => Number(cells[0])),
      [0, ...Object.values(exitCodes)],
    );
  });

  it('lists the calls of the administration', () => {
    const calls = tableOf('Administration: `/_sandbox`').flatMap(({ cells }) => {
      const [at = ''] = /\/_sandbox\S*(?=`)/.exec(cells[0] ?? '') ?? [];
      const methods = [...(cells[0] ?? '').matchAll(/\b(GET|POST|PUT|DELETE)\b/g)];
      return methods.map(([method]) => `${method} ${at.replace(/<\w+>/, '*')}`);
    });
    assert.deepEqual(calls.sort(), admin.operations.map((operation) => written(admin, operation)).sort());
  });

  it('lists every action of a fault', () => {
    const rows = sections
      .find(({ title }) => title === 'Faults')
      ?.tables.find(({ header }) => header[0] === 'action')?.rows;
    const documented = rows?.map(({ cells }) => /"kind":"(\w+)"/.exec(cells[0] ?? '')?.[1]);
    assert.deepEqual([...new Set(documented)].sort(), [...faultKinds].sort());
  });

  it('says of each rate what it is and whether it is AWS’s', () => {
    assert.deepEqual(
      tableOf('Rates and quotas').map(({ cells }) => cells.slice(0, 3)),
      rates.map(({ perSecond, shareRate, operations, source }) => [
        `${perSecond} ${shareRate ? 'together' : 'each'}`,
        operations.map((operation) => `\`${operation}\``).join(', '),
        source === 'assumed' ? '**assumed**' : source,
      ]),
    );
  });

  it('limits only operations that there are @slow', () => {
    for (const { name, operations: known, rates: own = [] } of services.values()) {
      for (const { operations } of own) {
        for (const operation of operations) assert.ok(known.includes(operation), `${name}:${operation}`);
      }
    }
  });
});
