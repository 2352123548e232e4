import assert from 'node:assert/strict';
import { english } from '../../../src/core/wording.ts';
import type { VehicleRef } from '../../../src/core/vehicleRef.ts';
import { createJobAccess } from '../../../src/device/process/simulation/jobAccess.ts';
import type { SimulationNotice } from '../../../src/protocol/simulation.ts';

const of = (id: string): VehicleRef => ({ vin: id, id, thingName: id });

describe('Who may ask for jobs', () => {
  const topic = '$aws/things/V/jobs/notify-next';
  function create(wanted = true) {
    const said: SimulationNotice[] = [];
    return { said, access: createJobAccess(wanted, (notice) => said.push(notice)) };
  }

  it('nobody, when jobs are not wanted', () => {
    assert.equal(create(false).access.allowed(of('A')), false);
  });

  it('everybody but one that was dropped over it, which is said once', () => {
    const { access, said } = create();
    access.refused(of('A'), { topic, dropped: true });
    assert.deepEqual([access.allowed(of('A')), access.allowed(of('B'))], [false, true]);
    access.refused(of('B'), { topic, dropped: true });
    assert.equal(said.length, 1);
    assert.match(
      english(said[0]!.sentence),
      /^A keeps driving without jobs: it was dropped .* \$aws\/things\/V\/jobs/,
    );
    assert.match(english(said[0]!.remedy), /iot:Subscribe/);
  });

  it('nobody any more when three were refused and none was let in', () => {
    const { access } = create();
    for (const vin of ['A', 'B', 'C']) {
      assert.equal(access.allowed(of('D')), true);
      access.refused(of(vin), { topic, dropped: true });
    }
    assert.equal(access.allowed(of('D')), false);
  });

  it('one that was dropped once, where others were let in: it can have another reason', () => {
    const { access, said } = create();
    access.granted(of('B'));
    access.refused(of('A'), { topic, dropped: true });
    assert.deepEqual([access.allowed(of('A')), said.length], [true, 0]);
    access.refused(of('A'), { topic, dropped: true });
    assert.deepEqual([access.allowed(of('A')), said.length], [false, 1]);
    access.refused(of('C'), { topic, dropped: true });
    access.granted(of('C'));
    access.refused(of('C'), { topic, dropped: true });
    assert.equal(access.allowed(of('C')), true, 'two drops in a row count');
  });

  it('not one that the server told so', () => {
    const { access, said } = create();
    access.granted(of('B'));
    access.refused(of('A'), { topic, dropped: false });
    assert.equal(access.allowed(of('A')), false);
    assert.match(english(said[0]!.sentence), /it is not allowed to subscribe to/);
  });
});
