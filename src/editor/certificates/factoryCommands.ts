import path from 'node:path';
import * as vscode from 'vscode';
import { l10n, type Message } from '../../core/message.ts';
import type { VehicleRef } from '../../core/vehicleRef.ts';
import type { Work } from '../../core/work.ts';
import { english } from '../../core/wording.ts';
import type { CertificateStore } from '../../provisioning/certificates.ts';
import { flag } from '../base/commandLine.ts';
import { openCurrent } from '../base/openCurrent.ts';
import { findFleetFiles } from '../base/pickFile.ts';
import { say } from '../base/say.ts';
import { notify } from '../base/shown.ts';
import type { Tasks } from '../base/tasks.ts';
import { answerOf, askAll, type Question } from '../base/wizard.ts';
import { NAMES, pickSigned } from './factoryNames.ts';
import type { VehicleAccess } from './vehicleAccess.ts';

type FactoryWork = 'issue' | 'request' | 'import';

/** What a factory's work is about, once it is agreed to. */
interface Agreed {
  vehicles: VehicleRef[];
  certificates: CertificateStore;
  caFolder: string;
  requests: string;
  manifest: string;
  /** Certificates in PEM; only for `import`. */
  signed: string;
}

/** Certificates of a whole fleet without any call to AWS: made here, or asked of one's own PKI and taken in. */
export class FactoryActions {
  readonly #tasks: Tasks;
  readonly #access: VehicleAccess;

  constructor(tasks: Tasks, access: VehicleAccess) {
    this.#tasks = tasks;
    this.#access = access;
  }

  async issue(target: unknown): Promise<void> {
    const agreed = await this.#agree('issue', target);
    if (agreed === undefined) return;
    const { vehicles, certificates, manifest, caFolder } = agreed;
    const done = await this.#run('issue', agreed, async (work) => {
      const { issueFleet, signingIn } = this.#access.backend();
      const ca = signingIn(caFolder, await this.#access.ownCas.read());
      return issueFleet({ vehicles, manifest, ca, certificates }, work, (issued) => {
        if (issued.result === 'failed') this.#tasks.log.warn(`${issued.vin}: ${issued.error.message}`);
      });
    });
    if (done === undefined) return;
    const { issued, found, failed } = done.counts;
    const counts = l10n.t('Certificates: {issued} made, {found} found, {failed} failed.', {
      ...{ issued, found, failed },
    });
    await this.#tell(counts, failed, manifest);
  }

  async request(target: unknown): Promise<void> {
    const agreed = await this.#agree('request', target);
    if (agreed === undefined) return;
    const { vehicles, certificates, requests: folder } = agreed;
    const done = await this.#run('request', agreed, async (work) => {
      const { caIn, requestFleet } = this.#access.backend();
      const ca = caIn(await this.#access.ownCas.read());
      return requestFleet({ vehicles, folder, ca, certificates }, work);
    });
    if (done === undefined) return;
    const { made, found, 'has a certificate': certified } = done.counts;
    const counts = l10n.t('Requests: {made} made, {found} found, {certified} not needed.', {
      ...{ made, found, certified },
    });
    await this.#tell(counts, 0, done.together);
  }

  async import(target: unknown): Promise<void> {
    const agreed = await this.#agree('import', target);
    if (agreed === undefined) return;
    const { vehicles, certificates, manifest, requests: folder, signed: file } = agreed;
    const done = await this.#run('import', agreed, async (work) => {
      const { caIn, importFleet } = this.#access.backend();
      const ca = caIn(await this.#access.ownCas.read());
      return importFleet({ vehicles, manifest, ca, certificates, folder, file }, work);
    });
    if (done === undefined) return;
    for (const each of done.all) {
      if ('vehicle' in each) continue;
      const why = each.result === 'refused' ? english(each.why) : each.error.message;
      this.#tasks.log.warn(`Line ${each.line}: ${why}`);
    }
    const { taken, found, refused, failed } = done.counts;
    const counts = l10n.t(
      'Certificates: {taken} taken in, {found} found, {refused} refused, {failed} failed.',
      {
        ...{ taken, found, refused, failed },
      },
    );
    await this.#tell(counts, refused + failed, manifest);
  }

  #run<T>(kind: FactoryWork, { vehicles }: Agreed, task: (work: Work) => Promise<T>): Promise<T | undefined> {
    return this.#tasks.run({ title: say(NAMES[kind].doing(vehicles.length)) }, task);
  }

  async #tell(counts: Message, bad: number, file: string): Promise<void> {
    const open = vscode.l10n.t('Open File');
    const log = vscode.l10n.t('Show Log');
    const picked =
      bad === 0 ? await notify.info(say(counts), open) : await notify.warn(say(counts), log, open);
    if (picked === log) this.#tasks.log.show(true);
    if (picked === open) await vscode.window.showTextDocument(vscode.Uri.file(file));
  }

  /** Asks for the files and shows what will be done; undefined if the person left. */
  async #agree(kind: FactoryWork, target: unknown): Promise<Agreed | undefined> {
    const { certificates: folders, ownCas, cli } = this.#access;
    const certificates = await folders.forWriting();
    const [root, caFolder] = [await folders.workspaceRoot(), await ownCas.folder()];
    // Looked at before anything is asked for.
    await this.#access.backend().readCaFolder(caFolder);
    const files = await findFleetFiles();
    const given = target instanceof vscode.Uri ? target.fsPath : undefined;
    if (files.length === 0 && given === undefined) {
      void notify.info(
        vscode.l10n.t(
          'There is no .csv or .cms-fleet.json file in the workspace. A fleet file has one line per vehicle, with its vin.',
        ),
      );
      return undefined;
    }
    const [requests, manifest] = [
      path.join(root, 'requests'),
      path.join(certificates.folder, 'manifest.csv'),
    ];
    const answers: Record<string, string> = given === undefined ? {} : { fleet: given };
    let vehicles: VehicleRef[] = [];
    const fleet: Question = {
      kind: 'pick',
      key: 'fleet',
      prompt: vscode.l10n.t('CSV or JSON with one vehicle per line or entry'),
      skip: () => given !== undefined,
      value: () => answers.fleet,
      items: () => files.map((uri) => ({ label: vscode.workspace.asRelativePath(uri), value: uri.fsPath })),
    };
    const signed: Question = {
      kind: 'pick',
      key: 'signed',
      prompt: vscode.l10n.t('Certificates that your PKI signed (PEM)'),
      skip: () => kind !== 'import',
      value: () => answers.signed,
      items: () => pickSigned(answers.signed),
      onPicked: async (value) => {
        if (value !== '') return true;
        const [file] =
          (await vscode.window.showOpenDialog({ filters: { PEM: ['pem', 'crt'], '*': ['*'] } })) ?? [];
        if (file !== undefined) answers.signed = file.fsPath;
        return false;
      },
    };
    const words = (): string[] => [
      ...['certificates', kind, ...flag('fleet', answerOf(answers, 'fleet'))],
      ...(kind === 'import' ? flag('file', answerOf(answers, 'signed')) : []),
      ...(kind === 'issue' ? [] : flag('requests', requests)),
      ...flag('caFolder', caFolder),
    ];
    const review: Question = {
      kind: 'pick',
      key: 'go',
      prompt: vscode.l10n.t('Check this before it is done'),
      value: () => 'go',
      prepare: async () => {
        vehicles = await this.#vehiclesIn(vscode.Uri.file(answerOf(answers, 'fleet')));
      },
      items: () => [
        {
          label: `$(check) ${say(NAMES[kind].go(vehicles.length))}`,
          detail: vscode.l10n.t('CA in {0}; certificates in {1}', caFolder, certificates.folder),
          value: 'go',
        },
      ],
    };
    const reviewed = cli.within(review, undefined, words, ['certificates']);
    if (!(await askAll(say(NAMES[kind].title), [fleet, signed, reviewed], answers))) return undefined;
    return { vehicles, certificates, caFolder, requests, manifest, signed: answers.signed ?? '' };
  }

  async #vehiclesIn(uri: vscode.Uri): Promise<VehicleRef[]> {
    const document = await openCurrent(uri, new AbortController().signal);
    const { fleetVehicles, GENERATIONS } = this.#access.backend();
    return fleetVehicles(document.getText(), path.basename(uri.fsPath), GENERATIONS, Date.now());
  }
}
