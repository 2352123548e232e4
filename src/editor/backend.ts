/**
 * Everything heavy the editor needs, in a bundle of its own (dist/backend.js): the AWS SDK, the rooms below the front
 * ends and what they stand on. Loaded at the first action (`base/loadBackend.ts`), never by `activate`.
 */
export { callTool, problemText } from '../automation/tool.ts';
export { TOOLS } from '../automation/tools.ts';
export { createConnection } from '../aws/createConnection.ts';
export { createPublicHttp } from '../aws/publicHttp.ts';
export { planNetwork } from '../aws/networkPlan.ts';
export { listProfiles } from '../aws/profiles.ts';
export { signInSso } from '../aws/ssoSignIn.ts';
export { planProfile, writeProfile } from '../aws/writeProfile.ts';
export { loadLocationMap, locationMapsOf } from '../aws/locationMaps.ts';
export { everyPage } from '../cms/contract/pages.ts';
export { findDeployments } from '../cms/discover.ts';
export { openDeployment } from '../cms/open.ts';
export { startDevice } from '../device/client/deviceProcess.ts';
export {
  attachBackgroundRun,
  backgroundFiles,
  backgroundRecords,
  backgroundResult,
  forgetBackgroundRun,
} from '../device/client/backgroundRuns.ts';
export { runFactsText } from '../protocol/backgroundRun.ts';
export { openRecording } from '../device/client/recording.ts';
export { readEventRate, readScriptedEvent } from '../device/client/scriptedEvents.ts';
export { keptDriveText, readKeptDrive } from '../device/client/keptDrive.ts';
export { simulatedVehicles } from '../device/client/simulatedVehicles.ts';
export { newSimulationId, startSimulation } from '../device/client/startSimulation.ts';
export { recordingLength, replayRecording } from '../device/client/recording.ts';
export { driveInCloud, simulatorOf } from '../onboarding/cloudDrive.ts';
export { createCloudJournal, placeOf } from '../onboarding/cloudJournal.ts';
export { diagnose } from '../onboarding/diagnose.ts';
export { diagnoseNetwork } from '../onboarding/diagnoseNetwork.ts';
export { fleetVehicles } from '../onboarding/fleetVehicles.ts';
export { followAlerts } from '../onboarding/followAlerts.ts';
export { onboardFleet } from '../onboarding/fleet.ts';
export { bucketArn, consolePage } from '../aws/consolePage.ts';
export { createCloudIdentities } from '../aws/iot/cloudIdentities.ts';
export {
  manifestCompletions,
  manifestFormatOf,
  manifestNames,
  manifestProblems,
  manifestVins,
  readManifest,
} from '../onboarding/manifest.ts';
export { CONCURRENCY, leastSeconds, STARTS_PER_SECOND } from '../onboarding/pace.ts';
export { lastPositions } from '../onboarding/lastPositions.ts';
export { manifestJsonSchema } from '../onboarding/manifestJson.ts';
export { offboard } from '../onboarding/offboard.ts';
export { planOffboard } from '../onboarding/offboardPlan.ts';
export { followTelemetry } from '../onboarding/followTelemetry.ts';
export { onboard, provisionerOf, telemetryOf } from '../onboarding/onboard.ts';
export { certainVehicle, createResolver, resolveVehicle } from '../onboarding/resolveVehicle.ts';
export { sendingOf } from '../onboarding/sending.ts';
export { usualWishes } from '../onboarding/usualWishes.ts';
export { commandsOf, followCommand, readCommandValue } from '../onboarding/remoteCommand.ts';
export {
  checkJobs,
  createJob,
  followJob,
  newJobId,
  readJobDocument,
  updateDocument,
} from '../onboarding/vehicleJob.ts';
export { problemLine } from '../cms/contract/problems.ts';
export { GENERATIONS, labelOf } from '../cms/generations.ts';
export { SOMEWHERE } from '../cms/contract/checks.ts';
export {
  fieldsHelp,
  formFields,
  requestDefaults,
  requestFromText,
  requestProblems,
} from '../onboarding/requestText.ts';
export { readAllowList } from '../provisioning/ca/allowList.ts';
export {
  addCaFolder,
  caIn,
  checkCaFolderFree,
  createCaFolder,
  openCaFolder,
  readCaFolder,
  signingIn,
} from '../provisioning/ca/caFolder.ts';
export { ensureCa, ownCaOf } from '../provisioning/ca/ensureOwnCa.ts';
export { ensureSniOnly } from '../provisioning/ca/sniOnly.ts';
export { lookAtFunction } from '../provisioning/ca/function/functionState.ts';
export {
  functionCode,
  whatChanges,
  whatIsRemoved,
  whatWasSetUp,
  whomItLetsIn,
} from '../provisioning/ca/function/plan.ts';
export {
  allowedBy,
  ensureFunction,
  findFunction,
  removeFunction,
  whatFunctionMakes,
  whatIsReplaced,
} from '../provisioning/ca/function/registrationFunction.ts';
export { importFleet, issueFleet, requestFleet } from '../provisioning/ca/factory.ts';
export { newcomerWords } from '../provisioning/ca/newcomerWords.ts';
export { watchRegistrations } from '../provisioning/ca/watchRegistrations.ts';
export {
  certificatesOfCa,
  deleteCa,
  findCas,
  registrationCode,
  updateCa,
} from '../aws/iot/caCertificates.ts';
export { brokerOf } from '../provisioning/device.ts';
export { certificateFacts } from '../provisioning/certificateFacts.ts';
export { createCertificateStore } from '../provisioning/certificateStore.ts';
export { rateSchema } from '../protocol/control.ts';
export { provision } from '../provisioning/provision.ts';
export { rotate } from '../provisioning/rotate.ts';
export { ensureSetup } from '../provisioning/setup.ts';
export { chartRequestSchema } from '../protocol/chart.ts';
export { mapRequestSchema } from '../protocol/map.ts';
export { eventNotes } from '../telemetry/drive/eventNotes.ts';
export { routeFigures } from '../telemetry/drive/routeFigures.ts';
export { readRoutes } from '../telemetry/routes/readRoutes.ts';
export { CODECS, codecOf } from '../cms/codecs.ts';
export { restingSample } from '../telemetry/restingSample.ts';
export { troubleMessage } from '../telemetry/troubleMessage.ts';
export { messageTemplates } from '../telemetry/messageTemplates.ts';
export { selfSigned } from '../provisioning/ca/selfSigned.ts';
export { measuredCapacity } from '../scale/capacity.ts';
export { conduct } from '../scale/conduct.ts';
export { batchEngine } from '../scale/engines/batch.ts';
export { slurmEngine } from '../scale/engines/slurm.ts';
export { readJob, readPlan, readVehicles, routesOfPlan } from '../scale/plan.ts';
export { planRun } from '../scale/planRun.ts';
export { preflight } from '../scale/preflight.ts';
export { batchPlaces } from '../scale/stack/batchPlaces.ts';
export { capacityOfSetup } from '../scale/stack/scaleStack.ts';
export { storeAt } from '../scale/stores/place.ts';
export { workerArgs } from '../scale/workerArgs.ts';
