import assert from 'node:assert/strict';
import type { Connection } from '../../../../src/aws/connection.ts';
import type { Simulation, SimulatorApi } from '../../../../src/cms/cmsOnAws/simulator/api.ts';
import { createCloudSimulator } from '../../../../src/cms/cmsOnAws/simulator/simulator.ts';
import type { CloudSimulator, StartedRun } from '../../../../src/cms/contract/cloudSimulator.ts';
import { CmsError } from '../../../../src/core/errors.ts';
import { l10n } from '../../../../src/core/message.ts';
import type { Work } from '../../../../src/core/work.ts';
import { testWork } from '../../../support/works.ts';

const VIN = 'LSH14J4C4LA046511';
const BEGIN = 1_000_000;
const run: StartedRun = {
  ...{ id: 'cmse-000000001-00000000-0000', vins: [VIN], duration: 600, interval: 10, startedAt: BEGIN },
};

/** A simulator with one simulation, which may be missing in its list. */
class World {
  simulation: Simulation | undefined;
  isListed = true;
  devices = 0;
  now = BEGIN;
  readonly calls: string[] = [];
  /** What happens in the simulator while somebody waits. */
  meanwhile: () => void = () => undefined;
  onStart: () => Promise<void> = () => {
    this.runs();
    return Promise.resolve();
  };

  runs(): void {
    this.devices = 1;
    this.#stage('running');
  }
  #stage(stage: string): void {
    this.simulation = { sim_id: run.id, name: run.id, stage, devices: [{ name: VIN }] };
  }

  get simulator(): CloudSimulator {
    const did = (call: string): Promise<void> => {
      this.calls.push(call);
      return Promise.resolve();
    };
    const api: Partial<SimulatorApi> = {
      simulations: () => Promise.resolve(this.isListed && this.simulation ? [this.simulation] : []),
      putType: () => Promise.resolve(),
      deleteType: () => did('delete type'),
      putSimulation: () => {
        this.#stage('sleeping');
        return Promise.resolve();
      },
      deleteSimulation: () => {
        this.simulation = undefined;
        return did('delete');
      },
      start: async () => {
        await did('start');
        await this.onStart();
      },
      stop: async () => {
        await did('stop');
        if (this.simulation === undefined) {
          throw new CmsError('CMS_REQUEST_REFUSED', l10n.verbatim('unknown'), { remedy: l10n.verbatim('-') });
        }
        this.devices = 0;
        this.#stage('sleeping');
        return true;
      },
    };
    const iot = {
      send: () => Promise.resolve({ things: Array.from({ length: this.devices }, () => ({})) }),
    };
    return createCloudSimulator({
      connection: { iot: () => Promise.resolve(iot) } as unknown as Connection,
      api: api as SimulatorApi,
      bucket: undefined,
    });
  }

  get work(): Work {
    const sleep = (ms: number): Promise<void> => {
      this.now += ms;
      this.meanwhile();
      this.meanwhile = () => undefined;
      return Promise.resolve();
    };
    return { ...testWork(), clock: { now: () => this.now, sleep } };
  }
}

describe('the simulator of CMS on AWS', () => {
  let world: World;
  beforeEach(() => (world = new World()));

  it('takes a simulation that its list does not have for running while its devices are there', async () => {
    world.runs();
    world.isListed = false;
    world.now = BEGIN + 120_000;
    assert.equal(await world.simulator.look(run, world.work), 'running');
  });

  it('takes a simulation without entry and devices for gone', async () => {
    world.now = BEGIN + 120_000;
    assert.equal(await world.simulator.look(run, world.work), 'gone');
  });

  it('waits for the first device of a simulation that its list does not have', async () => {
    world.now = BEGIN + 2000;
    assert.equal(await world.simulator.look(run, world.work), 'running');
  });

  it('takes a simulation that its list does not have for over after its time', async () => {
    world.now = BEGIN + 611_000;
    assert.equal(await world.simulator.look(run, world.work), 'over');
  });

  it('stops a simulation that its list does not have before it is deleted', async () => {
    const { simulator } = world;
    await simulator.start(run, world.work);
    world.isListed = false;
    await simulator.end(run, world.work);
    assert.deepEqual(world.calls, ['start', 'stop', 'delete', 'delete type']);
    assert.equal(world.devices, 0);
  });

  it('stops what begins after the answer to its start was given up', async () => {
    const { simulator } = world;
    const cut = new Error('cut');
    world.onStart = () => Promise.reject(cut);
    await assert.rejects(simulator.start(run, world.work), cut);
    world.meanwhile = () => world.runs();
    await simulator.end(run, world.work);
    assert.deepEqual(world.calls, ['start', 'stop', 'stop', 'delete', 'delete type']);
    assert.equal(world.devices, 0);
  });

  it('stops a run of an earlier process before it looks whether it is quiet', async () => {
    world.simulation = { sim_id: run.id, name: run.id, stage: 'sleeping', devices: [] };
    world.meanwhile = () => world.runs();
    await world.simulator.end(run, world.work);
    assert.deepEqual(world.calls, ['stop', 'stop', 'delete', 'delete type']);
  });

  it('takes away what a run left whose start was never sent, without a stop', async () => {
    const { simulator } = world;
    world.simulation = { sim_id: 'other', name: 'other', stage: 'running', devices: [{ name: VIN }] };
    await assert.rejects(simulator.start(run, world.work), /is in the simulation other/);
    world.simulation = undefined;
    await simulator.end(run, world.work);
    assert.deepEqual(world.calls, ['delete', 'delete type']);
  });

  it('gives a run up that the simulator does not know and whose time is long over', async () => {
    world.devices = 1;
    world.now = BEGIN + 1_000_000;
    await world.simulator.end(run, world.work);
    assert.deepEqual(world.calls, ['stop', 'delete', 'delete type']);
  });
});
