import * as vscode from 'vscode';
import type { App } from '../app.ts';
import type { StackRef } from '../stacks/sessions.ts';
import { errorText } from '../base/inLanguage.ts';
import { Node, row } from '../base/node.ts';
import { FactNode } from '../vehicles/vehicleNode.ts';

/** What just-in-time registration needs in the account, and the certificates in this workspace. */
export class ProvisioningNode extends Node {
  readonly id: string;
  readonly #app: App;
  readonly #ref: StackRef;

  constructor(app: App, parent: Node, ref: StackRef) {
    super(parent);
    this.#app = app;
    this.#ref = ref;
    this.id = `${parent.id}/provisioning`;
  }

  override item(): vscode.TreeItem {
    return row(this, vscode.l10n.t('Provisioning'), {
      icon: new vscode.ThemeIcon('shield'),
      contextValue: 'provisioning',
      expand: 'collapsed',
    });
  }

  override async load(signal: AbortSignal): Promise<Node[]> {
    const { claimPolicyNameOf, createCloudIdentities, requestDefaults } = this.#app.work();
    const cloud = createCloudIdentities(await this.#app.connections.open(this.#ref.connectionId));
    const name = requestDefaults().templateName ?? '';
    const policyName = claimPolicyNameOf(name);
    const [template, policy] = await Promise.all([
      cloud.template(name, signal),
      cloud.policyDocument(policyName, signal),
    ]);
    const missing = vscode.l10n.t('not there yet: the first onboarding makes it');
    const role = template?.roleArn?.split('/').at(-1);
    return [
      template === undefined
        ? new FactNode(this, 'template', vscode.l10n.t('Provisioning template'), missing, 'circle-outline')
        : new FactNode(
            this,
            'template',
            vscode.l10n.t('Provisioning template'),
            `${name} · ${template.enabled ? vscode.l10n.t('enabled') : vscode.l10n.t('disabled')}`,
            template.enabled ? 'file-code' : 'circle-slash',
          ),
      policy === undefined
        ? new FactNode(this, 'policy', vscode.l10n.t('Claim policy'), missing, 'circle-outline')
        : new FactNode(this, 'policy', vscode.l10n.t('Claim policy'), policyName, 'law'),
      new FactNode(
        this,
        'role',
        vscode.l10n.t('Provisioning role'),
        role ?? missing,
        role === undefined ? 'circle-outline' : 'account',
      ),
      new WorkspaceCertificatesNode(this.#app, this, this.#ref),
    ];
  }
}

/** The vehicles whose production pair is in the workspace. */
class WorkspaceCertificatesNode extends Node {
  readonly id: string;
  readonly #app: App;
  readonly #ref: StackRef;

  constructor(app: App, parent: Node, ref: StackRef) {
    super(parent);
    this.#app = app;
    this.#ref = ref;
    this.id = `${parent.id}/certificates`;
  }

  override item(): vscode.TreeItem {
    return row(this, vscode.l10n.t('Certificates in the workspace'), {
      icon: new vscode.ThemeIcon('key'),
      expand: 'collapsed',
    });
  }

  override async load(): Promise<Node[]> {
    const store = this.#app.certificates.peek();
    const vins = store === undefined ? [] : await store.vins();
    if (store === undefined || vins.length === 0) {
      return [new FactNode(this, 'none', vscode.l10n.t('None yet'), '', 'info')];
    }
    return Promise.all(
      vins.map(async (vin) => {
        const vehicle = { ref: this.#ref, vin };
        try {
          const pair = await store.production(vin);
          const words =
            pair === undefined
              ? vscode.l10n.t('bootstrap only')
              : vscode.l10n.t('expires {0}', pair.notAfter.toISOString().slice(0, 10));
          return new FactNode(this, vin, vin, words, pair === undefined ? 'circle-outline' : 'key', vehicle);
        } catch (error) {
          return new FactNode(this, vin, vin, errorText(error), 'warning', vehicle);
        }
      }),
    );
  }
}
