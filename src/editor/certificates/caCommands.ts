import * as vscode from 'vscode';
import type { Connection } from '../../aws/connection.ts';
import { l10n, type Message } from '../../core/message.ts';
import type { CaWay } from '../../provisioning/ca/ensureOwnCa.ts';
import { flag } from '../base/commandLine.ts';
import type { RowChanges } from '../base/rowChanges.ts';
import { say, sayPlural } from '../base/say.ts';
import { notify, pickOne } from '../base/shown.ts';
import type { StackRef } from '../base/stackRef.ts';
import type { Tasks } from '../base/tasks.ts';
import type { Targets } from '../stacks/targets.ts';
import { askForProof, bringCa } from './bringCa.ts';
import { CaNode } from './caNodes.ts';
import { askPassphrase, OwnCas } from './ownCas.ts';
import type { VehicleAccess } from './vehicleAccess.ts';

interface Sources {
  access: VehicleAccess;
  rows: RowChanges;
}

/** A CA of one's own: made in the workspace, registered in AWS IoT, switched, removed. */
export class CaActions {
  readonly #tasks: Tasks;
  readonly #targets: Targets;
  readonly #sources: Sources;

  constructor(tasks: Tasks, targets: Targets, sources: Sources) {
    this.#tasks = tasks;
    this.#targets = targets;
    this.#sources = sources;
  }

  async create(target: unknown): Promise<void> {
    const { ownCas, backend, certificates } = this.#sources.access;
    certificates.requireTrust();
    const folder = await ownCas.folder();
    await backend().checkCaFolderFree(folder);
    const commonName = await vscode.window.showInputBox({
      title: vscode.l10n.t('Name of the CA, which everybody will see in its certificates'),
      placeHolder: 'Acme Vehicle CA',
      ignoreFocusOut: true,
      validateInput: (text) =>
        text.trim() === '' || text.length > 64
          ? vscode.l10n.t('Type a name of 64 characters at most.')
          : undefined,
    });
    if (commonName === undefined) return;
    const passphrase = await askPassphrase(vscode.l10n.t('New passphrase for the key of the CA'), (text) =>
      text.length < 8 ? vscode.l10n.t('Type 8 characters or more.') : undefined,
    );
    await askPassphrase(vscode.l10n.t('Type the passphrase again'), (text) =>
      text === passphrase ? undefined : vscode.l10n.t('The passphrases do not match.'),
    );
    const title = vscode.l10n.t('Making the CA "{0}"', commonName.trim());
    const files = await this.#tasks.run({ title }, (work) =>
      backend().createCaFolder(folder, {
        ...{ commonName: commonName.trim(), rule: {}, days: 7300, passphrase, deviceDays: 3650 },
        now: work.clock.now(),
      }),
    );
    if (files === undefined) return;
    ownCas.remember(folder, passphrase);
    const register = vscode.l10n.t('Register It…');
    const text = vscode.l10n.t(
      'The CA is in {0}. Keep its key and passphrase safe: they cannot be recreated.',
      folder,
    );
    if ((await notify.info(text, register)) === register) await this.register(target);
  }

  /** A CA of one's own PKI. */
  async add(target: unknown): Promise<void> {
    if (!(await bringCa(this.#tasks, this.#sources.access))) return;
    const register = vscode.l10n.t('Register It…');
    const text = vscode.l10n.t('The CA is used from where its files are.');
    if ((await notify.info(text, register)) === register) await this.register(target);
  }

  async register(target: unknown): Promise<void> {
    const ref = await this.#targets.stack(target);
    if (ref === undefined) return;
    const { access, rows } = this.#sources;
    const { ca, pem } = await access.ownCas.read();
    const way = await pickWay();
    if (way === undefined) return;
    const where = await this.#where(ref);
    if (where === undefined) return;
    const go = vscode.l10n.t('Register');
    const question = vscode.l10n.t('Register the CA {0} for {1}?', pem.id.slice(0, 12), ref.stack);
    const detail = [
      where,
      say(WAYS[way].consequence),
      way === SNI_ONLY
        ? vscode.l10n.t('If it is switched off, it is switched on.')
        : vscode.l10n.t('If it is registered in another way, that is changed.'),
    ].join('\n');
    const picked = await access.cli.offered(
      ref,
      [
        ...['ca', 'register'],
        ...(way === SNI_ONLY ? ['--sni-only'] : flag('provisioner', way)),
        ...flag('caFolder', await access.ownCas.folder()),
      ],
      (copy) => notify.warn(question, { modal: true, detail }, go, copy),
      ['connection', 'stack'],
    );
    if (picked !== go) return;
    let verificationPem: string | undefined;
    if (ca === undefined && way !== SNI_ONLY) {
      const open = (): Promise<Connection> => access.connections.open(ref.connectionId);
      verificationPem = await askForProof(this.#tasks, access, open);
      if (verificationPem === undefined) return;
    }
    const title = vscode.l10n.t('Registering the CA {0}', pem.id.slice(0, 12));
    const done = await this.#tasks.run({ title, retry: () => void this.register(ref) }, async (work) => {
      const { ensureCa, ensureSniOnly, ownCaOf } = access.backend();
      const deps = await access.forProvisioning(ref, work.signal);
      const setup = ownCaOf(deps);
      if (way === SNI_ONLY) return ensureSniOnly(pem, true, deps.connection, work);
      const wish = { way, change: true, verificationPem };
      return ensureCa(wish, ca?.signing ?? pem, setup, deps, work);
    });
    if (done === undefined) return;
    rows.refresh();
    const proved = 'mode' in done && done.mode === 'DEFAULT';
    const text = {
      found: proved
        ? l10n.t('The CA was already registered with proof of its key, which allows all that SNI_ONLY does.')
        : l10n.t('The CA was already registered this way.'),
      repaired: l10n.t('The registration of the CA is changed.'),
      created: l10n.t('The CA is registered.'),
    }[done.result];
    const use = vscode.l10n.t('Use It for New Certificates');
    // It is no way in which new certificates come.
    if (way === SNI_ONLY || OwnCas.way() === way) void notify.info(say(text));
    else if ((await notify.info(say(text), use)) === use) {
      const settings = vscode.workspace.getConfiguration('cmsEnablement');
      await settings.update('provisioner', way, vscode.ConfigurationTarget.Workspace);
    }
  }

  async switch(target: unknown, on: boolean): Promise<void> {
    if (!(target instanceof CaNode)) return;
    const { ref, ca } = target;
    const { access, rows } = this.#sources;
    if (!on) {
      const go = vscode.l10n.t('Switch Off');
      const where = await this.#where(ref);
      if (where === undefined) return;
      const detail = [
        where,
        vscode.l10n.t(
          'No new vehicles with its certificates are let in. Those that were let in before keep working.',
        ),
      ].join('\n');
      const question = vscode.l10n.t('Switch off the CA {0}?', ca.id.slice(0, 12));
      if ((await notify.warn(question, { modal: true, detail }, go)) !== go) return;
    }
    const title = vscode.l10n.t('Changing the CA {0}', ca.id.slice(0, 12));
    await this.#tasks.run({ title, quiet: true }, async ({ signal }) => {
      const connection = await access.connections.open(ref.connectionId);
      await access.backend().updateCa(connection, ca.id, { status: on ? 'ACTIVE' : 'INACTIVE' }, signal);
      return true;
    });
    rows.refresh(target.parent);
  }

  async remove(target: unknown): Promise<void> {
    if (!(target instanceof CaNode)) return;
    const { ref, ca } = target;
    const { access, rows } = this.#sources;
    const { certificatesOfCa, deleteCa, updateCa } = access.backend();
    const where = await this.#where(ref);
    if (where === undefined) return;
    const title = vscode.l10n.t('Looking up what the CA {0} has signed', ca.id.slice(0, 12));
    const counts = await this.#tasks.run({ title, quiet: true }, async ({ signal }) => {
      const connection = await access.connections.open(ref.connectionId);
      let active = 0;
      for await (const { status } of certificatesOfCa(connection, ca.id, signal)) {
        if (status === 'ACTIVE') active += 1;
      }
      return { active };
    });
    if (counts === undefined) return;
    const go = vscode.l10n.t('Remove');
    const { active } = counts;
    const detail = [
      where,
      sayPlural(
        active,
        l10n.t('One of its certificates is in service and keeps working.'),
        l10n.t('{count} of its certificates are in service and keep working.', { count: active }),
      ),
      vscode.l10n.t('No new vehicles with its certificates are let in. Its files stay where they are.'),
    ].join('\n');
    const question = vscode.l10n.t('Remove the CA {0} from AWS IoT?', ca.id.slice(0, 12));
    if ((await notify.warn(question, { modal: true, detail }, go)) !== go) return;
    const removing = vscode.l10n.t('Removing the CA {0}', ca.id.slice(0, 12));
    await this.#tasks.run({ title: removing, quiet: true }, async ({ signal }) => {
      const connection = await access.connections.open(ref.connectionId);
      if (ca.status === 'ACTIVE') await updateCa(connection, ca.id, { status: 'INACTIVE' }, signal);
      return deleteCa(connection, ca.id, signal);
    });
    rows.refresh(target.parent);
  }

  /** The account, region and deployment that something is about to change; undefined if that cannot be found out. */
  #where(ref: StackRef): Promise<string | undefined> {
    const { access } = this.#sources;
    return this.#tasks.run({ title: vscode.l10n.t('Checking {0}', ref.stack), quiet: true }, ({ signal }) =>
      access.placeWords(ref, signal),
    );
  }
}

/** Registered without proof of its key. */
const SNI_ONLY = 'sni-only';
type Registered = CaWay | typeof SNI_ONLY;

const WAYS: Readonly<Record<Registered, { label: Message; detail: Message; consequence: Message }>> = {
  jitp: {
    label: l10n.t('A template lets its vehicles in (jitp)'),
    detail: l10n.t('Every vehicle with a certificate that the CA signed is let in when it first connects.'),
    consequence: l10n.t('From then on, every vehicle with a certificate that it signed is let in.'),
  },
  jitr: {
    label: l10n.t('You let its vehicles in (jitr)'),
    detail: l10n.t('Vehicles wait until they are provisioned from here, or watched for with a list.'),
    consequence: l10n.t('From then on, vehicles with certificates that it signed may ask to be let in.'),
  },
  [SNI_ONLY]: {
    label: l10n.t('A list lets its vehicles in (SNI_ONLY)'),
    detail: l10n.t('No proof of its key: several accounts can have the CA, and no vehicle registers itself.'),
    consequence: l10n.t('Its vehicles stay out until "certificates register" lets them in from a list.'),
  },
};

async function pickWay(): Promise<Registered | undefined> {
  const items = (['jitp', 'jitr', SNI_ONLY] as const).map((way) => ({
    label: say(WAYS[way].label),
    detail: say(WAYS[way].detail),
    way,
  }));
  const picked = await pickOne(items, {
    title: vscode.l10n.t('How are this CA’s vehicles let in?'),
    ignoreFocusOut: true,
  });
  return picked?.way;
}
