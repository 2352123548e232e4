import type { Command } from 'commander';
import type { ListItem, NamedList } from '../cms/contract/lists.ts';
import type { Generation } from '../cms/contract/generation.ts';
import { everyItem } from '../cms/contract/pages.ts';
import { CmsError } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import { english } from '../core/wording.ts';
import { findVehicles, listVehicles, type VehicleListing } from '../onboarding/listVehicles.ts';
import { modelOf } from '../text/vehicleModel.ts';
import { EXIT } from './exitCodes.ts';
import { columns } from './format.ts';
import { openStack, openVehicles } from './open.ts';
import {
  type CmsFlags,
  count,
  examples,
  type SignInFlags,
  withCms,
  withOutput,
  withSignIn,
} from './options.ts';
import { inSession, type Session } from './session.ts';

type ListFlags = CmsFlags & SignInFlags & { limit?: number; vin?: string[] };

export function addVehicles(program: Command, generations: readonly Generation[]): void {
  const description =
    'list vehicles with what their CMS knows about them, their certificates, and when they were last seen';
  const command = program.command('vehicles').description(description);
  command.option('--vin <vin...>', 'only these, which are looked up without reading the list');
  completeList(command, generations, showVehicles);
}

/** A command for each list that a generation has. */
export function addNamedLists(program: Command, generations: readonly Generation[]): void {
  const infos = generations.flatMap(({ lists }) => lists);
  for (const { command, description } of infos.filter(
    (info, i) => infos.findIndex((each) => each.command === info.command) === i,
  )) {
    completeList(program.command(command).description(description), generations, (flags, session) =>
      showList(command, flags, session),
    );
  }
}

/** Gives a command what all lists have. */
function completeList(
  command: Command,
  generations: readonly Generation[],
  show: (flags: ListFlags, session: Session) => Promise<number>,
): void {
  const name = command.name();
  command.option('--limit <n>', 'stop after this many', count);
  withSignIn(command);
  withCms(command, generations);
  examples(
    withOutput(command),
    `CMS_PASSWORD=… cms-enablement ${name} --username testCMSUser1`,
    `cms-enablement ${name} --username testCMSUser1 --json --limit 100`,
  );
  command.action((flags: ListFlags) => inSession(flags, (session) => show(flags, session)));
}

async function showVehicles(flags: ListFlags, session: Session): Promise<number> {
  const opened = await openVehicles(flags, session);
  const { vehicles, owners } = opened.deployment;
  const { signal } = session.work;
  const knowsOwners = owners !== undefined;
  const details = vehicles.detailHeadings;
  const unseen = vehicles.live === undefined ? '-' : 'never';
  const headings = [
    'VIN',
    'VEHICLE',
    ...(knowsOwners ? ['OWNER'] : []),
    ...details.map(({ label }) => english(label).toUpperCase()),
    'CERTIFICATE',
    'LAST SEEN',
  ];
  const widths = [17, 22, ...(knowsOwners ? [18] : []), ...details.map(() => 11), 28, 20];
  return showRows('vehicles', flags, session, {
    headings,
    widths,
    items: flags.vin === undefined ? listVehicles(opened, signal) : findVehicles(opened, flags.vin, signal),
    object: ({ details: found, ...listing }: VehicleListing) => ({
      ...listing,
      ...Object.fromEntries(found.map(({ id, value }) => [id, value])),
    }),
    cells: ({ vehicle, details: found, certificate, live }: VehicleListing) => [
      vehicle.vin,
      modelOf(vehicle) || '-',
      ...(knowsOwners ? [vehicle.owners.join(', ') || '-'] : []),
      ...details.map(({ id }) => found.find((detail) => detail.id === id)?.state ?? '-'),
      certificateText(certificate),
      live?.position ? `${live.position.latitude.toFixed(4)}, ${live.position.longitude.toFixed(4)}` : unseen,
    ],
  });
}

async function showList(command: string, flags: ListFlags, session: Session): Promise<number> {
  const { deployment } = await openStack(flags, session);
  const list = deployment.lists.find((each) => each.command === command);
  if (list === undefined) throw noSuchList(command, deployment.stack.name, deployment.lists);
  const { signal } = session.work;
  return showRows(command, flags, session, {
    headings: list.columns.map(({ heading }) => heading),
    widths: list.columns.map(({ width }) => width),
    items: everyItem((page) => list.page(page, signal), l10n.t('listing the {what}', { what: command })),
    object: ({ value }: ListItem) => value,
    cells: ({ cells }: ListItem) => [...cells],
  });
}

function noSuchList(command: string, stack: string, lists: readonly NamedList[]): CmsError {
  const others = lists.map((list) => list.command);
  return new CmsError('REQUEST_INVALID', l10n.t('{stack} has no list of {what}.', { stack, what: command }), {
    remedy:
      others.length === 0
        ? l10n.t('Its vehicles are the only list it has.')
        : l10n.t('It has: {lists}.', { lists: l10n.list(others, 'and') }),
  });
}

/** Items that are loaded page by page, and how they are printed. */
interface Rows<T> {
  headings: string[];
  widths: number[];
  items: AsyncIterable<T>;
  /** The item as printed with --json. */
  object(item: T): object;
  cells(item: T): string[];
}

async function showRows<T>(
  name: string,
  { limit }: ListFlags,
  { output }: Session,
  rows: Rows<T>,
): Promise<number> {
  let shown = 0;
  for await (const item of rows.items) {
    if (shown === 0) output.note(columns(rows.headings, rows.widths));
    output.result(name.replace(/(?<!s)s$/, ''), rows.object(item), columns(rows.cells(item), rows.widths));
    shown++;
    if (shown === limit) break;
  }
  if (shown === 0) output.note(`There are no ${name}.`);
  return EXIT.ok;
}

function certificateText({ local, cloud }: VehicleListing['certificate']): string {
  const [first] = cloud;
  const there = first === undefined ? 'none in AWS' : `${first.id.slice(0, 8)} ${first.status}`;
  if (local === 'unusable') return `${there}, unusable here`;
  if (local === undefined) return there;
  return local.certificateId === first?.id ? `${there}, here` : `${there}, another here`;
}
