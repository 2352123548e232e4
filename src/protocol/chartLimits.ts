/** A color each. */
export const MOST_CHARTED_VEHICLES = 6;
/** A chart each. */
export const MOST_CHARTED_SIGNALS = 6;
