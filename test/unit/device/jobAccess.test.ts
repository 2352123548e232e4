import assert from 'node:assert/strict';
import { english } from '../../../src/core/wording.ts';
import { createJobAccess } from '../../../src/device/process/simulation/jobAccess.ts';
import type { SimulationNotice } from '../../../src/protocol/simulation.ts';

describe('Who may ask for jobs', () => {
  const topic = '$aws/things/V/jobs/notify-next';
  function create(wanted = true) {
    const said: SimulationNotice[] = [];
    return { said, access: createJobAccess(wanted, (notice) => said.push(notice)) };
  }

  it('nobody, when jobs are not wanted', () => {
    assert.equal(create(false).access.allowed('A'), false);
  });

  it('everybody but one that was dropped over it, which is said once', () => {
    const { access, said } = create();
    access.refused('A', { topic, dropped: true });
    assert.deepEqual([access.allowed('A'), access.allowed('B')], [false, true]);
    access.refused('B', { topic, dropped: true });
    assert.equal(said.length, 1);
    assert.match(
      english(said[0]!.sentence),
      /^A drives on without jobs: it was dropped .* \$aws\/things\/V\/jobs/,
    );
    assert.match(english(said[0]!.remedy), /iot:Subscribe/);
  });

  it('nobody any more when three were refused and none was let in', () => {
    const { access } = create();
    for (const vin of ['A', 'B', 'C']) {
      assert.equal(access.allowed('D'), true);
      access.refused(vin, { topic, dropped: true });
    }
    assert.equal(access.allowed('D'), false);
  });

  it('one that was dropped once, where others were let in: it can have another reason', () => {
    const { access, said } = create();
    access.granted('B');
    access.refused('A', { topic, dropped: true });
    assert.deepEqual([access.allowed('A'), said.length], [true, 0]);
    access.refused('A', { topic, dropped: true });
    assert.deepEqual([access.allowed('A'), said.length], [false, 1]);
    access.refused('C', { topic, dropped: true });
    access.granted('C');
    access.refused('C', { topic, dropped: true });
    assert.equal(access.allowed('C'), true, 'two drops in a row count');
  });

  it('not one that the server told so', () => {
    const { access, said } = create();
    access.granted('B');
    access.refused('A', { topic, dropped: false });
    assert.equal(access.allowed('A'), false);
    assert.match(english(said[0]!.sentence), /it may not subscribe to/);
  });
});
