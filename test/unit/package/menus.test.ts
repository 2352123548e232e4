import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';

interface Entry {
  command: string;
  when?: string;
  group?: string;
}

const root = path.resolve(__dirname, '../../..');
const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  contributes: { menus: Record<string, Entry[]> };
};
const { menus } = manifest.contributes;
const ofRows = menus['view/item/context'] ?? [];
const isInline = ({ group = '' }: Entry): boolean => group.startsWith('inline');

/** What rows say of themselves. */
const ROWS = [
  'sandbox sandbox.running',
  'sandbox sandbox.stopped',
  'connection',
  'stack stack.ready',
  'stack stack.ready can.onboard',
  'vehicles',
  'vehicles can.vehicles can.onboard',
  'vehicles arranged can.vehicles can.onboard',
  'vehicleGroup can.vehicles can.owners can.offboard',
  'list',
  'vehicle idle can.provision can.doctor can.offboard',
  'vehicle hasCertificate canRotate idle hasArn can.provision can.send can.owners',
  'vehicle hasCertificate canRotate simulating hasArn',
  'certificateFiles',
  'error',
  'simulation active canPause canResume notRecording',
  'simulation over resumable',
  'simulation over',
  'simulation one over',
  'pastDrive one over',
  'simulatedVehicle one active canPause',
  'simulatedVehicle one active canResume',
];

/** Whether a row with this context value gets the entry. */
function fits({ when = '' }: Entry, contextValue: string): boolean {
  const [, pattern = ''] = /viewItem =~ \/(.*)\//.exec(when) ?? [];
  return pattern !== '' && new RegExp(pattern).test(contextValue);
}

describe('The menus', () => {
  it('offer for several selected rows only what does all of them', () => {
    const offered = ofRows.filter(
      (entry) => !isInline(entry) && !(entry.when ?? '').includes('!listMultiSelection'),
    );
    assert.deepEqual([...new Set(offered.map(({ command }) => command.split('.')[1]))].sort(), [
      'associateOwner',
      'copyVin',
      'offboardVehicle',
      'refresh',
      'removeConnection',
      'showTelemetry',
      'simulateAgain',
      'simulateDrive',
      'simulateInCloud',
      'simulationClear',
      'simulationJump',
      'simulationKeep',
      'simulationPause',
      'simulationReportTrouble',
      'simulationResume',
      'simulationResumeCrashed',
      'simulationSetSpeed',
      'simulationStop',
    ]);
  });

  it('of rows name the view that they are in: other extensions have rows, too', () => {
    assert.deepEqual(
      ofRows.filter(({ when = '' }) => !when.split(' || ').every((any) => /\bview (==|=~) /.test(any))),
      [],
    );
  });

  it('know files by their names in small letters and in capitals', () => {
    const ofFiles = Object.values(menus)
      .flat()
      .filter(({ when = '' }) => /resource(Filename|Extname)/.test(when));
    assert.ok(ofFiles.length > 5);
    for (const { command, when = '' } of ofFiles) {
      const conditions = [...when.matchAll(/resource(?:Filename|Extname) =~ (\S+)/g)];
      assert.ok(conditions.length > 0, command);
      for (const [, pattern = ''] of conditions) assert.match(pattern, /^\/.*\$\/i\)?$/, command);
    }
  });

  it('offer from the keyboard, too, what is offered as an icon on the row', () => {
    for (const row of ROWS) {
      const offered = ofRows.filter((entry) => fits(entry, row));
      const inMenu = new Set(offered.filter((entry) => !isInline(entry)).map(({ command }) => command));
      for (const { command } of offered.filter(isInline))
        assert.ok(inMenu.has(command), `${command} on ${row}`);
    }
  });

  it('put at most two icons on a row, so that the end of a VIN stays visible', () => {
    const can = 'can.vehicles can.provision can.send can.doctor can.owners can.offboard can.watch';
    const both = `vehicle hasCertificate canRotate idle hasArn ${can}`;
    const bad = `vehicle hasCertificate idle hasArn ${can}`;
    const driving = [both, bad].map((row) => row.replace('idle', 'simulating'));
    for (const row of [...ROWS, both, bad, `vehicle idle ${can}`, ...driving]) {
      const icons = ofRows.filter((entry) => isInline(entry) && fits(entry, row));
      assert.ok(icons.length <= 2, `${row}: ${icons.map(({ command }) => command).join(', ')}`);
    }
    const icons = (row: string): string[] =>
      ofRows
        .filter((entry) => isInline(entry) && fits(entry, row))
        .map(({ command }) => command.replace('cmsEnablement.', ''));
    assert.deepEqual(icons(`vehicle idle ${can}`).sort(), ['provisionCertificates', 'simulateDrive']);
    assert.deepEqual(icons(bad).sort(), ['provisionCertificates', 'simulateDrive']);
    assert.deepEqual(icons(both).sort(), ['diagnoseVehicle', 'simulateDrive']);
  });

  it('offer on a vehicle nothing that is for all vehicles', () => {
    const forAll = ['onboardVehicle', 'onboardFleet', 'findVehicle', 'simulateFleet', 'watchFleet'];
    const rowsOfAll = 'vehicles can.vehicles can.onboard can.send can.watch';
    const rowOfOne =
      'vehicle hasCertificate canRotate simulating hasArn can.vehicles can.onboard can.send can.watch';
    const offered = (row: string): string[] =>
      ofRows.filter((entry) => fits(entry, row)).map(({ command }) => command.replace('cmsEnablement.', ''));
    assert.deepEqual(
      forAll.filter((command) => !offered(rowsOfAll).includes(command)),
      [],
    );
    assert.deepEqual(
      forAll.filter((command) => offered(rowOfOne).includes(command)),
      [],
    );
    // It drives already.
    assert.ok(!offered(rowOfOne).includes('simulateDrive'));
  });

  /** The commands of a row's menu in their order. */
  const menuOf = (row: string): string[] =>
    ofRows
      .filter((entry) => !isInline(entry) && fits(entry, row))
      .toSorted((a, b) => (a.group ?? '').localeCompare(b.group ?? ''))
      .map(({ command }) => command.replace('cmsEnablement.', ''));

  it('stop the sandbox last, where nobody presses Enter by mistake', () => {
    assert.equal(menuOf('sandbox sandbox.running').at(-1), 'stopSandbox');
  });

  it('offer on every row with one VIN what can be done with a VIN', () => {
    const ofVin = ['copyVin', 'diagnoseVehicle', 'findVehicle', 'provisionCertificates'];
    for (const row of [
      'simulation one active canPause keepable notRecording',
      'simulation one over',
      'simulatedVehicle one active canPause',
      'simulatedVehicle one over',
      'pastDrive one over',
      'cloudRun one active',
      'certificateFiles',
    ])
      assert.deepEqual(
        menuOf(row)
          .filter((command) => ofVin.includes(command))
          .sort(),
        ofVin,
        row,
      );
    for (const row of ['simulation active canPause', 'pastDrive over', 'cloudRun over'])
      assert.deepEqual(
        menuOf(row).filter((command) => ofVin.includes(command)),
        ['copyVin'],
        row,
      );
  });

  it('offer for several files or folders of the Explorer only what does all of them', () => {
    const inExplorer = (menus['explorer/context'] ?? []).filter(
      ({ when = '' }) => !when.includes('!listMultiSelection'),
    );
    assert.deepEqual(
      inExplorer.map((entry) => (entry as { submenu?: string }).submenu),
      ['cmsEnablement.vin'],
    );
    const ofFolders = (menus['cmsEnablement.vin'] ?? []).filter(({ when }) => when !== '!listMultiSelection');
    assert.deepEqual(
      ofFolders.map(({ command }) => command),
      ['cmsEnablement.simulateDrive'],
    );
  });

  it('offer to start the sandbox only while it is stopped', () => {
    const [start] = (menus.commandPalette ?? []).filter(
      ({ command }) => command === 'cmsEnablement.startSandbox',
    );
    assert.equal(start?.when, '!cmsEnablement.sandbox || cmsEnablement.sandbox == stopped');
  });

  it('offer to rotate only a certificate that can be used', () => {
    const [rotate] = ofRows.filter(({ command }) => command === 'cmsEnablement.rotateCertificate');
    assert.ok(rotate);
    assert.ok(fits(rotate, 'vehicle hasCertificate canRotate idle'));
    assert.ok(!fits(rotate, 'vehicle hasCertificate idle'));
  });

  it('offer what a deployment can do, and nothing else', () => {
    const offered = (row: string): string[] =>
      ofRows.filter((entry) => fits(entry, row)).map(({ command }) => command.replace('cmsEnablement.', ''));
    const can = {
      onboard: ['onboardVehicle', 'onboardFleet'],
      provision: ['provisionCertificates'],
      send: ['sendFirstTelemetry', 'sendDtc'],
      jobs: ['sendJob'],
      commands: ['sendCommand'],
      doctor: ['diagnoseVehicle'],
      owners: ['associateOwner'],
      offboard: ['offboardVehicle'],
    };
    for (const [id, commands] of Object.entries(can)) {
      const rows = id === 'onboard' ? ['stack stack.ready', 'vehicles'] : ['vehicle hasCertificate idle'];
      for (const row of rows) {
        assert.deepEqual(
          commands.filter((command) => !offered(`${row} can.${id}`).includes(command)),
          [],
          row,
        );
        assert.deepEqual(
          commands.filter((command) => offered(row).includes(command)),
          [],
          row,
        );
      }
    }
  });

  it('clear one simulation from its row, and all from the title, which passes whatever row has the focus', () => {
    const inTitle = (menus['view/title'] ?? []).map(({ command }) => command);
    const onRow = ofRows.map(({ command }) => command);
    assert.ok(inTitle.includes('cmsEnablement.simulationClearEnded'));
    assert.ok(!onRow.includes('cmsEnablement.simulationClearEnded'));
    assert.ok(onRow.includes('cmsEnablement.simulationClear'));
  });
});
