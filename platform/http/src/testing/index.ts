/** What tests and benches of other packages may use: a whole listener with fakes around it, and raw sockets. */
export { exchange, statuses } from './sockets.ts';
export { OWNER_TOKEN, principal, type TestServer, type TestServerOptions, testServer } from './test-server.ts';
