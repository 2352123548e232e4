import type { Message } from '../../core/message.ts';
import type { CredentialNeed } from './credentials.ts';
import type { Page, PageRequest } from './pages.ts';
import type { VehicleRecord } from './vehicles.ts';

/** What is known of a list before its deployment is. */
export interface ListInfo {
  /** Stable: part of the id of its row. */
  readonly id: string;
  /** Name of the command that shows it, such as `users`. */
  readonly command: string;
  /** What the command does, in English: "list CMS users". */
  readonly description: string;
  readonly columns: readonly { readonly heading: string; readonly width: number }[];
}

/** A list of a deployment besides that of its vehicles: a row of the tree and a command. */
export interface NamedList extends ListInfo {
  /** "Owners". */
  readonly title: Message;
  readonly empty: Message;
  /** "Sign in to see the owners…". */
  readonly signIn: Message;
  readonly icon: string;
  readonly needs: CredentialNeed;
  page(page: PageRequest, signal: AbortSignal): Promise<Page<ListItem>>;
  /** A row of the tree below the items, with the vehicles that belong to none of them. */
  readonly others?: VehicleFolder & { readonly label: Message };
}

/** Vehicles that belong together, page by page. */
export interface VehicleFolder {
  readonly icon: string;
  vehicles(page: PageRequest, signal: AbortSignal): Promise<Page<VehicleRecord>>;
}

export interface ListItem {
  /** Tells it from the others, and names it. */
  readonly key: string;
  /** The rest on a line. */
  readonly words: string | Message;
  readonly icon: string;
  /** The vehicles that belong to it, where that is what it is for: rows below its row. */
  vehicles?: VehicleFolder['vehicles'];
  /** As many as there are columns. */
  readonly cells: readonly string[];
  /** For JSON. */
  readonly value: object;
}
