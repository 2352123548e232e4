/** Names that other programs and languages have for a field, without blanks and in lower case. */
export const otherNames: Readonly<Record<string, readonly string[]>> = {
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

/** Fields that people write freely; in all others the letters of the Latin alphabet and digits are all there is. */
export const freeText: readonly string[] = ['firstName', 'lastName', 'addressLine1', 'addressLine2', 'city', 'state', 'country', 'make', 'model', 'bodyType', 'supplier', 'deviceModel', 'claimCertificateFile', 'claimKeyFile']; // prettier-ignore

/** Fields whose values spreadsheets take for dates: a Saab 9-3, version 1.9.1. */
export const likeDates: readonly string[] = ['model', 'deviceModel', 'softwareVersion'];
