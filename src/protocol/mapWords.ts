/**
 * Every text the fleet map shows, in English. The editor sends them in its language, under the same keys, in the
 * page's settings; `{name}` stands for a value the map puts in. Names of cities are data, not words.
 */
export const mapWords = {
  // What it is about.
  map: 'Map',
  table: 'Table',
  mapLabel:
    'Map of the vehicles. Arrow keys move it, plus and minus zoom, [ and ] select the vehicle before and after.',
  vehicles: 'Vehicles',
  loading: 'Loading the map…',
  waiting: 'Waiting for the first position…',
  waitingHint: 'Vehicles appear here when their first position is acknowledged.',
  waitingWatch: 'Vehicles appear here when their position arrives.',
  noPositions: 'No vehicle has a position.',
  noWebGl: 'This window cannot draw maps (WebGL is not available). The vehicles are in the table.',
  noBasemap: 'The map below the vehicles could not be loaded.',
  tilesFailed:
    'The street tiles could not be loaded. The map that comes with the extension is shown instead.',
  contextLost: 'The graphics were interrupted. The map will come back automatically.',

  // The run.
  runStarting: 'Starting',
  runRunning: 'Running',
  runPaused: 'Paused',
  runEnded: 'Ended',
  runFailed: 'Failed',
  sourceWatch: 'Watching',
  sourceRoute: 'Route',
  sourceRecording: 'Recording',
  recordingNow: 'Recording to a file',
  messagesPerSecond: '{rate} messages/s',

  // Buttons.
  fitAll: 'Fit All',
  fitAllHint: 'Show all vehicles and routes (A)',
  follow: 'Follow',
  followHint: 'Keep the selected vehicle in the middle (F)',
  showMap: 'Show Map',
  showTable: 'Show Table',
  viewHint: 'Change between map and table (T)',
  close: 'Close',
  pause: 'Pause',
  resume: 'Resume',
  stop: 'Stop',
  pauseOf: 'Pause {scope}',
  resumeOf: 'Resume {scope}',
  stopOf: 'End the trip of {scope} with its summary, and disconnect',
  speedFactor: 'Time scale',
  speedFactorValue: '×{factor}',
  jump: 'Position on the route',
  seek: 'Position in the recording',
  playAgain: 'Play Again',
  sendDtc: 'Send DTC',
  dtcCode: 'Trouble code',
  dtcOf: 'Report the trouble code from {scope}',
  dtcWrong: 'A trouble code is a letter P, C, B or U and four digits, such as P0217.',
  scope: 'Steer',
  scopeAll: 'all vehicles',
  scopeAllCount: 'all {count} vehicles',
  controlsOf: 'Controls of {scope}',
  showPayload: 'Show Last Payload',
  showLog: 'Show Log',
  diagnose: 'Diagnose',
  zoomIn: 'Zoom In',
  zoomOut: 'Zoom Out',

  // Search.
  search: 'Find a vehicle by VIN',
  searchEmpty: 'No vehicle with “{text}” in its VIN',
  searchCount: '{count} found',
  searchMore: '{count} more',

  // The selected vehicle.
  selected: 'Vehicle {vin}',
  vin: 'VIN',
  state: 'State',
  connection: 'Connection',
  speed: 'Speed',
  heading: 'Heading',
  odometer: 'Odometer',
  fuel: 'Fuel',
  battery: 'Battery',
  fuelOrBattery: 'Fuel or battery',
  position: 'Position',
  progress: 'Progress',
  lastMessage: 'Last message',
  topic: 'Topic',
  serial: 'Serial',
  ackTime: 'Acknowledged in',
  acknowledged: 'Acknowledged',
  unacked: 'Unacknowledged',
  lost: 'Lost',
  troubleCodes: 'Trouble codes',
  noTroubleCodes: 'none',
  noPosition: 'No position yet',
  kmh: '{value} km/h',
  km: '{value} km',
  litres: '{value} l',
  mph: '{value} mph',
  miles: '{value} mi',
  gallons: '{value} gal',
  ms: '{value} ms',
  headingValue: '{degrees}° {point}',
  compass: 'N NE E SE S SW W NW',
  chart: 'Speed in the last five minutes',
  chartLabel: 'Speed in the last five minutes: now {now}, lowest {least}, highest {most}',
  chartEmpty: 'The speed appears here as the vehicle drives.',

  // Phases and links.
  phaseWaiting: 'Waiting',
  phaseDriving: 'Driving',
  phasePaused: 'Paused',
  phaseEnding: 'Ending',
  phaseEnded: 'Ended',
  phaseFailed: 'Failed',
  phaseWatched: 'Watched',
  phaseEarlier: 'Last known position',
  earlierUnknown: 'time unknown',
  linkConnecting: 'Connecting',
  linkOnline: 'Online',
  linkOffline: 'Offline',

  // Legend.
  legend: 'Legend',
  legendTrail: 'Speed on the trail, km/h',
  legendTrailUs: 'Speed on the trail, mph',
  legendRoute: 'Planned route',
  legendStart: 'Start',
  legendEnd: 'End',
  legendGroup: 'Vehicles in one place',
  inView: '{shown} of {all} in view',

  // Table.
  tableCaption: 'Vehicles, {from} to {to} of {all}',
  tableEmpty: 'No vehicle matches.',
  previousPage: 'Previous Page',
  nextPage: 'Next Page',
  pageOf: 'Page {page} of {pages}',

  // Trouble codes worth offering.
  codeP0217: 'Engine over temperature',
  codeP0300: 'Random misfire detected',
  codeP0420: 'Catalyst efficiency below threshold',
  codeP0562: 'System voltage low',
  codeP1734: 'Transmission: sixth gear',
  codeU0100: 'Lost communication with the engine control module',

  // Said to screen readers.
  sayVehicles: '{count} vehicles',
  sayVehicle: '1 vehicle',
  sayPhase: '{count} {phase}',
  saySelected: '{vin} selected: {phase}, {speed}',
  sayCleared: 'Selection cleared',
  sayFollowing: 'Following {vin}',
  sayNotFollowing: 'No longer following',
} as const;

export type MapWord = keyof typeof mapWords;

/** The trouble codes that are offered, wherever one is asked for; any other can be typed. Their words are `code…`. */
export const commonTroubleCodes = ['P0217', 'P0300', 'P0420', 'P0562', 'P1734', 'U0100'] as const;
