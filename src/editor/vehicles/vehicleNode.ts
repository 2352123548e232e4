import * as vscode from 'vscode';
import type { CmsDeployment, DeviceRecord, LiveVehicle, VehicleRecord } from '../../cms/deployment.ts';
import { isCancelled } from '../../core/errors.ts';
import type { App } from '../app.ts';
import type { StackRef } from '../stacks/sessions.ts';
import type { SimulationRun } from '../simulations/run.ts';
import { errorText } from '../base/inLanguage.ts';
import { MessageNode, Node, row } from '../base/node.ts';

/** What is known of a vehicle's certificate in the workspace and in AWS IoT. */
export interface CertificateState {
  inWorkspace: boolean;
  certificateId: string | undefined;
  notAfter: Date | undefined;
  /** AWS IoT's word, once asked. */
  status: string | undefined;
  problem: string | undefined;
}

/** A vehicle: who it is, in what state, and below it its device, certificates and last telemetry. */
export class VehicleNode extends Node {
  readonly id: string;
  readonly vehicle: VehicleRecord;
  readonly #app: App;
  readonly #ref: StackRef;
  certificate: CertificateState = {
    inWorkspace: false,
    certificateId: undefined,
    notAfter: undefined,
    status: undefined,
    problem: undefined,
  };
  device: DeviceRecord | undefined;
  #live: LiveVehicle | undefined;
  /** The state in words, as the row shows it. */
  #drawn: string | undefined;

  constructor(app: App, parent: Node, ref: StackRef, vehicle: VehicleRecord) {
    super(parent);
    this.#app = app;
    this.#ref = ref;
    this.vehicle = vehicle;
    this.id = `${parent.id}/${vehicle.vin}`;
    this.#live = app.lastSeen.get(this.id);
  }

  /** As the fleet manager shows it; undefined until it got telemetry. */
  get live(): LiveVehicle | undefined {
    return this.#live;
  }

  #saw(live: LiveVehicle | Error | undefined): void {
    this.#live = live instanceof Error ? undefined : live;
    if (this.#live === undefined) this.#app.lastSeen.delete(this.id);
    else this.#app.lastSeen.set(this.id, this.#live);
  }

  get vin(): string {
    return this.vehicle.vin;
  }

  override get stackRef(): StackRef {
    return this.#ref;
  }

  /** The simulation of this window that drives it now. */
  get run(): SimulationRun | undefined {
    return this.#app.simulations.simulating(this.vin, this.#ref);
  }

  /** Whether its row says something else than it would now. */
  get isOutdated(): boolean {
    return this.#drawn !== undefined && this.#drawn !== this.state().words;
  }

  /** Reads what the workspace has of this vehicle; asks nothing of the cloud. */
  async readLocal(): Promise<void> {
    const store = this.#app.certificates.peek();
    if (store === undefined) return;
    try {
      const pair = await store.production(this.vin);
      const same = pair?.certificateId === this.certificate.certificateId;
      this.certificate = {
        inWorkspace: pair !== undefined,
        certificateId: pair?.certificateId,
        notAfter: pair?.notAfter,
        status: same ? this.certificate.status : undefined,
        problem: undefined,
      };
    } catch (error) {
      this.certificate = { ...this.certificate, inWorkspace: true, problem: errorText(error) };
    }
  }

  /** The state in one word for people, and the icon that says the same. */
  state(): { words: string; icon: vscode.ThemeIcon } {
    const { certificate } = this;
    const { run } = this;
    if (run !== undefined) {
      return run.state === 'paused'
        ? { words: vscode.l10n.t('simulation paused'), icon: new vscode.ThemeIcon('debug-pause') }
        : {
            words: vscode.l10n.t('simulating'),
            icon: new vscode.ThemeIcon('play-circle', new vscode.ThemeColor('charts.green')),
          };
    }
    if (certificate.problem !== undefined) {
      return {
        words: vscode.l10n.t('certificate unusable'),
        icon: new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground')),
      };
    }
    if (certificate.status !== undefined && certificate.status !== 'ACTIVE') {
      return {
        words: vscode.l10n.t('certificate {0}', certificate.status.toLowerCase()),
        icon: new vscode.ThemeIcon('circle-slash', new vscode.ThemeColor('list.warningForeground')),
      };
    }
    if (this.live !== undefined) {
      return {
        words: vscode.l10n.t('live'),
        icon: new vscode.ThemeIcon('broadcast', new vscode.ThemeColor('charts.green')),
      };
    }
    if (certificate.inWorkspace)
      return { words: vscode.l10n.t('certificate in workspace'), icon: new vscode.ThemeIcon('key') };
    return { words: vscode.l10n.t('registered'), icon: new vscode.ThemeIcon('circle-outline') };
  }

  override item(): vscode.TreeItem {
    const { vehicle } = this;
    const state = this.state();
    this.#drawn = state.words;
    const what = `${vehicle.make} ${vehicle.model} ${vehicle.modelYear}`;
    const owners = vehicle.owners.join(', ');
    const context = ['vehicle'];
    if (this.certificate.inWorkspace) context.push('hasCertificate');
    context.push(this.run === undefined ? 'idle' : 'simulating');
    if (this.device?.thingArn !== undefined || this.certificate.inWorkspace) context.push('hasArn');
    return row(this, vehicle.vin, {
      // The state first: it is short, and what one looks for in a narrow side bar.
      description: [state.words, what, owners].filter((part) => part !== '').join(' · '),
      icon: state.icon,
      contextValue: context.join(' '),
      tooltip: this.#tooltip(state.words),
      expand: 'collapsed',
      spoken: vscode.l10n.t(
        'Vehicle {0}, {1}, {2}, {3}',
        vehicle.vin,
        what,
        owners === '' ? vscode.l10n.t('no owner') : vscode.l10n.t('owner {0}', owners),
        state.words,
      ),
    });
  }

  /** Asks the cloud whether the vehicle is live and its certificate good; says whether the row changed. */
  async readState(deployment: CmsDeployment, signal: AbortSignal): Promise<boolean> {
    const before = this.state().words;
    const live = await this.#readLive(deployment, signal);
    this.#saw(live);
    await this.#readStatus(signal);
    return this.state().words !== before;
  }

  #tooltip(words: string): vscode.MarkdownString {
    const { vehicle } = this;
    const text = new vscode.MarkdownString();
    text.appendMarkdown(`**${vehicle.vin}** — ${words}\n\n`);
    text.appendText(`${vehicle.make} ${vehicle.model} ${vehicle.modelYear}\n`);
    for (const [key, value] of Object.entries(vehicle.attributes)) {
      if (['make', 'model', 'modelYear'].includes(key)) continue;
      text.appendText(`${key}: ${String(value)}\n`);
    }
    if (vehicle.owners.length > 0) text.appendText(vscode.l10n.t('Owner: {0}', vehicle.owners.join(', ')));
    if (this.certificate.problem !== undefined) text.appendText(`\n${this.certificate.problem}`);
    return text;
  }

  override async load(signal: AbortSignal): Promise<Node[]> {
    const deployment = await this.#app.sessions.open(this.#ref, signal);
    const [device, live] = await Promise.all([
      deployment.device(this.vin, signal),
      this.#readLive(deployment, signal),
      this.readLocal(),
    ]);
    this.device = device;
    this.#saw(live);
    await this.#readStatus(signal);
    this.#app.redraw(this);
    return [
      new FactNode(this, 'device', vscode.l10n.t('Device'), ...deviceWords(device)),
      ...this.#certificateRows(),
      new FactNode(this, 'telemetry', vscode.l10n.t('Last telemetry'), ...telemetryWords(live)),
    ];
  }

  async #readLive(deployment: CmsDeployment, signal: AbortSignal): Promise<LiveVehicle | Error | undefined> {
    try {
      return await deployment.liveVehicle(this.vin, signal);
    } catch (error) {
      if (isCancelled(error)) throw error;
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  async #readStatus(signal: AbortSignal): Promise<void> {
    const { certificateId } = this.certificate;
    if (certificateId === undefined) return;
    const connection = await this.#app.connections.open(this.#ref.connectionId);
    const described = await this.#app
      .work()
      .createCloudIdentities(connection)
      .certificate(certificateId, signal);
    this.certificate = {
      ...this.certificate,
      status: described?.status ?? vscode.l10n.t('unknown to AWS IoT'),
    };
  }

  get #target(): { ref: StackRef; vin: string } {
    return { ref: this.#ref, vin: this.vin };
  }

  #certificateRows(): Node[] {
    const { certificate } = this;
    if (!certificate.inWorkspace) {
      return [
        new MessageNode(this, vscode.l10n.t('No certificate in this workspace. Provision…'), {
          icon: 'key',
          command: {
            command: 'cmsEnablement.provisionCertificates',
            title: vscode.l10n.t('Provision Certificates'),
            arguments: [this],
          },
        }),
      ];
    }
    if (certificate.problem !== undefined) {
      return [
        new FactNode(
          this,
          'certificate',
          vscode.l10n.t('Certificate'),
          certificate.problem,
          'warning',
          this.#target,
        ),
      ];
    }
    const expiry = certificate.notAfter?.toISOString().slice(0, 10) ?? '?';
    const words = [
      certificate.status?.toLowerCase(),
      vscode.l10n.t('expires {0}', expiry),
      certificate.certificateId?.slice(0, 8),
    ];
    return [
      new FactNode(
        this,
        'certificate',
        vscode.l10n.t('Certificate'),
        words.filter(Boolean).join(' · '),
        certificate.status === 'ACTIVE' ? 'key' : 'circle-slash',
        this.#target,
      ),
    ];
  }
}

/** A fact below a vehicle: a name and words. */
export class FactNode extends Node {
  readonly id: string;
  readonly #label: string;
  readonly #words: string;
  readonly #icon: string;
  readonly #vehicle: { ref: StackRef; vin: string } | undefined;

  /** @param vehicle whose certificate files the row stands for: picking it shows them */
  constructor(
    parent: Node,
    key: string,
    label: string,
    words: string,
    icon: string,
    vehicle?: { ref: StackRef; vin: string },
  ) {
    super(parent);
    this.id = `${parent.id}/${key}`;
    this.#label = label;
    this.#words = words;
    this.#icon = icon;
    this.#vehicle = vehicle;
  }

  /** The vehicle whose certificate files the row stands for. */
  get vehicle(): { ref: StackRef; vin: string } | undefined {
    return this.#vehicle;
  }

  override item(): vscode.TreeItem {
    return row(this, this.#label, {
      description: this.#words,
      icon: new vscode.ThemeIcon(this.#icon),
      contextValue: this.#vehicle === undefined ? 'fact' : 'certificateFiles',
      ...(this.#vehicle === undefined
        ? {}
        : {
            command: {
              command: 'cmsEnablement.revealCertificates',
              title: vscode.l10n.t('Reveal Certificates'),
              arguments: [this],
            },
          }),
    });
  }
}

function deviceWords(device: DeviceRecord | undefined): [string, string] {
  if (device === undefined) return [vscode.l10n.t('not registered'), 'circle-slash'];
  const words = [device.type, device.model, device.softwareVersion, device.status]
    .filter(Boolean)
    .join(' · ');
  return [words, 'chip'];
}

function telemetryWords(live: LiveVehicle | Error | undefined): [string, string] {
  if (live instanceof Error) return [errorText(live), 'warning'];
  if (live === undefined) return [vscode.l10n.t('nothing received yet'), 'circle-outline'];
  const place =
    live.position === undefined
      ? ''
      : `${live.position.latitude.toFixed(5)}, ${live.position.longitude.toFixed(5)}`;
  const codes = live.troubleCodes.length > 0 ? vscode.l10n.t('DTC {0}', live.troubleCodes.join(', ')) : '';
  return [[place, codes].filter((part) => part !== '').join(' · '), 'broadcast'];
}
