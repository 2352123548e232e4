/** What each command does, in one sentence. A test fails if a command has no text, or a text no command. */
export const commandTexts: Readonly<Record<string, string>> = {
  'cmsEnablement.startSandbox':
    'Starts AWS and CMS on this computer, in a separate process; the state is kept.',
  'cmsEnablement.tryIt':
    'Starts the sandbox, onboards a sample vehicle in it, and drives it on the map, after one question.',
  'cmsEnablement.stopSandbox': 'Stops the local sandbox; its state is kept for the next start.',
  'cmsEnablement.resetSandbox': 'Empties the local sandbox after asking; its certificate authority is kept.',
  'cmsEnablement.addConnection': 'Adds an AWS profile and region to the tree and tries it at once.',
  'cmsEnablement.signInConnection':
    'Signs in to the account of a connection: single sign-on in the browser, other profiles with their command.',
  'cmsEnablement.removeConnection':
    'Removes a connection from the tree, with its saved passwords; nothing in AWS changes.',
  'cmsEnablement.moveConnectionUp': 'Changes the order of the connections.',
  'cmsEnablement.moveConnectionDown': 'Changes the order of the connections.',
  'cmsEnablement.changeRegion':
    'Changes the region of a connection once the new one works. Forgets the passwords saved for the old region; nothing in AWS changes.',
  'cmsEnablement.refresh': 'Refreshes a row and everything below it, or the whole tree.',
  'cmsEnablement.signIn': 'Signs in to a stack as a user of its user pool.',
  'cmsEnablement.findVehicle':
    'Finds a vehicle by any part of its VIN, id, model or owner, and goes to its row.',
  'cmsEnablement.filterVehicles':
    'Shows only the vehicles of a stack with a certain text, owner, model, tag or state; all vehicles are read first.',
  'cmsEnablement.groupVehicles': 'Shows the vehicles of a stack in groups by owner, model, state or tag.',
  'cmsEnablement.sortVehicles': 'Sorts the vehicles of a stack by VIN, owner, model, state or tag.',
  'cmsEnablement.showAllVehicles':
    'Shows the whole list of vehicles again, without filter, groups and sorting.',
  'cmsEnablement.onboardVehicle':
    'Asks for the vehicle, its owner and a password, shows everything, then onboards it.',
  'cmsEnablement.onboardFleet': 'Checks a CSV or JSON file and onboards its vehicles, several at a time.',
  'cmsEnablement.provisionCertificates': 'Gets the production certificate of a vehicle.',
  'cmsEnablement.rotateCertificate': 'Gets a new certificate after asking; the old pair is kept on disk.',
  'cmsEnablement.createCa':
    'Creates a CA in the workspace, with a passphrase, to sign the certificates of vehicles.',
  'cmsEnablement.addCa':
    'Uses a CA of your own PKI, whose files stay where they are, with its key or only to register it.',
  'cmsEnablement.registerCa':
    'Registers the CA of the workspace in AWS IoT, so that its vehicles are let in at their first connect.',
  'cmsEnablement.switchCaOn': 'Switches a CA on again in AWS IoT.',
  'cmsEnablement.switchCaOff':
    'Switches a CA off in AWS IoT after asking: no new vehicle of it is let in; the others keep working.',
  'cmsEnablement.removeCa': 'Says what depends on a CA, asks, then removes it from AWS IoT.',
  'cmsEnablement.watchRegistrations': 'Lets vehicles of your CA in as they come, if a list allows them.',
  'cmsEnablement.setUpRegistrationFunction':
    'Deploys a function in AWS that lets vehicles of your CA in by a list while nobody watches, or gives it another list; asks first.',
  'cmsEnablement.removeRegistrationFunction':
    'Says what will be removed, asks, then removes that function with everything it has in AWS.',
  'cmsEnablement.issueCertificates':
    'Makes keys and certificates of your CA for a fleet file, with a list of them; AWS hears of them at the first connect.',
  'cmsEnablement.requestCertificates':
    'Makes keys and signing requests for a fleet file, for a CA whose key is kept elsewhere.',
  'cmsEnablement.importCertificates':
    'Imports certificates that your PKI signed, and puts each next to its key.',
  'cmsEnablement.sendFirstTelemetry': 'Sends one position as the vehicle, over mutual TLS.',
  'cmsEnablement.sendDtc': 'Sends a trouble code as the vehicle.',
  'cmsEnablement.sendJob':
    'Sends a job to the vehicle through AWS IoT, such as a software update, and follows it to its end.',
  'cmsEnablement.sendCommand':
    'Has the CMS send a command to the vehicle, such as to lock its doors, and follows it to its end.',
  'cmsEnablement.diagnoseVehicle':
    'Checks everything between the vehicle and its CMS, and shows a report with remedies.',
  'cmsEnablement.diagnoseNetwork':
    'Looks at proxies, certificates, hosts, the clock and MQTT ports between this computer and AWS.',
  'cmsEnablement.associateOwner': 'Makes another CMS user the owner of the vehicle.',
  'cmsEnablement.offboardVehicle': 'Lists what will be removed, asks, then removes it.',
  'cmsEnablement.revealCertificates': 'Shows the certificate files in the Explorer.',
  'cmsEnablement.copyVin': 'Copies the VIN.',
  'cmsEnablement.copyValue': 'Copies the value of a row.',
  'cmsEnablement.showCertificate':
    'Shows the certificate of a vehicle as a document: subject, issuer, dates, key, fingerprint, and what AWS IoT says of it. The key itself is not read.',
  'cmsEnablement.openInConsole':
    'Opens the page of the AWS console about a stack, thing, certificate, CA, role or bucket.',
  'cmsEnablement.copyArn': 'Copies the ARN of the AWS IoT thing.',
  'cmsEnablement.copyStackOutputs': 'Copies the outputs of the CMS and core stacks as JSON.',
  'cmsEnablement.copyCliEnvironment':
    'Copies lines for bash or PowerShell that point the AWS CLI and SDKs at the local sandbox.',
  'cmsEnablement.openSandboxTerminal': 'Opens a terminal whose AWS CLI talks to the local sandbox.',
  'cmsEnablement.writeSandboxProfile':
    'Shows the lines of an AWS profile for the local sandbox, asks, then writes them.',
  'cmsEnablement.openCmsUi': 'Opens the web page of the CMS in the browser.',
  'cmsEnablement.showLog': 'Shows what was done and what failed, with codes and causes; no secrets.',
  'cmsEnablement.getStarted': 'Opens the tour: sandbox, onboarding, certificates, driving, your own account.',
  'cmsEnablement.explainError': 'Opens the causes and remedies of an error code.',
  'cmsEnablement.showIamPolicies': 'Opens the least-privilege IAM policies, one for each kind of work.',
  'cmsEnablement.simulateInCloud':
    'Has the simulator of the CMS, if it has one, send telemetry for vehicles; says first what that does not test.',
  'cmsEnablement.stopCloudRun': 'Stops the simulator of the CMS and removes what it created.',
  'cmsEnablement.simulateDrive':
    'Asks for vehicles, a route, and options, then drives them; the map opens. Without a row it also offers the last drive, the route that is open, and fleet files.',
  'cmsEnablement.simulateRoute': 'The same, along the route in the file that is open or selected.',
  'cmsEnablement.simulateFleet': 'Drives the vehicles of a fleet file.',
  'cmsEnablement.simulateAgain': 'Repeats the last drive.',
  'cmsEnablement.simulationPause': 'Pauses the vehicles; their connections stay open.',
  'cmsEnablement.simulationResume': 'Resumes the vehicles.',
  'cmsEnablement.simulationStop':
    'Ends trips with their summaries, waits for the last acknowledgements, and disconnects.',
  'cmsEnablement.simulationPauseAll': 'The same for every simulation.',
  'cmsEnablement.simulationResumeAll': 'The same for every simulation.',
  'cmsEnablement.simulationStopAll': 'The same for every simulation.',
  'cmsEnablement.simulationSetSpeed': 'Runs the time of a simulation faster or slower.',
  'cmsEnablement.simulationJump': 'Jumps to another point of the route.',
  'cmsEnablement.simulationReportTrouble': 'Sends a trouble code from the vehicles of a simulation.',
  'cmsEnablement.simulationKeep':
    'Lets a simulation continue when the window closes. The next window finds it, and its result.',
  'cmsEnablement.simulationShowMap': 'Opens the map of a simulation.',
  'cmsEnablement.simulationShowPayload': 'Opens the last acknowledged message of a vehicle as JSON.',
  'cmsEnablement.simulationRecord': 'Records every acknowledged message to a file from now on.',
  'cmsEnablement.simulationStopRecording': 'Stops the recording and closes the file.',
  'cmsEnablement.simulationResumeCrashed': 'Resumes a simulation where it was when its process ended.',
  'cmsEnablement.showChart':
    'Charts signals over time: of a simulation, a past drive, a watched fleet, a replay, or one vehicle of these.',
  'cmsEnablement.simulationCompare':
    'Shows the results of an ended drive next to those of the previous one, figure by figure.',
  'cmsEnablement.simulationExport':
    'Writes what the vehicles of an ended drive have sent, and its summary, to a file: CSV, GPX, GeoJSON or JSON.',
  'cmsEnablement.simulationClear': 'Removes an ended simulation from the view.',
  'cmsEnablement.simulationClearEnded': 'Removes all ended simulations from the view.',
  'cmsEnablement.simulationMore': 'Shows more vehicles of a long list.',
  'cmsEnablement.simulationsMenu':
    'Lists what can be done with simulations; also opened from the status bar.',
  'cmsEnablement.showTelemetry': 'Shows the output with the messages of simulations.',
  'cmsEnablement.showMessageTemplate': 'Opens an example of each kind of message with its topic.',
  'cmsEnablement.watchFleet':
    'Opens a map of what reaches AWS IoT from the vehicles of a deployment, as it arrives.',
  'cmsEnablement.showOnMap': 'Opens the map at a vehicle.',
  'cmsEnablement.previewRoute':
    'Draws the routes of a file on the map, with their length and duration, without driving; follows edits of the file.',
  'cmsEnablement.chooseMapTiles':
    'Asks what the map shows below the vehicles: the world that comes with the extension, OpenStreetMap, Amazon Location Service, or your own URL.',
  'cmsEnablement.drawRoute': 'Opens a map to draw a route on, and saves it as GeoJSON or GPX.',
  'cmsEnablement.replayRecording': 'Plays a recorded simulation on the map.',
  'cmsEnablement.forgetPasswords': 'Deletes every saved password and token from the secret storage.',
  'cmsEnablement.loadMore': 'Loads the next page of a long list.',
  'cmsEnablement.retry': 'Retries a row that could not be read.',
  'cmsEnablement.quickMenu': 'Lists what can be done now; also opened from the status bar.',
};
