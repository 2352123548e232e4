import * as vscode from 'vscode';
import { l10n } from '../../core/message.ts';
import { activeIcon, errorIcon, warningIcon } from '../base/icons.ts';
import { say, sayError, sayPlural } from '../base/say.ts';
import { SANDBOX_ID } from '../sandbox/sandboxController.ts';
import type { ScaleRun } from './scaleRun.ts';

/** A run of several workers as a row; its children are the shards. */
export class ScaleRunRow {
  readonly run: ScaleRun;
  readonly shards: ShardRow[];

  constructor(run: ScaleRun) {
    this.run = run;
    this.shards = Array.from({ length: run.kept.shards }, (_, i) => new ShardRow(this, i + 1));
  }

  get id(): string {
    return `scale/${this.run.id}`;
  }

  item(): vscode.TreeItem {
    const { run } = this;
    const { title, ref, on } = run.kept;
    const { words, icon } = stateOf(run);
    const description = [words, run.speed === 1 || run.isOver ? '' : `×${run.speed}`, progressOf(run)]
      .filter((part) => part !== '')
      .join(' · ');
    const item = new vscode.TreeItem(title, vscode.TreeItemCollapsibleState.Collapsed);
    item.id = this.id;
    item.description = description;
    item.iconPath = icon;
    item.contextValue = contextOf(run) + (hasBucket(run) ? ' console' : '');
    const why = run.problem === undefined ? '' : `\n${sayError(run.problem)}`;
    const where = on === 'batch' ? 'AWS Batch' : 'Slurm';
    item.tooltip = `${title} — ${ref.stack}, ${where}\n${description}\n${run.id}${why}`;
    item.accessibilityInformation = {
      label: vscode.l10n.t('Simulation {0}, {1}', title, description.replaceAll(' · ', ', ')),
    };
    return item;
  }
}

/** A shard of a run. */
export class ShardRow {
  readonly parent: ScaleRunRow;
  readonly number: number;

  constructor(parent: ScaleRunRow, number: number) {
    this.parent = parent;
    this.number = number;
  }

  get id(): string {
    return `${this.parent.id}/${this.number}`;
  }

  item(): vscode.TreeItem {
    const { run } = this.parent;
    const label = vscode.l10n.t('Shard {0} of {1}', this.number, run.kept.shards);
    const status = run.shard(this.number)?.status;
    const { words, icon } = shardState(run, this.number);
    const counts = status?.counts;
    const parts = [
      words,
      ...(status !== undefined && status.attempt > 1 ? [vscode.l10n.t('attempt {0}', status.attempt)] : []),
      ...(counts === undefined
        ? []
        : [
            vscode.l10n.t('{0}/{1} online', counts.online, counts.vehicles),
            vscode.l10n.t('{0} acknowledged', counts.acknowledged),
            vscode.l10n.t('lost {0}', counts.lost),
          ]),
    ];
    const item = new vscode.TreeItem(label);
    item.id = this.id;
    item.description = parts.join(' · ');
    item.iconPath = icon;
    item.contextValue = 'shard';
    const problem = status?.problem;
    const why = problem === undefined ? '' : `\n${say(problem.sentence)}`;
    item.tooltip = `${label}\n${parts.join(', ')}${why}`;
    item.accessibilityInformation = { label: [label, ...parts].join(', ') };
    return item;
  }
}

interface State {
  words: string;
  icon: vscode.ThemeIcon;
}

function shardState(run: ScaleRun, number: number): State {
  const shard = run.shard(number);
  if (shard?.done === true) return { words: vscode.l10n.t('ended'), icon: new vscode.ThemeIcon('pass') };
  if (shard?.goneAt !== undefined)
    return { words: vscode.l10n.t('gone'), icon: warningIcon('debug-disconnect') };
  switch (shard?.status?.phase) {
    case undefined:
      return { words: vscode.l10n.t('waiting'), icon: new vscode.ThemeIcon('circle-outline') };
    case 'starting':
    case 'ready':
      return { words: vscode.l10n.t('ready'), icon: new vscode.ThemeIcon('sync~spin') };
    case 'driving':
      return { words: vscode.l10n.t('driving'), icon: activeIcon('broadcast') };
    case 'ended':
      return { words: vscode.l10n.t('ended'), icon: new vscode.ThemeIcon('pass') };
    case 'failed':
      return { words: vscode.l10n.t('failed'), icon: errorIcon('error') };
  }
}

function contextOf(run: ScaleRun): string {
  // Resuming one that was lost sight of follows it again.
  if (run.isOver) return run.isLost ? 'scaleRun over canResume' : 'scaleRun over';
  const steers = run.hasBegun && !run.isStopping;
  return ['scaleRun', 'active', ...(steers ? ['steers', run.isPaused ? 'canResume' : 'canPause'] : [])].join(
    ' ',
  );
}

/** Whether its plan and results are in a bucket of AWS. */
function hasBucket({ kept: { ref, store } }: ScaleRun): boolean {
  return ref.connectionId !== SANDBOX_ID && store.startsWith('s3://');
}

/** What a run of several workers is doing. */
export function stateOf(run: ScaleRun): State {
  if (run.isStopping) return { words: vscode.l10n.t('stopping'), icon: new vscode.ThemeIcon('sync~spin') };
  if (!run.isOver) {
    if (run.isPaused) return { words: vscode.l10n.t('paused'), icon: new vscode.ThemeIcon('debug-pause') };
    return run.hasBegun
      ? { words: vscode.l10n.t('running'), icon: activeIcon('server-process') }
      : { words: vscode.l10n.t('starting'), icon: new vscode.ThemeIcon('sync~spin') };
  }
  if (run.isLost) return { words: vscode.l10n.t('not followed'), icon: warningIcon('debug-disconnect') };
  if (run.problem !== undefined) {
    const words = run.neverBegan ? vscode.l10n.t('not started') : vscode.l10n.t('failed');
    return { words, icon: errorIcon('error') };
  }
  return isHurt(run)
    ? { words: vscode.l10n.t('ended with problems'), icon: warningIcon('warning') }
    : { words: vscode.l10n.t('ended'), icon: new vscode.ThemeIcon('pass') };
}

/** Whether something of it is missing. */
export function isHurt({ result }: ScaleRun): boolean {
  if (result === undefined) return false;
  const { gaps, missing, totals } = result;
  return gaps.length + missing.length + totals.failed + totals.lost > 0;
}

function progressOf(run: ScaleRun): string {
  const { result, view, kept } = run;
  const totals = result?.totals ?? view?.totals;
  if (totals === undefined) return '';
  const { shards } = kept;
  if (!run.isOver && !run.hasBegun) {
    const ready = view?.ready ?? 0;
    return sayPlural(
      shards,
      l10n.t('{ready} of 1 worker is ready', { ready }),
      l10n.t('{ready} of {count} workers are ready', { ready, count: shards }),
    );
  }
  const driving = view?.shards.filter(({ status, done }) => status?.phase === 'driving' && !done).length ?? 0;
  return [
    ...(run.isOver
      ? [vscode.l10n.t('{0} acknowledged', totals.acknowledged)]
      : [
          sayPlural(
            shards,
            l10n.t('{driving} of 1 shard is driving', { driving }),
            l10n.t('{driving} of {count} shards are driving', { driving, count: shards }),
          ),
          vscode.l10n.t('{0}/{1} online', totals.online, totals.vehicles),
          vscode.l10n.t('{0} msg/s', totals.messagesPerSecond),
        ]),
    vscode.l10n.t('lost {0}', totals.lost),
  ].join(', ');
}
