import * as vscode from 'vscode';
import type { KeptDrive } from '../../protocol/driveHistory.ts';
import type { Tasks } from '../base/tasks.ts';
import type { ChartSource } from '../charts/chartSource.ts';
import type { MapSource } from '../map/mapSource.ts';
import { type MessageSources, showLastMessage } from './messages.ts';
import type { PastDrive } from './pastDrives.ts';
import type { SimulationRun } from './run.ts';

/** A run and what is kept of it are one thing to who looks at charts. */
const keyOf = (id: string): string => `drive/${id}`;

/** What the vehicles of a run of this window sent. */
export function chartOfRun(
  { tasks, ...sources }: MessageSources & { tasks: Tasks },
  run: SimulationRun,
): ChartSource {
  return {
    key: keyOf(run.id),
    title: titleOf(run.title),
    vehicles: () => run.history.vehicles,
    version: () => run.history.version,
    isLive: () => !run.isOver,
    showPayload: (id) => void tasks.attempt(() => showLastMessage(sources, { run, ids: [id] })),
    restore: { kind: 'drive', id: run.id },
  };
}

/** What is kept of a drive that is over. */
export function chartOfPast({ id, title }: PastDrive, { history }: KeptDrive): ChartSource {
  return {
    key: keyOf(id),
    title: titleOf(title),
    vehicles: () => history,
    version: () => 0,
    isLive: () => false,
    restore: { kind: 'drive', id },
  };
}

/**
 * What was heard since a map was opened: of a watch, or of a recording that is played. Undefined for maps that hear
 * nothing.
 *
 * @param isOpen whether the map still is
 */
export function chartOfMap(source: MapSource, isOpen: () => boolean): ChartSource | undefined {
  const { history, scene, key } = source;
  if (history === undefined) return undefined;
  const act = source.act?.bind(source);
  return {
    key: `map/${key}`,
    title: titleOf(scene.title),
    vehicles: () => history.vehicles,
    version: () => history.version,
    isLive: isOpen,
    note: () => (isOpen() ? undefined : vscode.l10n.t('Its map was closed. No more samples come.')),
    ...(act !== undefined && { showPayload: (id: string) => act({ kind: 'act', act: 'show-payload', id }) }),
    restore: undefined,
  };
}

function titleOf(title: string): string {
  return vscode.l10n.t('Charts: {0}', title);
}
