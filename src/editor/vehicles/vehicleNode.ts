import * as vscode from 'vscode';
import { type Capability, isPossible, wordsFor } from '../../cms/contract/capability.ts';
import type { LiveVehicle, VehicleDetail, VehicleRecord } from '../../cms/contract/vehicles.ts';
import { modelOf } from '../../text/vehicleModel.ts';
import { defined } from '../../core/defined.ts';
import { isCancelled } from '../../core/errors.ts';
import { logError } from '../base/log.ts';
import { say } from '../base/say.ts';
import { FactNode } from '../base/factNode.ts';
import { Node, row } from '../base/node.ts';
import type { StackRef, VehicleOfStack } from '../base/stackRef.ts';
import type { VehicleFacts } from './arrangement.ts';
import {
  type CertificateState,
  certificateRow,
  noCertificate,
  readCertificate,
  UNKNOWN_TO_AWS,
} from './certificateState.ts';
import type { ReadDeployment, VehicleSources } from './vehicleSources.ts';
import { detailWords, type Look, telemetryWords, vehicleState, vehicleTooltip } from './vehicleWords.ts';

/** What is known of a vehicle: the same for all rows that it has. */
interface Knowledge {
  /** Where what the cloud said of it is kept. */
  readonly key: string;
  certificate: CertificateState;
  details: readonly VehicleDetail[];
  /** As the CMS shows it; undefined until it got telemetry. */
  live: LiveVehicle | undefined;
  tags: readonly string[];
}

/** A vehicle: who it is, in what state, and below it its device, certificates and last telemetry. */
export class VehicleNode extends Node {
  readonly id: string;
  readonly record: VehicleRecord;
  readonly #sources: VehicleSources;
  readonly #ref: StackRef;
  /** What works with its deployment. */
  readonly #capabilities: readonly Capability[];
  readonly #known: Knowledge;
  /** The state in words, as the row shows it. */
  #drawn: string | undefined;

  constructor(
    sources: VehicleSources,
    parent: Node,
    of: { ref: StackRef; capabilities: readonly Capability[] },
    record: VehicleRecord,
    known?: Knowledge,
  ) {
    super(parent);
    this.#sources = sources;
    this.#ref = of.ref;
    this.#capabilities = of.capabilities;
    this.record = record;
    this.id = `${parent.id}/${record.id}`;
    this.#known = known ?? {
      key: this.id,
      certificate: noCertificate,
      details: [],
      live: sources.lastSeen.get(this.id),
      tags: [],
    };
  }

  /** Another row of the same vehicle, below another parent. */
  under(parent: Node): VehicleNode {
    const of = { ref: this.#ref, capabilities: this.#capabilities };
    return new VehicleNode(this.#sources, parent, of, this.record, this.#known);
  }

  /** What lists are filtered, grouped and sorted by. */
  get facts(): VehicleFacts {
    const { vin, id, owners } = this.record;
    const { tags } = this.#known;
    return { vin, id, owners, model: modelOf(this.record), state: this.#state().words, tags };
  }

  get stateIcon(): vscode.ThemeIcon {
    return this.#state().icon;
  }

  /** Learns the tags that the workspace keeps of it. */
  tagged(tags: readonly string[]): void {
    this.#known.tags = tags;
  }

  get vin(): string {
    return this.record.vin;
  }

  override get stackRef(): StackRef {
    return this.#ref;
  }

  override get vehicle(): VehicleOfStack {
    return { ref: this.#ref, vin: this.vin, id: this.record.id };
  }

  /** Of its thing, as the CMS names it once the row was opened. */
  override get arn(): string | undefined {
    return this.#known.details.find(({ thingArn }) => thingArn !== undefined)?.thingArn;
  }

  get isSimulated(): boolean {
    return this.#sources.driving.driveOf(this.vehicle) !== undefined;
  }

  /** What the cloud last said of it: whether its CMS has telemetry, and AWS IoT's word on its certificate. */
  get seen(): { isLive: boolean; certificateStatus: string | undefined } {
    return { isLive: this.#known.live !== undefined, certificateStatus: this.#known.certificate.status };
  }

  /** Whether its row says something else than it would now. */
  get isOutdated(): boolean {
    return this.#drawn !== undefined && this.#drawn !== this.#state().words;
  }

  override item(): vscode.TreeItem {
    const { record } = this;
    const state = this.#state();
    this.#drawn = state.words;
    const what = modelOf(record);
    const owners = record.owners.join(', ');
    return row(this, record.vin, {
      // The state first: it is short, and what one looks for in a narrow side bar.
      description: [state.words, what, owners].filter((part) => part !== '').join(' · '),
      icon: state.icon,
      contextValue: this.#context(),
      tooltip: vehicleTooltip(
        { record, words: state.words, problem: this.#known.certificate.problem },
        this.#sources.backend().GENERATIONS,
      ),
      expand: 'collapsed',
      spoken: [vscode.l10n.t('Vehicle {0}', record.vin), what, ...this.#ownerWords(), state.words].join(', '),
    });
  }

  /** Reads what the workspace has of this vehicle, and asks nothing of the cloud; says whether the row changed. */
  async readLocal(): Promise<boolean> {
    const before = this.#look();
    const store = this.#sources.certificates.peek();
    this.#known.certificate =
      store === undefined
        ? noCertificate
        : await readCertificate(store, this.record.id, () => this.#known.certificate);
    return this.#look() !== before;
  }

  /** Asks the cloud whether the vehicle is live and its certificate good; says whether the row changed. */
  async readState(deployment: ReadDeployment, signal: AbortSignal): Promise<boolean> {
    const before = this.#state().words;
    this.#saw(await this.#readLive(deployment, signal));
    await this.#readStatus(signal);
    return this.#state().words !== before;
  }

  override async load(signal: AbortSignal): Promise<Node[]> {
    const deployment = await this.#sources.sessions.open(this.#ref, signal);
    const [details, live] = await Promise.all([
      deployment.vehicles.details(this.record, signal),
      this.#readLive(deployment, signal),
      this.readLocal(),
    ]);
    this.#known.details = details;
    this.#saw(live);
    await this.#readStatus(signal);
    this.#sources.rows.redraw(this);
    return [
      ...details.map(
        (detail) => new FactNode(this, { key: detail.id, label: say(detail.label), ...detailWords(detail) }),
      ),
      certificateRow(this, this.#known.certificate, { vehicle: this.vehicle, deployment }),
      ...(deployment.vehicles.live === undefined
        ? []
        : [
            new FactNode(this, {
              key: 'telemetry',
              label: vscode.l10n.t('Last telemetry'),
              ...telemetryWords(live, this.#sources.driving.lastSentAt(this.vehicle)),
            }),
          ]),
    ];
  }

  /** Nothing where the CMS knows no owners. */
  #ownerWords(): string[] {
    const owners = this.record.owners.join(', ');
    if (owners !== '') return [vscode.l10n.t('owner {0}', owners)];
    return isPossible(this.#capabilities, 'owners') ? [vscode.l10n.t('no owner')] : [];
  }

  #state(): Look {
    return vehicleState({
      drive: this.#sources.driving.driveOf(this.vehicle),
      certificate: this.#known.certificate,
      live: this.#known.live !== undefined,
      ...defined({ condition: this.record.condition }),
    });
  }

  /** All of the row that depends on the certificate. */
  #look(): string {
    return [this.#state().words, this.#context(), this.#known.certificate.problem].join('\n');
  }

  /** What can be done with it, for menus. */
  #context(): string {
    const context = ['vehicle'];
    if (this.#known.certificate.inWorkspace) context.push('hasCertificate');
    const isGood = this.#known.certificate.inWorkspace && this.#known.certificate.problem === undefined;
    if (isGood && isPossible(this.#capabilities, 'provision')) context.push('canRotate');
    context.push(this.isSimulated ? 'simulating' : 'idle');
    if (
      this.#known.details.some(({ thingArn }) => thingArn !== undefined) ||
      this.#known.certificate.inWorkspace
    )
      context.push('hasArn');
    return [...context, wordsFor(this.#capabilities)].join(' ');
  }

  #saw(live: LiveVehicle | Error | undefined): void {
    if (live instanceof Error) {
      // What was seen last is still what is known.
      logError(this.#sources.log, live);
      return;
    }
    this.#known.live = live;
    if (live === undefined) this.#sources.lastSeen.delete(this.#known.key);
    else this.#sources.lastSeen.set(this.#known.key, live);
  }

  async #readLive(deployment: ReadDeployment, signal: AbortSignal): Promise<LiveVehicle | Error | undefined> {
    try {
      return await deployment.vehicles.live?.(this.record, signal);
    } catch (error) {
      if (isCancelled(error)) throw error;
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  async #readStatus(signal: AbortSignal): Promise<void> {
    const { certificateId } = this.#known.certificate;
    // In Restricted Mode nothing is asked of AWS because a file of the workspace names it.
    if (certificateId === undefined || !vscode.workspace.isTrusted) return;
    const connection = await this.#sources.connections.open(this.#ref.connectionId);
    const cloud = this.#sources.backend().createCloudIdentities(connection);
    const described = await cloud.certificate(certificateId, signal);
    // It was replaced meanwhile: this says nothing of the new one.
    if (this.#known.certificate.certificateId !== certificateId) return;
    this.#known.certificate = {
      ...this.#known.certificate,
      status: described?.status ?? UNKNOWN_TO_AWS,
    };
  }
}
