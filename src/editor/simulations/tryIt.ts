import * as vscode from 'vscode';
import type { FoundDeployment, GenerationId } from '../../cms/contract/generation.ts';
import { registerCommand } from '../base/registerCommand.ts';
import { notify } from '../base/shown.ts';
import type { StackRef, VehicleOfStack } from '../base/stackRef.ts';
import type { Tasks } from '../base/tasks.ts';
import type { CertificateFolders } from '../certificates/certificateFolders.ts';
import { INSTALLATIONS_SETTING } from '../sandbox/installations.ts';
import { SANDBOX_ID } from '../sandbox/sandboxController.ts';
import type { SandboxActions } from '../sandbox/commands.ts';

interface Sources {
  sandbox: Pick<SandboxActions, 'ensureRunning'>;
  certificates: Pick<CertificateFolders, 'forWriting'>;
  findStacks: (connectionId: string, signal: AbortSignal) => Promise<FoundDeployment[]>;
  /** Whether vehicles of a generation can be onboarded. */
  canOnboard: (generation: GenerationId) => boolean;
  onboardSample: (ref: StackRef, next: (vehicle: VehicleOfStack) => Promise<void>) => Promise<void>;
  driveSample: (vehicle: VehicleOfStack) => Promise<void>;
}

/** From nothing to a vehicle that moves on the map, in the local sandbox, after one question. */
export function registerTryIt(tasks: Tasks, sources: Sources): vscode.Disposable {
  return registerCommand(tasks, 'tryIt', () => tryIt(tasks, sources));
}

async function tryIt(tasks: Tasks, sources: Sources): Promise<void> {
  // Asked first, so that nothing is started for who has no folder.
  await sources.certificates.forWriting();
  const go = vscode.l10n.t('Try It');
  const picked = await notify.info(
    vscode.l10n.t('Onboard and drive a sample vehicle?'),
    {
      modal: true,
      detail: vscode.l10n.t(
        'The local sandbox starts on this computer. A vehicle with a generated VIN is onboarded in it, its certificates are written into this workspace, and it drives along a sample route on the map. No AWS account is used.',
      ),
    },
    go,
  );
  if (picked !== go || !(await sources.sandbox.ensureRunning())) return;
  const found = await tasks.run(
    { title: vscode.l10n.t('Looking for stacks'), quiet: true },
    async ({ signal }) =>
      (await sources.findStacks(SANDBOX_ID, signal)).find(
        ({ state, generation }) => state.kind === 'ready' && sources.canOnboard(generation),
      ) ?? 'none',
  );
  if (found === undefined) return;
  if (found === 'none') {
    void notify.info(
      vscode.l10n.t(
        'The local sandbox has no ready stack. Add one to the setting {0}.',
        INSTALLATIONS_SETTING,
      ),
    );
    return;
  }
  const ref = { connectionId: SANDBOX_ID, stack: found.stack.name };
  await sources.onboardSample(ref, (vehicle) => sources.driveSample(vehicle));
}
