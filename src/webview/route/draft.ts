import type { Point } from '../map/geometry.ts';

/** How many changes can be taken back. */
const MOST_UNDO = 200;
/** As many as the editor takes. */
const MOST_POINTS = 10_000;

interface State {
  points: readonly Point[];
  selected: number | undefined;
}

/** A route that is being drawn: its points, which of them is selected, and how to take changes back. */
export class RouteDraft {
  #now: State;
  #before: State[] = [];

  constructor(points: readonly Point[] = []) {
    this.#now = { points, selected: undefined };
  }

  get points(): readonly Point[] {
    return this.#now.points;
  }

  /** The index of the point that *Delete* is about. */
  get selected(): number | undefined {
    return this.#now.selected;
  }

  get canUndo(): boolean {
    return this.#before.length > 0;
  }

  /** After the selected point, if it is not the last; otherwise at the end. */
  add(point: Point): void {
    this.insert((this.selected ?? this.points.length - 1) + 1, point);
  }

  insert(index: number, point: Point): void {
    if (this.points.length >= MOST_POINTS) return;
    this.#change(this.points.toSpliced(index, 0, point), index);
  }

  move(index: number, point: Point): void {
    this.#change(this.points.with(index, point), index);
  }

  /** The selected point, or the last one. */
  remove(): void {
    const { length } = this.points;
    if (length === 0) return;
    const index = this.selected ?? length - 1;
    this.#change(this.points.toSpliced(index, 1), length === 1 ? undefined : Math.max(0, index - 1));
  }

  select(index: number | undefined): void {
    this.#now = { ...this.#now, selected: index };
  }

  undo(): void {
    this.#now = this.#before.pop() ?? this.#now;
  }

  #change(points: readonly Point[], selected: number | undefined): void {
    this.#before = [...this.#before, this.#now].slice(-MOST_UNDO);
    this.#now = { points, selected };
  }
}
