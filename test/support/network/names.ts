export const REGION = 'us-west-2';
export const IOT_HOST = `a1b2c3-ats.iot.${REGION}.amazonaws.com`;
/** As in the certificate that AWS shows in the namespace. */
export const AWS_NAMES = [
  ...['cloudformation', 'sts', 'cognito-idp', 'iot'].map((service) => `${service}.${REGION}.amazonaws.com`),
  'iam.amazonaws.com',
  IOT_HOST,
];
/** As many as a proxy or a firewall must let through at once. */
export const FLEET = Array.from({ length: 50 }, (_, i) => `NETWORK${String(i).padStart(10, '0')}`);

/** Files for /etc/hosts: how names look for a program. */
export interface Views {
  /** No name of AWS is known: only a proxy leads out. */
  proxyOnly: string;
  /** All are there. */
  direct: string;
  /** MQTT goes through something that cuts each connection after some seconds. */
  cut: string;
  /** MQTT goes to something that takes connections and says nothing. */
  mute: string;
}

interface Login {
  user: string;
  password: string;
}

export interface Squid extends Login {
  /** `http://127.0.0.1:…`, which asks for a user and a password. */
  url: string;
  /** Somebody else it knows. */
  other: Login;
  /** One that ends TLS and shows certificates of its own; it asks for nobody. */
  inspectingUrl: string;
  /** What it was asked for, a request a line. */
  log: string;
}

/** What a network namespace holds. */
export interface World {
  hosts: Views;
  /** A certificate folder with `FLEET`. */
  certificates: string;
  /** PEM files. */
  amazonRoot: string;
  corporateRoot: string;
  /** A REST API of CMS. */
  api: string;
  squid: Squid;
}
