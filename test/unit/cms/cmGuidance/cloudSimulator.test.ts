import assert from 'node:assert/strict';
import { mock } from 'node:test';
import type { RemoteRun, SimulationApi } from '../../../../src/cms/cmGuidance/simulator/api.ts';
import { planRuns, tripsOf } from '../../../../src/cms/cmGuidance/simulator/plan.ts';
import { createCloudSimulator } from '../../../../src/cms/cmGuidance/simulator/simulator.ts';
import type { Tasks } from '../../../../src/cms/cmGuidance/simulator/tasks.ts';
import type { Sources } from '../../../../src/cms/cmGuidance/sources.ts';
import type { StartedRun } from '../../../../src/cms/contract/cloudSimulator.ts';
import type { PasswordNeed } from '../../../../src/cms/contract/credentials.ts';
import { cancelled, CmsError } from '../../../../src/core/errors.ts';
import { l10n } from '../../../../src/core/message.ts';
import type { Work } from '../../../../src/core/work.ts';
import { testWork } from '../../../support/works.ts';

const BEGIN = 1_000_000;
const run: StartedRun = {
  ...{ id: 'cmsg-000000001-00000000-0000', vins: ['VIN'], ids: ['VEH-1'], duration: 75, interval: 15 },
  startedAt: BEGIN,
};
const handle = { simulation: 'a1b2c3d4', task: 'arn:task/1' };

/** The simulation API with one task, and what was called. */
class World {
  calls: string[] = [];
  drivers = 1;
  isTask = false;
  /** Whether the API still knows the run. */
  isKnown = true;
  trips = { begun: 0, completed: 0 };
  now = BEGIN;
  startFails: Error | undefined;
  /** What the list says of the run otherwise. */
  told: Partial<RemoteRun> = {};
  /** Whether ECS shows the task. */
  isShown = true;
  /** The tasks that ECS has of that time. */
  begun: string[] | undefined;

  get simulator() {
    const remote = (): RemoteRun => ({
      ...{ id: handle.simulation, task: handle.task, status: 'running', taskStatus: undefined },
      ...{ startedAt: BEGIN, vehicles: ['VEH-1'], ...this.told },
    });
    const api: SimulationApi = {
      start: (_, signal) => {
        if (signal.aborted) return Promise.reject(cancelled());
        this.calls.push('start');
        this.isTask = true;
        if (this.startFails !== undefined) return Promise.reject(this.startFails);
        return Promise.resolve({ id: handle.simulation, task: handle.task });
      },
      run: () => Promise.resolve(this.isKnown ? remote() : undefined),
      stop: () => {
        this.calls.push('stop');
        if (this.isKnown) this.isTask = false;
        return Promise.resolve(this.isKnown);
      },
      runs: () => Promise.resolve(this.isTask && this.isKnown ? [remote()] : []),
    };
    const tasks: Tasks = {
      cluster: 'cms-dev-simulation',
      state: () => Promise.resolve(!this.isShown ? 'missing' : this.isTask ? 'running' : 'stopped'),
      begun: () => Promise.resolve(this.begun),
      stop: () => {
        this.calls.push('stop task');
        this.isTask = false;
        return Promise.resolve();
      },
    };
    const sources = {
      api: {
        drivers: () => Promise.resolve({ items: Array.from({ length: this.drivers }), next: undefined }),
      },
      store: { tripsSince: () => Promise.resolve(this.trips) },
    } as unknown as Sources;
    return createCloudSimulator(sources, { api, tasks, needs: {} as PasswordNeed });
  }

  get work(): Work {
    const sleep = (ms: number): Promise<void> => {
      this.now += ms;
      return Promise.resolve();
    };
    return { ...testWork(), clock: { now: () => this.now, sleep } };
  }
}

describe('the remote simulator of the Guidance', () => {
  let world: World;
  beforeEach(() => (world = new World()));

  it('takes a hundred vehicles a run, and trips of five to sixty points', () => {
    const vehicles = Array.from({ length: 250 }, (_, i) => ({
      vin: `V${i}`,
      id: `VEH-${i}`,
      thingName: `V${i}`,
    }));
    const runs = planRuns({ vehicles, duration: 1000, interval: 15 }, world.work);
    assert.deepEqual(
      runs.map(({ ids }) => ids?.length),
      [100, 100, 50],
    );
    assert.deepEqual(
      [60, 75, 900, 1000, 3600].map((duration) => tripsOf({ duration })),
      [
        { trips: 1, points: 5 },
        { trips: 1, points: 5 },
        { trips: 1, points: 60 },
        { trips: 2, points: 34 },
        { trips: 4, points: 60 },
      ],
    );
    // What is noted leads to the same trips as what was asked for.
    assert.deepEqual(tripsOf(runs[0]!), { trips: 2, points: 34 });
  });

  it('is over when each vehicle has completed its trips, though it says that it runs', async () => {
    const { simulator } = world;
    const started = { ...run, handle: await simulator.start(run, world.work) };
    assert.equal(await simulator.look(started, world.work), 'running');
    world.trips = { begun: 1, completed: 1 };
    world.now += 15_000;
    assert.equal(await simulator.look(started, world.work), 'over');
    assert.deepEqual(await simulator.progress?.(started, world.work), { done: 1, of: 1 });
  });

  it('is over when its time is, whatever its trips', async () => {
    const started = { ...run, handle };
    world.isTask = true;
    world.now = BEGIN + 75_000 + 1000 + 120_001;
    assert.equal(await world.simulator.look(started, world.work), 'over');
  });

  it('is gone when somebody ended its task, and stays so', async () => {
    const { simulator } = world;
    const look = () => simulator.look({ ...run, handle }, world.work);
    world.isTask = true;
    assert.equal(await look(), 'running');
    world.isTask = false;
    world.now += 11_000;
    assert.equal(await look(), 'gone');
    world.now += 1000;
    assert.equal(await look(), 'gone');
  });

  it('is stopped by its task when the API has forgotten it', async () => {
    world.isTask = true;
    world.isKnown = false;
    await world.simulator.end({ ...run, handle }, world.work);
    assert.deepEqual([world.calls, world.isTask], [['stop', 'stop task'], false]);
  });

  it('is found by its vehicles and stopped when the answer to its start never came', async () => {
    const { simulator } = world;
    world.startFails = new CmsError('ENDPOINT_UNREACHABLE', l10n.verbatim('reset'));
    await assert.rejects(simulator.start(run, world.work), world.startFails);
    await simulator.end(run, world.work);
    assert.deepEqual([world.calls, world.isTask], [['start', 'stop'], false]);
  });

  const lost = new CmsError('ENDPOINT_UNREACHABLE', l10n.verbatim('reset'));
  /** What `end` says of a run whose start was not answered. */
  async function endOfLost(): Promise<string | undefined> {
    const { simulator } = world;
    world.startFails = lost;
    await assert.rejects(simulator.start(run, world.work), lost);
    return (await simulator.end(run, world.work))?.message;
  }

  it('is said, with the task, when its start was lost and the list does not say of which vehicles it is', async () => {
    world.told = { vehicles: [] };
    world.begun = [handle.task];
    assert.match((await endOfLost()) ?? '', /never answered\. .*arn:task\/1/);
    assert.deepEqual([world.calls, world.isTask], [['start'], true]);
  });

  it('is said when its start was lost and nobody may look in ECS', async () => {
    world.told = { vehicles: [] };
    assert.match((await endOfLost()) ?? '', /ecs:ListTasks.*cms-dev-simulation/);
  });

  it('never began when its start was lost and ECS has no task of that time', async () => {
    world.told = { vehicles: [] };
    world.begun = [];
    assert.equal(await endOfLost(), undefined);
  });

  it('is not taken for the run of other vehicles that began at that time', async () => {
    world.told = { vehicles: ['VEH-2'] };
    world.begun = [handle.task];
    assert.equal(await endOfLost(), undefined);
    assert.deepEqual(world.calls, ['start']);
  });

  for (const [what, told] of Object.entries({
    'began later': { startedAt: BEGIN + 3_600_000 },
    'began at an unknown time': { startedAt: undefined },
    'was stopped': { status: 'stopped' },
  })) {
    it(`ends no run of the same vehicles that ${what}`, async () => {
      world.told = told;
      world.begun = [];
      await endOfLost();
      assert.deepEqual([world.calls, world.isTask], [['start'], true]);
    });
  }

  it('is not taken for canceled when its start takes longer than anybody waits', async () => {
    const passed = mock.method(AbortSignal, 'timeout', () => AbortSignal.abort());
    try {
      const { simulation } = (await world.simulator.start(run, world.work)) ?? {};
      assert.equal(simulation, handle.simulation);
    } finally {
      passed.mock.restore();
    }
  });

  it('is under way while ECS does not show its task yet, and gone when it still does not after a minute', async () => {
    const started = { ...run, handle };
    world.isShown = false;
    assert.equal(await world.simulator.look(started, world.work), 'running');
    world.now += 61_000;
    assert.equal(await world.simulator.look(started, world.work), 'gone');
  });

  it('is asked for nothing while there are no drivers, and then has nothing to end', async () => {
    const { simulator } = world;
    world.drivers = 0;
    await assert.rejects(simulator.start(run, world.work), /has no drivers/);
    await simulator.end(run, world.work);
    assert.deepEqual(world.calls, []);
  });

  it('ends nothing that is not from here', async () => {
    await assert.rejects(
      world.simulator.end({ ...run, id: 'a1b2c3d4', handle }, world.work),
      /not a simulation/,
    );
    assert.deepEqual(world.calls, []);
  });
});
