import { encodeCarData, encodeDtc, encodeEvent, encodeTrip } from '../encodeCdf.ts';

/** The messages of one CMS generation; samples are the same for all. */
export interface Encoder {
  carData: typeof encodeCarData;
  trip: typeof encodeTrip;
  dtc: typeof encodeDtc;
  event: typeof encodeEvent;
}

export const ENCODERS: Readonly<Record<'cdf', Encoder>> = {
  cdf: { carData: encodeCarData, trip: encodeTrip, dtc: encodeDtc, event: encodeEvent },
};
