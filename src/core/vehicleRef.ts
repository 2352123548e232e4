/** The three names of a vehicle. A generation of CMS may use one text for all of them, or three. */
export interface VehicleRef {
  /** What stands on the vehicle, and what people name it by. */
  readonly vin: string;
  /** What its CMS knows it by; no other vehicle of the deployment has it. Names its folder of certificates. */
  readonly id: string;
  /** Its name in the registry of AWS IoT. */
  readonly thingName: string;
}

/** The names alone, of something that has more to it. */
export function vehicleRefOf({ vin, id, thingName }: VehicleRef): VehicleRef {
  return { vin, id, thingName };
}
