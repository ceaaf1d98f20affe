import { type Command, UndercroftError } from '@undercroft/kernel';
import { readClientFile, removeClientFile } from './client-file.ts';
import { requestWithToken } from './with-token.ts';

export const command: Command = {
  name: 'logout',
  summary: 'End the sign-in of this user.',
  description: 'Revokes the token that `undercroft login` kept and forgets it. UNDERCROFT_TOKEN is left alone.',
  examples: [{ line: 'undercroft logout', does: 'signs out' }],
  async run({ env, stderr }) {
    const saved = await readClientFile(env);
    if (saved?.token === undefined || saved.url === undefined) {
      stderr.write('Nobody is signed in here.\n');
      return 0;
    }
    try {
      await requestWithToken(saved.url, saved.token, 'DELETE', '/identity/tokens/self');
    } catch (error) {
      if (!(error instanceof UndercroftError)) throw error;
      if (error.status !== 401) stderr.write(`The token was forgotten here but not revoked: ${error.message}.\n`);
    }
    await removeClientFile(env);
    stderr.write(`Signed out of ${saved.url}.\n`);
    return 0;
  },
};
