import * as vscode from 'vscode';
import { defined } from '../../core/defined.ts';
import { throwIfAborted } from '../../core/errors.ts';
import { l10n, type Message } from '../../core/message.ts';
import { type Capability, isPossible, wordsFor } from '../../cms/contract/capability.ts';
import type { VehicleRecord } from '../../cms/contract/vehicles.ts';
import { MessageNode, type Node, PagedNode, row, type RowPage, signInNode } from '../base/node.ts';
import { say } from '../base/say.ts';
import type { StackRef } from '../base/stackRef.ts';
import { arrange, type Arranged, type Arrangement, needsStates } from './arrangement.ts';
import { arrangementWords, countWords } from './arrangementWords.ts';
import { readLiveStates, readStates } from './liveStates.ts';
import { VehicleGroupNode } from './vehicleGroupNode.ts';
import { VehicleNode } from './vehicleNode.ts';
import type { VehicleSources } from './vehicleSources.ts';

/** Rows asked for at a time: the first screen is there at once, whatever the size of the fleet. */
const PAGE = 100;

/** How often it is said how many states are known. */
const SAID_EVERY = 25;

/**
 * The vehicles of a stack, a page at a time. A CMS gives them in its order only: to filter, group or sort them, all are
 * read first, and pages are made of what was read.
 */
export class VehiclesNode extends PagedNode {
  readonly id: string;
  readonly #sources: VehicleSources;
  readonly #ref: StackRef;
  /** What works with the deployment. */
  readonly #capabilities: readonly Capability[];
  /** All vehicles, where they were read. */
  #all: VehicleNode[] | undefined;
  #statesKnown = false;
  #arranged: (Arranged<VehicleNode> & { states: string }) | undefined;

  constructor(sources: VehicleSources, parent: Node, ref: StackRef, capabilities: readonly Capability[]) {
    super(parent);
    this.#sources = sources;
    this.#ref = ref;
    this.#capabilities = capabilities;
    this.id = `${parent.id}/vehicles`;
  }

  override item(): vscode.TreeItem {
    const { arrangement } = this;
    const words = [this.#countWords, ...arrangementWords(arrangement ?? {})].filter(
      (part) => part !== undefined,
    );
    const context = [
      'vehicles',
      ...(arrangement === undefined ? [] : ['arranged']),
      wordsFor(this.#capabilities),
    ];
    return row(this, vscode.l10n.t('Vehicles'), {
      icon: new vscode.ThemeIcon(arrangement?.filter === undefined ? 'list-tree' : 'list-filter'),
      contextValue: context.join(' '),
      expand: 'expanded',
      ...(words.length === 0 ? {} : { description: words.join(' · ') }),
    });
  }

  /** How it is shown; undefined as its CMS lists it. */
  get arrangement(): Arrangement | undefined {
    return this.#sources.arrangements.get(this.id);
  }

  get hasOwners(): boolean {
    return isPossible(this.#capabilities, 'owners');
  }

  /** "12 of 10,000" where some are left out. */
  get #countWords(): string | undefined {
    if (this.#arranged === undefined || this.#all === undefined) return this.countWords;
    const { vehicles } = this.#arranged;
    const [shown, all] = [countWords(vehicles.length), countWords(this.#all.length)];
    return shown === all ? all : vscode.l10n.t('{0} of {1}', shown, all);
  }

  /** Whether vehicles stand elsewhere than their states say by now. */
  get isOutdated(): boolean {
    const { arrangement } = this;
    if (this.#arranged === undefined || arrangement === undefined || !needsStates(arrangement)) return false;
    return this.#arranged.states !== this.#states();
  }

  override async load(signal: AbortSignal): Promise<Node[]> {
    const { sessions } = this.#sources;
    const deployment = await sessions.open(this.#ref, signal);
    if (!(await sessions.has(this.#ref, deployment.vehicles.needs))) {
      return [
        ...(this.#canOnboard ? [this.#onboardRow(vscode.l10n.t('Onboard a vehicle…'))] : []),
        signInNode(this, vscode.l10n.t('Sign in to see the vehicles…')),
      ];
    }
    this.#all = undefined;
    this.#statesKnown = false;
    this.#arranged = undefined;
    const { arrangement } = this;
    if (arrangement !== undefined) await this.#readAgain(arrangement, signal);
    return this.first(signal);
  }

  /**
   * Reads what an arrangement needs, and changes nothing that is shown.
   * @param told says how far it is
   * @throws CmsError CANCELLED, or what reading throws
   */
  async readFor(
    arrangement: Arrangement,
    signal: AbortSignal,
    told: (message: Message) => void,
  ): Promise<readonly VehicleNode[]> {
    const all = (this.#all ??= await this.#readAll(signal, told));
    if (needsStates(arrangement) && !this.#statesKnown) {
      await readStates(this.#sources, all, signal, (known) => {
        if (known % SAID_EVERY === 0)
          told(l10n.t('States of {known} of {count} vehicles', { known, count: all.length }));
      });
      this.#statesKnown = true;
    }
    return all;
  }

  /** Forgets what was read for an arrangement that was not chosen in the end. */
  settle(): void {
    if (this.arrangement === undefined) this.#all = undefined;
  }

  /** Its first rows once more, of what was read already. */
  arranged(signal: AbortSignal): Promise<Node[]> {
    return this.first(signal);
  }

  /** After a refresh: how many were read by then stands in the status bar. */
  async #readAgain(arrangement: Arrangement, signal: AbortSignal): Promise<void> {
    const title = vscode.l10n.t('Reading the vehicles of {0}', this.#ref.stack);
    const location = vscode.ProgressLocation.Window;
    await vscode.window.withProgress({ location, title }, (progress) =>
      this.readFor(arrangement, signal, (message) => progress.report({ message: say(message) })),
    );
  }

  async #readAll(signal: AbortSignal, told: (message: Message) => void): Promise<VehicleNode[]> {
    const { sessions, certificates, backend } = this.#sources;
    const { everyPage } = backend();
    const { vehicles } = await sessions.open(this.#ref, signal);
    const all = new Map<string, VehicleNode>();
    const pages = everyPage((page) => vehicles.list(page, signal), l10n.t('listing the vehicles'), PAGE);
    for await (const { items } of pages) {
      throwIfAborted(signal);
      for (const vehicle of items) all.set(vehicle.id, this.#rowOf(vehicle));
      told(l10n.plural(all.size, l10n.t('1 vehicle'), l10n.t('{count} vehicles', { count: all.size })));
    }
    const store = certificates.peek();
    // Only who has files has tags.
    for (const id of (await store?.ids()) ?? []) {
      const tags = (all.has(id) ? await store?.facts(id) : undefined)?.tags;
      if (tags !== undefined) all.get(id)?.tagged(tags);
    }
    return [...all.values()];
  }

  get #canOnboard(): boolean {
    return isPossible(this.#capabilities, 'onboard');
  }

  protected override empty(): Node {
    if (this.#all !== undefined && this.#all.length > 0) {
      return new MessageNode(this, vscode.l10n.t('No matching vehicles. Show all…'), {
        icon: 'clear-all',
        command: {
          command: 'cmsEnablement.showAllVehicles',
          title: vscode.l10n.t('Show All Vehicles'),
          arguments: [this],
        },
      });
    }
    return this.#canOnboard
      ? this.#onboardRow(vscode.l10n.t('No vehicles yet. Onboard one…'))
      : new MessageNode(this, vscode.l10n.t('No vehicles yet'));
  }

  protected override async page(next: string | undefined, signal: AbortSignal): Promise<RowPage> {
    const { arrangement } = this;
    if (arrangement !== undefined && this.#all !== undefined)
      return this.#arrangedPage(this.#all, arrangement, next, signal);
    const deployment = await this.#sources.sessions.open(this.#ref, signal);
    const page = await deployment.vehicles.list({ size: PAGE, ...defined({ next }) }, signal);
    const rows = page.items.map((vehicle) => this.#rowOf(vehicle));
    await this.#show(rows, signal);
    return { rows, next: page.next };
  }

  async #arrangedPage(
    all: readonly VehicleNode[],
    arrangement: Arrangement,
    next: string | undefined,
    signal: AbortSignal,
  ): Promise<RowPage> {
    if (next === undefined || this.#arranged === undefined) {
      this.#arranged = { ...arrange(all, ({ facts }) => facts, arrangement), states: this.#states() };
    }
    const { vehicles, groups } = this.#arranged;
    const from = Number(next ?? 0);
    const pageOf = <T>(items: readonly T[]) => ({
      items: items.slice(from, from + PAGE),
      next: from + PAGE < items.length ? String(from + PAGE) : undefined,
    });
    const { group: property } = arrangement;
    if (groups !== undefined && property !== undefined) {
      const page = pageOf(groups);
      const can = wordsFor(this.#capabilities);
      const show = (rows: readonly VehicleNode[], shown: AbortSignal) => this.#show(rows, shown);
      return {
        rows: page.items.map((group) => new VehicleGroupNode(this, property, group, can, show)),
        next: page.next,
      };
    }
    const page = pageOf(vehicles);
    await this.#show(page.items, signal);
    return { rows: page.items, next: page.next };
  }

  /** Reads what rows say that are about to be shown: the files before, the cloud while they are. */
  async #show(rows: readonly VehicleNode[], signal: AbortSignal): Promise<void> {
    await Promise.all(rows.map((node) => node.readLocal()));
    if (!this.#statesKnown) void readLiveStates(this.#sources, rows, signal);
  }

  #states(): string {
    return (this.#all ?? []).map(({ facts }) => facts.state).join('\n');
  }

  /** Puts a vehicle that was found by its VIN on top, and gives its row. */
  pin(vehicle: VehicleRecord, loaded: readonly Node[]): { node: VehicleNode; children: Node[] } {
    const existing = loaded.find((node) => node instanceof VehicleNode && node.record.id === vehicle.id);
    if (existing instanceof VehicleNode) return { node: existing, children: [...loaded] };
    const node = this.#all?.find(({ record }) => record.id === vehicle.id) ?? this.#rowOf(vehicle);
    return { node, children: [node, ...loaded.filter((n) => !(n instanceof MessageNode))] };
  }

  #rowOf(vehicle: VehicleRecord): VehicleNode {
    return new VehicleNode(
      this.#sources,
      this,
      { ref: this.#ref, capabilities: this.#capabilities },
      vehicle,
    );
  }

  #onboardRow(text: string): MessageNode {
    return new MessageNode(this, text, {
      icon: 'add',
      command: {
        command: 'cmsEnablement.onboardVehicle',
        title: vscode.l10n.t('Onboard Vehicle…'),
        arguments: [this],
      },
    });
  }
}
