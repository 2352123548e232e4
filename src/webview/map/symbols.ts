import { conditions, type Condition } from '../fleet/vehicle.ts';
import type { Palette } from './palette.ts';

/** The symbols that show where a vehicle heads; each has a round one, for vehicles of which that is not known. */
export const ARROWS: ReadonlySet<Condition> = new Set(['driving', 'watched', 'earlier', 'offline']);
/** The end of the name of a round one. */
export const ROUND = '-round';

/** CSS pixels. Drawn at twice the resolution, for high-density screens. */
export const SYMBOL_SIZE = 26;
const RESOLUTION = 2;

/**
 * Draws a vehicle's symbol, pointing north: an arrow for moving vehicles, other shapes for the rest, so that color is
 * never the only difference.
 */
export function drawSymbol(
  context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D,
  condition: Condition,
  palette: Pick<Palette, 'vehicle' | 'symbolEdge'>,
  round = false,
): void {
  const color = palette.vehicle[condition];
  context.lineJoin = 'round';
  context.lineCap = 'round';
  const shape = (draw: () => void, hollow = false): void => {
    context.beginPath();
    draw();
    context.strokeStyle = palette.symbolEdge;
    context.lineWidth = hollow ? 5.5 : 3.5;
    context.stroke();
    context.fillStyle = hollow ? palette.symbolEdge : color;
    context.fill();
    if (!hollow) return;
    context.strokeStyle = color;
    context.lineWidth = 2.2;
    context.stroke();
  };
  const arrow = (): void => {
    if (round) {
      context.arc(13, 14, 7.5, 0, 7);
      return;
    }
    context.moveTo(13, 2.5);
    context.lineTo(21, 22);
    context.lineTo(13, 17.5);
    context.lineTo(5, 22);
    context.closePath();
  };
  const marks = (draw: () => void): void => {
    context.beginPath();
    draw();
    context.strokeStyle = palette.symbolEdge;
    context.lineWidth = 2.4;
    context.stroke();
  };
  switch (condition) {
    case 'driving': {
      shape(arrow);
      return;
    }
    case 'watched':
      shape(arrow);
      {
        marks(() => {
          context.arc(13, 14, 1.4, 0, 7);
        });
        return;
      }
    case 'earlier':
      shape(arrow, true);
      marks(() => {
        context.arc(13, 14, 1.4, 0, 7);
      });
      return;
    case 'paused':
      shape(() => context.arc(13, 13, 8.5, 0, 7));
      {
        marks(() => {
          context.moveTo(10.6, 9.5);
          context.lineTo(10.6, 16.5);
          context.moveTo(15.4, 9.5);
          context.lineTo(15.4, 16.5);
        });
        return;
      }
    case 'waiting': {
      shape(() => context.arc(13, 13, 6.5, 0, 7), true);
      return;
    }
    case 'ended': {
      shape(() => context.rect(6.5, 6.5, 13, 13));
      return;
    }
    case 'offline': {
      shape(arrow, true);
      return;
    }
    case 'failed':
      shape(() => {
        context.moveTo(13, 2.5);
        context.lineTo(23.5, 13);
        context.lineTo(13, 23.5);
        context.lineTo(2.5, 13);
        context.closePath();
      });
      {
        marks(() => {
          context.moveTo(9.8, 9.8);
          context.lineTo(16.2, 16.2);
          context.moveTo(16.2, 9.8);
          context.lineTo(9.8, 16.2);
        });
        return;
      }
  }
}

/** The symbols of all conditions as images for the renderer. */
export function symbolImages(palette: Palette): { name: string; image: ImageData; pixelRatio: number }[] {
  const all = conditions.flatMap((condition) =>
    ARROWS.has(condition)
      ? [
          { condition, round: false },
          { condition, round: true },
        ]
      : [{ condition, round: false }],
  );
  return all.map(({ condition, round }) => {
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = SYMBOL_SIZE * RESOLUTION;
    const context = canvas.getContext('2d', { willReadFrequently: true });
    if (!context) throw new Error('The browser has no 2D canvas.');
    context.scale(RESOLUTION, RESOLUTION);
    drawSymbol(context, condition, palette, round);
    return {
      name: `vehicle-${condition}${round ? ROUND : ''}`,
      image: context.getImageData(0, 0, canvas.width, canvas.height),
      pixelRatio: RESOLUTION,
    };
  });
}
