import * as vscode from 'vscode';
import { sayError, say, sayProblem } from '../base/say.ts';
import { oneWord, type StandsForVehicles, type VehicleOfStack } from '../base/stackRef.ts';
import type { SimulationRun } from './run.ts';
import { runProgress, runState, vehicleWords } from './runWords.ts';

/** A simulation as a row; its children are the vehicles. */
export class RunRow implements StandsForVehicles {
  readonly run: SimulationRun;
  /** Vehicles shown below it; more on request. */
  shown = PAGE;

  constructor(run: SimulationRun) {
    this.run = run;
  }

  get id(): string {
    return `run/${this.run.id}`;
  }

  get vehicles(): readonly VehicleOfStack[] {
    const { ref, names } = this.run;
    return names.of().map((name) => ({ ref, ...name }));
  }

  item(): vscode.TreeItem {
    const { run } = this;
    const { words, icon } = runState(run);
    const progress = runProgress(run);
    const recording = run.recording === undefined || run.isOver ? '' : vscode.l10n.t('recording');
    const background = run.isKept && !run.isOver ? vscode.l10n.t('in the background') : '';
    const description = [
      words,
      background,
      recording,
      run.speed === 1 || run.isOver ? '' : `×${run.speed}`,
      progress,
    ]
      .filter((part) => part !== '')
      .join(' · ');
    const [only] = run.ids;
    // Short, so that what comes after it is seen in a narrow side bar.
    const label = run.ids.length === 1 && only !== undefined ? run.names.vinOf(only) : run.title;
    const isOpen = run.ids.length > 1 && run.ids.length <= MOST_OPEN;
    const item = new vscode.TreeItem(
      label,
      isOpen ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.Collapsed,
    );
    item.id = this.id;
    item.description = description;
    item.iconPath = icon;
    item.contextValue = this.#context();
    item.tooltip = this.#tooltip(words, progress);
    item.accessibilityInformation = {
      label: vscode.l10n.t('Simulation {0}, {1}', run.title, description.replaceAll(' · ', ', ')),
    };
    return item;
  }

  /** What can be done with it, for menus. */
  #context(): string {
    const { run } = this;
    const words = ['simulation', ...oneWord(run.ids), run.isOver ? 'over' : 'active'];
    if (run.canPause) words.push('canPause');
    if (run.canResume) words.push('canResume');
    if (run.isResumable) words.push('resumable');
    if (!run.isOver && !run.isStopping && !run.isKept) words.push('keepable');
    if (!run.isOver) words.push(run.recording === undefined ? 'notRecording' : 'recording');
    return words.join(' ');
  }

  #tooltip(words: string, progress: string): vscode.MarkdownString {
    const { run } = this;
    const text = new vscode.MarkdownString();
    text.appendMarkdown(`**`);
    text.appendText(run.title);
    text.appendMarkdown(`** — ${words}\n\n`);
    if (progress !== '') text.appendText(`${progress}\n`);
    const facts: [string, string][] = [
      [vscode.l10n.t('Stack'), run.ref.stack],
      [
        vscode.l10n.t('Route'),
        run.request.routes
          .map(({ name }) => name)
          .slice(0, 5)
          .join(', '),
      ],
      [vscode.l10n.t('Started'), new Date(run.startedAt).toLocaleTimeString()],
    ];
    if (run.totals !== undefined) {
      const { ack, lag, resent } = run.totals;
      facts.push([
        vscode.l10n.t('Acknowledged within'),
        vscode.l10n.t('{0} ms, 99 %: {1} ms', ack.p50, ack.p99),
      ]);
      facts.push([vscode.l10n.t('Lag'), vscode.l10n.t('{0} ms, 99 %: {1} ms', lag.p50, lag.p99)]);
      if (resent > 0) facts.push([vscode.l10n.t('Sent again'), String(resent)]);
    }
    if (run.recording !== undefined) facts.push([vscode.l10n.t('Recording'), run.recording.file]);
    text.appendMarkdown('\n');
    for (const [name, value] of facts) {
      text.appendMarkdown(`- ${name}: `);
      text.appendText(value);
      text.appendMarkdown('\n');
    }
    if (run.problem !== undefined) text.appendText(`\n${sayError(run.problem)}`);
    return text;
  }
}

/** A vehicle of a simulation. */
export class SimulatedVehicleRow implements StandsForVehicles {
  readonly parent: RunRow;
  /** What its CMS knows it by. */
  readonly vehicleId: string;

  constructor(parent: RunRow, vehicleId: string) {
    this.parent = parent;
    this.vehicleId = vehicleId;
  }

  get run(): SimulationRun {
    return this.parent.run;
  }

  get id(): string {
    return `${this.parent.id}/${this.vehicleId}`;
  }

  get vehicles(): readonly VehicleOfStack[] {
    const { ref, names } = this.run;
    return names.of([this.vehicleId]).map((name) => ({ ref, ...name }));
  }

  item(): vscode.TreeItem {
    const { run, vehicleId } = this;
    const vin = run.names.vinOf(vehicleId);
    const state = run.vehicles.get(vehicleId);
    const { words, progress, icon } = vehicleWords(state);
    const problem = state?.phase === 'ended' ? undefined : state?.problem;
    const item = new vscode.TreeItem(vin);
    item.id = this.id;
    const why = problem === undefined ? undefined : say(problem.sentence);
    item.description = [words, why ?? progress].filter((part) => part !== '').join(' · ');
    item.iconPath = icon;
    const under = run.simulates(vehicleId);
    item.contextValue = [
      'simulatedVehicle one',
      under ? 'active' : 'over',
      ...(under && state?.phase === 'paused' ? ['canResume'] : under ? ['canPause'] : []),
    ].join(' ');
    const more = problem === undefined ? '' : `\n${sayProblem(problem)}`;
    item.tooltip = `${vin} — ${words}\n${progress}${more}`;
    item.accessibilityInformation = {
      label: vscode.l10n.t(
        'Simulated vehicle {0}, {1}',
        vin,
        [words, why, progress].filter(Boolean).join(', '),
      ),
    };
    return item;
  }
}

/** Asks for more vehicles of a large run. */
export class MoreVehiclesRow {
  readonly parent: RunRow;

  constructor(parent: RunRow) {
    this.parent = parent;
  }

  get id(): string {
    return `${this.parent.id}/more`;
  }

  item(): vscode.TreeItem {
    const item = new vscode.TreeItem(vscode.l10n.t('Load more…'));
    item.id = this.id;
    item.description = vscode.l10n.t('{0} of {1} shown', this.parent.shown, this.parent.run.ids.length);
    item.iconPath = new vscode.ThemeIcon('ellipsis');
    item.command = {
      command: 'cmsEnablement.simulationMore',
      title: vscode.l10n.t('Load More'),
      arguments: [this],
    };
    return item;
  }
}

/** The vehicles of a larger run would push everything else out of view. */
const MOST_OPEN = 5;
/** More rows at once would only cost. */
export const PAGE = 100;
