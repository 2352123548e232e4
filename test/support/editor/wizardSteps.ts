/** Answers questions by keyboard in the window, or as the simulated user in the extension host. */
interface Answering {
  answer(question: string, text?: string): Promise<unknown>;
  question(text: string): Promise<unknown>;
}

/** Answers the onboarding wizard up to its review. It asks for a password only while none is saved. */
export async function answerUpToReview(who: Answering, vin: string, password?: string): Promise<void> {
  await who.answer('VIN: 17 characters', vin);
  for (const question of ['User name of the owner', 'First name of the owner', 'Last name of the owner'])
    await who.answer(question);
  if (password !== undefined) await who.answer('Password for', password);
  await who.answer('Supplier of the telematics unit');
  await who.question('Review');
}
