import type { Message } from '../../core/message.ts';
import type { Route } from '../drive.ts';
import type { Findings } from './findings.ts';
import type { LeftOut } from './leftOut.ts';
import type { Where } from './routeInvalid.ts';
import type { Stamp } from './timeText.ts';
import type { Turns } from './turns.ts';

export interface ReadRoutes {
  /** At least one, each of at least two different points. */
  routes: Route[];
  /** What the reader decided, left out or changed. */
  notes: Message[];
}

/** A position as a file has it. */
export interface Position {
  latitude: number;
  longitude: number;
  /** Meters; NaN for a text that is no number. */
  altitude?: number;
}

/** Gathers what a reader of one format finds: points make parts, the parts of one feature make one or more routes. */
export interface Collector {
  readonly findings: Findings;
  /** What long lists are walked with. */
  readonly turns: Turns;
  /** Tells what part of the file has been read, from 0 to 1. Throws CANCELLED when nobody wants the rest. */
  readonly progress: (part: number) => void;
  /** Whether there is a line so far. */
  readonly hasLines: boolean;
  /** The points that follow are a line of their own. */
  beginPart(): void;
  /**
   * ROUTE_INVALID for what is no place on the earth, and for too many points. An altitude that is NaN, or
   * none on the earth, is left out, and noted.
   * @param time the text of its time, or what a reader understood of it
   * @returns whether it was taken
   */
  add(point: Position, where: Where, time?: string | { text: string; stamp: Stamp | undefined }): boolean;
  /**
   * The points since the last feature or part are not one line: those with the same name are a feature each.
   * @param nameOf the name of the point at that place among them
   */
  regroup(nameOf: (index: number) => string): void;
  /**
   * To be called before a position, a row or a shape is kept until later: ROUTE_INVALID for more of them than a file
   * may have points.
   */
  keep(where: Where): void;
  /** A point that is on no line: points alone are driven in their order, beside lines they are left out. */
  addLoose(kind: 'point' | 'waypoint', point: Position, where: Where, time?: string): void;
  /**
   * A record that has no position.
   * @param problem why it is none, if a text stands there that no program writes for nothing; it is said where the
   * file holds no route
   */
  leaveOutRecord(where: Where, problem?: Message): void;
  /** The parts since the last feature belong together. */
  endFeature(name?: string): void;
  /** Of the whole file; what can be said of each line or track is counted by `findings`. */
  note(sentence: Message): void;
  /** Something that cannot be driven was left out. */
  leaveOut(kind: LeftOut): void;
  finish(order: 'stated' | 'assumed'): Promise<ReadRoutes>;
}
