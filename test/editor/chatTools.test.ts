import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { useWorld } from '../support/editor/hostWorld.ts';
import { until } from '../support/until.ts';

type ChatTool = vscode.LanguageModelTool<object>;

/** As the extension registers them, which is after the tests were loaded. */
const tools = new Map<string, ChatTool>();
const { registerTool } = vscode.lm;
(vscode.lm as { registerTool: unknown }).registerTool = (name: string, tool: ChatTool) => {
  tools.set(name.replace('cmsEnablement_', ''), tool);
  return registerTool(name, tool);
};

const VIN = 'LSH14J4C4LA046511';

describe('the tools of the chat', function () {
  const world = useWorld(this, 'fleet');
  const { person, folder } = world;
  const { token } = new vscode.CancellationTokenSource();

  const toolOf = (name: string): ChatTool => {
    const tool = tools.get(name);
    assert.ok(tool, `${name} is not registered`);
    return tool;
  };
  async function textOf(answer: vscode.ProviderResult<vscode.LanguageModelToolResult>) {
    const [part] = (await answer)?.content ?? [];
    assert.ok(part instanceof vscode.LanguageModelTextPart);
    return JSON.parse(part.value) as Record<string, unknown>;
  }
  const call = (name: string, input: object = {}) =>
    textOf(toolOf(name).invoke({ input, toolInvocationToken: undefined }, token));
  const asked = async (name: string, input: object) => {
    const prepared = await toolOf(name).prepareInvocation?.({ input }, token);
    const { title = '', message = '' } = prepared?.confirmationMessages ?? {};
    return { title, message: typeof message === 'string' ? message : message.value };
  };
  const vins = async (): Promise<string[]> =>
    ((await call('list_vehicles')).vehicles as { vin: string }[]).map(({ vin }) => vin).sort();

  it('can be called by the editor without asking when they only look', async () => {
    const answer = await vscode.lm.invokeTool(
      'cmsEnablement_list_deployments',
      { input: {}, toolInvocationToken: undefined },
      token,
    );
    const { deployments } = await textOf(answer);
    assert.deepEqual(
      (deployments as { deployment: string; state: string }[]).map((it) => [it.deployment, it.state]),
      [['cms-dev1', 'ready']],
    );
    assert.deepEqual(await toolOf('list_vehicles').prepareInvocation?.({ input: {} }, token), {});
  });

  it('name account, region and deployment before they change anything', async () => {
    const fields = { username: 'testCMSUser1', firstName: 'Test', lastName: 'User' };
    const [vin = ''] = await vins();
    for (const [name, input, title] of [
      ['onboard_vehicle', { vin: VIN, fields }, `Onboard ${VIN}?`],
      ['simulate_drive', { vins: [vin] }, `Simulate a drive of ${vin}?`],
    ] as const) {
      const question = await asked(name, input);
      assert.equal(question.title, title);
      assert.match(question.message, /cms-dev1, account 123456789012, us-west-2/);
    }
  });

  it('cannot be confirmed with an input that does not fit', async () => {
    await assert.rejects(asked('onboard_vehicle', { vin: VIN }), /REQUEST_INVALID/);
  });

  it('drive a vehicle in the views of the window, and stop it', async () => {
    const [vin = ''] = await vins();
    const { simulationId } = await call('simulate_drive', { vins: [vin], speed: 20, rate: 5 });
    await world.simulation(`Simulation ${vin}`);
    const again = await call('simulate_drive', { vins: [vin] });
    assert.match(JSON.stringify(again.error), /already being simulated/);
    await until('a message', async () => {
      const { simulations } = (await call('list_simulations')) as {
        simulations: { totals?: { acknowledged: number } }[];
      };
      return (simulations[0]?.totals?.acknowledged ?? 0) > 0;
    });
    assert.match((await asked('stop_simulation', {})).message, /account 123456789012/);
    const stopped = await call('stop_simulation');
    assert.deepEqual([stopped.simulationId, stopped.state], [simulationId, 'ended']);
  });

  it('remove a vehicle only when the person in front of the window agrees', async () => {
    const [vin = '', ...others] = await vins();
    const leaving = call('offboard_vehicle', { vin });
    const dialog = await person.notice(`Offboard ${vin}?`);
    assert.ok(dialog.modal);
    assert.match(dialog.detail, /account 123456789012, us-west-2/);
    await person.press(`Offboard ${vin}?`);
    assert.deepEqual(await leaving, { vin, removed: [], declined: true });
    assert.ok(existsSync(path.join(folder, 'certs', vin)));
    const removing = call('offboard_vehicle', { vin });
    await person.press(`Offboard ${vin}?`, 'Remove');
    assert.ok(((await removing).removed as unknown[]).length > 0);
    assert.deepEqual(await vins(), others);
    assert.ok(!existsSync(path.join(folder, 'certs', vin)));
  });
});
