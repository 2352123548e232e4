// Runs inside the extension host.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { until } from '../until.ts';

/** The Markdown of a report that the extension has made, once it is open in a tab. @param name how its file begins */
export async function reportOf(name: string): Promise<string> {
  const tab = await until(`the report “${name}” in a tab`, () =>
    vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).find(({ label }) => label.includes(name)),
  );
  assert.ok(tab.input instanceof vscode.TabInputWebview, tab.label);
  // What the extension keeps for the workspace is beside what it keeps for all.
  const kept = path.resolve(process.env.CMS_STORAGE ?? '', '../../workspaceStorage');
  const shown = tab.label.slice(tab.label.indexOf(name)).replace(/\.md$/, '');
  const end = `${path.sep}${shown}.md`;
  const file = (await readdir(kept, { recursive: true })).find((each) => each.endsWith(end));
  assert.ok(file !== undefined, `${end} below ${kept}`);
  return readFile(path.join(kept, file), 'utf8');
}
