/** Identity in the server role. */
import { copyFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Context, Identity, Running } from '@undercroft/kernel';
import { identityRoutes } from './api/routes.ts';
import { bootKeyPath, openBootKey } from './keys/boot-key.ts';
import { Keyring } from './keys/keyring.ts';
import { checkBootKey } from './model/meta.ts';
import { Changes, type Parts } from './model/part.ts';
import type { IdentityConfig } from './module.ts';
import { assemble, type IdentityParts } from './service.ts';

const SWEEP_MS = 60_000;
/** Another server on the same database may have changed a policy. */
const POLICY_CHECK_MS = 5_000;

export async function start(context: Context<IdentityConfig>): Promise<Running> {
  const { clock, config, dataDir, log } = context;
  const store = context.service('store');
  const http = context.service('http');
  const keyring = new Keyring(await openBootKey(dataDir, log));
  const parts: Parts = { control: store.control, clock, log, keyring, changes: new Changes() };
  const isSecure = () => http.address().url.startsWith('https:');
  const identity = assemble({ parts, config, events: context.service('events'), isSecure });
  await checkBootKey(parts, config.acceptNewBootKey);
  await identity.tenants.ensureDefault();
  await identity.policies.load();
  if (config.ownerToken !== undefined && (await identity.owner.adoptToken(config.ownerToken)))
    log.info({}, 'the owner was made, with the token given');
  const service: Identity = {
    authenticate: (request) => identity.authenticator.authenticate(request),
    allows: identity.allows,
    audit: (entry) => identity.trail.request(entry),
    signInLink: () => identity.owner.signInLink(),
  };
  store.onBackup('keys', (target) => copyFile(bootKeyPath(dataDir), join(target, basename(bootKeyPath(dataDir)))));
  scheduleSweeps(context, identity);
  context.provide('identity', service);
  http.routes(identityRoutes(identity, context.version));
  http.secure(service);
  return {};
}

function scheduleSweeps({ scheduler, service }: Context<IdentityConfig>, identity: IdentityParts): void {
  scheduler.every('expired credentials', SWEEP_MS, async () => {
    await identity.tokens.sweep();
    await identity.sessions.sweep();
    await identity.lockout.sweep();
    await identity.owner.sweep();
  });
  if (service('store').control.dialect === 'postgres')
    scheduler.every('policies of other servers', POLICY_CHECK_MS, () => identity.policies.load());
}
