// Runs inside the extension host.
import assert from 'node:assert/strict';
import * as vscode from 'vscode';

type Handler = (...args: unknown[]) => Promise<void>;

/** The commands that are registered meanwhile, under their names without the extension's: it has its own. */
export function commandsOf(
  register: () => vscode.Disposable,
): (id: string, ...args: unknown[]) => Promise<void> {
  const handlers = new Map<string, Handler>();
  const commands = vscode.commands as unknown as Record<string, unknown>;
  const { registerCommand } = vscode.commands;
  commands.registerCommand = (id: string, handler: Handler) => {
    handlers.set(id.replace('cmsEnablement.', ''), handler);
    return { dispose: () => undefined };
  };
  try {
    register();
  } finally {
    commands.registerCommand = registerCommand;
  }
  return async (id, ...args) => {
    const handler = handlers.get(id);
    assert.ok(handler, id);
    await handler(...args);
  };
}
