import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { flag } from '../base/commandLine.ts';
import type { StackRef } from '../base/stackRef.ts';
import type { CertificateFolders } from '../certificates/certificateFolders.ts';
import type { CliCommands } from '../certificates/cliCommands.ts';
import { sandboxEnvironment } from '../sandbox/environment.ts';
import { SANDBOX_ID, type SandboxController } from '../sandbox/sandboxController.ts';
import type { Sessions } from '../stacks/sessions.ts';

const TYPE = 'cms-enablement';
const MATCHER = '$cms-doctor';
/** More would hide the tasks of others. */
const MOST_VEHICLES = 25;

interface Sources {
  cli: CliCommands;
  certificates: Pick<CertificateFolders, 'peek'>;
  sandbox: Pick<SandboxController, 'ready' | 'readyFile'>;
  /** The deployment that commands are about, where that is known without asking anybody. */
  current: (signal: AbortSignal) => Promise<StackRef | undefined>;
  sessions: Pick<Sessions, 'open' | 'saved'>;
  /** The command line that comes with the extension: a file that Node runs. */
  program: string;
}

/** As it stands in tasks.json. */
const definitionSchema = z.object({
  type: z.literal(TYPE),
  args: z.array(z.string()),
  sandbox: z.optional(z.boolean()),
});
type Definition = z.infer<typeof definitionSchema>;

/** Tasks that run the command line: a diagnosis of each vehicle of the workspace, and whatever tasks.json says. */
export function registerCliTasks(sources: Sources): vscode.Disposable {
  return vscode.tasks.registerTaskProvider(TYPE, {
    provideTasks(token) {
      const abort = new AbortController();
      token.onCancellationRequested(() => abort.abort());
      return offered(sources, abort.signal);
    },
    resolveTask(task) {
      const definition = definitionSchema.safeParse(task.definition);
      if (!definition.success) return undefined;
      // The editor knows it by the very definition that it gave.
      const { name, scope = vscode.TaskScope.Workspace, problemMatchers } = task;
      return taskOf(sources, task.definition, definition.data, name, scope, problemMatchers);
    },
  });
}

async function offered(sources: Sources, signal: AbortSignal): Promise<vscode.Task[]> {
  const { cli, certificates } = sources;
  const ref = await sources.current(signal);
  const ids = ref === undefined ? [] : ((await certificates.peek()?.ids()) ?? []);
  if (ref === undefined || ids.length === 0) return [];
  const username = flag('username', (await userOf(sources, ref, signal)) ?? '');
  return ids.slice(0, MOST_VEHICLES).map((id) => {
    const words = ['doctor', ...flag('vin', id), ...username, '--no-publish', '--json'];
    const definition: Definition = { type: TYPE, args: cli.complete(ref, words) };
    if (ref.connectionId === SANDBOX_ID) definition.sandbox = true;
    return taskOf(sources, definition, definition, `doctor ${id}`, vscode.TaskScope.Workspace, [MATCHER]);
  });
}

/** Who signs in, if that is saved. The password is not handed on: the task asks for it. */
async function userOf(
  { sessions }: Pick<Sources, 'sessions'>,
  ref: StackRef,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { needs } = (await sessions.open(ref, signal)).vehicles;
  return needs.kind === 'password' ? (await sessions.saved(ref, needs))?.username : undefined;
}

function taskOf(
  { sandbox, program }: Sources,
  given: vscode.TaskDefinition,
  { args, sandbox: isSandbox }: Definition,
  name: string,
  scope: vscode.TaskScope.Global | vscode.TaskScope.Workspace | vscode.WorkspaceFolder,
  matchers: string[],
): vscode.Task {
  const { ready, readyFile } = sandbox;
  const env = {
    // In desktop VS Code this program is Electron.
    ELECTRON_RUN_AS_NODE: '1',
    ...(isSandbox === true && ready !== undefined ? sandboxEnvironment(ready, readyFile) : {}),
  };
  const execution = new vscode.ProcessExecution(process.execPath, [program, ...args], { env });
  const task = new vscode.Task(given, scope, name, 'Connected Mobility', execution, matchers);
  // It may ask for a password.
  task.presentationOptions = { focus: true };
  return task;
}
