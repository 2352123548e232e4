import type * as vscode from 'vscode';
import type { LoadBackend } from '../base/loadBackend.ts';
import type { SandboxController } from '../sandbox/sandboxController.ts';
import type { SignIns } from '../stacks/signIn.ts';
import type { Targets } from '../stacks/targets.ts';
import { type CmsEnablementApi, createApi } from './api.ts';
import { registerChatTools } from './chatTools.ts';
import { registerCliTasks } from './cliTasks.ts';
import { EditorHost, type HostSources } from './editorHost.ts';

interface Sources extends Omit<HostSources, 'allows' | 'signIns' | 'extensionUri'> {
  backend: LoadBackend;
  sandbox: SandboxController;
  signIns: SignIns;
  targets: Targets;
}

/** What programs ask of the window: tools of the chat, and tasks. Returns what the extension exports. */
export function registerAutomation(context: vscode.ExtensionContext, sources: Sources): CmsEnablementApi {
  const { backend, sandbox, targets, ...rest } = sources;
  const { cli, certificates, sessions } = rest.access;
  const host = { ...rest, extensionUri: context.extensionUri };
  context.subscriptions.push(
    registerChatTools(context.extension, backend, new EditorHost({ ...host, allows: () => true }), host.log),
    registerCliTasks({
      ...{ cli, certificates, sandbox, sessions, program: context.asAbsolutePath('dist/cli.js') },
      current: (signal) => targets.current(signal),
    }),
  );
  return createApi({ ...host, backend, sandbox });
}
