import * as z from 'zod';
import { l10n, type Message } from '../core/message.ts';
import { vehicleRequestSchema } from './request.ts';

/** The JSON type of each field, which is also the list of all columns that a CSV manifest may have. */
const TYPES = fieldTypes();
/** Columns without which no vehicle can be onboarded. */
const REQUIRED = requiredFields();

/** Names that other programs and languages have for a field, as `plain` makes them. They are told, not taken. */
const OTHER_NAMES: Readonly<Record<string, readonly string[]>> = {
  vin: ['fahrgestellnummer', 'fahrgestellnr', 'fin', 'fahrzeugidentnummer', 'fahrzeugidentifikationsnummer', 'vinnumber', 'vehicleidentificationnumber', 'chassis', 'chassisnumber', 'chassisno', 'framenumber', 'numérodechâssis', 'numerodechassis', 'numérodesérie', 'numerodibastidor', 'númerodebastidor', 'bastidor', 'telaio', 'numeroditelaio', '車台番号', '車両識別番号', '车架号', 'vehicleid', 'serialnumber'],
  username: ['benutzername', 'benutzer', 'user', 'userid', 'login', 'owner', 'besitzer', 'halter', 'nomdutilisateur', 'utilisateur', 'usuario', 'nombredeusuario', 'nomeutente', 'utente', 'ユーザー名', 'ユーザー', '所有者'],
  firstName: ['vorname', 'givenname', 'forename', 'prénom', 'prenom', 'nombre', 'nome', '名'],
  lastName: ['nachname', 'familienname', 'surname', 'familyname', 'nom', 'nomdefamille', 'apellido', 'apellidos', 'cognome', '姓'],
  email: ['mail', 'emailaddress', 'emailadresse', 'courriel', 'correo', 'correoelectrónico', 'メール', 'メールアドレス'],
  phone: ['telefon', 'telefonnummer', 'phonenumber', 'tel', 'téléphone', 'telephone', 'teléfono', 'telefono', '電話番号'],
  addressLine1: ['address', 'street', 'straße', 'strasse', 'adresse', 'rue', 'dirección', 'indirizzo', '住所'],
  city: ['ort', 'stadt', 'town', 'ville', 'ciudad', 'città', '市'],
  state: ['province', 'bundesland', 'region', 'provincia', '都道府県'],
  country: ['land', 'pays', 'país', 'paese', '国'],
  make: ['marke', 'hersteller', 'brand', 'manufacturer', 'marque', 'marca', 'メーカー'],
  model: ['modell', 'modèle', 'modele', 'modelo', 'modello', '車種', 'モデル'],
  modelYear: ['baujahr', 'modelljahr', 'year', 'jahr', 'yearofmanufacture', 'année', 'annee', 'año', 'anno', '年式'],
  bodyType: ['aufbau', 'karosserie', 'body', 'carrosserie', 'carrocería', 'carrozzeria'],
  fuelType: ['kraftstoff', 'kraftstoffart', 'antrieb', 'fuel', 'carburant', 'combustible', 'carburante', '燃料'],
  transmissionType: ['getriebe', 'gearbox', 'transmission', 'boîtedevitesses', 'transmisión', 'cambio'],
  colorCode: ['farbe', 'color', 'colour', 'couleur', 'colore', '色'],
  latitude: ['lat', 'breite', 'breitengrad'],
  longitude: ['lon', 'lng', 'long', 'länge', 'längengrad'],
}; // prettier-ignore

/** What a cell of a column holds. */
export function typeOf(field: string): string | undefined {
  return TYPES[field];
}

/** The field that a column is for; case, spaces, `-` and `_` in its name do not count. */
export function fieldOf(column: string): string | undefined {
  return Object.keys(TYPES).find((field) => plain(field) === plain(column));
}

/** Fields that no vehicle may lack. */
export function requiredColumns(): readonly string[] {
  return REQUIRED;
}

/** Says of columns that are no fields what they might be meant as, and which there are. */
export function unknownColumns(names: readonly string[]): Message {
  const list = names.map((name) => {
    const [field] = Object.entries(OTHER_NAMES).find(([, others]) => others.includes(plain(name))) ?? [];
    return field === undefined ? `"${name}"` : `"${name}" (${field}?)`;
  });
  return l10n.t('There is no field for {names}. Rename or remove these columns. The fields are: {fields}.', {
    names: list.join(', '),
    fields: Object.keys(TYPES).join(', '),
  });
}

function plain(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s_.-]/g, '');
}

function fieldTypes(): Record<string, string | undefined> {
  const { properties = {} } = z.toJSONSchema(vehicleRequestSchema, { io: 'input' });
  return Object.fromEntries(
    Object.entries(properties).map(([field, schema]) => [
      field,
      typeof schema === 'object' && typeof schema.type === 'string' ? schema.type : undefined,
    ]),
  );
}

function requiredFields(): string[] {
  return z.toJSONSchema(vehicleRequestSchema, { io: 'input' }).required ?? [];
}
