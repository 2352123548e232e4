import * as vscode from 'vscode';
import { defined } from '../../core/defined.ts';
import type { SimulationControl } from '../../protocol/control.ts';
import { pickOne } from '../base/shown.ts';
import { SPEEDS, speedItem } from './driveFields.ts';
import type { SimulationTarget } from './targets.ts';

/** Asks how fast time passes from now on. */
export async function askSpeed(targets: SimulationTarget[]): Promise<SimulationControl | undefined> {
  const now = targets[0]?.run.speed;
  const other = vscode.l10n.t('Other…');
  const picked = await pickOne(
    [
      ...SPEEDS.map((speed) => ({
        label: speedItem(speed).label,
        ...defined({ description: speed === now ? vscode.l10n.t('now') : undefined }),
        speed,
      })),
      { label: other, speed: undefined },
    ],
    {
      title: vscode.l10n.t('Time scale'),
      placeHolder: vscode.l10n.t('Simulated time relative to real time'),
    },
  );
  if (picked === undefined) return undefined;
  if (picked.speed !== undefined) return { do: 'speed', factor: picked.speed };
  const typed = await vscode.window.showInputBox({
    title: vscode.l10n.t('Time scale'),
    prompt: vscode.l10n.t('From 0.1 to 20'),
    value: String(now ?? 1),
    validateInput: (value) =>
      speedOf(value) === undefined ? vscode.l10n.t('A number from 0.1 to 20') : undefined,
  });
  const factor = typed === undefined ? undefined : speedOf(typed);
  return factor === undefined ? undefined : { do: 'speed', factor };
}

function speedOf(text: string): number | undefined {
  const value = Number(text.replace(/^[\u00d7x]/, ''));
  return text.trim() !== '' && value >= 0.1 && value <= 20 ? value : undefined;
}

/** Asks where on its route the simulation goes on. */
export async function askPlace(targets: SimulationTarget[]): Promise<SimulationControl | undefined> {
  const [first] = targets;
  const id = first?.ids?.[0] ?? first?.run.ids[0];
  const state = id === undefined ? undefined : first?.run.vehicles.get(id);
  const points = state?.points ?? 0;
  const typed = await vscode.window.showInputBox({
    title: vscode.l10n.t('Jump to…'),
    prompt:
      points > 1
        ? vscode.l10n.t('Percent of the route, such as 50%, or one of its points, from 1 to {0}', points)
        : vscode.l10n.t('Percent of the route, such as 50%'),
    value: `${Math.round((state?.fraction ?? 0) * 100)}%`,
    validateInput: (value) =>
      fractionOf(value, points) === undefined
        ? vscode.l10n.t('A percentage from 0% to 100%, or a point')
        : undefined,
  });
  const to = typed === undefined ? undefined : fractionOf(typed, points);
  return to === undefined ? undefined : { do: 'jump', to };
}

/** `50%` → 0.5; `3` of 5 points → 0.5. */
export function fractionOf(text: string, points: number): number | undefined {
  const [, number, percent] = /^\s*(\d+(?:\.\d+)?)\s*(%?)\s*$/.exec(text) ?? [];
  if (number === undefined) return undefined;
  const value = Number(number);
  const fraction = percent === '%' ? value / 100 : points > 1 ? (value - 1) / (points - 1) : Number.NaN;
  return fraction >= 0 && fraction <= 1 ? fraction : undefined;
}
