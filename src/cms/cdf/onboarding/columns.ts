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

/** Names that people have for the values of a field, without blanks and in lower case. */
export const otherValues: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  fuelType: {
    EV: ['electric', 'electricity', 'bev', 'battery', 'elektro', 'elektrisch', 'strom', 'électrique', 'electrique', 'eléctrico', 'electrico', 'elettrico', '電気'],
    Gas: ['petrol', 'gasoline', 'benzin', 'super', 'essence', 'gasolina', 'benzina', 'ガソリン'],
    Diesel: ['gazole', 'gasoil', 'gasóleo', 'gasolio', '軽油'],
    Hybrid_MHEV: ['hybrid', 'mildhybrid', 'mhev', 'hev'],
    Hybrid_PHEV: ['hybrid', 'pluginhybrid', 'plugin', 'phev'],
  },
  bodyType: {
    Saloon: ['sedan', 'limousine', 'limo', 'berline', 'berlina', 'sedán'],
    Estate: ['wagon', 'stationwagon', 'kombi', 'break', 'touring', 'familiar', 'familiare'],
    SUV: ['geländewagen', 'offroader', 'crossover', '4x4'],
    Coupe: ['coupé', 'cupé'],
  },
  transmissionType: {
    Manual: ['schaltgetriebe', 'handschaltung', 'manuell', 'manuelle', 'stick', 'manuale'],
    Auto: ['automatic', 'automatik', 'automatikgetriebe', 'automatique', 'automático', 'automatico', 'cvt', 'dct'],
    EV: ['electric', 'elektro', 'singlespeed'],
  },
  iviType: { LoLine: ['low', 'lowline', 'base'], HiLine: ['high', 'highline'] },
  marketCode: {
    EUR: ['eu', 'europe', 'europa'],
    NA: ['us', 'usa', 'northamerica', 'nordamerika'],
    CN: ['china', 'chn'],
  },
  countryCode: {
    DE: ['germany', 'deutschland', 'ger', 'deu', 'd'],
    FR: ['france', 'frankreich', 'fra', 'f'],
    CN: ['china', 'chn'],
    GB: ['uk', 'unitedkingdom', 'greatbritain', 'england', 'gbr'],
    US: ['usa', 'unitedstates', 'america'],
  },
}; // prettier-ignore

/** Fields that people write freely; in all others the letters of the Latin alphabet and digits are all there is. */
export const freeText: readonly string[] = ['firstName', 'lastName', 'addressLine1', 'addressLine2', 'city', 'state', 'country', 'make', 'model', 'bodyType', 'supplier', 'deviceModel', 'claimCertificateFile', 'claimKeyFile']; // prettier-ignore

/** Fields whose values spreadsheets take for dates: a Saab 9-3, version 1.9.1. */
export const likeDates: readonly string[] = ['model', 'deviceModel', 'softwareVersion'];
